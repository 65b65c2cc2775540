//! A person's or an office's address with its name, as the header of a mail shows it.

use std::fmt;
use std::str::FromStr;

use super::{EmailAddress, Invalid, Name};

/// A mailbox as `a@b.example` or `Name <a@b.example>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    pub name: Option<Name>,
    pub address: EmailAddress,
}

impl FromStr for Mailbox {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        let Some(inside) = text.strip_suffix('>') else {
            return Ok(Self { name: None, address: text.parse()? });
        };
        let Some((name, address)) = inside.split_once('<') else {
            return Err(Invalid("is not an e-mail address: it has a > without a <".into()));
        };
        let name = name.trim();
        let name = name.strip_prefix('"').and_then(|name| name.strip_suffix('"')).unwrap_or(name);
        let name = if name.is_empty() { None } else { Some(name.parse::<Name>()?) };
        Ok(Self { name, address: address.parse()? })
    }
}

impl fmt::Display for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{name} <{}>", self.address),
            None => self.address.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mailbox_may_have_a_name() {
        let mailbox: Mailbox = "\"Facturation, Lyon\" <a@b.example>".parse().unwrap();
        assert_eq!(mailbox.name.as_ref().unwrap().as_str(), "Facturation, Lyon");
        assert_eq!(mailbox.address.as_str(), "a@b.example");
        for bad in ["", "a", "<a@b.example", "a@b.example>", "A\r\nBcc: x <a@b.example>", "A <a b@c.example>"] {
            assert!(bad.parse::<Mailbox>().is_err(), "{bad:?}");
        }
    }
}
