//! `[http]`: the daemon's health, metrics and status page.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::setting::{Setting, list, text};
use crate::domain::{Host, Invalid};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Http {
    #[serde(with = "text")]
    pub listen: Listen,
    /// The names, beside its addresses, for which the listener answers.
    #[serde(with = "list")]
    pub hosts: Vec<Host>,
    /// Where usage is posted to (`[[intake]] from = "http"`); `off`: to `listen`.
    #[serde(with = "text")]
    pub intake_listen: Listen,
}

impl Default for Http {
    fn default() -> Self {
        Self {
            listen: Listen::At(SocketAddr::from(([127, 0, 0, 1], 9464))),
            hosts: Vec::new(),
            intake_listen: Listen::Off,
        }
    }
}

/// An IP address with a port, or `off`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listen {
    At(SocketAddr),
    Off,
}

impl Setting for Listen {
    const WANTED: &'static str = "an address in quotes, as \"127.0.0.1:9464\"";
}

impl FromStr for Listen {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if text == "off" {
            return Ok(Self::Off);
        }
        let refuse = |_| Invalid("must be an IP address with a port, as \"127.0.0.1:9464\", or \"off\"".into());
        text.parse().map(Self::At).map_err(refuse)
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(address) => address.fmt(f),
            Self::Off => f.write_str("off"),
        }
    }
}
