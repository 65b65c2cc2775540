//! Who causes what a job does, and how it is written down.

use std::fmt;

use crate::domain::{AccountNumber, Period};
use crate::jobs::Context;
use crate::store::{NewAuditEntry, StoreError, Tx};

/// Who or what a job works for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// The daemon, by itself.
    Tick,
    /// A person at a command line, by the name of the user.
    Command { user: String },
    /// The configuration, by the id of a `[[rerun]]`.
    Rerun { id: String },
}

impl Actor {
    /// Whoever runs this process, as the environment says.
    pub fn at_the_command_line() -> Self {
        let named = ["USER", "LOGNAME"].into_iter().find_map(|name| std::env::var(name).ok());
        let user = named.filter(|user| !user.is_empty()).unwrap_or_else(|| "unknown user".into());
        Self::Command { user }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tick => f.write_str("tick"),
            Self::Command { user } => write!(f, "command ({user})"),
            Self::Rerun { id } => write!(f, "rerun {id}"),
        }
    }
}

/// What happened to what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Effect<'a> {
    /// A stable word.
    pub action: &'static str,
    pub account: &'a AccountNumber,
    pub period: Period,
    pub revision: Option<u32>,
    /// For people; holds no name and no address.
    pub detail: Option<&'a str>,
}

/// Writes an effect down, in the transaction that brings it about.
pub(crate) async fn audit(context: &Context, tx: &mut Tx, effect: Effect<'_>) -> Result<(), StoreError> {
    let Effect { action, account, period, revision, detail } = effect;
    let (at, actor) = (context.clock.now(), context.actor.to_string());
    tx.audit(&NewAuditEntry { at, actor: &actor, action, account, period: Some(period), revision, detail }).await
}

/// As a detail: how many messages an effect concerned.
pub(crate) fn messages(count: usize) -> String {
    format!("{count} {}", if count == 1 { "message" } else { "messages" })
}
