//! Who and where, in the words of mail: senders, hosts, domains.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use super::setting::Setting;
use crate::domain::{Invalid, Name};
use crate::mail::Mailbox;

/// A mailbox as `a@b.example` or `Name <a@b.example>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender(pub Mailbox);

impl Sender {
    pub fn mailbox(&self) -> Mailbox {
        self.0.clone()
    }
}

impl Setting for Sender {
    const WANTED: &'static str = "an e-mail address in quotes, as \"Statements <statements@example.com>\"";
}

impl FromStr for Sender {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        let Some(inside) = text.strip_suffix('>') else {
            return Ok(Self(Mailbox { name: None, address: text.parse()? }));
        };
        let Some((name, address)) = inside.split_once('<') else {
            return Err(Invalid("is not an e-mail address: it has a > without a <".into()));
        };
        let name = name.trim();
        let name = name.strip_prefix('"').and_then(|name| name.strip_suffix('"')).unwrap_or(name);
        let name = if name.is_empty() { None } else { Some(name.parse::<Name>()?) };
        Ok(Self(Mailbox { name, address: address.parse()? }))
    }
}

impl fmt::Display for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.name {
            Some(name) => write!(f, "{name} <{}>", self.0.address),
            None => self.0.address.fmt(f),
        }
    }
}

/// A host name or IP address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host(String);

impl Host {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is certainly this machine.
    pub fn is_loopback(&self) -> bool {
        self.0 == "localhost" || self.0.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

impl Setting for Host {
    const WANTED: &'static str = "a host name in quotes";
}

impl FromStr for Host {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if text.parse::<IpAddr>().is_err() && !is_domain(text) {
            return Err(Invalid("is not a host name or IP address (the port has its own key)".into()));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What stands after the @ of an address, or a DKIM selector, which has the same form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailDomain(String);

impl MailDomain {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its form for the wire (punycode).
    pub fn ascii(&self) -> String {
        idna::domain_to_ascii(&self.0).unwrap_or_else(|_| self.0.clone())
    }
}

impl Setting for MailDomain {
    const WANTED: &'static str = "a domain name in quotes, as \"example.com\"";
}

impl FromStr for MailDomain {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if is_domain(text) { Ok(Self(text.to_owned())) } else { Err(Invalid("is not a domain name".into())) }
    }
}

impl fmt::Display for MailDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_domain(text: &str) -> bool {
    idna::domain_to_ascii_strict(text)
        .is_ok_and(|ascii| !ascii.is_empty() && !ascii.starts_with('.') && !ascii.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_may_have_a_name() {
        let sender: Sender = "\"Facturation, Lyon\" <a@b.example>".parse().unwrap();
        assert_eq!(sender.0.name.as_ref().unwrap().as_str(), "Facturation, Lyon");
        assert_eq!(sender.0.address.as_str(), "a@b.example");
        for bad in ["", "a", "<a@b.example", "a@b.example>", "A\r\nBcc: x <a@b.example>", "A <a b@c.example>"] {
            assert!(bad.parse::<Sender>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_host_is_not_a_url_or_a_host_with_port() {
        for bad in ["", "smtp://mail.example", "mail.example:25", "mail example", ".example"] {
            assert!(bad.parse::<Host>().is_err(), "{bad}");
        }
        for good in ["mail.example", "127.0.0.1", "::1", "localhost"] {
            assert!(good.parse::<Host>().is_ok(), "{good}");
        }
    }
}
