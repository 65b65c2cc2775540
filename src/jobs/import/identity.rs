//! The identity of a rejected row, also of one that an older program stored.

use crate::digest::Sha256;
use crate::domain::{AccessNumberRow, AccountRow, CodeRow, Leg, RoomRow, TariffRow};
use crate::intake::{Columns, Kind, Record, Row, Rows};
use crate::jobs::JobError;
use crate::jobs::import::entry::Entry;
use crate::store::{RecordIdentity, RejectedRow, Store};

/// Rows in one transaction.
const ROWS_PER_BATCH: u32 = 1000;

pub(crate) fn identity<R: Rows>(columns: &Columns, record: &Record) -> RecordIdentity {
    let row = Row::new(columns, record);
    RecordIdentity { key: row.subject::<R>(), content_sha256: row.content_digest::<R>() }
}

/// Reads what 0.1.0 kept by file and line only; afterwards, and mostly, there is nothing to do.
pub(crate) async fn identify_old_rejections(store: &Store) -> Result<(), JobError> {
    while !store.read().await?.rejects().unread_rejections(1).await?.is_empty() {
        let mut tx = store.write().await?;
        for row in tx.rejects().unread_rejections(ROWS_PER_BATCH).await? {
            let identity = match row.kind.parse() {
                Ok(Kind::Tariffs) => of_stored::<<TariffRow as Entry>::Rows>(&row),
                Ok(Kind::Accounts) => of_stored::<<AccountRow as Entry>::Rows>(&row),
                Ok(Kind::Rooms) => of_stored::<<RoomRow as Entry>::Rows>(&row),
                Ok(Kind::AccessNumbers) => of_stored::<<AccessNumberRow as Entry>::Rows>(&row),
                Ok(Kind::Codes) => of_stored::<<CodeRow as Entry>::Rows>(&row),
                Ok(Kind::Usage) => of_stored::<<Leg as Entry>::Rows>(&row),
                Err(_) => by_its_bytes(&row),
            };
            tx.rejects().identify_rejection(&row, &identity).await?;
        }
        tx.commit().await?;
    }
    Ok(())
}

fn of_stored<R: Rows>(row: &RejectedRow) -> RecordIdentity {
    match Columns::of_rejected::<R>(&row.header, &row.file) {
        Ok(columns) => identity::<R>(&columns, &Record::parse(&row.record)),
        Err(_) => by_its_bytes(row),
    }
}

/// Where it cannot be known which column is which.
fn by_its_bytes(row: &RejectedRow) -> RecordIdentity {
    RecordIdentity { key: None, content_sha256: Sha256::of(&row.record) }
}
