//! Finding accounts by what people know of them: a number, a part of a name, a room, a cardholder, an address.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::domain::{AccountNumber, Amount, Currency, Period};
use crate::store::engine::decode::{parse, parse_optional};
use crate::store::engine::lists::{list, list_sql};
use crate::store::{Key, Staff, StoreError, fetch, record};

/// Words of a search that count.
const MOST_WORDS: usize = 6;

/// An account as a list of accounts shows it.
#[derive(Debug, Clone)]
pub struct FoundAccount {
    pub key: Key,
    pub account: AccountNumber,
    pub company: String,
    pub owner_emails: Vec<String>,
    /// Of the newest month that has a statement.
    pub newest: Option<(Period, Currency, Amount)>,
    /// Today.
    pub rooms: u64,
}

record! {
    struct FoundRecord {
        account_key: Key,
        account_number: String,
        company: String,
        owner_emails: String,
        period: Option<String>,
        currency: Option<String>,
        charge: Option<i64>,
        rooms: i64,
    }
}

/// The search index of accounts; one serves all requests until accounts or rooms change.
///
/// In the engines a search would read all rows each time: no index has parts of words, and they know capitals of
/// ASCII only.
#[derive(Debug)]
pub struct AccountIndex {
    /// See [`Usage::master_changes`](crate::store::Usage::master_changes).
    changes: i64,
    /// By number.
    numbers: Vec<(Key, String)>,
    /// The folded texts of all accounts and rows of rooms, one after the other, separated by line ends, which no
    /// search contains.
    texts: String,
    /// Where each text ends, and whose it is.
    ends: Vec<(usize, Key)>,
}

impl Staff<'_> {
    /// The texts by which accounts are found; they include earlier cardholders.
    pub async fn account_index(&mut self) -> Result<AccountIndex, StoreError> {
        const TEXTS: &str = "SELECT account_key, account_number || '\n' || company || '\n' || owner_emails
                    || '\n' || COALESCE(owner_name, '') || '\n' FROM account
             UNION ALL
             SELECT w.account_key, r.room_number || '\n' || w.cardholder || '\n' || COALESCE(w.cardholder_email, '') || '\n'
             FROM room_row w JOIN room r ON r.room_key = w.room_key";
        const NUMBERS: &str = "SELECT account_key, account_number FROM account ORDER BY account_number";
        let changes = self.tx.usage().master_changes().await?;
        let numbers = fetch!(all, self.tx, sqlx::query_as::<_, (Key, String)>(NUMBERS));
        let rows = fetch!(all, self.tx, sqlx::query_as::<_, (Key, String)>(TEXTS));
        Ok(AccountIndex::of(changes, numbers, rows))
    }

    /// All accounts by number, as (key, number, company).
    pub async fn account_names(&mut self) -> Result<Vec<(Key, String, String)>, StoreError> {
        const SQL: &str = "SELECT account_key, account_number, company FROM account ORDER BY account_number";
        Ok(fetch!(all, self.tx, sqlx::query_as::<_, (Key, String, String)>(SQL)))
    }

    /// These accounts, by number.
    pub async fn found_accounts(&mut self, keys: &[Key], now: i64) -> Result<Vec<FoundAccount>, StoreError> {
        const SQL: &str =
            "SELECT a.account_key, a.account_number, a.company, a.owner_emails, s.period, s.currency, s.charge,
                    (SELECT COUNT(*) FROM room_row w WHERE w.account_key = a.account_key AND w.active
                     AND w.starts_at <= $2 AND w.ends_at > $2) AS rooms
             FROM {list}
             CROSS JOIN account a
             LEFT JOIN statement s ON s.account_key = a.account_key AND s.is_current AND s.period = (
                 SELECT MAX(n.period) FROM statement n WHERE n.account_key = a.account_key AND n.is_current)
             WHERE a.account_key = CAST(item.value ->> 0 AS BIGINT) ORDER BY a.account_number";
        let keys = list(keys.iter().map(|key| (key,)))?;
        let sql = list_sql(self.tx, SQL);
        let records = fetch!(all, self.tx, sqlx::query_as::<_, FoundRecord>(sql).bind(keys.as_str()).bind(now));
        records.into_iter().map(FoundAccount::try_from).collect()
    }
}

impl AccountIndex {
    fn of(changes: i64, numbers: Vec<(Key, String)>, rows: Vec<(Key, String)>) -> Self {
        let mut texts = String::with_capacity(rows.iter().map(|(_, text)| text.len()).sum());
        let mut ends = Vec::with_capacity(rows.len());
        for (account, text) in rows {
            texts.push_str(&folded(&text));
            ends.push((texts.len(), account));
        }
        Self { changes, numbers, texts, ends }
    }

    /// Whether the index is still valid after so many changes.
    pub fn is_of(&self, changes: i64) -> bool {
        self.changes == changes
    }

    /// All accounts by number.
    pub fn numbers(&self) -> &[(Key, String)] {
        &self.numbers
    }

    /// The accounts in which every word of `search` is found: in the account itself or in one of its rooms. Capitals
    /// are not told from small letters, in any script.
    pub fn matching(&self, search: &str) -> BTreeSet<Key> {
        let found = words(search).iter().map(|word| self.with(&folded(word))).collect::<Vec<_>>();
        found.into_iter().reduce(|found, keys| found.intersection(&keys).copied().collect()).unwrap_or_default()
    }

    fn with(&self, word: &str) -> BTreeSet<Key> {
        let mut found = BTreeSet::new();
        let mut from = 0;
        while let Some(at) = self.texts[from..].find(word) {
            let row = self.ends.partition_point(|(end, _)| *end <= from + at);
            let Some((end, account)) = self.ends.get(row) else { break };
            found.insert(*account);
            from = *end;
        }
        found
    }
}

/// What is searched for; digits in groups are one number.
fn words(search: &str) -> Vec<String> {
    let joined: String = search.split_whitespace().collect();
    if !joined.is_empty() && joined.bytes().all(|byte| byte.is_ascii_digit()) {
        return vec![joined];
    }
    search.split_whitespace().take(MOST_WORDS).map(str::to_owned).collect()
}

/// Anywhere in an address that an engine made small; addresses are written in ASCII, nearly all of them.
pub(super) fn anywhere(text: &str) -> String {
    let text = text.to_lowercase().replace('!', "!!").replace('%', "!%").replace('_', "!_");
    format!("%{text}%")
}

/// Without a difference between capitals and small letters: `STRASSE`, `Straße` and `strasse` are the same.
fn folded(text: &str) -> Cow<'_, str> {
    match text {
        text if text.is_ascii() => text.to_ascii_lowercase().into(),
        text => text.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect(),
    }
}

impl TryFrom<FoundRecord> for FoundAccount {
    type Error = StoreError;

    fn try_from(record: FoundRecord) -> Result<Self, StoreError> {
        let row = record.account_number.as_str();
        let period = parse_optional("statement", row, "period", record.period.as_deref())?;
        let currency = parse_optional("statement", row, "currency", record.currency.as_deref())?;
        Ok(Self {
            key: record.account_key,
            account: parse("account", row, "account_number", row)?,
            newest: match (period, currency, record.charge) {
                (Some(period), Some(currency), Some(charge)) => Some((period, currency, Amount(charge))),
                _ => None,
            },
            company: record.company,
            owner_emails: record.owner_emails.split(';').filter(|it| !it.is_empty()).map(str::to_owned).collect(),
            rooms: record.rooms.cast_unsigned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(rows: &[(Key, &str)]) -> AccountIndex {
        AccountIndex::of(0, Vec::new(), rows.iter().map(|(key, text)| (*key, format!("{text}\n"))).collect())
    }

    #[test]
    fn numbers_are_found_however_they_are_grouped_and_nothing_typed_is_a_pattern() {
        assert_eq!(words("33 27 03"), ["332703"]);
        assert_eq!(words(" Ballester  phoenix "), ["Ballester", "phoenix"]);
        let index = index(&[(1, "602127\n50% off_x"), (2, "332703\nfifty"), (1, "332703")]);
        assert_eq!(index.matching("33 27 03"), [1, 2].into());
        assert_eq!(index.matching("_% x_"), BTreeSet::new());
        assert_eq!(index.matching("0% f_x"), [1].into());
        assert_eq!(index.matching(""), BTreeSet::new());
    }

    #[test]
    fn every_word_is_in_the_same_account_and_no_word_reaches_into_the_next_row() {
        let index = index(&[(1, "Phoenix\na@x.example"), (1, "Leo"), (2, "Phoenix"), (3, "eo"), (4, "Leonie")]);
        assert_eq!(index.matching("leo phoenix"), [1].into());
        assert_eq!(index.matching("eo"), [1, 3, 4].into());
        assert_eq!(index.matching("phoenixa"), BTreeSet::new());
        assert_eq!(index.matching("examplel"), BTreeSet::new());
    }

    #[test]
    fn capitals_of_any_script_are_found_by_small_letters_and_the_other_way_round() {
        let index = index(&[(1, "Straße"), (2, "STRASSE"), (3, "énergie Ωμέγας")]);
        for same in ["strasse", "STRASSE", "straße", "sse"] {
            assert_eq!(index.matching(same), [1, 2].into(), "{same}");
        }
        assert_eq!(index.matching("ÉNERGIE ωμέγασ"), [3].into());
    }
}
