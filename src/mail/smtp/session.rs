//! One connection, used for many messages, step by step; RSET keeps it for the next one after a refusal.

use std::time::Duration;

use super::Waits;
use super::body::Body;
use super::connection::{Connection, NoAnswer, Reply};
use super::offers::Offers;
use super::reply::{Step, broken_off, refusal};
use super::watchdog::{Progress, TooLong, watched, within};
use crate::mail::{Failure, Message};

/// How long to wait for the answer to QUIT.
const FAREWELL: Duration = Duration::from_secs(5);
/// A body that takes longer is given up: the ledger's claim on the delivery must outlive it.
const LONGEST_BODY: Duration = Duration::from_mins(20);

pub(in crate::mail) struct SmtpSession {
    connection: Connection,
    offers: Offers,
    waits: Waits,
    /// Messages before this one.
    messages: u64,
    is_usable: bool,
    /// The envelope of the next message has gone out after a body, and its answers have not been read.
    is_announcing: bool,
}

/// The commands before a body.
struct Envelope {
    mail: String,
    rcpt: String,
}

const DATA: &str = "DATA\r\n";

impl SmtpSession {
    /// Goes on from a greeted, encrypted and authenticated connection.
    pub(super) fn new(connection: Connection, offers: Offers, waits: Waits) -> Self {
        Self { connection, offers, waits, messages: 0, is_usable: true, is_announcing: false }
    }

    /// The largest message the server takes, in bytes, where it says so.
    pub(in crate::mail) fn largest(&self) -> Option<u64> {
        self.offers.largest
    }

    /// Whether messages went over this connection before: then it may have been closed meanwhile.
    pub(in crate::mail) fn is_used(&self) -> bool {
        self.messages > 0
    }

    /// Whether a message can be announced over it: it is open, and no answer is outstanding.
    pub(in crate::mail) fn is_usable(&self) -> bool {
        self.is_usable && !self.is_announcing
    }

    /// MAIL, RCPT and DATA, up to the server's answer to DATA. The message is not sent yet.
    pub(in crate::mail) async fn announce(&mut self, message: &Message) -> Result<(), Failure> {
        let announced = self.envelope(message).await;
        self.after_envelope(announced).await
    }

    /// The body and the final dot; the server's answer.
    ///
    /// Where the server allows, `next` is announced with it (RFC 2920): [`Self::announced`] must be asked for that.
    pub(in crate::mail) async fn hand_over(
        &mut self,
        message: Message,
        next: Option<&Message>,
    ) -> Result<String, Failure> {
        if self.connection.has_stray_answer() {
            self.is_usable = false;
            return Err(Failure::BrokenOff("the server answered the message before it was sent".into()));
        }
        self.messages += 1;
        let mut body = Body::of(message);
        if let Some(next) = next.filter(|_| self.offers.pipelining) {
            body = body.followed_by(&self.envelope_of(next).in_one_piece());
            self.is_announcing = true;
        }
        let progress = Progress::new(&self.connection.taken(), body.until_dot());
        let sending = watched(self.waits, progress.clone(), self.connection.ask(body.bytes()));
        let sent = within(LONGEST_BODY, sending).await.and_then(|sent| sent);
        let step = if progress.reached_dot() { Step::Dot } else { Step::Body };
        match sent.unwrap_or_else(|TooLong(wait)| Err(NoAnswer::TooLong(wait))) {
            Ok(answer) if answer.is_yes() && step == Step::Dot => {
                self.is_usable = answer.leaves_open();
                Ok(answer.words())
            }
            reply => Err(self.failed(step, reply)),
        }
    }

    /// How the server answers the message that was announced with the one before; `None` where none was, or the
    /// conversation broke off.
    pub(in crate::mail) async fn announced(&mut self) -> Option<Result<(), Failure>> {
        if !std::mem::take(&mut self.is_announcing) || !self.is_usable {
            return None;
        }
        let mail_answer = self.connection.answer_within(self.waits.command).await;
        let announced = self.envelope_answers(mail_answer).await;
        let announced = self.after_envelope(announced).await;
        // A server that hangs up between messages has said nothing about this one.
        (announced.is_ok() || self.is_usable).then_some(announced)
    }

    /// Sends QUIT; errors are ignored.
    pub(in crate::mail) async fn close(mut self) {
        if self.is_usable() {
            let _ = self.connection.ask_within(self.waits.command.min(FAREWELL), b"QUIT\r\n").await;
        }
    }

    /// Sender and recipient, and then nothing: whether the server would take such a message.
    pub(in crate::mail) async fn rehearse(&mut self, message: &Message) -> Result<(), Failure> {
        let envelope = self.envelope_of(message);
        let heard = self.addresses(&envelope).await;
        if self.is_usable {
            self.reset().await;
        }
        heard
    }

    async fn envelope(&mut self, message: &Message) -> Result<(), Failure> {
        let envelope = self.envelope_of(message);
        if self.offers.pipelining {
            let commands = envelope.in_one_piece();
            let mail_answer = self.connection.ask_within(self.waits.command, commands.as_bytes()).await;
            return self.envelope_answers(mail_answer).await;
        }
        self.addresses(&envelope).await?;
        let data_answer = self.connection.ask_within(self.waits.data, DATA.as_bytes()).await;
        self.ready_for_body(data_answer)
    }

    async fn addresses(&mut self, envelope: &Envelope) -> Result<(), Failure> {
        let command = self.waits.command;
        let mail_answer = self.connection.ask_within(command, envelope.mail.as_bytes()).await;
        self.heard(Step::Mail, mail_answer)?;
        let rcpt_answer = self.connection.ask_within(command, envelope.rcpt.as_bytes()).await;
        self.heard(Step::Rcpt, rcpt_answer)
    }

    fn envelope_of(&self, message: &Message) -> Envelope {
        let size = if self.offers.size { format!(" SIZE={}", message.bytes.len()) } else { String::new() };
        Envelope {
            mail: format!("MAIL FROM:<{}>{size}\r\n", message.sender),
            rcpt: format!("RCPT TO:<{}>\r\n", message.recipient),
        }
    }

    /// All answers to an envelope that went out in one piece; the first has been waited for.
    async fn envelope_answers(&mut self, mail_answer: Reply) -> Result<(), Failure> {
        let mut envelope = self.heard(Step::Mail, mail_answer);
        if self.is_usable {
            let rcpt_answer = self.connection.answer_within(self.waits.command).await;
            envelope = envelope.and(self.heard(Step::Rcpt, rcpt_answer));
        }
        if !self.is_usable {
            return envelope;
        }
        let data_answer = self.connection.answer_within(self.waits.data).await;
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

    fn ready_for_body(&mut self, data_answer: Reply) -> Result<(), Failure> {
        match data_answer {
            Ok(answer) if answer.code() == 354 => Ok(()),
            reply => Err(self.failed(Step::Data, reply)),
        }
    }

    fn heard(&mut self, step: Step, reply: Reply) -> Result<(), Failure> {
        match reply {
            Ok(answer) if answer.is_yes() => {
                self.is_usable = answer.leaves_open();
                if self.is_usable { Ok(()) } else { Err(broken_off(step, &NoAnswer::Closed)) }
            }
            reply => Err(self.failed(step, reply)),
        }
    }

    /// What a reply means that is not the one wanted; the connection stays only after a plain refusal.
    fn failed(&mut self, step: Step, reply: Reply) -> Failure {
        match reply {
            Ok(answer) => {
                self.is_usable = answer.code() >= 400 && answer.leaves_open() && step != Step::Body;
                refusal(step, &answer)
            }
            Err(why) => {
                self.is_usable = false;
                broken_off(step, &why)
            }
        }
    }

    /// Makes the server forget a message that it refused.
    async fn reset(&mut self) {
        let reply = self.connection.ask_within(self.waits.command, b"RSET\r\n").await;
        self.is_usable = reply.is_ok_and(|answer| answer.is_yes() && answer.leaves_open());
    }
}

impl Envelope {
    fn in_one_piece(&self) -> String {
        format!("{}{}{DATA}", self.mail, self.rcpt)
    }
}
