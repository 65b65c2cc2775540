//! From nothing to a server that is ready to take messages.
//!
//! lettre's notion of what a server offers leaves out SIZE and PIPELINING: EHLO is asked once more for them, after
//! the conversation is encrypted.

use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::Ehlo;
use lettre::transport::smtp::extension::ClientId;
use secrecy::ExposeSecret;

use super::Session;
use super::offers::Offers;
use super::reply::{Reply, too_long, unreachable};
use super::settings::{SmtpSettings, Tls};
use super::stream::{connect, starttls_parameters};
use super::watchdog::{TooLong, within};
use crate::mail::Failure;

impl Session {
    /// Connects, encrypts as the settings say, and authenticates.
    pub(in crate::mail) async fn open(settings: &SmtpSettings) -> Result<Self, Failure> {
        let hello = hello();
        let waits = settings.waits;
        let opening = within(waits.connect, connect(settings)).await;
        let (stream, taken) = settings.opened("connecting", opening)?;
        let greeting = within(waits.connect, AsyncSmtpConnection::connect_with_transport(stream, &hello)).await;
        let mut connection = settings.step("greeting", greeting)?;
        if settings.tls == Tls::StartTls {
            if !connection.can_starttls() {
                return Err(settings.refusal(
                    "does not offer STARTTLS, which mail.tls = \"starttls\" demands: nothing was sent. If it never \
                     does, somebody in between may be taking it away",
                ));
            }
            let tls = settings.opened("STARTTLS", Ok(starttls_parameters(settings)))?;
            settings.step("STARTTLS", within(waits.command, connection.starttls(tls, &hello)).await)?;
        }
        let greeting = within(waits.command, connection.command(Ehlo::new(hello))).await;
        let offers = Offers::read(&settings.step("EHLO", greeting)?);
        if let (Some(username), Some(password)) = (&settings.username, &settings.password) {
            let credentials = Credentials::new(username.clone(), password.expose_secret().to_owned());
            let mechanisms = [Mechanism::Plain, Mechanism::Login];
            settings.step("AUTH", within(waits.command, connection.auth(&mechanisms, &credentials)).await)?;
        }
        Ok(Self::new((connection, taken), offers, waits))
    }
}

impl SmtpSettings {
    /// A step of the greeting: whatever fails there concerns no message.
    fn step<T>(&self, step: &str, reply: Reply<T>) -> Result<T, Failure> {
        let server = self.server();
        match reply {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(unreachable(&format!("{step} at {server}"), &error)),
            Err(late) => Err(Failure::Unreachable(too_long(&format!("{step} at {server}"), &late))),
        }
    }

    /// As [`Self::step`], below the conversation.
    fn opened<T>(&self, step: &str, opened: Result<std::io::Result<T>, TooLong>) -> Result<T, Failure> {
        let server = self.server();
        match opened {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(Failure::Unreachable(format!("{step} to {server}: {error}"))),
            Err(late) => Err(Failure::Unreachable(too_long(&format!("{step} to {server}"), &late))),
        }
    }

    fn refusal(&self, why: &str) -> Failure {
        Failure::Unreachable(format!("mail server {} {why}", self.server()))
    }

    fn server(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

/// This machine's name where it is a full one; else its address as the protocol wants it.
fn hello() -> ClientId {
    match ClientId::default() {
        ClientId::Domain(name) if !name.contains('.') => ClientId::Ipv4(std::net::Ipv4Addr::LOCALHOST),
        full => full,
    }
}
