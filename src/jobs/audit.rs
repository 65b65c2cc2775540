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
    /// The user who runs this process, as the environment says; under sudo and doas the one who called them.
    pub fn at_the_command_line() -> Self {
        let user = user_named_by(|name| std::env::var(name).ok().filter(|user| !user.is_empty()));
        Self::Command { user }
    }
}

fn user_named_by(environment: impl Fn(&str) -> Option<String>) -> String {
    let called = ["SUDO_USER", "DOAS_USER"].into_iter().find_map(&environment).filter(|user| user != "root");
    let runs = ["USER", "LOGNAME"].into_iter().find_map(&environment);
    match (called, runs) {
        (Some(called), Some(runs)) if called != runs => format!("{called} as {runs}"),
        (Some(user), _) | (None, Some(user)) => user,
        (None, None) => "unknown user".into(),
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
    let account = Some(account);
    tx.audit(&NewAuditEntry { at, actor: &actor, action, account, period: Some(period), revision, detail }).await
}

/// As [`audit`], for what concerns no single account or month.
pub(crate) async fn audit_overall(
    context: &Context,
    tx: &mut Tx,
    action: &'static str,
    detail: Option<&str>,
) -> Result<(), StoreError> {
    let (at, actor) = (context.clock.now(), context.actor.to_string());
    tx.audit(&NewAuditEntry { at, actor: &actor, action, account: None, period: None, revision: None, detail }).await
}

/// As a detail: how many messages an effect concerned.
pub(crate) fn messages(count: usize) -> String {
    format!("{count} {}", if count == 1 { "message" } else { "messages" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn under_sudo_the_person_is_named_and_not_only_the_account_of_the_service() {
        let named = |pairs: &[(&str, &str)]| {
            let known: Vec<_> = pairs.iter().map(|(name, user)| (name.to_string(), user.to_string())).collect();
            user_named_by(|name| known.iter().find(|(known, _)| known == name).map(|(_, user)| user.clone()))
        };
        assert_eq!(named(&[("USER", "statementd"), ("SUDO_USER", "alice")]), "alice as statementd");
        assert_eq!(named(&[("LOGNAME", "statementd")]), "statementd");
        assert_eq!(named(&[("USER", "statementd"), ("SUDO_USER", "root")]), "statementd");
        assert_eq!(named(&[("USER", "alice"), ("SUDO_USER", "alice")]), "alice");
        assert_eq!(named(&[]), "unknown user");
    }
}
