//! `[mail]`: how statements are sent.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::findings::Findings;
use super::setting::{Setting, between, list, optional_between, optional_text, text};
use super::values::{ByteSize, FilePath, Secret};
use crate::domain::{EmailAddress, Host, MailDomain, Mailbox, Name, Tls, UnknownPolicy};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mail {
    pub transport: TransportKind,
    /// For `file`: the folder that gets one `.eml` per message.
    #[serde(with = "text")]
    pub dir: FilePath,
    /// For `smtp`: the mail server.
    #[serde(with = "optional_text")]
    pub host: Option<Host>,
    /// By default 465, 587 or 25, as `tls` is `required`, `starttls` or `none`; see [`Mail::port`].
    #[serde(deserialize_with = "optional_between::<1, 65_535, _, _>")]
    pub port: Option<u16>,
    pub tls: Tls,
    #[serde(with = "optional_text")]
    pub username: Option<Name>,
    #[serde(with = "optional_text")]
    pub password: Option<Secret>,
    /// A file that holds the password.
    #[serde(with = "optional_text")]
    pub password_file: Option<FilePath>,
    /// Certificates (PEM) to trust instead of the system's, for a mail server with an authority of its own.
    #[serde(with = "optional_text")]
    pub ca_file: Option<FilePath>,
    /// The name with which the mail server is greeted (EHLO); by default this machine's.
    #[serde(with = "optional_text")]
    pub helo: Option<MailDomain>,
    #[serde(with = "text")]
    pub from: Mailbox,
    #[serde(with = "optional_text")]
    pub reply_to: Option<Mailbox>,
    /// Messages under way at once.
    #[serde(deserialize_with = "between::<1, 100, _, _>")]
    pub concurrency: u32,
    /// The most messages begun in a second; without it, as fast as the server takes them.
    #[serde(deserialize_with = "optional_between::<1, 10_000, _, _>")]
    pub per_second: Option<u32>,
    pub unknown: UnknownPolicy,
    /// Files larger than this in sum are not attached; the message says where they are.
    #[serde(with = "text")]
    pub max_attachment: ByteSize,
    /// Every message goes here instead of to its recipient: for rehearsals.
    #[serde(with = "optional_text")]
    pub redirect_to: Option<EmailAddress>,
    /// If not empty, only recipients in these domains get mail; the others are held.
    #[serde(with = "list")]
    pub only: Vec<MailDomain>,
    /// A maildir or an mbox in which bounced messages arrive.
    #[serde(with = "optional_text")]
    pub bounces: Option<FilePath>,
    pub dkim: Option<Dkim>,
}

/// `[mail.dkim]`: signing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dkim {
    #[serde(with = "text")]
    pub domain: MailDomain,
    #[serde(with = "text")]
    pub selector: MailDomain,
    /// The private key (PEM).
    #[serde(with = "text")]
    pub key_file: FilePath,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransportKind {
    /// One `.eml` file per message.
    File,
    Smtp,
    /// Deliveries wait.
    Off,
}

/// What a new installation sends from, good enough for files and refused for SMTP.
const PLACEHOLDER_SENDER: &str = "statements@localhost";

impl Default for Mail {
    fn default() -> Self {
        let from = EmailAddress::from_str(PLACEHOLDER_SENDER);
        Self {
            transport: TransportKind::File,
            dir: "var/mail".into(),
            host: None,
            port: None,
            tls: Tls::StartTls,
            username: None,
            password: None,
            password_file: None,
            ca_file: None,
            helo: None,
            #[expect(clippy::expect_used, reason = "a constant, covered by every test of the defaults")]
            from: Mailbox { name: None, address: from.expect("is an address") },
            reply_to: None,
            concurrency: 4,
            per_second: None,
            unknown: UnknownPolicy::ResendOnce,
            max_attachment: ByteSize(10_000_000),
            redirect_to: None,
            only: Vec::new(),
            bounces: None,
            dkim: None,
        }
    }
}

/// Mail that is to be signed must not go out unsigned.
const WITHOUT_DKIM: &str = "needs a statementd that was built with \"cargo build --release --features dkim\", and this \
     one was not: build it so, or remove [mail.dkim]";

impl Mail {
    /// The server's port: the one set, or the usual one for `tls`.
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(match self.tls {
            Tls::Required => 465,
            Tls::StartTls => 587,
            Tls::None => 25,
        })
    }

    pub(super) fn check(&mut self, findings: &mut Findings) {
        if let Some(file) = &self.password_file {
            self.password = findings.read_secret("mail.password_file", file);
        }
        findings.readable("mail.ca_file", self.ca_file.as_ref());
        findings.readable("mail.dkim.key_file", self.dkim.as_ref().map(|dkim| &dkim.key_file));
        if self.dkim.is_some() && !cfg!(feature = "dkim") {
            findings.add("mail.dkim", WITHOUT_DKIM);
        }
        if self.transport == TransportKind::Smtp {
            self.check_smtp(findings);
        }
    }

    fn check_smtp(&self, findings: &mut Findings) {
        if self.host.is_none() {
            findings.add("mail.host", "must be set when mail.transport is \"smtp\"");
        }
        if self.from.address.as_str() == PLACEHOLDER_SENDER {
            findings.add("mail.from", "must be set to an address of yours when mail.transport is \"smtp\"");
        }
        let has_password = self.password.is_some() || self.password_file.is_some();
        if self.username.is_some() && !has_password {
            findings.add("mail.password", "must be set, or mail.password_file, when mail.username is");
        }
        if self.username.is_none() && has_password {
            findings.add("mail.username", "must be set when a password is");
        }
        let is_local = self.host.as_ref().is_some_and(Host::is_loopback);
        if self.tls == Tls::None && self.username.is_some() && !is_local {
            findings.add("mail.tls", "must not be \"none\" with a username: the password would travel readable");
        }
    }
}

impl Setting for Mailbox {
    const WANTED: &'static str = "an e-mail address in quotes, for example \"Statements <statements@example.com>\"";
}

impl Setting for Host {
    const WANTED: &'static str = "a host name in quotes";
}

impl Setting for MailDomain {
    const WANTED: &'static str = "a domain name in quotes, for example \"example.com\"";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_follows_the_encryption() {
        let port = |tls, port| Mail { port, tls, ..Mail::default() }.port();
        assert_eq!([port(Tls::Required, None), port(Tls::StartTls, None), port(Tls::None, None)], [465, 587, 25]);
        assert_eq!(port(Tls::Required, Some(2525)), 2525);
    }
}
