//! The index that accounts are searched by, shared by all requests.

use std::sync::Arc;

use tokio::sync::Mutex;

use crate::store::{AccountIndex, StoreError, Tx};

/// The newest; read anew by the first request after accounts or rooms have changed.
#[derive(Default)]
pub(super) struct KeptIndex(Mutex<Option<Arc<AccountIndex>>>);

impl KeptIndex {
    /// As `tx` sees accounts and rooms.
    pub(super) async fn of(&self, tx: &mut Tx) -> Result<Arc<AccountIndex>, StoreError> {
        let changes = tx.usage().master_changes().await?;
        let mut kept = self.0.lock().await;
        if let Some(known) = kept.as_ref().filter(|known| known.is_of(changes)) {
            return Ok(Arc::clone(known));
        }
        Ok(Arc::clone(kept.insert(Arc::new(tx.staff().account_index().await?))))
    }
}
