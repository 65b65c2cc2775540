//! What the kinds of rows have in common: how they are read, and how they are stored.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::domain::{AccessNumberRow, AccountNumber, AccountRow, Leg, RoomNumber, RoomRow, ServiceType, TariffRow};
use crate::intake::{AccessNumberRows, AccountRows, Known, Limits, RoomRows, Rows, TariffRows, UsageRows};
use crate::store::{BatchOutcome, Directory, StoreError, Tx};

/// What is known before the first row is read.
#[derive(Clone)]
pub(crate) struct Knowledge {
    pub directory: Arc<Directory>,
    pub limits: Limits,
}

/// A row's value, with the way in and the way on.
pub(crate) trait Entry: Sized + Send + Sync + 'static {
    type Rows: Rows<Entry = Self> + Send + 'static;

    fn rows(knowledge: &Knowledge) -> Self::Rows;

    fn store(
        tx: &mut Tx,
        entries: &[Self],
        directory: &Directory,
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

    fn service_type_of_number(&self, dialled: &str, at: DateTime<Utc>) -> Option<ServiceType> {
        self.directory.service_type_of_number(dialled, at).cloned()
    }
}

impl Entry for TariffRow {
    type Rows = TariffRows;

    fn rows(_: &Knowledge) -> TariffRows {
        TariffRows
    }

    async fn store(
        tx: &mut Tx,
        entries: &[Self],
        _: &Directory,
        _: DateTime<Utc>,
    ) -> Result<BatchOutcome, StoreError> {
        let mut outcome = BatchOutcome::default();
        for (position, row) in entries.iter().enumerate() {
            outcome.count(position, tx.upsert_tariff_row(row).await?);
        }
        Ok(outcome)
    }
}

impl Entry for AccountRow {
    type Rows = AccountRows;

    fn rows(_: &Knowledge) -> AccountRows {
        AccountRows
    }

    async fn store(
        tx: &mut Tx,
        entries: &[Self],
        _: &Directory,
        now: DateTime<Utc>,
    ) -> Result<BatchOutcome, StoreError> {
        let mut outcome = BatchOutcome::default();
        for (position, account) in entries.iter().enumerate() {
            outcome.count(position, tx.upsert_account(account, now).await?);
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
        _: &Directory,
        now: DateTime<Utc>,
    ) -> Result<BatchOutcome, StoreError> {
        let mut outcome = BatchOutcome::default();
        for (position, room) in entries.iter().enumerate() {
            outcome.count(position, tx.upsert_room(room, now).await?);
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
        _: &Directory,
        _: DateTime<Utc>,
    ) -> Result<BatchOutcome, StoreError> {
        let mut outcome = BatchOutcome::default();
        for (position, row) in entries.iter().enumerate() {
            outcome.count(position, tx.upsert_access_number(row).await?);
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
        directory: &Directory,
        now: DateTime<Utc>,
    ) -> Result<BatchOutcome, StoreError> {
        tx.import_usage(entries, directory, now).await
    }
}
