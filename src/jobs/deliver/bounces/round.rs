//! Reads the mailbox one mail at a time: each is noted, parsed, and its delivery settled.

use std::time::{Duration, Instant};

use crate::digest::Sha256;
use crate::jobs::{Context, JobError};
use crate::mail::{Bounce, BounceReading, BoxedMail, read_bounce};
use crate::store::{BounceAttempt, BounceOutcome, Tx};

/// After this, the rest waits for the next round: outgoing mail must not wait for incoming mail.
const LONGEST_ROUND: Duration = Duration::from_secs(30);

/// The result of reading the mailbox.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BouncesRead {
    /// Deliveries that are bounced now.
    pub came_back: u64,
    /// Reports of failure that do not say which message they are about.
    pub nameless: u64,
}

pub(super) struct BounceRound<'a> {
    pub context: &'a Context,
    pub read: BouncesRead,
    /// The mail that was parsed last without ending the process; its note is still there.
    survived: Option<Sha256>,
    began: Instant,
}

/// A mail that was parsed.
pub(super) struct Taken {
    sha256: Sha256,
    found: Found,
}

enum Found {
    Bounce(Bounce),
    Nameless,
    Other,
    /// Another process is at it.
    UnderWay,
    /// A process died of it: it is passed over.
    Fatal,
}

impl From<BounceReading> for Found {
    fn from(reading: BounceReading) -> Self {
        match reading {
            BounceReading::Bounce(bounce) => Self::Bounce(bounce),
            BounceReading::Nameless => Self::Nameless,
            BounceReading::Other => Self::Other,
        }
    }
}

impl<'a> BounceRound<'a> {
    pub fn new(context: &'a Context) -> Self {
        Self { context, read: BouncesRead::default(), survived: None, began: Instant::now() }
    }

    pub fn goes_on(&self) -> bool {
        self.began.elapsed() < LONGEST_ROUND
    }

    /// Parses a mail, after a note about it that outlives the process. `place` is where it lies.
    pub async fn take(&mut self, mail: BoxedMail, place: &str) -> Result<Taken, JobError> {
        let sha256 = mail.sha256;
        let mut tx = self.context.store.write_soon().await?;
        if let Some(survived) = self.survived.take() {
            tx.bounces().end(survived).await?;
        }
        let attempt = tx.bounces().begin(sha256, self.context.clock.now()).await?;
        tx.commit_async().await?;
        let found = match attempt {
            BounceAttempt::UnderWay => Found::UnderWay,
            BounceAttempt::Fatal => {
                tracing::error!(
                    place,
                    "A mail in mail.bounces is passed over, since the program ended while it was reading it before"
                );
                Found::Fatal
            }
            BounceAttempt::Begun => {
                // After a panic, too, the note stays.
                match tokio::task::spawn_blocking(move || read_bounce(&mail.front)).await {
                    Ok(reading) => {
                        self.survived = Some(sha256);
                        Found::from(reading)
                    }
                    Err(_) => Found::Fatal,
                }
            }
        };
        Ok(Taken { sha256, found })
    }

    /// Writes the result of a mail; false if it is to be read again later.
    pub async fn settle(&mut self, tx: &mut Tx, taken: Taken) -> Result<bool, JobError> {
        let Taken { sha256, found } = taken;
        let outcome = match &found {
            Found::UnderWay => return Ok(false),
            Found::Fatal => return Ok(true),
            Found::Bounce(bounce) => {
                let now = self.context.clock.now();
                tx.bounces().note(&bounce.message_id, sha256, &bounce.words, now).await?
            }
            Found::Nameless | Found::Other => BounceOutcome::Unknown,
        };
        tx.bounces().end(sha256).await?;
        self.read.came_back += u64::from(outcome == BounceOutcome::Bounced);
        self.read.nameless += u64::from(matches!(found, Found::Nameless));
        Ok(outcome != BounceOutcome::Later)
    }
}
