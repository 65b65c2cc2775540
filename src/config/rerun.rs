//! `[[rerun]]`: a closed month, computed again because an administrator says so.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::findings::Findings;
use super::setting::{Setting, list, text};
use crate::domain::{AccountNumber, EmailAddress, Invalid, Name, Period};
use crate::jobs::{RerunOrder, RerunSend, RerunState, RerunWhat};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rerun {
    /// Takes effect once, ever; part of archive keys.
    #[serde(with = "text")]
    pub id: RerunId,
    #[serde(with = "text")]
    pub period: Period,
    /// None named: all of them.
    #[serde(with = "list", default)]
    pub accounts: Vec<AccountNumber>,
    /// Why, for the people who will ask; stands in reports and on revised statements.
    #[serde(with = "text")]
    pub reason: Name,
    #[serde(default)]
    pub state: RerunState,
    #[serde(default)]
    pub what: RerunWhat,
    #[serde(default)]
    pub send: RerunSend,
    /// None named: whoever `send` means.
    #[serde(with = "list", default)]
    pub recipients: Vec<EmailAddress>,
}

impl Rerun {
    pub fn order(&self) -> RerunOrder {
        RerunOrder {
            id: self.id.to_string(),
            period: self.period,
            accounts: self.accounts.clone(),
            reason: self.reason.to_string(),
            state: self.state,
            what: self.what,
            send: self.send,
            recipients: self.recipients.clone(),
        }
    }

    pub(super) fn check_all(reruns: &[Self], findings: &mut Findings) {
        let mut seen = BTreeSet::new();
        for (index, rerun) in reruns.iter().enumerate() {
            if !seen.insert(rerun.id.as_str()) {
                let why = "stands in two [[rerun]] tables: each needs an id of its own";
                findings.add_at(&["rerun", &index.to_string(), "id"], why);
            }
        }
    }
}

/// 1 to 64 letters, digits, `-`, `_` or `.`, as `2026-11-tariff-fix`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RerunId(String);

impl RerunId {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Setting for RerunId {
    const WANTED: &'static str = "an id in quotes, as \"2026-11-tariff-fix\"";
}

impl FromStr for RerunId {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if text.is_empty() || text.len() > 64 || text.starts_with('.') || !text.bytes().all(allowed) {
            return Err(Invalid("must be 1 to 64 letters, digits, '-', '_' or '.', not beginning with '.'".into()));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for RerunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_cannot_leave_its_folder() {
        for bad in ["", "..", "../x", "a/b", ".hidden", "é", "a b"] {
            assert!(bad.parse::<RerunId>().is_err(), "{bad}");
        }
    }
}
