//! Notes in the database that this daemon looks for work, so that `status` can say which daemons run.

use std::time::Duration;

use super::worker::WorkerHandle;
use crate::store::{DaemonKey, Store, StoreError};

/// A graceful shutdown does not wait longer for a database that is away.
const LONGEST_FAREWELL: Duration = Duration::from_secs(2);

/// At each tick, until told to stop.
pub(super) async fn register(handle: WorkerHandle, interval: Duration) {
    let mut registered = None::<(Store, DaemonKey)>;
    while let Some(active) = handle.next().await {
        let store = active.context.store.clone();
        match look(&store, registered.as_ref().map(|(_, key)| *key), interval).await {
            Ok(key) => registered = Some((store, key)),
            // The workers report a database that is away.
            Err(error) => tracing::debug!("That this daemon runs could not be noted: {error}"),
        }
    }
    if let Some((store, key)) = registered
        && tokio::time::timeout(LONGEST_FAREWELL, end(&store, key)).await.is_err()
    {
        tracing::debug!("That this daemon ends could not be noted");
    }
}

async fn look(store: &Store, known: Option<DaemonKey>, interval: Duration) -> Result<DaemonKey, StoreError> {
    let mut tx = store.write().await?;
    let key = match known {
        Some(key) if tx.work().daemon_looked(key).await? => key,
        _ => tx.work().register_daemon(interval).await?,
    };
    tx.commit().await?;
    Ok(key)
}

async fn end(store: &Store, key: DaemonKey) -> Result<(), StoreError> {
    let mut tx = store.write().await?;
    tx.work().daemon_ended(key).await?;
    tx.commit().await
}
