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
use tokio::sync::watch;

use super::Waits;
use super::body::Body;
use super::offers::Offers;
use super::reply::{Reply, after_dot, answer, before_dot, is_spoken, is_yes, out_of_step, too_long};
use super::watchdog::{Progress, watched, within};
use crate::mail::{Failure, Message};

/// A goodbye is worth no longer wait.
const FAREWELL: Duration = Duration::from_secs(5);
/// A body that drips for longer is given up: the ledger's claim on the delivery must outlive it.
const LONGEST_BODY: Duration = Duration::from_mins(20);

pub(in crate::mail) struct Session {
    connection: AsyncSmtpConnection,
    /// Bytes that have gone out over it.
    taken: watch::Receiver<u64>,
    offers: Offers,
    waits: Waits,
    /// Conversations before this one.
    messages: u64,
    is_usable: bool,
    /// The envelope of the next message has gone out behind a body, and its answers have not been read.
    is_announcing: bool,
}

/// Commands that go out together.
struct Together<A, B, C>(A, B, C);

/// The RSET command, which lettre leaves out.
struct Rset;

impl Session {
    /// Goes on from a greeted, encrypted and authenticated connection.
    pub(super) fn new(
        (connection, taken): (AsyncSmtpConnection, watch::Receiver<u64>),
        offers: Offers,
        waits: Waits,
    ) -> Self {
        Self { connection, taken, offers, waits, messages: 0, is_usable: true, is_announcing: false }
    }

    /// The largest message the server takes, in bytes, where it says so.
    pub(in crate::mail) fn largest(&self) -> Option<u64> {
        self.offers.largest
    }

    /// Whether messages went over this connection before: then it may have grown cold.
    pub(in crate::mail) fn is_used(&self) -> bool {
        self.messages > 0
    }

    /// Whether a message can be announced over it: it stands, and no answer is outstanding.
    pub(in crate::mail) fn is_usable(&self) -> bool {
        self.is_usable && !self.is_announcing
    }

    /// Everything up to the server's wish for the body. The message is not sent yet.
    pub(in crate::mail) async fn announce(&mut self, message: &Message) -> Result<(), Failure> {
        let announced = self.envelope(message).await;
        self.after_envelope(announced).await
    }

    /// The body and the final dot; the server's answer.
    ///
    /// Where the server allows, `next` is announced with it (RFC 2920): [`Self::announced`] must be asked for that.
    /// The body goes out as one command, which lettre writes at once and as it is: its own way looks at every byte.
    pub(in crate::mail) async fn hand_over(
        &mut self,
        message: Message,
        next: Option<&Message>,
    ) -> Result<String, Failure> {
        self.messages += 1;
        let mut body = Body::of(message);
        if let Some(next) = next.filter(|_| self.offers.pipelining) {
            body = body.followed_by(&self.envelope_of(next));
            self.is_announcing = true;
        }
        let progress = Progress::new(&self.taken, body.until_dot());
        let sending = watched(self.waits, progress.clone(), self.connection.command(body));
        let sent = within(LONGEST_BODY, sending).await.and_then(|sent| sent);
        let dot_went_out = progress.reached_dot();
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

    /// How the server answers the message that was announced with the one before; None where none was, or the
    /// conversation broke off.
    pub(in crate::mail) async fn announced(&mut self) -> Option<Result<(), Failure>> {
        if !std::mem::take(&mut self.is_announcing) || !self.is_usable {
            return None;
        }
        let mail_answer = within(self.waits.command, self.connection.read_response()).await;
        let announced = self.envelope_answers(mail_answer).await;
        let announced = self.after_envelope(announced).await;
        // A server that hangs up between messages has said nothing about this one.
        (announced.is_ok() || self.is_usable).then_some(announced)
    }

    /// Says goodbye, as far as the server listens.
    pub(in crate::mail) async fn close(mut self) {
        if self.is_usable {
            let _ = within(self.waits.command.min(FAREWELL), self.connection.quit()).await;
        }
    }

    /// Sender and recipient, and then nothing: whether the server would take such a message.
    pub(in crate::mail) async fn rehearse(&mut self, message: &Message) -> Result<(), Failure> {
        let Together(mail, rcpt, _) = self.envelope_of(message);
        let heard = self.addresses(mail, rcpt).await;
        if self.is_usable {
            self.reset().await;
        }
        heard
    }

    async fn envelope(&mut self, message: &Message) -> Result<(), Failure> {
        let envelope = self.envelope_of(message);
        if self.offers.pipelining {
            let mail_answer = within(self.waits.command, self.connection.command(envelope)).await;
            return self.envelope_answers(mail_answer).await;
        }
        let Together(mail, rcpt, data) = envelope;
        self.addresses(mail, rcpt).await?;
        let data_answer = within(self.waits.data, self.connection.command(data)).await;
        self.ready_for_body(data_answer)
    }

    async fn addresses(&mut self, mail: Mail, rcpt: Rcpt) -> Result<(), Failure> {
        let command = self.waits.command;
        let mail_answer = within(command, self.connection.command(mail)).await;
        self.heard("MAIL", mail_answer)?;
        let rcpt_answer = within(command, self.connection.command(rcpt)).await;
        self.heard("RCPT", rcpt_answer)
    }

    fn envelope_of(&self, message: &Message) -> Together<Mail, Rcpt, Data> {
        let mut parameters = Vec::new();
        if self.offers.size {
            parameters.push(MailParameter::Size(message.bytes.len()));
        }
        let mail = Mail::new(Some(message.sender.clone()), parameters);
        Together(mail, Rcpt::new(message.recipient.clone(), Vec::new()), Data)
    }

    /// All answers to an envelope that went out in one piece; the first has been waited for.
    async fn envelope_answers(&mut self, mail_answer: Reply<Response>) -> Result<(), Failure> {
        let mut envelope = self.heard("MAIL", mail_answer);
        if self.is_usable {
            let rcpt_answer = within(self.waits.command, self.connection.read_response()).await;
            envelope = envelope.and(self.heard("RCPT", rcpt_answer));
        }
        if !self.is_usable {
            return envelope;
        }
        let data_answer = within(self.waits.data, self.connection.read_response()).await;
        let data = self.ready_for_body(data_answer);
        if envelope.is_err() && data.is_ok() {
            // The server wants a body although it has refused the recipient: there is nothing to say to that.
            self.is_usable = false;
        }
        envelope.and(data)
    }

    /// A refusal leaves the connection for the next message.
    async fn after_envelope(&mut self, announced: Result<(), Failure>) -> Result<(), Failure> {
        if announced.is_err() && self.is_usable {
            self.reset().await;
        }
        announced
    }

    fn ready_for_body(&mut self, data_answer: Reply<Response>) -> Result<(), Failure> {
        self.expected("DATA", data_answer, |response| response.has_code(354))
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

impl<A: Display, B: Display, C: Display> Display for Together<A, B, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}", self.0, self.1, self.2)
    }
}

impl Display for Rset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RSET\r\n")
    }
}
