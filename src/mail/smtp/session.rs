//! One connection, used for many messages, step by step.
//!
//! lettre's own way to send hangs up after every refusal and does not say how far it came; so the commands are given
//! singly here, and RSET keeps the connection for the next message.

use std::fmt::{self, Display};
use std::time::Duration;

use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::MailParameter;
use lettre::transport::smtp::response::Response;

use super::Waits;
use super::offers::Offers;
use super::reply::{Reply, after_dot, answer, before_dot, is_spoken, is_yes, out_of_step, too_long};
use super::watchdog::{Progress, blocks, watched, within};
use crate::mail::{Failure, Message};

/// A goodbye is worth no longer wait.
const FAREWELL: Duration = Duration::from_secs(5);
/// A body that drips for longer is given up: the ledger's claim on the delivery must outlive it.
const LONGEST_BODY: Duration = Duration::from_mins(20);

pub(in crate::mail) struct Session {
    connection: AsyncSmtpConnection,
    offers: Offers,
    waits: Waits,
    /// Conversations before this one.
    messages: u64,
    is_usable: bool,
}

/// Commands that go out together.
struct Together<A, B>(A, B);

/// The RSET command, which lettre leaves out.
struct Rset;

impl Session {
    /// Goes on from a greeted, encrypted and authenticated connection.
    pub(super) fn new(connection: AsyncSmtpConnection, offers: Offers, waits: Waits) -> Self {
        Self { connection, offers, waits, messages: 0, is_usable: true }
    }

    /// The largest message the server takes, in bytes, where it says so.
    pub(in crate::mail) fn largest(&self) -> Option<u64> {
        self.offers.largest
    }

    /// Whether messages went over this connection before: then it may have grown cold.
    pub(in crate::mail) fn is_used(&self) -> bool {
        self.messages > 0
    }

    pub(in crate::mail) fn is_usable(&self) -> bool {
        self.is_usable
    }

    /// Everything up to the server's wish for the body. The message is not sent yet.
    pub(in crate::mail) async fn announce(&mut self, message: &Message) -> Result<(), Failure> {
        let announced = self.envelope(message).await;
        if announced.is_err() && self.is_usable {
            self.reset().await;
        }
        announced
    }

    /// The body and the final dot; the server's answer.
    pub(in crate::mail) async fn hand_over(&mut self, message: &Message) -> Result<String, Failure> {
        self.messages += 1;
        let (body, progress) = blocks(body_of(message));
        let sending = watched(self.waits, progress.clone(), self.connection.message_iter(body));
        let sent = within(LONGEST_BODY, sending).await.and_then(|sent| sent);
        let dot_went_out = *progress.borrow() == Progress::Dot;
        match sent {
            Ok(Ok(response)) if is_yes(&response) => Ok(answer(&response)),
            Ok(Ok(response)) => {
                self.is_usable = false;
                Err(Failure::AnswerLost(out_of_step("the final dot", &response)))
            }
            Ok(Err(error)) => {
                self.is_usable = is_spoken(&error);
                Err(if dot_went_out { after_dot(&error) } else { before_dot("the body", &error) })
            }
            Err(late) => {
                self.is_usable = false;
                Err(if dot_went_out {
                    Failure::AnswerLost(too_long("the final dot", &late))
                } else {
                    Failure::BrokenOff(too_long("the body", &late))
                })
            }
        }
    }

    /// Says goodbye, as far as the server listens.
    pub(in crate::mail) async fn close(mut self) {
        if self.is_usable {
            let _ = within(self.waits.command.min(FAREWELL), self.connection.quit()).await;
        }
    }

    /// Sender and recipient, and then nothing: whether the server would take such a message.
    pub(in crate::mail) async fn rehearse(&mut self, message: &Message) -> Result<(), Failure> {
        let heard = self.addresses(message).await;
        if self.is_usable {
            self.reset().await;
        }
        heard
    }

    async fn envelope(&mut self, message: &Message) -> Result<(), Failure> {
        self.addresses(message).await?;
        let data_answer = within(self.waits.data, self.connection.command(Data)).await;
        self.expected("DATA", data_answer, |response| response.has_code(354))
    }

    async fn addresses(&mut self, message: &Message) -> Result<(), Failure> {
        let mut parameters = Vec::new();
        if self.offers.size {
            parameters.push(MailParameter::Size(message.bytes.len()));
        }
        let mail = Mail::new(Some(message.sender.clone()), parameters);
        let rcpt = Rcpt::new(message.recipient.clone(), Vec::new());
        let command = self.waits.command;
        if self.offers.pipelining {
            // DATA stays apart: a server may take it though it refused the recipient, and then wants a body.
            let mail_answer = within(command, self.connection.command(Together(mail, rcpt))).await;
            let mail_answer = self.heard("MAIL", mail_answer);
            if self.is_usable {
                let rcpt_answer = within(command, self.connection.read_response()).await;
                mail_answer?;
                self.heard("RCPT", rcpt_answer)?;
            } else {
                mail_answer?;
            }
        } else {
            let mail_answer = within(command, self.connection.command(mail)).await;
            self.heard("MAIL", mail_answer)?;
            let rcpt_answer = within(command, self.connection.command(rcpt)).await;
            self.heard("RCPT", rcpt_answer)?;
        }
        Ok(())
    }

    fn heard(&mut self, step: &str, reply: Reply<Response>) -> Result<(), Failure> {
        self.expected(step, reply, is_yes)
    }

    fn expected(
        &mut self,
        step: &str,
        reply: Reply<Response>,
        is_expected: impl Fn(&Response) -> bool,
    ) -> Result<(), Failure> {
        match reply {
            Ok(Ok(response)) if is_expected(&response) => Ok(()),
            Ok(Ok(response)) => {
                self.is_usable = false;
                Err(Failure::BrokenOff(out_of_step(step, &response)))
            }
            Ok(Err(error)) => {
                self.is_usable = is_spoken(&error);
                Err(before_dot(step, &error))
            }
            Err(late) => {
                self.is_usable = false;
                Err(Failure::BrokenOff(too_long(step, &late)))
            }
        }
    }

    /// Makes the server forget a message that it refused.
    async fn reset(&mut self) {
        let reply = within(self.waits.command, self.connection.command(Rset)).await;
        self.is_usable = matches!(reply, Ok(Ok(_)));
    }
}

impl<A: Display, B: Display> Display for Together<A, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.0, self.1)
    }
}

impl Display for Rset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RSET\r\n")
    }
}

/// The body ends with a line end of its own, and lettre writes another before the dot.
fn body_of(message: &Message) -> &[u8] {
    message.bytes.strip_suffix(b"\r\n").unwrap_or(&message.bytes)
}
