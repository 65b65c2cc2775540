//! Closing: the frozen statement and its deliveries go in together, or not at all.

use chrono::{DateTime, Utc};

use crate::domain::{AccountNumber, Currency, EmailAddress, MonthTotal, Name, Period, PeriodBounds, RoomNumber};
use crate::store::engine::decode::{count, parse, totals};
use crate::store::engine::lists::{list, list_sql};
use crate::store::statements::document::FrozenStatement;
use crate::store::{Closings, Key, StatementKey, StoreError, execute, fetch, record};

/// A message to be sent for a new statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDelivery {
    /// `None` means the account's statement.
    pub room: Option<RoomNumber>,
    pub recipient: EmailAddress,
    pub recipient_name: Option<Name>,
    /// Without angle brackets; the same for every attempt.
    pub message_id: String,
    pub resend: u32,
}

/// An (account, period) that could not be closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParkedAccount {
    pub account: Key,
    pub period: Period,
    /// A stable word.
    pub reason: &'static str,
    /// What to do, for people.
    pub detail: String,
}

record! {
    struct TotalsRecord {
        period: String,
        conferences: i64,
        participants: i64,
        accumulated_seconds: i64,
        charge: i64,
    }
}

impl Closings<'_> {
    pub async fn is_closed(&mut self, account: Key, period: Period) -> Result<bool, StoreError> {
        let found = fetch!(
            one,
            self.tx,
            sqlx::query_scalar::<_, i64>("SELECT COUNT(*) FROM closing WHERE account_key = $1 AND period = $2")
                .bind(account)
                .bind(period.to_string())
        );
        Ok(found > 0)
    }

    /// Lets `period` charge the account's waiting late legs of months from before the first that was closed, which no
    /// revision could charge.
    pub async fn carry_older_legs(&mut self, account: Key, period: Period) -> Result<u64, StoreError> {
        const SQL: &str = "UPDATE late_leg SET charged_in = $2, charged_revision = 1
             WHERE account_key = $1 AND charged_in IS NULL AND period < $2
               AND NOT EXISTS (SELECT 1 FROM closing k WHERE k.account_key = $1 AND k.period = late_leg.period)";
        Ok(execute!(self.tx, sqlx::query(SQL).bind(account).bind(period.to_string())))
    }

    /// Lets `period` charge the account's waiting late legs of earlier periods in its currency; returns how many. What
    /// kept a revision of those from charging them is settled with that.
    pub async fn carry_late_legs(&mut self, account: Key, period: Period) -> Result<u64, StoreError> {
        const UNPARK: &str = "DELETE FROM parking WHERE account_key = $1 AND period < $2
             AND period IN (SELECT k.period FROM closing k WHERE k.account_key = $1 AND k.currency = $3)";
        const CARRY: &str = "UPDATE late_leg SET charged_in = $2, charged_revision = 1
             WHERE account_key = $1 AND charged_in IS NULL AND period < $2
               AND NOT EXISTS (SELECT 1 FROM closing k WHERE k.account_key = late_leg.account_key
                               AND k.period = late_leg.period AND k.currency <> $3)";
        let currency = self.tx.accounts().terms_in(account, period).await?.currency.code();
        let period = period.to_string();
        execute!(self.tx, sqlx::query(UNPARK).bind(account).bind(period.as_str()).bind(currency));
        Ok(execute!(self.tx, sqlx::query(CARRY).bind(account).bind(period.as_str()).bind(currency)))
    }

    /// The earlier periods whose late usage `period` charges, or would charge.
    pub async fn late_periods(&mut self, account: Key, period: Period) -> Result<Vec<Period>, StoreError> {
        const SQL: &str = "SELECT DISTINCT period FROM late_leg
             WHERE account_key = $1 AND period < $2 AND (charged_in = $2 OR charged_in IS NULL) ORDER BY period";
        let periods =
            fetch!(all, self.tx, sqlx::query_scalar::<_, String>(SQL).bind(account).bind(period.to_string()));
        periods.into_iter().map(|period| parse("late_leg", &period, "period", &period)).collect()
    }

    /// Lets `revision` of their own period charge the account's waiting late legs, and no longer charge what was
    /// voided; returns how many are charged.
    pub async fn revise_late_legs(&mut self, account: Key, period: Period, revision: u32) -> Result<u64, StoreError> {
        const SQL: &str = "UPDATE late_leg SET charged_in = period, charged_revision = $3
             WHERE account_key = $1 AND charged_in IS NULL AND period = $2";
        self.tx.voids().settle_voids(account, period, revision).await?;
        Ok(execute!(self.tx, sqlx::query(SQL).bind(account).bind(period.to_string()).bind(i64::from(revision))))
    }

    /// The current totals of those among the three periods before `period` that were billed in `currency`, oldest
    /// first: amounts in another one could not be listed beside them.
    pub async fn history(
        &mut self,
        account: Key,
        period: Period,
        currency: Currency,
    ) -> Result<Vec<MonthTotal>, StoreError> {
        const SQL: &str = "SELECT period, conferences, participants, accumulated_seconds, charge FROM
                 (SELECT k.period, COALESCE(s.conferences, 0) AS conferences,
                         COALESCE(s.participants, 0) AS participants,
                         COALESCE(s.accumulated_seconds, 0) AS accumulated_seconds, COALESCE(s.charge, 0) AS charge,
                         COALESCE(s.currency, k.currency) AS currency
                  FROM closing k LEFT JOIN statement s
                       ON s.account_key = k.account_key AND s.period = k.period AND s.is_current
                  WHERE k.account_key = $1 AND k.period < $2
                  UNION ALL
                  SELECT period, conferences, participants, accumulated_seconds, charge, currency
                  FROM history_period WHERE account_key = $1 AND period < $2
                  ORDER BY period DESC LIMIT 3) AS newest
             WHERE currency = $3 ORDER BY period DESC";
        let (period, currency) = (period.to_string(), currency.code());
        let newest_first =
            fetch!(all, self.tx, sqlx::query_as::<_, TotalsRecord>(SQL).bind(account).bind(period).bind(currency));
        newest_first.into_iter().rev().map(MonthTotal::try_from).collect()
    }

    /// Records the end of a period, and what it was billed by. The unique key (account, period) lets a
    /// second closing fail as a whole.
    pub async fn insert_closing(
        &mut self,
        account: Key,
        bounds: &PeriodBounds,
        has_usage: bool,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        const SQL: &str =
            "INSERT INTO closing (account_key, period, starts_at, ends_at, state, closed_at, currency, tariff)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        let terms = self.tx.accounts().terms_in(account, bounds.id).await?;
        execute!(
            self.tx,
            sqlx::query(SQL)
                .bind(account)
                .bind(bounds.id.to_string())
                .bind(bounds.start.timestamp())
                .bind(bounds.end.timestamp())
                .bind(if has_usage { "closed" } else { "empty" })
                .bind(now.timestamp())
                .bind(terms.currency.code())
                .bind(terms.tariff.as_str())
        );
        self.unpark(account, bounds.id).await
    }

    /// A period that closed as empty has usage after all: late legs that a revision charges.
    pub async fn mark_closing_used(&mut self, account: Key, period: Period) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE closing SET state = 'closed' WHERE account_key = $1 AND period = $2";
        let written = execute!(self.tx, sqlx::query(SQL).bind(account).bind(period.to_string()));
        StoreError::expect_one(written, "closing of a revised period")?;
        self.unpark(account, period).await
    }

    /// Makes `statement` the current revision of its period.
    pub async fn insert_statement(
        &mut self,
        account: Key,
        statement: &FrozenStatement,
    ) -> Result<StatementKey, StoreError> {
        const INSERT: &str =
            "INSERT INTO statement (account_key, period, revision, is_current, conferences, participants,
                                    accumulated_seconds, charge, currency, inputs_digest, shown_sha256, summary)
             VALUES ($1, $2, $3, TRUE, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING statement_key";
        const OUTDATE: &str =
            "UPDATE statement SET is_current = FALSE WHERE account_key = $1 AND period = $2 AND is_current";
        let period = statement.period.to_string();
        execute!(self.tx, sqlx::query(OUTDATE).bind(account).bind(period.as_str()));
        let key = fetch!(
            one,
            self.tx,
            sqlx::query_scalar::<_, Key>(INSERT)
                .bind(account)
                .bind(period.as_str())
                .bind(i64::from(statement.revision))
                .bind(statement.totals.conferences.cast_signed())
                .bind(statement.totals.participants.cast_signed())
                .bind(statement.totals.accumulated_seconds.cast_signed())
                .bind(statement.totals.charge.0)
                .bind(statement.currency.code())
                .bind(statement.inputs_digest)
                .bind(statement.shown_sha256)
                .bind(statement.summary.as_str())
        );
        execute!(
            self.tx,
            sqlx::query("INSERT INTO statement_document (statement_key, document) VALUES ($1, $2)")
                .bind(key)
                .bind(statement.document.as_slice())
        );
        self.tx.statements().insert_parts(key, &statement.parts).await?;
        Ok(StatementKey(key))
    }

    /// Queues messages; one that is already there stays as it is.
    ///
    /// `held`: why they wait for someone's approval instead, if they do.
    pub async fn insert_deliveries(
        &mut self,
        statement: StatementKey,
        deliveries: &[NewDelivery],
        held: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        const SQL: &str =
            "INSERT INTO delivery (statement_key, room_number, recipient, recipient_name, resend, state, attempts,
                        message_id, queued_at, next_attempt_at, changed_at, awaits_approval, last_answer)
             SELECT $2, item.value ->> 0, item.value ->> 1, item.value ->> 2, CAST(item.value ->> 3 AS BIGINT), $3, 0,
                    item.value ->> 4, $4, $5, $4, $6, $7 FROM {list}
             WHERE TRUE ON CONFLICT (statement_key, room_number, recipient, resend) DO NOTHING";
        if deliveries.is_empty() {
            return Ok(());
        }
        let rows = deliveries.iter().map(|delivery| {
            let room = delivery.room.as_ref().map_or("", |room| room.as_str());
            let name = delivery.recipient_name.as_ref().map(|name| name.as_str());
            (room, delivery.recipient.as_str(), name, delivery.resend, delivery.message_id.as_str())
        });
        let (sql, rows) = (list_sql(self.tx, SQL), list(rows)?);
        execute!(
            self.tx,
            sqlx::query(sql)
                .bind(rows)
                .bind(statement.0)
                .bind(if held.is_some() { "held" } else { "queued" })
                .bind(now.timestamp())
                .bind(held.is_none().then(|| now.timestamp()))
                .bind(held.is_some())
                .bind(held)
        );
        Ok(())
    }

    /// Queues the messages of an account's period that wait for approval; returns how many are no longer waiting for
    /// it. Those of a statement whose files were adopted stay held, since they may have been sent.
    pub async fn release_approved(
        &mut self,
        account: &AccountNumber,
        period: Period,
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        const SQL: &str = "UPDATE delivery SET changed_at = $3, awaits_approval = FALSE,
                        state = CASE WHEN statement_key IN (SELECT statement_key FROM statement
                                                            WHERE adopted_at IS NOT NULL)
                                     THEN 'held' ELSE 'queued' END,
                        next_attempt_at = CASE WHEN statement_key IN (SELECT statement_key FROM statement
                                                                      WHERE adopted_at IS NOT NULL)
                                               THEN NULL ELSE CAST($3 AS BIGINT) END,
                        last_answer = CASE WHEN statement_key IN (SELECT statement_key FROM statement
                                                                  WHERE adopted_at IS NOT NULL)
                                           THEN $4 ELSE NULL END
                 WHERE state = 'held' AND awaits_approval
                   AND statement_key IN (SELECT s.statement_key FROM statement s
                                         JOIN account a ON a.account_key = s.account_key
                                         WHERE a.account_number = $1 AND s.period = $2 AND s.is_current)";
        Ok(execute!(
            self.tx,
            sqlx::query(SQL)
                .bind(account.as_str())
                .bind(period.to_string())
                .bind(now.timestamp())
                .bind(crate::store::statements::adoption::MAY_HAVE_BEEN_SENT)
        ))
    }

    /// How often a statement's messages were queued again: (room number or nothing, recipient, resend number).
    pub async fn last_resends(&mut self, statement: StatementKey) -> Result<Vec<(String, String, u32)>, StoreError> {
        const SQL: &str = "SELECT room_number, recipient, MAX(resend) FROM delivery WHERE statement_key = $1
             GROUP BY room_number, recipient";
        let rows = fetch!(all, self.tx, sqlx::query_as::<_, (String, String, i64)>(SQL).bind(statement.0));
        let number = |resend| count("delivery", &statement.0.to_string(), "resend", resend);
        rows.into_iter().map(|(room, recipient, resend)| Ok((room, recipient, number(resend)?))).collect()
    }

    /// Notes why an account's period cannot be closed; the day since when stays that of the same reason's first time.
    /// Whether this is news: it was not parked, or for another reason.
    pub async fn park(&mut self, parked: &ParkedAccount, now: DateTime<Utc>) -> Result<bool, StoreError> {
        const SQL: &str = "INSERT INTO parking (account_key, period, reason, detail, since)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (account_key, period) DO UPDATE SET
                 since = CASE WHEN parking.reason = excluded.reason THEN parking.since ELSE excluded.since END,
                 reason = excluded.reason, detail = excluded.detail
             WHERE parking.reason <> excluded.reason OR parking.detail <> excluded.detail";
        let written = execute!(
            self.tx,
            sqlx::query(SQL)
                .bind(parked.account)
                .bind(parked.period.to_string())
                .bind(parked.reason)
                .bind(parked.detail.as_str())
                .bind(now.timestamp())
        );
        Ok(written > 0)
    }

    pub async fn unpark(&mut self, account: Key, period: Period) -> Result<(), StoreError> {
        execute!(
            self.tx,
            sqlx::query("DELETE FROM parking WHERE account_key = $1 AND period = $2")
                .bind(account)
                .bind(period.to_string())
        );
        Ok(())
    }
}

impl TryFrom<TotalsRecord> for MonthTotal {
    type Error = StoreError;

    fn try_from(record: TotalsRecord) -> Result<Self, StoreError> {
        Ok(Self {
            period: parse("closing", &record.period, "period", &record.period)?,
            totals: totals(record.conferences, record.participants, record.accumulated_seconds, record.charge),
        })
    }
}
