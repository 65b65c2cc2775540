//! Which server, and how to talk to it; from `[mail]`.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

use crate::domain::{Host, Tls};

#[derive(Debug, Clone)]
pub struct SmtpSettings {
    pub host: Host,
    pub port: u16,
    pub tls: Tls,
    /// With a password: the server must offer AUTH PLAIN or LOGIN.
    pub username: Option<String>,
    pub password: Option<SecretString>,
    /// PEM certificates that are trusted instead of the system's.
    pub ca_file: Option<PathBuf>,
    /// The name in EHLO; by default this machine's.
    pub helo: Option<String>,
    pub waits: Waits,
}

/// How long the server may take for each step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waits {
    /// To connect, encrypt and greet.
    pub connect: Duration,
    /// To answer a command.
    pub command: Duration,
    /// To answer DATA.
    pub data: Duration,
    /// To take a block of the body.
    pub block: Duration,
    /// To answer the final dot. Waiting too short here makes duplicates.
    pub after_dot: Duration,
}

/// The longest wait for a step when a server is only checked.
const SHORT: Duration = Duration::from_secs(15);

impl Waits {
    /// For a look at a server, during which someone waits.
    pub fn short() -> Self {
        Self { connect: SHORT, command: SHORT, data: SHORT, block: SHORT, after_dot: SHORT }
    }
}

impl Default for Waits {
    /// RFC 5321, section 4.5.3.2.
    fn default() -> Self {
        Self {
            connect: Duration::from_mins(5),
            command: Duration::from_mins(5),
            data: Duration::from_mins(2),
            block: Duration::from_mins(3),
            after_dot: Duration::from_mins(10),
        }
    }
}
