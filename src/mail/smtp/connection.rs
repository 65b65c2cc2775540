//! Commands out, answers in. Nothing that a server sends can grow without bound, or be taken for an answer to what
//! was not asked yet.
//!
//! What goes out is counted: a body is one command, and the count says how far it came.

use std::io;
use std::time::Duration;

use tokio::sync::watch;

use super::answer::{Answer, AnswerReader, ends_an_answer};
use super::settings::SmtpSettings;
use super::stream::Stream;
use super::watchdog::{TooLong, within};

/// How many bytes one answer may have, including anything before it that is no answer.
const LONGEST_ANSWER: usize = 64 * 1024;
const BYTES_PER_READ: usize = 4096;

/// What a command ends with.
pub(super) type Reply = Result<Answer, NoAnswer>;

/// Why no answer came.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoAnswer {
    #[error("the server closed the connection")]
    Closed,
    #[error("{0}")]
    Broken(#[from] io::Error),
    #[error("{} KiB came that are no answer", LONGEST_ANSWER / 1024)]
    Endless,
    #[error("no answer within {} s", .0.as_secs())]
    TooLong(Duration),
}

#[derive(Debug)]
pub(super) struct Connection {
    stream: Stream,
    /// What has come and has not been read as an answer yet.
    received: Vec<u8>,
    /// Bytes that the stream has taken for sending.
    taken: watch::Sender<u64>,
}

impl Connection {
    pub(super) fn new(stream: Stream) -> Self {
        Self { stream, received: Vec::new(), taken: watch::Sender::new(0) }
    }

    /// TLS from here on (after the answer to STARTTLS). What came in clear after that answer would be taken for
    /// encrypted answers of the server, so it is an error: someone in between may have sent it.
    pub(super) async fn encrypt(self, settings: &SmtpSettings) -> io::Result<Self> {
        if !self.received.is_empty() {
            return Err(io::Error::other(
                "something was sent unencrypted behind the server's answer: someone in between may be forging \
                 answers, and nothing was sent",
            ));
        }
        Ok(Self { stream: self.stream.encrypt(settings).await?, ..self })
    }

    pub(super) fn local_address(&self) -> io::Result<std::net::SocketAddr> {
        self.stream.local_address()
    }

    /// The number of bytes that have gone out, to be watched.
    pub(super) fn taken(&self) -> watch::Receiver<u64> {
        self.taken.subscribe()
    }

    /// Whether an answer has come that belongs to no command.
    pub(super) fn has_stray_answer(&self) -> bool {
        self.received.split(|byte| *byte == b'\n').any(ends_an_answer)
    }

    /// Sends a command, or several in one piece, and reads the first answer; both within `wait`.
    pub(super) async fn ask_within(&mut self, wait: Duration, command: &[u8]) -> Reply {
        within(wait, self.ask(command)).await.unwrap_or_else(|TooLong(wait)| Err(NoAnswer::TooLong(wait)))
    }

    /// The next answer, within `wait`.
    pub(super) async fn answer_within(&mut self, wait: Duration) -> Reply {
        within(wait, self.answer()).await.unwrap_or_else(|TooLong(wait)| Err(NoAnswer::TooLong(wait)))
    }

    pub(super) async fn ask(&mut self, command: &[u8]) -> Reply {
        match self.send(command).await {
            Ok(()) => self.answer().await,
            // A server that refuses a command and hangs up at once has still said why.
            Err(error) => self.answer().await.map_err(|_| error.into()),
        }
    }

    async fn send(&mut self, command: &[u8]) -> io::Result<()> {
        let mut rest = command;
        while !rest.is_empty() {
            let taken = self.stream.write(rest).await?;
            if taken == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            rest = &rest[taken..];
            self.taken.send_modify(|count| *count += taken as u64);
        }
        self.stream.flush().await
    }

    async fn answer(&mut self) -> Reply {
        let mut reading = AnswerReader::default();
        let mut budget = LONGEST_ANSWER;
        loop {
            let end = self.line_end(budget).await?;
            let is_whole = self.received.get(end.wrapping_sub(1)) == Some(&b'\n');
            let answer = reading.take(&self.received[..end], is_whole);
            self.received.drain(..end);
            budget = budget.saturating_sub(end);
            match answer {
                Some(answer) => return Ok(answer),
                None if !is_whole => return Err(if budget == 0 { NoAnswer::Endless } else { NoAnswer::Closed }),
                None if budget == 0 => return Err(NoAnswer::Endless),
                None => {}
            }
        }
    }

    /// Waits for a line; returns where it ends in what was received: after its line end, or where the connection or
    /// the budget ended.
    async fn line_end(&mut self, budget: usize) -> Result<usize, NoAnswer> {
        let mut searched = 0;
        loop {
            if let Some(at) = self.received[searched..].iter().position(|byte| *byte == b'\n') {
                return Ok(searched + at + 1);
            }
            searched = self.received.len();
            if searched >= budget {
                return Ok(searched);
            }
            self.received.reserve(BYTES_PER_READ);
            match self.stream.read(&mut self.received).await {
                Ok(0) if searched == 0 => return Err(NoAnswer::Closed),
                Err(error) if searched == 0 => return Err(error.into()),
                // What was cut off may hold a code all the same.
                Ok(0) | Err(_) => return Ok(searched),
                Ok(_) => {}
            }
        }
    }
}
