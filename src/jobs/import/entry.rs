//! The trait that all kinds of rows share: how they are read, and how they are stored.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::clock::Clock;
use crate::domain::{
    AccessNumberRow, AccountNumber, AccountRow, CodeRow, Leg, RoomNumber, RoomRow, ServiceType, TariffRow,
};
use crate::intake::{AccessNumberRows, AccountRows, CodeRows, Known, Limits, RoomRows, Rows, TariffRows, UsageRows};
use crate::render::unwritable_locale;
use crate::store::{BatchOutcome, Directory, StoreError, Tx, UsageRules};

/// What is known before the first row is read.
#[derive(Clone)]
pub(crate) struct Knowledge {
    pub directory: Arc<Directory>,
    pub clock: Clock,
    pub limits: Limits,
}

/// A row's value: how it is read from a file, and how it is stored.
pub(crate) trait Entry: Sized + Send + Sync + 'static {
    type Rows: Rows<Entry = Self> + Send + 'static;

    fn rows(knowledge: &Knowledge) -> Self::Rows;

    fn store(
        tx: &mut Tx,
        entries: &[Self],
        knowledge: &Knowledge,
        now: DateTime<Utc>,
    ) -> impl Future<Output = Result<BatchOutcome, StoreError>> + Send;
}

impl Known for Knowledge {
    fn account(&self, number: &str) -> Option<AccountNumber> {
        self.directory.account(number).cloned()
    }

    fn room(&self, number: &str) -> Option<RoomNumber> {
        self.directory.room(number).cloned()
    }

    fn service_type(&self, code: &str) -> Option<ServiceType> {
        self.directory.service_type(code).cloned()
    }

    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    fn service_type_of_number(&self, dialled: &str, at: DateTime<Utc>) -> Option<ServiceType> {
        self.directory.service_type_of_number(dialled, at).cloned()
    }

    fn service_type_dialled(&self, dialled: &str, at: DateTime<Utc>, room: &RoomNumber) -> Option<ServiceType> {
        self.directory.service_type_dialled(dialled, at, room.as_str()).cloned()
    }
}

impl Entry for TariffRow {
    type Rows = TariffRows;

    fn rows(_: &Knowledge) -> TariffRows {
        TariffRows { judge_locale: Some(unwritable_locale) }
    }

    async fn store(
        tx: &mut Tx,
        entries: &[Self],
        _: &Knowledge,
        _: DateTime<Utc>,
    ) -> Result<BatchOutcome, StoreError> {
        let mut outcome = BatchOutcome::default();
        tx.work().lock_imports().await?;
        for (position, row) in entries.iter().enumerate() {
            outcome.count(position, tx.tariffs().upsert_tariff_row(row).await?);
        }
        Ok(outcome)
    }
}

impl Entry for AccountRow {
    type Rows = AccountRows;

    fn rows(_: &Knowledge) -> AccountRows {
        AccountRows { judge_locale: Some(unwritable_locale) }
    }

    async fn store(
        tx: &mut Tx,
        entries: &[Self],
        _: &Knowledge,
        now: DateTime<Utc>,
    ) -> Result<BatchOutcome, StoreError> {
        let mut outcome = BatchOutcome::default();
        tx.work().lock_imports().await?;
        let numbers: Vec<&str> = entries.iter().map(|row| row.account.number.as_str()).collect();
        tx.work().lock_account_numbers(&numbers).await?;
        for (position, account) in entries.iter().enumerate() {
            outcome.count(position, tx.accounts().upsert_account(account, now).await?);
        }
        Ok(outcome)
    }
}

impl Entry for RoomRow {
    type Rows = RoomRows<Knowledge>;

    fn rows(knowledge: &Knowledge) -> Self::Rows {
        RoomRows { known: knowledge.clone() }
    }

    async fn store(
        tx: &mut Tx,
        entries: &[Self],
        _: &Knowledge,
        now: DateTime<Utc>,
    ) -> Result<BatchOutcome, StoreError> {
        let mut outcome = BatchOutcome::default();
        tx.work().lock_imports().await?;
        for (position, room) in entries.iter().enumerate() {
            outcome.count(position, tx.rooms().upsert_room(room, now).await?);
        }
        Ok(outcome)
    }
}

impl Entry for AccessNumberRow {
    type Rows = AccessNumberRows<Knowledge>;

    fn rows(knowledge: &Knowledge) -> Self::Rows {
        AccessNumberRows { known: knowledge.clone() }
    }

    async fn store(
        tx: &mut Tx,
        entries: &[Self],
        _: &Knowledge,
        _: DateTime<Utc>,
    ) -> Result<BatchOutcome, StoreError> {
        let mut outcome = BatchOutcome::default();
        tx.work().lock_imports().await?;
        for (position, row) in entries.iter().enumerate() {
            outcome.count(position, tx.tariffs().upsert_access_number(row).await?);
        }
        Ok(outcome)
    }
}

impl Entry for CodeRow {
    type Rows = CodeRows<Knowledge>;

    fn rows(knowledge: &Knowledge) -> Self::Rows {
        CodeRows { known: knowledge.clone() }
    }

    async fn store(
        tx: &mut Tx,
        entries: &[Self],
        _: &Knowledge,
        _: DateTime<Utc>,
    ) -> Result<BatchOutcome, StoreError> {
        let mut outcome = BatchOutcome::default();
        tx.work().lock_imports().await?;
        for (position, row) in entries.iter().enumerate() {
            outcome.count(position, tx.codes().upsert_account_code(&row.account, &row.code).await?);
        }
        Ok(outcome)
    }
}

impl Entry for Leg {
    type Rows = UsageRows<Knowledge>;

    fn rows(knowledge: &Knowledge) -> Self::Rows {
        UsageRows { known: knowledge.clone(), limits: knowledge.limits }
    }

    async fn store(
        tx: &mut Tx,
        entries: &[Self],
        knowledge: &Knowledge,
        now: DateTime<Utc>,
    ) -> Result<BatchOutcome, StoreError> {
        let rules = UsageRules {
            longest_conference: Some(knowledge.limits.longest_conference),
            accept_older: knowledge.limits.accept_older,
            first_period: knowledge.limits.first_period,
        };
        tx.usage().import_by(entries, &knowledge.directory, rules, now).await
    }
}
