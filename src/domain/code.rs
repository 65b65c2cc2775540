//! How an account uses billing codes.

use std::collections::{BTreeSet, HashMap};

use super::{AccountNumber, BillingCode, ConferenceId, Line, Name, Period, RoomNumber};

/// Conferences whose codes were changed online, each with the code that it has now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CodesNow(HashMap<ConferenceName, Option<BillingCode>>);

/// A conference in one of an account's months; the same one may be there once more as carried from an earlier month.
type ConferenceName = (RoomNumber, ConferenceId, Option<Period>);

impl CodesNow {
    /// The code that a line of the statement would have now.
    pub fn of<'a>(&'a self, line: &'a Line) -> Option<&'a BillingCode> {
        if self.0.is_empty() {
            return line.billing_code.as_ref();
        }
        let name = (line.room.clone(), line.conference_id.clone(), line.late_from);
        self.0.get(&name).map_or(line.billing_code.as_ref(), Option::as_ref)
    }

    /// Whether the line's code is another one than on the statement.
    pub fn differs(&self, line: &Line) -> bool {
        self.of(line) != line.billing_code.as_ref()
    }

    /// The newest change of these conferences.
    pub fn rooms(&self) -> BTreeSet<&RoomNumber> {
        self.0.keys().map(|(room, ..)| room).collect()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What may be given, and by whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodePolicy {
    /// Only codes of the account's list; else any.
    pub is_listed: bool,
    /// Conferences without a code are marked.
    pub is_required: bool,
    /// Cardholders may assign codes to conferences of their rooms.
    pub cardholders_assign: bool,
}

/// A code that an account knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountCode {
    pub code: BillingCode,
    /// What it means.
    pub label: Option<Name>,
    /// Whether it can still be assigned.
    pub active: bool,
}

/// A row of a file of codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeRow {
    pub account: AccountNumber,
    pub code: AccountCode,
}

impl FromIterator<(ConferenceName, Option<BillingCode>)> for CodesNow {
    fn from_iter<T: IntoIterator<Item = (ConferenceName, Option<BillingCode>)>>(codes: T) -> Self {
        Self(codes.into_iter().collect())
    }
}

impl Default for CodePolicy {
    fn default() -> Self {
        Self { is_listed: false, is_required: false, cardholders_assign: true }
    }
}

impl AccountCode {
    /// Whether `other` differs from this code only in case and blanks, and so is most likely mistyped.
    pub fn is_almost(&self, other: &BillingCode) -> bool {
        let plain = |code: &BillingCode| {
            code.as_str().chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect::<String>()
        };
        self.code != *other && plain(&self.code) == plain(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_that_differs_in_case_or_blanks_is_almost_the_same() {
        let known = AccountCode { code: "P 17".parse().unwrap(), label: None, active: true };
        for (other, almost) in [("p17", true), ("P 17", false), ("P-17", false), ("P18", false)] {
            assert_eq!(known.is_almost(&other.parse().unwrap()), almost, "{other}");
        }
    }
}
