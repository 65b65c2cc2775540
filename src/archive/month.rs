//! The manifest of a whole month: one digest pins every file of it.
//!
//! It names the manifest of every published revision, and those name every file with its SHA-256. No time and no
//! state of delivery is in it: from the same statements it is the same bytes.

use serde::{Deserialize, Serialize};

use crate::digest::Sha256;
use crate::domain::{AccountNumber, Period};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthManifest {
    pub schema: String,
    pub period: Period,
    /// Ordered by account and revision.
    pub statements: Vec<PinnedStatement>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PinnedStatement {
    pub account: AccountNumber,
    pub revision: u32,
    pub manifest_sha256: Sha256,
}

impl MonthManifest {
    pub fn new(period: Period, mut statements: Vec<PinnedStatement>) -> Self {
        statements.sort_by(|a, b| (&a.account, a.revision).cmp(&(&b.account, b.revision)));
        Self { schema: "statementd-month/1".into(), period, statements }
    }

    /// One line per statement, so that two months compare with any `diff`.
    pub fn to_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        let lines: Vec<_> = self.statements.iter().map(serde_json::to_string).collect::<Result<_, _>>()?;
        let separator = if lines.is_empty() { "" } else { "\n" };
        let (schema, period) = (serde_json::to_string(&self.schema)?, serde_json::to_string(&self.period)?);
        let statements = lines.join(",\n");
        Ok(format!("{{\"schema\":{schema},\"period\":{period},\"statements\":[\n{statements}{separator}]}}\n")
            .into_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pinned(account: &str, revision: u32) -> PinnedStatement {
        PinnedStatement { account: account.parse().unwrap(), revision, manifest_sha256: Sha256::of(b"manifest") }
    }

    #[test]
    fn the_bytes_are_json_and_do_not_depend_on_the_order_of_closing() {
        let period = "2009-05".parse().unwrap();
        let one = MonthManifest::new(period, vec![pinned("602127", 2), pinned("602127", 1), pinned("100", 1)]);
        let other = MonthManifest::new(period, vec![pinned("100", 1), pinned("602127", 1), pinned("602127", 2)]);
        let bytes = one.to_bytes().unwrap();
        assert_eq!(bytes, other.to_bytes().unwrap());
        assert_eq!(serde_json::from_slice::<MonthManifest>(&bytes).unwrap(), one);
        assert_eq!(String::from_utf8(bytes).unwrap().lines().count(), 5);
    }

    #[test]
    fn a_month_without_statements_is_json_too() {
        let empty = MonthManifest::new("2009-05".parse().unwrap(), Vec::new());
        assert_eq!(serde_json::from_slice::<MonthManifest>(&empty.to_bytes().unwrap()).unwrap(), empty);
    }
}
