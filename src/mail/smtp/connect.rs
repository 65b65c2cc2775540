//! From nothing to a server that is ready to take messages.
//!
//! lettre's notion of what a server offers leaves out SIZE and PIPELINING: EHLO is asked once more for them, after
//! the conversation is encrypted.

use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{
    AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters, TlsParametersBuilder,
};
use lettre::transport::smtp::commands::Ehlo;
use lettre::transport::smtp::extension::ClientId;
use secrecy::ExposeSecret;

use super::Session;
use super::offers::Offers;
use super::reply::{Reply, too_long, unreachable};
use super::settings::{SmtpSettings, Tls};
use super::watchdog::within;
use crate::mail::Failure;

/// What every file of PEM certificates contains.
const PEM_MARK: &[u8] = b"-----BEGIN CERTIFICATE-----";

impl Session {
    /// Connects, encrypts as the settings say, and authenticates.
    pub(in crate::mail) async fn open(settings: &SmtpSettings) -> Result<Self, Failure> {
        let hello = hello();
        let waits = settings.waits;
        let tls = match settings.tls {
            Tls::None => None,
            Tls::Required | Tls::StartTls => Some(tls_parameters(settings)?),
        };
        let at_once = tls.clone().filter(|_| settings.tls == Tls::Required);
        let server = (settings.host.as_str(), settings.port);
        let connecting = AsyncSmtpConnection::connect_tokio1(server, Some(waits.connect), &hello, at_once, None);
        let mut connection = settings.step("connecting", within(waits.connect, connecting).await)?;
        if let (Tls::StartTls, Some(tls)) = (settings.tls, tls) {
            if !connection.can_starttls() {
                return Err(settings.refusal(
                    "does not offer STARTTLS, which mail.tls = \"starttls\" demands: nothing was sent. If it never \
                     does, somebody in between may be taking it away",
                ));
            }
            settings.step("STARTTLS", within(waits.command, connection.starttls(tls, &hello)).await)?;
        }
        let greeting = within(waits.command, connection.command(Ehlo::new(hello))).await;
        let offers = Offers::read(&settings.step("EHLO", greeting)?);
        if let (Some(username), Some(password)) = (&settings.username, &settings.password) {
            let credentials = Credentials::new(username.clone(), password.expose_secret().to_owned());
            let mechanisms = [Mechanism::Plain, Mechanism::Login];
            settings.step("AUTH", within(waits.command, connection.auth(&mechanisms, &credentials)).await)?;
        }
        Ok(Self::new(connection, offers, waits))
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

fn tls_parameters(settings: &SmtpSettings) -> Result<TlsParameters, Failure> {
    let mut builder = TlsParametersBuilder::new(settings.host.clone());
    if let Some(path) = &settings.ca_file {
        let bad = |why: String| Failure::Unreachable(format!("mail.ca_file {}: {why}", path.display()));
        let pem = std::fs::read(path).map_err(|error| bad(error.to_string()))?;
        if !pem.windows(PEM_MARK.len()).any(|window| window == PEM_MARK) {
            return Err(bad("holds no certificate in PEM form".into()));
        }
        let certificates = Certificate::from_pem(&pem).map_err(|error| bad(error.to_string()))?;
        builder = builder.certificate_store(CertificateStore::None).add_root_certificate(certificates);
    }
    builder.build().map_err(|error| Failure::Unreachable(format!("TLS cannot be set up: {error}")))
}
