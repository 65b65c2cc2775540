//! What the program depends on and does not control: archive, mail server, disks, clock. Whether each serves, and
//! what to do where one does not.
//!
//! Asked by `status` and by the daemon's pages, which must not wait long; `check` asks the same and says more. The
//! database is not among them: the caller has just read it, or knows why not.

use std::future::Future;
use std::time::Duration;

use super::machine::{judge_clock, judge_disks};
use crate::clock::Clock;
use crate::jobs::Context;
use crate::jobs::operations::test_message::rehearse_mail;
use crate::mail::Failure;

/// A look writes an object and opens a connection: once in a while is enough.
pub const PARTS_AGE: Duration = Duration::from_mins(1);
/// A part that takes longer does not answer.
const PATIENCE: Duration = Duration::from_secs(15);

#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Part {
    /// `database`, `archive`, `mail`, `disk`, `clock`.
    pub name: &'static str,
    /// What is wrong with it and what to do, if anything is.
    pub fault: Option<String>,
}

impl Part {
    fn judged<T>(name: &'static str, outcome: Result<T, String>) -> Self {
        Self { name, fault: outcome.err() }
    }
}

/// Tries each part once, side by side.
pub async fn look_at_parts(context: &Context) -> Vec<Part> {
    // A conversation with a mail server is a large future, which every caller would contain.
    Box::pin(look(context)).await
}

async fn look(context: &Context) -> Vec<Part> {
    let archive = async {
        let probed = context.archive.probe().await;
        probed.map_err(|error| format!("{error}. Statements wait, and are archived when it is back"))
    };
    let mail = within(mail(context));
    let (archive, mail, machine) = tokio::join!(within(archive), mail, look_at_machine(context));
    [Part::judged("archive", archive), Part::judged("mail", mail)].into_iter().chain(machine).collect()
}

/// The parts that can be judged without asking another server: disk and clock.
pub async fn look_at_machine(context: &Context) -> Vec<Part> {
    let disks = judge_disks(&context.settings.folders).map_err(|error| error.to_string());
    vec![Part::judged("disk", disks), Part::judged("clock", within(clock(context)).await)]
}

/// Tested up to the recipient, without sending: a sender that is refused would keep all mail waiting, too.
async fn mail(context: &Context) -> Result<(), String> {
    let heard = rehearse_mail(&context.settings.mail, &context.transport, context.clock.now()).await;
    let refuse = |why: String| format!("{why}. Messages wait, and are sent when it is back");
    match heard.map_err(|error| error.to_string())? {
        // The address in mail.from need not have a mailbox of its own: the server has spoken about that one only.
        Ok(()) | Err(Failure::Refused(_) | Failure::NotNow(_)) => Ok(()),
        Err(failure) => Err(refuse(failure.to_string())),
    }
}

/// A rehearsal at another time has nothing to do with the machine's clock.
async fn clock(context: &Context) -> Result<(), String> {
    if context.clock != Clock::System {
        return Ok(());
    }
    // A database that does not answer is told elsewhere.
    let Ok(mut tx) = context.store.read().await else { return Ok(()) };
    let last = tx.reports().last_recorded_at().await.unwrap_or_default();
    judge_clock(context.clock.now(), last).map(drop).map_err(|error| error.to_string())
}

async fn within(look: impl Future<Output = Result<(), String>>) -> Result<(), String> {
    match tokio::time::timeout(PATIENCE, look).await {
        Ok(judged) => judged,
        Err(_) => Err(format!("no answer within {} s", PATIENCE.as_secs())),
    }
}
