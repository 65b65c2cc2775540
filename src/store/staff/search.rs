//! Finding accounts by what people know of them: a number, a part of a name, a room, a cardholder, an address.

use std::collections::BTreeSet;

use crate::domain::{AccountNumber, Amount, Currency, Period};
use crate::store::engine::decode::{parse, parse_optional};
use crate::store::engine::lists::{ListQuery, list, list_query};
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
    /// earlier cardholders included.
    pub async fn accounts_matching(&mut self, search: &str) -> Result<BTreeSet<Key>, StoreError> {
        const SQL: &str = "SELECT account_key FROM account
             WHERE lower(account_number) LIKE $1 ESCAPE '!' OR lower(company) LIKE $1 ESCAPE '!'
                OR lower(company) LIKE $2 ESCAPE '!' OR lower(owner_emails) LIKE $1 ESCAPE '!'
                OR lower(owner_name) LIKE $1 ESCAPE '!' OR lower(owner_name) LIKE $2 ESCAPE '!'
             UNION
             SELECT w.account_key FROM room_row w JOIN room r ON r.room_key = w.room_key
             WHERE lower(r.room_number) LIKE $1 ESCAPE '!' OR lower(w.cardholder) LIKE $1 ESCAPE '!'
                OR lower(w.cardholder) LIKE $2 ESCAPE '!' OR lower(w.cardholder_email) LIKE $1 ESCAPE '!'";
        let mut found: Option<BTreeSet<Key>> = None;
        for word in words(search) {
            // The engines know capitals of ASCII only: beside those, what is written small and what is written large.
            let (small, large) = (pattern(&word.to_lowercase()), pattern(&word.to_uppercase()));
            let keys = fetch!(all, self, sqlx::query_scalar::<_, Key>(SQL).bind(small).bind(large));
            let keys: BTreeSet<Key> = keys.into_iter().collect();
            found = Some(match found {
                Some(found) => found.intersection(&keys).copied().collect(),
                None => keys,
            });
        }
        Ok(found.unwrap_or_default())
    }

    /// All accounts by number, as (key, number, company).
    pub async fn account_names(&mut self) -> Result<Vec<(Key, String, String)>, StoreError> {
        const SQL: &str = "SELECT account_key, account_number, company FROM account ORDER BY account_number";
        Ok(fetch!(all, self, sqlx::query_as::<_, (Key, String, String)>(SQL)))
    }

    /// These accounts, by number.
    pub async fn found_accounts(&mut self, keys: &[Key], now: i64) -> Result<Vec<FoundAccount>, StoreError> {
        const SQL: ListQuery = list_query!(
            "SELECT a.account_key, a.account_number, a.company, a.owner_emails, s.period, s.currency, s.charge,
                    (SELECT COUNT(*) FROM room_row w WHERE w.account_key = a.account_key AND w.active
                     AND w.starts_at <= $2 AND w.ends_at > $2) AS rooms
             FROM",
            "CROSS JOIN account a
             LEFT JOIN statement s ON s.account_key = a.account_key AND s.is_current AND s.period = (
                 SELECT MAX(n.period) FROM statement n WHERE n.account_key = a.account_key AND n.is_current)
             WHERE a.account_key = CAST(item.value ->> 0 AS BIGINT) ORDER BY a.account_number"
        );
        let keys = list(keys.iter().map(|key| (key,)))?;
        let sql = SQL.sql(self);
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

/// Anywhere in a text of which only ASCII was made small.
fn pattern(word: &str) -> String {
    let word = word.to_ascii_lowercase();
    let escaped = word.replace('!', "!!").replace('%', "!%").replace('_', "!_");
    format!("%{escaped}%")
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
        assert_eq!(pattern("50%_!É"), "%50!%!_!!É%");
    }
}
