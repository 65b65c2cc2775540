//! `[[rerun]]`: a closed month, computed again because an administrator says so.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::findings::Findings;
use super::setting::{Setting, list, text};
use crate::domain::{AccountNumber, EmailAddress, Name, Period, RerunId, RerunSend, RerunState, RerunWhat};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rerun {
    /// Takes effect once, ever; part of archive keys.
    #[serde(with = "text")]
    pub id: RerunId,
    #[serde(with = "text")]
    pub period: Period,
    /// Empty means all of them.
    #[serde(with = "list", default)]
    pub accounts: Vec<AccountNumber>,
    /// Why, for the people who will ask; shown in reports and on revised statements.
    #[serde(with = "text")]
    pub reason: Name,
    #[serde(default)]
    pub state: RerunState,
    #[serde(default)]
    pub what: RerunWhat,
    #[serde(default)]
    pub send: RerunSend,
    /// Empty means those whom `send` means.
    #[serde(with = "list", default)]
    pub recipients: Vec<EmailAddress>,
}

impl Rerun {
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

impl Setting for RerunId {
    const WANTED: &'static str = "an id in quotes, for example \"2026-11-tariff-fix\"";
}
