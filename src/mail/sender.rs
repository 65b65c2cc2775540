//! A folder, or a connection that is opened when it is needed, used for many messages.
//!
//! Sending has two halves, so that the ledger can be told in between that the message is going out now:
//! [`MailSender::announce`] and [`MailSender::hand_over`].

use std::sync::Arc;

use super::smtp::SmtpSession;
use super::{Failure, Message, SmtpSettings, Transport, Waits};

pub struct MailSender {
    transport: Arc<Transport>,
    session: Option<SmtpSession>,
}

impl MailSender {
    pub fn new(transport: Arc<Transport>) -> Self {
        Self { transport, session: None }
    }

    /// Makes sure that there is a folder or a connection; returns the size of the largest message that it takes, in
    /// bytes.
    pub async fn prepare(&mut self) -> Result<Option<u64>, Failure> {
        match self.session().await? {
            Some(session) => Ok(session.largest()),
            None => Ok(None),
        }
    }

    /// Whether a message, once its body is under way, cannot be taken back or sent again unnoticed.
    ///
    /// A file replaces itself.
    pub fn is_final(&self) -> bool {
        matches!(*self.transport, Transport::Smtp(_))
    }

    /// Sender and recipient, up to the server's answer to DATA.
    ///
    /// A connection that messages went over before may have been closed meanwhile: then it is opened once more.
    pub async fn announce(&mut self, message: &Message) -> Result<(), Failure> {
        let Some(session) = self.session().await? else { return Ok(()) };
        let was_used = session.is_used();
        let announced = session.announce(message).await;
        let grew_cold = was_used && announced.is_err() && !session.is_usable();
        if !grew_cold {
            return announced;
        }
        self.session = None;
        match self.session().await? {
            Some(session) => session.announce(message).await,
            None => Ok(()),
        }
    }

    /// The message itself, after [`MailSender::announce`]; returns the words of the server that took it.
    ///
    /// `next` may be announced together with it: [`MailSender::announced`] says whether it was.
    pub async fn hand_over(&mut self, message: Message, next: Option<&Message>) -> Result<String, Failure> {
        match (&*self.transport, &mut self.session) {
            (Transport::File(folder), _) => folder.write(message).await,
            (Transport::Smtp(_), Some(session)) => session.hand_over(message, next).await,
            (Transport::Smtp(_), None) => Err(Failure::BrokenOff("the message was not announced".into())),
            (Transport::Off, _) => Err(Failure::Unreachable("mail.transport is \"off\"".into())),
        }
    }

    /// The result of announcing the next message with the one before; `None` if it was not announced, and still has
    /// to be.
    pub async fn announced(&mut self) -> Option<Result<(), Failure>> {
        self.session.as_mut()?.announced().await
    }

    /// A single message over a connection of its own, without the ledger: the whole conversation.
    pub async fn send_one(transport: Arc<Transport>, message: Message) -> Result<String, Failure> {
        let mut sender = Self::new(transport);
        let sent = sender.converse(message).await;
        sender.finish().await;
        sent
    }

    /// Goes as far as it can without sending anything: whether such a message would be taken. Waits no longer than a
    /// person would.
    pub async fn rehearse_one(transport: &Transport, message: &Message) -> Result<(), Failure> {
        let transport = match transport {
            Transport::File(folder) => return folder.probe().await,
            Transport::Off => return Ok(()),
            Transport::Smtp(settings) => Transport::Smtp(SmtpSettings { waits: Waits::short(), ..settings.clone() }),
        };
        let mut sender = Self::new(Arc::new(transport));
        let heard = match sender.session().await {
            Ok(Some(session)) => session.rehearse(message).await,
            Ok(None) => Ok(()),
            Err(failure) => Err(failure),
        };
        sender.finish().await;
        heard
    }

    async fn converse(&mut self, message: Message) -> Result<String, Failure> {
        self.prepare().await?;
        self.announce(&message).await?;
        self.hand_over(message, None).await
    }

    /// Hangs up in the middle of a message, which is thereby not sent.
    pub fn hang_up(&mut self) {
        self.session = None;
    }

    /// Sends QUIT, if there is a connection.
    pub async fn finish(&mut self) {
        if let Some(session) = self.session.take() {
            session.close().await;
        }
    }

    /// The open connection, or a new one; `None` if there cannot be one.
    async fn session(&mut self) -> Result<Option<&mut SmtpSession>, Failure> {
        let Transport::Smtp(settings) = &*self.transport else { return Ok(None) };
        if self.session.as_ref().is_none_or(|session| !session.is_usable()) {
            self.session = None;
            self.session = Some(SmtpSession::open(settings).await?);
        }
        Ok(self.session.as_mut())
    }
}
