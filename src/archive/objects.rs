//! Putting, getting and listing objects, and what can go wrong with a store.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::TryStreamExt;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutPayload};
use url::Url;

use super::{FileEntry, MANIFEST, Manifest, StatementFolder};
use crate::digest::sha256_hex;

/// An object store with a prefix inside it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Archive {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
    is_local: bool,
}

#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    #[error("archive.url {url:?}: {why}")]
    BadUrl { url: String, why: String },
    #[error("archive object {key}: {source}")]
    Store { key: String, source: object_store::Error },
    #[error("archive object {key} was written, but what came back differs: the store is damaged or lies")]
    ReadBackDiffers { key: String },
    #[error(
        "archive folder {folder} already holds a complete statement with other content: nothing was changed. \
         Move that folder away, or point archive.url elsewhere"
    )]
    Conflict { folder: String },
    #[error("archive object {key} is not a manifest: {why}")]
    BadManifest { key: String, why: String },
}

impl Archive {
    /// Opens the store that `url` names: `file:var/archive`, `s3://bucket/prefix`, `gs://…`, `az://…`.
    ///
    /// `options` are named as `object_store` names them; what they leave out comes from the environment.
    pub fn open(url: &str, options: &BTreeMap<String, String>) -> Result<Self, ArchiveError> {
        let bad_url = |why: String| ArchiveError::BadUrl { url: url.to_owned(), why };
        if let Some(folder) = url.strip_prefix("file:") {
            let folder = folder.strip_prefix("//").unwrap_or(folder);
            std::fs::create_dir_all(folder).map_err(|error| bad_url(error.to_string()))?;
            let store = LocalFileSystem::new_with_prefix(folder).map_err(|error| bad_url(error.to_string()))?;
            let store = store.with_fsync(true).with_automatic_cleanup(true);
            return Ok(Self { store: Arc::new(store), prefix: Path::default(), is_local: true });
        }
        let parsed = Url::parse(url).map_err(|error| bad_url(error.to_string()))?;
        let from_environment = std::env::vars()
            .filter(|(name, _)| ["AWS_", "GOOGLE_", "AZURE_"].iter().any(|prefix| name.starts_with(prefix)));
        let configured = options.iter().map(|(name, value)| (name.clone(), value.clone()));
        let all = from_environment.map(|(name, value)| (name.to_ascii_lowercase(), value)).chain(configured);
        let (store, prefix) =
            object_store::parse_url_opts(&parsed, all).map_err(|error| bad_url(error.to_string()))?;
        Ok(Self { store: Arc::from(store), prefix, is_local: false })
    }

    /// Whether objects are files of this machine.
    pub fn is_local(&self) -> bool {
        self.is_local
    }

    /// Writes an object, replacing what is there, and reads it back.
    pub async fn put_verified(&self, key: &str, bytes: Vec<u8>) -> Result<FileEntry, ArchiveError> {
        let sha256 = sha256_hex(&bytes);
        let size = bytes.len() as u64;
        let path = self.path(key);
        let payload = PutPayload::from(bytes);
        self.store
            .put_opts(&path, payload, PutMode::Overwrite.into())
            .await
            .map_err(|source| ArchiveError::Store { key: key.to_owned(), source })?;
        match self.get(key).await? {
            Some(stored) if sha256_hex(&stored) == sha256 => Ok(FileEntry { name: key.to_owned(), size, sha256 }),
            _ => Err(ArchiveError::ReadBackDiffers { key: key.to_owned() }),
        }
    }

    /// The object's bytes; None where there is none.
    pub async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, ArchiveError> {
        let error = |source| ArchiveError::Store { key: key.to_owned(), source };
        match self.store.get(&self.path(key)).await {
            Ok(found) => Ok(Some(found.bytes().await.map_err(error)?.to_vec())),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(source) => Err(error(source)),
        }
    }

    /// Tries what publishing needs: an object is written, read back and removed.
    pub async fn probe(&self) -> Result<(), ArchiveError> {
        const KEY: &str = "statementd-probe";
        self.put_verified(KEY, KEY.into()).await?;
        self.delete(KEY).await
    }

    /// Keys and sizes of all objects below `folder`, in order.
    pub async fn list(&self, folder: &str) -> Result<Vec<(String, u64)>, ArchiveError> {
        let path = self.path(folder);
        let listed = self.store.list(Some(&path)).try_collect::<Vec<_>>().await;
        let objects = listed.map_err(|source| ArchiveError::Store { key: folder.to_owned(), source })?;
        let mut keys: Vec<_> = objects
            .into_iter()
            .filter_map(|object| {
                let parts: Option<Vec<_>> = object.location.prefix_match(&self.prefix).map(Iterator::collect);
                let key = parts?.iter().map(|part| part.as_ref()).collect::<Vec<_>>().join("/");
                Some((key, object.size))
            })
            .collect();
        keys.sort();
        Ok(keys)
    }

    pub async fn delete(&self, key: &str) -> Result<(), ArchiveError> {
        match self.store.delete(&self.path(key)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(source) => Err(ArchiveError::Store { key: key.to_owned(), source }),
        }
    }

    /// The manifest of a complete statement, with its bytes.
    pub async fn manifest(&self, folder: &StatementFolder) -> Result<Option<(Manifest, Vec<u8>)>, ArchiveError> {
        let key = folder.key(MANIFEST);
        let Some(bytes) = self.get(&key).await? else { return Ok(None) };
        let manifest = serde_json::from_slice(&bytes)
            .map_err(|error| ArchiveError::BadManifest { key, why: error.to_string() })?;
        Ok(Some((manifest, bytes)))
    }

    fn path(&self, key: &str) -> Path {
        key.split('/').filter(|part| !part.is_empty()).fold(self.prefix.clone(), Path::join)
    }
}
