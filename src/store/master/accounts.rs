//! Accounts: what a file says of them, and what they are in a period.

use chrono::{DateTime, Utc};

use crate::domain::{Account, AccountNumber, AccountRow, EmailAddress, Given, Period, Zone};
use crate::store::engine::decode::{parse, parse_optional};
use crate::store::master::notes::{MasterNote, MasterOutcome};
use crate::store::master::terms::PeriodTerms;
use crate::store::{Accounts, Key, StoreError, execute, fetch, record};

record! {
    struct AccountRecord {
        account_number: String,
        company: String,
        time_zone: String,
        locale: String,
        owner_name: Option<String>,
        owner_emails: String,
    }
}

impl Accounts<'_> {
    /// Stores the account, or changes the one with its number.
    ///
    /// Another time zone counts from the next period on; another currency or tariff from the period that the row names,
    /// else from the first one that has not closed.
    pub async fn upsert_account(
        &mut self,
        row: &AccountRow,
        now: DateTime<Utc>,
    ) -> Result<MasterOutcome, StoreError> {
        let account = &row.account;
        if let Some(key) = self.account_key(&account.number).await? {
            // Closings read what is changed here.
            self.tx.work().lock_accounts(&[key]).await?;
            let zone_so_far = self.zone_of_account(key).await?;
            if zone_so_far != account.time_zone {
                self.keep_zone(key, zone_so_far, now).await?;
            }
            if let Given::Value(Some(closed_from)) = row.closed_from
                && let Some(why) = self.cannot_end(key, closed_from, account.time_zone).await?
            {
                return Ok(MasterOutcome { refused: Some(("closed_from", why)), ..MasterOutcome::default() });
            }
        }
        let mut outcome = MasterOutcome::stored(self.write_account(row).await? > 0);
        let key =
            self.account_key(&account.number).await?.ok_or_else(|| StoreError::missing_account(&account.number))?;
        if let Some(open) = self.take_terms(key, account, row.valid_from).await? {
            outcome.stored = true;
            if let (Some(from), Some(open)) = (row.valid_from, open)
                && from < open
            {
                outcome.notes.push(MasterNote::TermsOfClosedPeriods { account: account.number.clone(), from, open });
            }
        }
        self.note_tariff(account, &mut outcome).await?;
        if outcome.stored {
            self.tx.usage().note_master_change().await?;
        }
        Ok(outcome)
    }

    async fn write_account(&mut self, row: &AccountRow) -> Result<u64, StoreError> {
        const SQL: &str = "INSERT INTO account (account_number, company, time_zone, locale, owner_name, owner_emails,
                                                first_period, closed_from)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $9)
             ON CONFLICT (account_number) DO UPDATE SET company = excluded.company, time_zone = excluded.time_zone,
                 locale = excluded.locale, owner_name = excluded.owner_name, owner_emails = excluded.owner_emails,
                 first_period = CASE WHEN $8 THEN excluded.first_period ELSE account.first_period END,
                 closed_from = CASE WHEN $10 THEN excluded.closed_from ELSE account.closed_from END
             WHERE (account.company, account.time_zone, account.locale, account.owner_name, account.owner_emails)
                IS DISTINCT FROM (excluded.company, excluded.time_zone, excluded.locale, excluded.owner_name,
                                  excluded.owner_emails)
                OR ($8 AND account.first_period IS DISTINCT FROM excluded.first_period)
                OR ($10 AND account.closed_from IS DISTINCT FROM excluded.closed_from)";
        let account = &row.account;
        let owners: Vec<&str> = account.owners.iter().map(EmailAddress::as_str).collect();
        let (first_period, has_first) = given(row.first_period);
        let (closed_from, has_end) = given(row.closed_from);
        Ok(execute!(
            self.tx,
            sqlx::query(SQL)
                .bind(account.number.as_str())
                .bind(account.company.as_str())
                .bind(account.time_zone.name())
                .bind(account.locale.as_str())
                .bind(account.owner_name.as_ref().map(|name| name.as_str()))
                .bind(owners.join(";"))
                .bind(first_period.as_deref())
                .bind(has_first)
                .bind(closed_from.as_deref())
                .bind(has_end)
        ))
    }

    /// Why an account cannot end with the period before `closed_from`: something would be billed by no one.
    async fn cannot_end(
        &mut self,
        account: Key,
        closed_from: Period,
        zone: Zone,
    ) -> Result<Option<String>, StoreError> {
        const CLOSED: &str = "SELECT EXISTS (SELECT 1 FROM closing WHERE account_key = $1 AND period >= $2)";
        const USED: &str = "SELECT COUNT(*) FROM conference WHERE account_key = $1 AND filed_at >= $2";
        let period = closed_from.to_string();
        if fetch!(one, self.tx, sqlx::query_scalar::<_, bool>(CLOSED).bind(account).bind(period.as_str())) {
            return Ok(Some(format!("is {period}, which has closed: name a later month")));
        }
        let start = self.past_zones().await?.start_of(account, closed_from, zone).timestamp();
        let used = fetch!(one, self.tx, sqlx::query_scalar::<_, i64>(USED).bind(account).bind(start));
        let todo = "would be billed by no one: void their legs, move their room, or name a later month";
        Ok((used > 0).then(|| format!("is {period}, but {used} conferences from then on are stored, which {todo}")))
    }

    /// Whether the tariff is there, in the account's currency.
    async fn note_tariff(&mut self, account: &Account, outcome: &mut MasterOutcome) -> Result<(), StoreError> {
        const SQL: &str = "SELECT COUNT(*), COALESCE(SUM(CASE WHEN currency = $2 THEN 1 ELSE 0 END), 0)
             FROM tariff_row WHERE tariff = $1";
        let (rows, in_currency) = fetch!(
            one,
            self.tx,
            sqlx::query_as::<_, (i64, i64)>(SQL).bind(account.tariff.as_str()).bind(account.currency.code())
        );
        let (number, tariff) = (account.number.clone(), account.tariff.clone());
        if rows == 0 {
            outcome.notes.push(MasterNote::UnknownTariff { account: number, tariff });
        } else if in_currency == 0 {
            let account_currency = account.currency;
            outcome.notes.push(MasterNote::TariffInOtherCurrency { account: number, tariff, account_currency });
        }
        Ok(())
    }

    /// The account as it is now, in the time zone, currency and tariff of `period`.
    pub async fn account_in(&mut self, account: Key, period: Period) -> Result<Account, StoreError> {
        const SQL: &str = "SELECT account_number, company, time_zone, locale, owner_name, owner_emails
             FROM account WHERE account_key = $1";
        let record = fetch!(one, self.tx, sqlx::query_as::<_, AccountRecord>(SQL).bind(account));
        let terms = self.terms_in(account, period).await?;
        let mut found = record.into_account(terms)?;
        found.time_zone = self.past_zones().await?.zone_of(account, period, found.time_zone);
        Ok(found)
    }

    pub async fn account_key(&mut self, number: &AccountNumber) -> Result<Option<Key>, StoreError> {
        Ok(fetch!(
            optional,
            self.tx,
            sqlx::query_scalar("SELECT account_key FROM account WHERE account_number = $1").bind(number.as_str())
        ))
    }

    /// The account's time zone of now.
    pub(crate) async fn zone_of_account(&mut self, account: Key) -> Result<Zone, StoreError> {
        const SQL: &str = "SELECT time_zone FROM account WHERE account_key = $1";
        let zone: String = fetch!(one, self.tx, sqlx::query_scalar(SQL).bind(account));
        parse("account", &account.to_string(), "time_zone", &zone)
    }
}

/// The value, and whether there is one to be stored.
fn given(period: Given<Period>) -> (Option<String>, bool) {
    match period {
        Given::NotGiven => (None, false),
        Given::Value(period) => (period.map(String::from), true),
    }
}

impl AccountRecord {
    fn into_account(self, terms: PeriodTerms) -> Result<Account, StoreError> {
        let row = self.account_number.as_str();
        let owners = self.owner_emails.split(';').map(|owner| parse("account", row, "owner_emails", owner));
        Ok(Account {
            number: parse("account", row, "account_number", row)?,
            company: parse("account", row, "company", &self.company)?,
            currency: terms.currency,
            time_zone: parse("account", row, "time_zone", &self.time_zone)?,
            locale: parse("account", row, "locale", &self.locale)?,
            tariff: terms.tariff,
            owner_name: parse_optional("account", row, "owner_name", self.owner_name.as_deref())?,
            owners: owners.collect::<Result<_, _>>()?,
        })
    }
}
