//! Currency and tariff of each period of an account.
//!
//! A closed period keeps those that it was billed by (`closing`). For the others the newest row counts that begins
//! with the period or before it (`account_terms`); a change for which the file names no period counts from the first
//! one that has not closed.

use crate::domain::{Account, Currency, Period, TariffName};
use crate::store::engine::decode::parse;
use crate::store::{Accounts, Key, StoreError, execute, fetch, record};

/// What a period is billed by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeriodTerms {
    pub currency: Currency,
    pub tariff: TariffName,
}

record! {
    #[derive(Debug, Clone)]
    struct TermsRow {
        from_period: String,
        is_dated: bool,
        currency: String,
        tariff: String,
    }
}

impl Accounts<'_> {
    /// Currency and tariff of an account's period.
    pub async fn terms_in(&mut self, account: Key, period: Period) -> Result<PeriodTerms, StoreError> {
        const CLOSED: &str = "SELECT currency, tariff FROM closing WHERE account_key = $1 AND period = $2";
        let period = period.to_string();
        let closed = fetch!(
            optional,
            self.tx,
            sqlx::query_as::<_, (String, String)>(CLOSED).bind(account).bind(period.as_str())
        );
        if let Some((currency, tariff)) = closed {
            return terms(&period, &currency, &tariff);
        }
        let rows = self.terms_rows(account).await?;
        // An account whose first row begins later has had no other terms before.
        let counts = rows.iter().rev().find(|row| row.from_period <= period).or(rows.first());
        let row = counts.ok_or_else(|| {
            StoreError::corrupt("account_terms", account.to_string(), "currency")("is missing".to_owned())
        })?;
        terms(&period, &row.currency, &row.tariff)
    }

    /// Takes an account's currency and tariff from a file; `None` if they are the ones that are there. Else the
    /// period from which the file wants them, if it names one, and the first that has not closed.
    pub(crate) async fn take_terms(
        &mut self,
        key: Key,
        account: &Account,
        valid_from: Option<Period>,
    ) -> Result<Option<Option<Period>>, StoreError> {
        let rows = self.terms_rows(key).await?;
        let open = self.first_open_period(key).await?;
        let from = valid_from.or(open).map(|period| period.to_string()).unwrap_or_default();
        let says_the_same =
            |row: &TermsRow| row.currency == account.currency.code() && row.tariff == account.tariff.as_str();
        let known = match valid_from {
            Some(_) => rows.iter().find(|row| row.is_dated && row.from_period == from),
            // What a file without dates said last; where none has, what counts now.
            None => rows
                .iter()
                .rev()
                .find(|row| !row.is_dated)
                .or_else(|| rows.iter().rev().find(|row| row.from_period <= from || open.is_none())),
        };
        if known.is_some_and(says_the_same) {
            return Ok(None);
        }
        if valid_from.is_none() && !rows.is_empty() {
            self.forget_dated_terms(key, &from).await?;
        }
        self.store_terms(key, &from, valid_from.is_some(), account).await?;
        Ok(Some(open))
    }

    /// The period after the last one that has closed; `None` if none has.
    pub async fn first_open_period(&mut self, account: Key) -> Result<Option<Period>, StoreError> {
        const SQL: &str = "SELECT MAX(period) FROM closing WHERE account_key = $1";
        let last = fetch!(one, self.tx, sqlx::query_scalar::<_, Option<String>>(SQL).bind(account));
        let last: Option<Period> = last.map(|last| parse("closing", &last, "period", &last)).transpose()?;
        Ok(last.map(Period::next))
    }

    /// In the order in which they take effect.
    async fn terms_rows(&mut self, account: Key) -> Result<Vec<TermsRow>, StoreError> {
        const SQL: &str = "SELECT from_period, is_dated, currency, tariff FROM account_terms WHERE account_key = $1
             ORDER BY from_period, is_dated";
        Ok(fetch!(all, self.tx, sqlx::query_as::<_, TermsRow>(SQL).bind(account)))
    }

    /// The newest file's word replaces an earlier one for the same period.
    async fn forget_dated_terms(&mut self, account: Key, from: &str) -> Result<(), StoreError> {
        const SQL: &str = "DELETE FROM account_terms WHERE account_key = $1 AND from_period = $2 AND is_dated";
        execute!(self.tx, sqlx::query(SQL).bind(account).bind(from));
        Ok(())
    }

    async fn store_terms(
        &mut self,
        key: Key,
        from: &str,
        is_dated: bool,
        account: &Account,
    ) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO account_terms (account_key, from_period, is_dated, currency, tariff)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (account_key, from_period, is_dated)
                DO UPDATE SET currency = excluded.currency, tariff = excluded.tariff";
        execute!(
            self.tx,
            sqlx::query(SQL)
                .bind(key)
                .bind(from)
                .bind(is_dated)
                .bind(account.currency.code())
                .bind(account.tariff.as_str())
        );
        Ok(())
    }
}

fn terms(row: &str, currency: &str, tariff: &str) -> Result<PeriodTerms, StoreError> {
    Ok(PeriodTerms {
        currency: parse("account_terms", row, "currency", currency)?,
        tariff: parse("account_terms", row, "tariff", tariff)?,
    })
}
