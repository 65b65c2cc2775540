//! What a `[[rerun]]` asks for.

use crate::digest::sha256_hex;
use crate::domain::{AccountNumber, EmailAddress, Period, RerunId, RerunSend, RerunState, RerunWhat};

/// A closed month that is to be computed, rendered or sent again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RerunOrder {
    pub id: RerunId,
    pub period: Period,
    /// Empty: all whose month has closed.
    pub accounts: Vec<AccountNumber>,
    /// For the report and the audit.
    pub reason: String,
    pub state: RerunState,
    pub what: RerunWhat,
    pub send: RerunSend,
    /// Only these recipients; empty: all that `send` means.
    pub recipients: Vec<EmailAddress>,
}

impl RerunOrder {
    /// A hash of everything but the state: moving from rehearsing to applying is the same rerun.
    pub fn content(&self) -> String {
        let mut accounts: Vec<&str> = self.accounts.iter().map(AccountNumber::as_str).collect();
        accounts.sort_unstable();
        let mut recipients: Vec<&str> = self.recipients.iter().map(EmailAddress::as_str).collect();
        recipients.sort_unstable();
        let content = serde_json::json!([self.period, accounts, self.reason, self.what, self.send, recipients]);
        sha256_hex(content.to_string().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(state: RerunState, reason: &str, accounts: &[&str]) -> RerunOrder {
        RerunOrder {
            id: "2026-11-tariff-fix".parse().unwrap(),
            period: "2026-10".parse().unwrap(),
            accounts: accounts.iter().map(|account| account.parse().unwrap()).collect(),
            reason: reason.into(),
            state,
            what: RerunWhat::Figures,
            send: RerunSend::Changed,
            recipients: Vec::new(),
        }
    }

    #[test]
    fn moving_from_rehearsing_to_applying_is_the_same_content_and_nothing_else_is() {
        let rehearsed = order(RerunState::Rehearse, "tariff", &["1", "2"]).content();
        assert_eq!(order(RerunState::Apply, "tariff", &["2", "1"]).content(), rehearsed);
        assert_ne!(order(RerunState::Apply, "other", &["1", "2"]).content(), rehearsed);
        assert_ne!(order(RerunState::Apply, "tariff", &["1"]).content(), rehearsed);
    }
}
