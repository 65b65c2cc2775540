//! Getting, listing and deleting objects, and what can go wrong with a store.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use futures_util::TryStreamExt;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use url::Url;

use super::local::Folder;
use super::location::{self, Backend, Location};
use super::refusal::is_forbidden;
use super::{ArchiveError, FileEntry, MANIFEST, Manifest, PROBE, StatementFolder};
use crate::digest::{HashWriter, Sha256};

/// An object store with a prefix inside it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Archive {
    /// Lists and deletes, whatever the kind of store; of a remote one it also reads and writes.
    pub(super) store: Arc<dyn ObjectStore>,
    prefix: Path,
    pub(super) backend: Backend,
}

/// Signed links of S3 and Google work no longer than this; one limit for all keeps the rule simple.
pub const LONGEST_LINK: Duration = Duration::from_hours(7 * 24);

/// The largest manifest of a statement, in bytes: an account of ten thousand rooms needs a third of it.
pub const LARGEST_MANIFEST: u64 = 16 * 1024 * 1024;

impl Archive {
    /// Opens the store that `url` names: `file:var/archive`, `s3://bucket/prefix`, `gs://…`, `az://…`.
    ///
    /// `options` are named as `object_store` names them; what they leave out comes from the environment.
    pub fn open(url: &str, options: &BTreeMap<String, String>) -> Result<Self, ArchiveError> {
        Self::open_trusting(url, options, None)
    }

    /// Like [`Self::open`]; certificates of the authorities in `ca_file` are trusted, too.
    pub fn open_trusting(
        url: &str,
        options: &BTreeMap<String, String>,
        ca_file: Option<&FilePath>,
    ) -> Result<Self, ArchiveError> {
        let Location { store, prefix, backend } = location::open(url, options, ca_file)?;
        Ok(Self { store, prefix, backend })
    }

    /// Whether objects are files of this machine.
    pub fn is_local(&self) -> bool {
        matches!(self.backend, Backend::Local(_))
    }

    /// Where an object lies, for people: a path, or the name of the object below the store's prefix.
    pub fn shown(&self, key: &str) -> String {
        match &self.backend {
            Backend::Local(folder) => folder.root.join(key).display().to_string(),
            Backend::Remote(_) => format!("{key}, in the archive"),
        }
    }

    /// Whether [`Archive::link`] works here.
    pub fn has_links(&self) -> bool {
        matches!(self.backend, Backend::Remote(_))
    }

    /// The object's bytes, `limit` at most; `None` if there is none. Memory is taken for what arrives, not for the
    /// length that a store promises.
    pub async fn get(&self, key: &str, limit: u64) -> Result<Option<Vec<u8>>, ArchiveError> {
        match self.get_up_to(key, limit).await? {
            Some(bytes) if bytes.len() as u64 > limit => Err(ArchiveError::TooLarge { key: key.to_owned(), limit }),
            got => Ok(got),
        }
    }

    /// Like [`Self::get`]; of a larger object, one byte more than `limit`.
    pub(super) async fn get_up_to(&self, key: &str, limit: u64) -> Result<Option<Vec<u8>>, ArchiveError> {
        if let Some(file) = self.file(key) {
            return blocking(key, move || Folder::read(&file, limit)).await;
        }
        let mut bytes = Vec::new();
        let take = &mut |piece: &[u8]| {
            bytes.extend_from_slice(piece);
            Ok(())
        };
        Ok(self.stored_pieces(key, limit, take).await?.then_some(bytes))
    }

    /// Hands on an object of a remote store piece by piece, one byte more than `limit` at most; false if there is none.
    pub(super) async fn stored_pieces(
        &self,
        key: &str,
        limit: u64,
        take: &mut (dyn FnMut(&[u8]) -> std::io::Result<()> + Send),
    ) -> Result<bool, ArchiveError> {
        let error = |source| ArchiveError::Store { key: key.to_owned(), source };
        let mut pieces = match self.store.get(&self.path(key)).await {
            Ok(found) => found.into_stream(),
            Err(object_store::Error::NotFound { .. }) => return Ok(false),
            Err(source) => return Err(error(source)),
        };
        let mut left = limit.saturating_add(1);
        while let Some(piece) = pieces.try_next().await.map_err(error)? {
            let length = usize::try_from(left).unwrap_or(usize::MAX).min(piece.len());
            take(&piece[..length]).map_err(|source| local_error(key, source))?;
            left -= length as u64;
            if left == 0 {
                break;
            }
        }
        Ok(true)
    }

    /// Reads an object to its end and says what it is, holding a piece of it at a time; `None` if there is none.
    pub async fn digest(&self, key: &str) -> Result<Option<FileEntry>, ArchiveError> {
        let hashed = match self.file(key) {
            Some(file) => blocking(key, move || Folder::digest(&file)).await?,
            None => self.digest_stored(key).await?,
        };
        Ok(hashed.map(|(size, sha256)| FileEntry { name: key.to_owned(), size, sha256 }))
    }

    async fn digest_stored(&self, key: &str) -> Result<Option<(u64, Sha256)>, ArchiveError> {
        let mut hash = HashWriter::default();
        let is_there = self.stored_pieces(key, u64::MAX, &mut |piece| hash.write_all(piece)).await?;
        Ok(is_there.then(|| hash.finish()))
    }

    /// Keys and sizes of all objects below `folder`, in order; an empty `folder` is the whole archive.
    pub async fn list(&self, folder: &str) -> Result<Vec<(String, u64)>, ArchiveError> {
        let path = self.path(folder);
        let listed = self.store.list(Some(&path)).try_collect::<Vec<_>>().await;
        let objects = listed.map_err(|source| not_listed(folder, source))?;
        let mut keys: Vec<_> =
            objects.into_iter().filter_map(|object| Some((self.key(&object.location)?, object.size))).collect();
        keys.sort();
        Ok(keys)
    }

    /// The names of the folders, and the keys of the objects, that lie directly in the archive; without those of
    /// probes.
    pub async fn top_level(&self) -> Result<(Vec<String>, Vec<String>), ArchiveError> {
        let listed = self.store.list_with_delimiter(Some(&self.prefix)).await;
        let listed = listed.map_err(|source| not_listed("", source))?;
        let mut folders: Vec<_> = listed.common_prefixes.iter().filter_map(|path| self.key(path)).collect();
        let mut objects: Vec<_> = listed.objects.iter().filter_map(|object| self.key(&object.location)).collect();
        objects.retain(|key| !key.starts_with(PROBE));
        folders.sort();
        objects.sort();
        Ok((folders, objects))
    }

    /// The names of the folders directly in `folder`; none where it is not there.
    pub async fn folders_in(&self, folder: &str) -> Result<Vec<String>, ArchiveError> {
        let listed = self.store.list_with_delimiter(Some(&self.path(folder))).await;
        let listed = listed.map_err(|source| not_listed(folder, source))?;
        let name = |path: &Path| path.filename().map(str::to_owned);
        Ok(listed.common_prefixes.iter().filter_map(name).collect())
    }

    /// Removes what writers that were killed left half-written directly in a folder; only local stores have such
    /// leftovers, and their names are of no object.
    pub async fn sweep(&self, folder: &str) -> Result<(), ArchiveError> {
        let Some(path) = self.file(folder) else { return Ok(()) };
        blocking(folder, move || Folder::sweep(&path)).await
    }

    /// A link that lets anyone read the object until `expires_in` has passed.
    pub async fn link(&self, key: &str, expires_in: Duration) -> Result<Url, ArchiveError> {
        let Backend::Remote(signer) = &self.backend else { return Err(ArchiveError::NoLinks) };
        if expires_in > LONGEST_LINK {
            return Err(ArchiveError::LinkTooLong);
        }
        let link = signer.signed_url(reqwest::Method::GET, &self.path(key), expires_in).await;
        link.map_err(|source| ArchiveError::Store { key: key.to_owned(), source })
    }

    /// The manifest of a complete statement, with its bytes.
    pub async fn manifest(&self, folder: &StatementFolder) -> Result<Option<(Manifest, Vec<u8>)>, ArchiveError> {
        let key = folder.key(MANIFEST);
        let Some(bytes) = self.get(&key, LARGEST_MANIFEST).await? else { return Ok(None) };
        let manifest = serde_json::from_slice(&bytes)
            .map_err(|error| ArchiveError::BadManifest { key, why: error.to_string() })?;
        Ok(Some((manifest, bytes)))
    }

    /// Where this machine keeps an object, if it does.
    pub(super) fn file(&self, key: &str) -> Option<PathBuf> {
        match &self.backend {
            Backend::Local(folder) => Some(folder.root.join(self.path(key).as_ref())),
            Backend::Remote(_) => None,
        }
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

fn not_listed(folder: &str, source: object_store::Error) -> ArchiveError {
    if is_forbidden(&source) {
        return ArchiveError::MayNotList { source };
    }
    ArchiveError::Store { key: folder.to_owned(), source }
}

/// Runs what waits for the disk apart from the runtime's threads.
pub(super) async fn blocking<T: Send + 'static>(
    key: &str,
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T, ArchiveError> {
    let done = tokio::task::spawn_blocking(work).await.map_err(std::io::Error::from);
    done.and_then(|result| result).map_err(|error| local_error(key, error))
}

pub(super) fn local_error(key: &str, error: std::io::Error) -> ArchiveError {
    let source = object_store::Error::Generic { store: "LocalFileSystem", source: Box::new(error) };
    ArchiveError::Store { key: key.to_owned(), source }
}
