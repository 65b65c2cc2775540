//! Objects that other programs put below a prefix: listed, read, and moved away.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::TryStreamExt;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};

use super::{ArchiveError, location};

/// A prefix of an object store. Cheap to clone.
#[derive(Debug, Clone)]
pub struct ObjectFolder {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
}

/// An object directly below the prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectInfo {
    pub name: String,
    pub size: u64,
    /// Differs whenever the object has been written.
    pub version: String,
    /// Seconds since 1970.
    pub modified: i64,
}

impl ObjectFolder {
    /// `url` and `options` as for [`super::Archive::open`].
    pub fn open(url: &str, options: &BTreeMap<String, String>) -> Result<Self, ArchiveError> {
        let location::Location { store, prefix, .. } = location::open(url, options, None)?;
        Ok(Self { store, prefix })
    }

    /// What lies directly below the prefix, in no order.
    pub async fn list(&self) -> Result<Vec<ObjectInfo>, ArchiveError> {
        let listed = self.store.list_with_delimiter(Some(&self.prefix)).await;
        let listed = listed.map_err(|source| ArchiveError::MayNotList { source })?;
        let info = |meta: object_store::ObjectMeta| {
            let name = meta.location.filename()?.to_owned();
            let modified = meta.last_modified.timestamp();
            let version = meta.e_tag.unwrap_or_else(|| format!("{}.{modified}", meta.size));
            Some(ObjectInfo { name, size: meta.size, version, modified })
        };
        Ok(listed.objects.into_iter().filter_map(info).collect())
    }

    /// Hands on the object piece by piece.
    pub async fn read(
        &self,
        name: &str,
        take: &mut (dyn FnMut(&[u8]) -> std::io::Result<()> + Send),
    ) -> Result<(), ArchiveError> {
        let key = self.prefix.clone().join(name);
        let error = |source| ArchiveError::Store { key: name.to_owned(), source };
        let mut pieces = self.store.get(&key).await.map_err(error)?.into_stream();
        while let Some(piece) = pieces.try_next().await.map_err(error)? {
            take(&piece)
                .map_err(|source| error(object_store::Error::Generic { store: "copy", source: source.into() }))?;
        }
        Ok(())
    }

    pub async fn delete(&self, name: &str) -> Result<(), ArchiveError> {
        let deleted = self.store.delete(&self.prefix.clone().join(name)).await;
        deleted.map_err(|source| ArchiveError::MayNotDelete { key: name.to_owned(), source })
    }

    /// Puts the object under `folder`, a prefix beside its own name.
    pub async fn put_away(&self, name: &str, folder: &str) -> Result<(), ArchiveError> {
        let (from, to) = (self.prefix.clone().join(name), self.prefix.clone().join(folder).join(name));
        let copied = self.store.copy(&from, &to).await;
        copied.map_err(|source| ArchiveError::Store { key: name.to_owned(), source })?;
        self.delete(name).await
    }
}
