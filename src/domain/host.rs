//! Hosts and domains, as settings of mail and of listeners name them.

use std::borrow::Borrow;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Invalid;
use super::ids::checked_text;

checked_text!(
    /// A host name or IP address.
    Host, host_text);
checked_text!(
    /// The part after the @ of an address, or a DKIM selector, which has the same form.
    MailDomain, domain_text);

impl Host {
    /// Whether it is certainly this machine.
    pub fn is_loopback(&self) -> bool {
        self.as_str() == "localhost" || self.as_str().parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

impl MailDomain {
    /// Its form for the wire (punycode).
    pub fn ascii(&self) -> String {
        idna::domain_to_ascii(self.as_str()).unwrap_or_else(|_| self.as_str().to_owned())
    }
}

fn host_text(text: &str) -> Result<(), Invalid> {
    if text.parse::<IpAddr>().is_err() && !is_domain(text) {
        return Err(Invalid("is not a host name or IP address (the port has its own key)".into()));
    }
    Ok(())
}

fn domain_text(text: &str) -> Result<(), Invalid> {
    if is_domain(text) { Ok(()) } else { Err(Invalid("is not a domain name".into())) }
}

fn is_domain(text: &str) -> bool {
    idna::domain_to_ascii_strict(text)
        .is_ok_and(|ascii| !ascii.is_empty() && !ascii.starts_with('.') && !ascii.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

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
