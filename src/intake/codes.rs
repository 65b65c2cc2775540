//! Rows of billing codes that an account's people may give to conferences.

use super::faults::Faults;
use super::rooms::read_bool;
use super::{Kind, Known, Refusal, Row, Rows};
use crate::domain::{AccountCode, AccountNumber, CodeRow};

const COLUMNS: [&str; 2] = ["account_number", "code"];
const LABEL: &str = "label";
const ACTIVE: &str = "active";

/// Reads codes of accounts that exist.
#[derive(Debug)]
pub struct CodeRows<K> {
    pub known: K,
}

impl<K: Known> Rows for CodeRows<K> {
    type Entry = CodeRow;
    const KIND: Kind = Kind::Codes;
    const COLUMNS: &'static [&'static str] = &COLUMNS;
    const OPTIONAL: &'static [&'static str] = &[LABEL, ACTIVE];
    const KEY: &'static [&'static str] = &COLUMNS;
    const SUBJECT: &'static [&'static str] = &COLUMNS;

    fn read(&mut self, row: &Row<'_>) -> Result<CodeRow, Refusal> {
        let [account, code] = row.fields(&COLUMNS);
        let known = account.parse().and_then(|number: AccountNumber| {
            self.known.account(number.as_str()).ok_or_else(|| {
                account
                    .refuse(format!("account {number} is unknown: import it, then run \"statementd import retry\""))
            })
        });
        let mut faults = Faults::default();
        let active = row.optional_field(ACTIVE).filter(|active| !active.is_empty());
        let read = (
            faults.check(known),
            faults.check(code.parse()),
            faults.check(row.optional_field(LABEL).map_or(Ok(None), |label| label.optional())),
            faults.check(active.map_or(Ok(true), read_bool)),
        );
        let (Some(account), Some(code), Some(label), Some(active)) = read else {
            return Err(faults.into_refusal());
        };
        Ok(CodeRow { account, code: AccountCode { code, label, active } })
    }
}
