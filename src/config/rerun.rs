//! `[[rerun]]`: a closed month, computed again because an administrator says so.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::findings::Findings;
use super::setting::{Setting, list, text};
use crate::digest::sha256_hex;
use crate::domain::{AccountNumber, Invalid, Name, Period};

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
    pub send: RerunSend,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RerunState {
    /// Report what would change, and do nothing.
    #[default]
    Rehearse,
    Apply,
}

/// Who gets the new revisions by mail.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RerunSend {
    None,
    /// Recipients of statements that changed.
    #[default]
    Changed,
    All,
}

impl Rerun {
    /// A hash over everything but `id` and `state`: the same id with another hash is an error.
    pub fn content_digest(&self) -> String {
        let accounts: BTreeSet<&str> = self.accounts.iter().map(AccountNumber::as_str).collect();
        let content = serde_json::json!([self.period, accounts, self.reason, self.send]);
        sha256_hex(content.to_string().as_bytes())
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

    fn rerun() -> Rerun {
        Rerun {
            id: "2026-11-tariff-fix".parse().unwrap(),
            period: "2026-10".parse().unwrap(),
            accounts: vec!["602127".parse().unwrap(), "602128".parse().unwrap()],
            reason: "tariff of October mended".parse().unwrap(),
            state: RerunState::Rehearse,
            send: RerunSend::Changed,
        }
    }

    #[test]
    fn moving_to_apply_or_ordering_accounts_keeps_the_content() {
        let mut applied = Rerun { state: RerunState::Apply, ..rerun() };
        applied.accounts.reverse();
        assert_eq!(applied.content_digest(), rerun().content_digest());
    }

    #[test]
    fn every_other_difference_is_another_content() {
        let digest = rerun().content_digest();
        assert_ne!(Rerun { period: "2026-09".parse().unwrap(), ..rerun() }.content_digest(), digest);
        assert_ne!(Rerun { accounts: Vec::new(), ..rerun() }.content_digest(), digest);
        assert_ne!(Rerun { reason: "other".parse().unwrap(), ..rerun() }.content_digest(), digest);
        assert_ne!(Rerun { send: RerunSend::All, ..rerun() }.content_digest(), digest);
    }

    #[test]
    fn an_id_cannot_leave_its_folder() {
        for bad in ["", "..", "../x", "a/b", ".hidden", "é", "a b"] {
            assert!(bad.parse::<RerunId>().is_err(), "{bad}");
        }
    }
}
