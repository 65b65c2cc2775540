//! Writing objects and reading them back: an object of a store counts once its hash has been compared, a file of this
//! machine once it is on disk with the size that was written.

use std::fs::File;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::sync::Arc;

use object_store::path::Path;
use object_store::{Attributes, MultipartUpload, ObjectStore, PutMode, PutMultipartOptions, PutOptions, PutPayload};

use super::headers::attributes;
use super::local::Folder;
use super::location::Backend;
use super::objects::local_error;
use super::{Archive, ArchiveError, FileEntry};
use crate::content::Content;
use crate::digest::{HashWriter, Sha256};
use crate::group_sync::Unsynced;

/// A large object is written in parts of so many bytes; S3 takes no smaller ones than 5 MiB.
const PART: u64 = 8 * 1024 * 1024;

impl Archive {
    /// Writes an object, replacing what is there; returns once it is on disk here, or was read back from a store.
    ///
    /// Some stores answer 409 although the object has landed, others although it has not: so the object is read back
    /// to decide.
    pub async fn put_verified(&self, key: &str, body: impl Into<Content>) -> Result<FileEntry, ArchiveError> {
        let Some(local) = self.local() else { return self.put_remote(key, body.into()).await };
        let (owned, body, writer) = (key.to_owned(), body.into(), local.clone());
        let put = tokio::task::spawn_blocking(move || writer.put_unsynced(&owned, body));
        let entry = put.await.map_err(|error| local_error(key, error.into()))??;
        local.make_durable(std::iter::once((entry.name.clone(), entry.size))).await?;
        Ok(entry)
    }

    /// Writes an object of a store over the network, where what is acknowledged is durable, and reads it back.
    async fn put_remote(&self, key: &str, body: Content) -> Result<FileEntry, ArchiveError> {
        let store = &self.store;
        let error = |source| ArchiveError::Store { key: key.to_owned(), source };
        let (written, answer) = match body {
            Content::Memory(bytes) => {
                let written = (bytes.len() as u64, Sha256::of(&bytes));
                let options = PutOptions { attributes: attributes(key), ..PutMode::Overwrite.into() };
                let put = store.put_opts(&self.path(key), PutPayload::from(bytes), options).await;
                (written, put.map(drop))
            }
            Content::Disk(file) => {
                put_in_parts(store, (&self.path(key), attributes(key)), file).await.map_err(error)?
            }
        };
        let refused = match answer {
            Ok(()) => None,
            Err(refused @ (object_store::Error::AlreadyExists { .. } | object_store::Error::Precondition { .. })) => {
                Some(refused)
            }
            Err(source) => return Err(error(source)),
        };
        match (self.digest(key).await?, refused) {
            (Some(stored), _) if (stored.size, stored.sha256) == written => Ok(stored),
            (_, Some(source)) => Err(error(source)),
            (_, None) => Err(ArchiveError::ReadBackDiffers { key: key.to_owned() }),
        }
    }
}

/// An archive that is a folder, for threads that may wait for the disk.
#[derive(Debug, Clone)]
pub struct LocalArchive {
    archive: Archive,
    folder: Folder,
}

impl Archive {
    /// This archive, where it is a folder of this machine.
    pub fn local(&self) -> Option<LocalArchive> {
        match &self.backend {
            Backend::Local(folder) => Some(LocalArchive { archive: self.clone(), folder: folder.clone() }),
            Backend::Remote(_) => None,
        }
    }
}

impl LocalArchive {
    /// Writes an object, replacing what is there. It counts, as one that was read back does, once
    /// [`Self::make_durable`] has returned. Blocks.
    pub fn put_unsynced(&self, key: &str, body: Content) -> Result<FileEntry, ArchiveError> {
        let (size, sha256) = Folder::write(&self.file(key), body).map_err(|error| local_error(key, error))?;
        Ok(FileEntry { name: key.to_owned(), size, sha256 })
    }

    /// Waits until objects that were put, each (key, bytes), are on disk with these sizes.
    pub async fn make_durable(&self, objects: impl Iterator<Item = (String, u64)>) -> Result<(), ArchiveError> {
        let unsynced = objects.map(|(key, size)| Unsynced::file(self.file(&key), size));
        let synced = self.folder.sync(unsynced.collect()).await;
        synced.map_err(|(path, error)| local_error(&path.display().to_string(), error))
    }

    fn file(&self, key: &str) -> PathBuf {
        self.folder.root.join(self.archive.path(key).as_ref())
    }
}

/// (bytes, SHA-256) of what was written.
type Written = (u64, Sha256);
/// What the store said of the whole object.
type Answer = Result<(), object_store::Error>;

/// An error: not all parts arrived, and the store was not asked to make an object of them.
async fn put_in_parts(
    store: &Arc<dyn ObjectStore>,
    (path, attributes): (&Path, Attributes),
    file: File,
) -> Result<(Written, Answer), object_store::Error> {
    let options = PutMultipartOptions { attributes, ..PutMultipartOptions::default() };
    let mut upload = store.put_multipart_opts(path, options).await?;
    let put = match put_parts(upload.as_mut(), file).await {
        Ok(written) => Ok((written, upload.complete().await.map(drop))),
        Err(error) => Err(error),
    };
    if !matches!(put, Ok((_, Ok(())))) {
        // The error is what is reported; a store removes unfinished uploads by its own rules.
        let _ = upload.abort().await;
    }
    put
}

async fn put_parts(upload: &mut dyn MultipartUpload, mut file: File) -> Result<Written, object_store::Error> {
    let mut hash = HashWriter::default();
    loop {
        let read = tokio::task::spawn_blocking(move || {
            let mut part = Vec::new();
            Read::by_ref(&mut file).take(PART).read_to_end(&mut part)?;
            Ok::<_, std::io::Error>((part, file))
        });
        let (part, rest) = read
            .await
            .map_err(std::io::Error::from)
            .and_then(|read| read)
            .map_err(|error| object_store::Error::Generic { store: "temporary file", source: Box::new(error) })?;
        if part.is_empty() {
            return Ok(hash.finish());
        }
        // Hashing cannot fail.
        let _ = hash.write_all(&part);
        upload.put_part(PutPayload::from(part)).await?;
        file = rest;
    }
}
