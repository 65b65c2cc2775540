//! Getting, listing and deleting objects, and what can go wrong with a store.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, stream};
use object_store::path::Path;
use object_store::signer::Signer;
use object_store::{ObjectStore, ObjectStoreExt};
use url::Url;

use super::{FileEntry, MANIFEST, Manifest, StatementFolder, local, location};
use crate::digest::HashWriter;
use crate::domain::Statement;

/// An object store with a prefix inside it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Archive {
    pub(super) store: Arc<dyn ObjectStore>,
    prefix: Path,
    signer: Option<Arc<dyn Signer>>,
    /// The folder of this machine, if the store is one.
    pub(super) folder: Option<PathBuf>,
    /// The folder without a wait for the disk after each object.
    pub(super) hasty: Option<Arc<dyn ObjectStore>>,
}

/// Signed links of S3 and Google work no longer than this; one limit for all keeps the rule simple.
pub const LONGEST_LINK: Duration = Duration::from_hours(7 * 24);

#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    #[error("archive.url {url:?}: {why}")]
    BadUrl { url: String, why: String },
    #[error("archive object {key}: {source}")]
    Store { key: String, source: object_store::Error },
    #[error("archive object {key} was written, but what came back differs: the store is damaged or lies")]
    ReadBackDiffers { key: String },
    #[error(
        "archive folder {folder} already holds another statement ({there}) than the one to be put there ({here}): nothing \
         was changed. After a restore from a backup, usage or master data that came after it are missing in the database: \
         restore a newer backup. If the archive's is the wrong one, move that folder away"
    )]
    Conflict {
        folder: String,
        /// What is in the archive, in short.
        there: String,
        /// What was to be put there.
        here: String,
    },
    #[error("archive object {key} is not a manifest: {why}")]
    BadManifest { key: String, why: String },
    #[error("this archive is a folder and cannot sign links: use \"statementd archive get\" instead")]
    NoLinks,
    #[error("a link works for at most 7 days")]
    LinkTooLong,
}

impl ArchiveError {
    /// The folder of `statement` holds what `manifest` lists, which is of another one.
    pub fn conflict(manifest: &Manifest, statement: &Statement) -> Self {
        let here = Manifest::new(statement, &manifest.maker(), Vec::new());
        Self::Conflict { folder: here.folder().to_string(), there: manifest.in_short(), here: here.in_short() }
    }

    /// Whether the store itself is in trouble, so that the next object would fare no better.
    pub fn is_outage(&self) -> bool {
        matches!(self, Self::Store { source, .. } if !matches!(source, object_store::Error::AlreadyExists { .. }
            | object_store::Error::Precondition { .. } | object_store::Error::NotFound { .. }))
    }
}

impl Archive {
    /// Opens the store that `url` names: `file:var/archive`, `s3://bucket/prefix`, `gs://…`, `az://…`.
    ///
    /// `options` are named as `object_store` names them; what they leave out comes from the environment.
    pub fn open(url: &str, options: &BTreeMap<String, String>) -> Result<Self, ArchiveError> {
        let location::Location { store, prefix, signer, folder, hasty } = location::open(url, options)?;
        Ok(Self { store, prefix, signer, folder, hasty })
    }

    /// Whether objects are files of this machine.
    pub fn is_local(&self) -> bool {
        self.folder.is_some()
    }

    /// Whether [`Archive::link`] works here.
    pub fn has_links(&self) -> bool {
        self.signer.is_some()
    }

    /// The object's bytes; None where there is none.
    pub async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, ArchiveError> {
        if let Some(file) = self.file(key) {
            return local::read(file).await.map_err(|error| local_error(key, error));
        }
        let error = |source| ArchiveError::Store { key: key.to_owned(), source };
        match self.store.get(&self.path(key)).await {
            Ok(found) => Ok(Some(found.bytes().await.map_err(error)?.into())),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(source) => Err(error(source)),
        }
    }

    /// Reads an object to its end and says what it is, holding a piece of it at a time; None where there is none.
    pub async fn digest(&self, key: &str) -> Result<Option<FileEntry>, ArchiveError> {
        let hashed = match self.file(key) {
            Some(file) => local::digest(file).await.map_err(|error| local_error(key, error))?,
            None => self.digest_stream(key).await?,
        };
        Ok(hashed.map(|(size, sha256)| FileEntry { name: key.to_owned(), size, sha256 }))
    }

    async fn digest_stream(&self, key: &str) -> Result<Option<(u64, String)>, ArchiveError> {
        let error = |source| ArchiveError::Store { key: key.to_owned(), source };
        match self.store.get(&self.path(key)).await {
            Ok(found) => Ok(Some(hash_pieces(found.into_stream()).await.map_err(error)?)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(source) => Err(error(source)),
        }
    }

    /// Tries what publishing needs: an object is written, read back and removed.
    pub async fn probe(&self) -> Result<(), ArchiveError> {
        const KEY: &str = "statementd-probe";
        self.put_verified(KEY, KEY.as_bytes().to_vec()).await?;
        self.delete(KEY).await
    }

    /// Keys and sizes of all objects below `folder`, in order; an empty `folder` is the whole archive.
    pub async fn list(&self, folder: &str) -> Result<Vec<(String, u64)>, ArchiveError> {
        let path = self.path(folder);
        let listed = self.store.list(Some(&path)).try_collect::<Vec<_>>().await;
        let objects = listed.map_err(|source| ArchiveError::Store { key: folder.to_owned(), source })?;
        let mut keys: Vec<_> =
            objects.into_iter().filter_map(|object| Some((self.key(&object.location)?, object.size))).collect();
        keys.sort();
        Ok(keys)
    }

    /// The names of the folders, and the keys of the objects, that lie directly in the archive.
    pub async fn top_level(&self) -> Result<(Vec<String>, Vec<String>), ArchiveError> {
        let listed = self.store.list_with_delimiter(Some(&self.prefix)).await;
        let listed = listed.map_err(|source| ArchiveError::Store { key: String::new(), source })?;
        let mut folders: Vec<_> = listed.common_prefixes.iter().filter_map(|path| self.key(path)).collect();
        let mut objects: Vec<_> = listed.objects.iter().filter_map(|object| self.key(&object.location)).collect();
        folders.sort();
        objects.sort();
        Ok((folders, objects))
    }

    /// Deletes an object; one that is not there is as good.
    pub async fn delete(&self, key: &str) -> Result<(), ArchiveError> {
        self.delete_all(&[key.to_owned()]).await
    }

    /// Deletes objects in as few requests as the store allows.
    pub async fn delete_all(&self, keys: &[String]) -> Result<(), ArchiveError> {
        let paths: Vec<_> = keys.iter().map(|key| Ok(self.path(key))).collect();
        let mut deleted = self.store.delete_stream(stream::iter(paths).boxed());
        while let Some(outcome) = deleted.next().await {
            match outcome {
                Ok(_) | Err(object_store::Error::NotFound { .. }) => {}
                Err(source) => {
                    let key = keys.first().cloned().unwrap_or_default();
                    return Err(ArchiveError::Store { key, source });
                }
            }
        }
        Ok(())
    }

    /// Removes what writers that were killed left half-written directly in a folder; only local stores have such
    /// leftovers, and their names are of no object.
    pub async fn sweep(&self, folder: &str) -> Result<(), ArchiveError> {
        let Some(path) = self.file(folder) else { return Ok(()) };
        local::sweep(path).await.map_err(|error| local_error(folder, error))
    }

    /// A link that lets anyone read the object until `expires_in` has passed.
    pub async fn link(&self, key: &str, expires_in: Duration) -> Result<Url, ArchiveError> {
        let signer = self.signer.as_ref().ok_or(ArchiveError::NoLinks)?;
        if expires_in > LONGEST_LINK {
            return Err(ArchiveError::LinkTooLong);
        }
        let link = signer.signed_url(reqwest::Method::GET, &self.path(key), expires_in).await;
        link.map_err(|source| ArchiveError::Store { key: key.to_owned(), source })
    }

    /// The manifest of a complete statement, with its bytes.
    pub async fn manifest(&self, folder: &StatementFolder) -> Result<Option<(Manifest, Vec<u8>)>, ArchiveError> {
        let key = folder.key(MANIFEST);
        let Some(bytes) = self.get(&key).await? else { return Ok(None) };
        let manifest = serde_json::from_slice(&bytes)
            .map_err(|error| ArchiveError::BadManifest { key, why: error.to_string() })?;
        Ok(Some((manifest, bytes)))
    }

    /// Where this machine keeps an object, if it does. Read directly, since the library hands each step of reading over
    /// to another thread.
    pub(super) fn file(&self, key: &str) -> Option<PathBuf> {
        Some(self.folder.as_ref()?.join(self.path(key).as_ref()))
    }

    pub(super) fn path(&self, key: &str) -> Path {
        key.split('/').filter(|part| !part.is_empty()).fold(self.prefix.clone(), Path::join)
    }

    /// The key of a listed path, without the prefix.
    fn key(&self, path: &Path) -> Option<String> {
        let parts: Vec<_> = path.prefix_match(&self.prefix)?.collect();
        Some(parts.iter().map(|part| part.as_ref()).collect::<Vec<_>>().join("/"))
    }
}

async fn hash_pieces<B: AsRef<[u8]>>(
    mut pieces: impl stream::Stream<Item = Result<B, object_store::Error>> + Unpin,
) -> Result<(u64, String), object_store::Error> {
    let mut hash = HashWriter::default();
    while let Some(piece) = pieces.try_next().await? {
        // Hashing cannot fail.
        let _ = hash.write_all(piece.as_ref());
    }
    Ok(hash.finish())
}

pub(super) fn local_error(key: &str, error: std::io::Error) -> ArchiveError {
    let source = object_store::Error::Generic { store: "LocalFileSystem", source: Box::new(error) };
    ArchiveError::Store { key: key.to_owned(), source }
}
