//! Connects to a server until it is ready to take messages.

use std::future::pending;
use std::io;
use std::net::IpAddr;
use std::time::Duration;

use super::SmtpSession;
use super::advice::{explained, speaks_tls, wants_tls_first};
use super::answer::Answer;
use super::answer::short;
use super::connection::{Connection, Reply};
use super::offers::Offers;
use super::settings::SmtpSettings;
use super::stream::Stream;
use super::watchdog::{TooLong, within};
use crate::domain::Tls;
use crate::mail::Failure;

/// After so long without a greeting, a second connection finds out whether the server waits for TLS instead.
const SUSPICIOUS_SILENCE: Duration = Duration::from_secs(3);
/// For that second connection.
const LONGEST_TRIAL: Duration = Duration::from_secs(10);

impl SmtpSession {
    /// Connects, encrypts as the settings say, and authenticates.
    pub(in crate::mail) async fn open(settings: &SmtpSettings) -> Result<Self, Failure> {
        let mut connection = settings.connect().await?;
        settings.hear_greeting(&mut connection).await?;
        let hello = settings.hello(&connection);
        let mut offers = settings.introduce(&mut connection, &hello).await?;
        if settings.tls == Tls::StartTls {
            if !offers.starttls {
                return Err(settings.failure(
                    "does not offer STARTTLS, which mail.tls = \"starttls\" demands: nothing was sent. If it never \
                     does, someone in between may be taking it away",
                ));
            }
            connection = settings.start_tls(connection).await?;
            // What was offered before encryption does not count.
            offers = settings.introduce(&mut connection, &hello).await?;
        }
        settings.authenticate(&mut connection, offers).await?;
        Ok(Self::new(connection, offers, settings.waits))
    }
}

/// An error here concerns no message.
impl SmtpSettings {
    async fn connect(&self) -> Result<Connection, Failure> {
        let opening = async {
            let stream = Stream::connect(self).await?;
            if self.tls == Tls::Required { stream.encrypt(self).await } else { Ok(stream) }
        };
        let opened = within(self.waits.connect, opening).await;
        self.opened("connecting", opened).map(Connection::new)
    }

    async fn hear_greeting(&self, connection: &mut Connection) -> Result<(), Failure> {
        let greeting = connection.answer_within(self.waits.connect);
        if self.tls == Tls::Required {
            return self.said_yes("greeting", greeting.await).map(drop);
        }
        tokio::select! {
            biased;
            greeting = greeting => self.said_yes("greeting", greeting).map(drop),
            () = self.is_found_to_speak_tls() => Err(self.failure(&wants_tls_first(self))),
        }
    }

    /// Ends if the server, which says nothing, turns out to speak TLS from the first byte.
    async fn is_found_to_speak_tls(&self) {
        tokio::time::sleep(SUSPICIOUS_SILENCE).await;
        let trial = async { Stream::connect(self).await?.encrypt(self).await };
        match within(LONGEST_TRIAL, trial).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) if speaks_tls(&error) => {}
            // The server is slow: its greeting is waited for.
            _ => pending().await,
        }
    }

    /// EHLO; HELO where the server does not know that, and then it offers nothing.
    async fn introduce(&self, connection: &mut Connection, hello: &str) -> Result<Offers, Failure> {
        let answer = connection.ask_within(self.waits.command, format!("EHLO {hello}\r\n").as_bytes()).await;
        match answer {
            Ok(answer) if [500, 502, 504].contains(&answer.code()) => {
                let answer = connection.ask_within(self.waits.command, format!("HELO {hello}\r\n").as_bytes()).await;
                self.said_yes("HELO", answer).map(|_| Offers::default())
            }
            answer => self.said_yes("EHLO", answer).map(|answer| Offers::read(&answer)),
        }
    }

    async fn start_tls(&self, mut connection: Connection) -> Result<Connection, Failure> {
        let answer = connection.ask_within(self.waits.command, b"STARTTLS\r\n").await;
        self.said_yes("STARTTLS", answer)?;
        let encrypted = within(self.waits.command, connection.encrypt(self)).await;
        self.opened("STARTTLS", encrypted)
    }

    /// This machine's name where it is a full one; else its address as the protocol wants it.
    fn hello(&self, connection: &Connection) -> String {
        if let Some(name) = &self.helo {
            return name.clone();
        }
        let machine = rustix::system::uname();
        match machine.nodename().to_str() {
            Ok(name) if name.contains('.') => name.to_owned(),
            _ => match connection.local_address().map(|address| address.ip().to_canonical()) {
                Ok(IpAddr::V6(ip)) => format!("[IPv6:{ip}]"),
                Ok(IpAddr::V4(ip)) => format!("[{ip}]"),
                Err(_) => "[127.0.0.1]".into(),
            },
        }
    }

    /// The answer to a step of the greeting; an error if it is a refusal.
    pub(super) fn said_yes(&self, step: &str, reply: Reply) -> Result<Answer, Failure> {
        let server = self.server();
        match reply {
            Ok(answer) if answer.is_yes() => Ok(answer),
            Ok(answer) => Err(self.refused(step, &answer)),
            Err(why) => Err(Failure::Unreachable(short(&format!("after {step} at {server}: {why}")))),
        }
    }

    pub(super) fn refused(&self, step: &str, answer: &Answer) -> Failure {
        let advice = match answer.code() {
            535 => "; see mail.username and mail.password_file (or mail.password)",
            530 if self.tls == Tls::None => "; see mail.tls and mail.username",
            530 => "; see mail.username",
            _ => "",
        };
        let words = short(&format!("{} (after {step} at {})", answer.words(), self.server()));
        Failure::Unreachable(format!("{words}{advice}"))
    }

    /// Like [`Self::said_yes`], below the conversation.
    fn opened<T>(&self, step: &str, opened: Result<io::Result<T>, TooLong>) -> Result<T, Failure> {
        let server = self.server();
        match opened {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(Failure::Unreachable(format!("{step} to {server}: {}", explained(&error, self)))),
            Err(TooLong(wait)) => {
                let wait = wait.as_secs();
                Err(Failure::Unreachable(format!("after {step} to {server}: no answer within {wait} s")))
            }
        }
    }

    pub(super) fn failure(&self, why: &str) -> Failure {
        Failure::Unreachable(format!("mail server {} {why}", self.server()))
    }

    fn server(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}
