//! Finding accounts by what people know of them: a number, a part of a name, a room, a cardholder, an address.

use std::collections::BTreeSet;

use sqlx::AssertSqlSafe;

use crate::domain::{AccountNumber, Amount, Currency, Period};
use crate::store::engine::decode::{parse, parse_optional};
use crate::store::engine::lists::{list, list_sql};
use crate::store::{Key, StoreError, Tx, fetch, record};

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

impl Tx {
    /// The accounts in which every word of `search` is found: in the account itself or in one of its rooms, those of
    /// earlier cardholders included. Capitals are not told from small letters, in any script.
    pub async fn accounts_matching(&mut self, search: &str) -> Result<BTreeSet<Key>, StoreError> {
        let mut found: Option<BTreeSet<Key>> = None;
        for word in words(search) {
            let keys = self.accounts_with(&folded(&word)).await?;
            found = Some(match found {
                Some(found) => found.intersection(&keys).copied().collect(),
                None => keys,
            });
        }
        Ok(found.unwrap_or_default())
    }

    async fn accounts_with(&mut self, word: &str) -> Result<BTreeSet<Key>, StoreError> {
        // One text per row: what is searched for holds no line's end.
        const TEXTS: &str =
            "SELECT account_key AS found_key, account_number || '\n' || company || '\n' || owner_emails
                    || '\n' || COALESCE(owner_name, '') AS texts FROM account
             UNION ALL
             SELECT w.account_key, r.room_number || '\n' || w.cardholder || '\n' || COALESCE(w.cardholder_email, '')
             FROM room_row w JOIN room r ON r.room_key = w.room_key";
        let (pattern, is_exact) = pattern(word);
        let columns = if is_exact { "found_key, ''" } else { "found_key, texts" };
        let sql = format!("SELECT DISTINCT {columns} FROM ({TEXTS}) AS t WHERE lower(texts) LIKE $1 ESCAPE '!'");
        let rows = fetch!(all, self, sqlx::query_as::<_, (Key, String)>(AssertSqlSafe(sql)).bind(pattern));
        let is_it = |texts: &str| is_exact || folded(texts).contains(word);
        Ok(rows.into_iter().filter(|(_, texts)| is_it(texts)).map(|(key, _)| key).collect())
    }

    /// All accounts by number, as (key, number, company).
    pub async fn account_names(&mut self) -> Result<Vec<(Key, String, String)>, StoreError> {
        const SQL: &str = "SELECT account_key, account_number, company FROM account ORDER BY account_number";
        Ok(fetch!(all, self, sqlx::query_as::<_, (Key, String, String)>(SQL)))
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
        let sql = list_sql(self, SQL);
        let records = fetch!(all, self, sqlx::query_as::<_, FoundRecord>(sql).bind(keys.as_str()).bind(now));
        records.into_iter().map(FoundAccount::try_from).collect()
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
fn folded(text: &str) -> String {
    text.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

/// What the engines look for, which know capitals of ASCII only, and whether that is all there is to it; false: they find more
/// than the word. Takes a folded word.
fn pattern(word: &str) -> (String, bool) {
    // Half of ß may be an s at either end, and both of it are two of them inside.
    let is_open = |at: usize, c: char| {
        let is_end = at == 0 || at + c.len_utf8() == word.len();
        !c.is_ascii() || (c == 's' && (is_end || word[..at].ends_with('s') || word[at + 1..].starts_with('s')))
    };
    let mut pattern = "%".to_owned();
    let mut is_exact = true;
    for (at, c) in word.char_indices() {
        match c {
            _ if is_open(at, c) => {
                pattern.push('%');
                is_exact = false;
            }
            '!' | '%' | '_' => pattern.extend(['!', c]),
            c => pattern.push(c),
        }
    }
    (pattern + "%", is_exact)
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

    #[test]
    fn numbers_are_found_however_they_are_grouped_and_nothing_typed_is_a_pattern() {
        assert_eq!(words("33 27 03"), ["332703"]);
        assert_eq!(words(" Ballester  phoenix "), ["Ballester", "phoenix"]);
        assert_eq!(pattern("50%_!x"), ("%50!%!_!!x%".to_owned(), true));
    }

    #[test]
    fn capitals_of_any_script_are_found_by_small_letters_and_the_other_way_round() {
        assert_eq!(folded("STRASSE"), folded("Straße"));
        assert_eq!(folded("ÉNERGIE Ωμέγας"), folded("énergie ΩΜΈΓΑΣ"));
        for (word, expected) in [("énergie", "%%nergie%"), ("strasse", "%%tra%%e%"), ("phoenix", "%phoenix%")] {
            assert_eq!(pattern(word).0, expected);
        }
        assert_eq!((pattern("fast").1, pattern("atlas").1), (true, false));
    }
}
