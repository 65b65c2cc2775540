//! Deleting objects, in stores that differ in the requests they know and the permissions they grant.

use futures_util::{StreamExt, stream};
use object_store::{Error, ObjectStoreExt};

use super::location::Backend;
use super::objects::blocking;
use super::refusal::is_forbidden;
use super::{Archive, ArchiveError};

impl Archive {
    /// Deletes an object if it is there, so that a store that forbids deleting is not asked in vain.
    pub async fn delete(&self, key: &str) -> Result<(), ArchiveError> {
        if !self.is_local() {
            match self.store.head(&self.path(key)).await {
                Ok(_) => {}
                Err(Error::NotFound { .. }) => return Ok(()),
                Err(source) => return Err(ArchiveError::Store { key: key.to_owned(), source }),
            }
        }
        self.delete_all(&[key.to_owned()]).await
    }

    /// Deletes objects that are there, in as few requests as the store allows.
    pub async fn delete_all(&self, keys: &[String]) -> Result<(), ArchiveError> {
        let paths: Vec<_> = keys.iter().map(|key| Ok(self.path(key))).collect();
        let mut deleted = self.store.delete_stream(stream::iter(paths).boxed());
        while let Some(outcome) = deleted.next().await {
            match outcome {
                Ok(_) | Err(Error::NotFound { .. }) => {}
                Err(source) => return Err(not_deleted(keys, source)),
            }
        }
        Ok(())
    }

    /// Removes a folder if nothing is in it, then those above it; only local stores have folders. Whatever deletes a
    /// folder's last file has done so already, unless it was killed in between.
    pub async fn remove_empty(&self, folder: &str) -> Result<(), ArchiveError> {
        let (Backend::Local(local), Some(path)) = (&self.backend, self.file(folder)) else { return Ok(()) };
        let local = local.clone();
        blocking(folder, move || {
            local.remove_empty(&path);
            Ok(())
        })
        .await
    }
}

fn not_deleted(keys: &[String], source: Error) -> ArchiveError {
    let key = keys.first().cloned().unwrap_or_default();
    if is_forbidden(&source) {
        ArchiveError::MayNotDelete { key, source }
    } else {
        ArchiveError::Store { key, source }
    }
}
