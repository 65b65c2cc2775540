//! A mailbox address that is safe to put into a header and an SMTP command.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Invalid;

/// `local@domain`: printable ASCII before the @, a domain that has an IDNA form after it.
///
/// Kept as it was written; [`EmailAddress::ascii`] is the form for the wire. Personal data: never logged.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

/// Limits of RFC 5321, section 4.5.3.1.
const LONGEST_LOCAL_PART: usize = 64;
const LONGEST_ADDRESS: usize = 254;

impl EmailAddress {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// With the domain in its ASCII (punycode) form.
    pub fn ascii(&self) -> String {
        format!("{}@{}", self.split().0, self.ascii_domain())
    }

    /// The part after the @.
    pub fn domain(&self) -> &str {
        self.split().1
    }

    /// The part after the @, in its ASCII (punycode) form.
    pub fn ascii_domain(&self) -> String {
        let domain = self.domain();
        idna::domain_to_ascii(domain).unwrap_or_else(|_| domain.to_owned())
    }

    /// The form in which addresses compare: in lower case, the domain as ASCII.
    pub fn identity(&self) -> String {
        self.ascii().to_ascii_lowercase()
    }

    fn split(&self) -> (&str, &str) {
        self.0.rsplit_once('@').unwrap_or((&self.0, ""))
    }
}

impl FromStr for EmailAddress {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let refuse = |why: &str| Err(Invalid(format!("is not an e-mail address: {why}")));
        let Some((local, domain)) = text.rsplit_once('@') else {
            return refuse("it has no @");
        };
        if local.is_empty() || local.len() > LONGEST_LOCAL_PART || text.len() > LONGEST_ADDRESS {
            return refuse("the part before the @ is empty or too long");
        }
        if !local.bytes().all(is_atom_byte) || local.starts_with('.') || local.ends_with('.') || local.contains("..")
        {
            return refuse("the part before the @ holds a character that is not allowed there");
        }
        let usable = idna::domain_to_ascii_strict(domain)
            .is_ok_and(|ascii| ascii.contains('.') && !ascii.starts_with('.') && !ascii.ends_with('.'));
        if !usable && domain != "localhost" {
            return refuse("the part after the @ is not a domain name");
        }
        Ok(Self(text.to_owned()))
    }
}

/// RFC 5322 `atext` and the dot.
fn is_atom_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&byte)
}

impl TryFrom<String> for EmailAddress {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        text.parse()
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.0
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn international_domains_have_a_wire_form() {
        let address: EmailAddress = "compta@société.example".parse().unwrap();
        assert_eq!(address.ascii(), "compta@xn--socit-esab.example");
        assert_eq!(address.ascii_domain(), "xn--socit-esab.example");
        assert_eq!(address.as_str(), "compta@société.example");
    }

    #[test]
    fn nothing_that_could_inject_a_header_is_an_address() {
        for hostile in [
            "",
            "a",
            "@b.example",
            "a@",
            "a b@c.example",
            "a@b\r\nBcc: x@y.example",
            "a\r\n@b.example",
            "a@b.example>",
            "<a@b.example",
            "a,b@c.example",
            "a@b@",
            "é@b.example",
            ".a@b.example",
            "a@.example",
        ] {
            assert!(hostile.parse::<EmailAddress>().is_err(), "{hostile:?}");
        }
    }
}
