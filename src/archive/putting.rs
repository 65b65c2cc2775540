//! Writing objects and reading them back: an object counts once its hash has been compared.

use std::fs::File;
use std::io::{Read, Write};
use std::sync::Arc;

use object_store::path::Path;
use object_store::{Attributes, MultipartUpload, ObjectStore, PutMode, PutMultipartOptions, PutOptions, PutPayload};

use super::headers::attributes;
use super::local::off_runtime;
use super::objects::local_error;
use super::{Archive, ArchiveError, FileEntry, durable};
use crate::content::Content;
use crate::digest::{HashWriter, sha256_hex};

/// A large object is written in parts of so many bytes; S3 takes no smaller ones than 5 MiB.
const PART: u64 = 8 * 1024 * 1024;

impl Archive {
    /// Writes an object, replacing what is there, and reads it back.
    ///
    /// Some stores answer 409 although the object has landed, others although it has not: what comes back decides.
    pub async fn put_verified(&self, key: &str, body: impl Into<Content>) -> Result<FileEntry, ArchiveError> {
        self.put_into(&self.store, key, body.into()).await
    }

    /// As [`Self::put_verified`], but safe from a loss of power only once [`Self::make_durable`] has returned.
    pub async fn put_unsynced(&self, key: &str, body: impl Into<Content>) -> Result<FileEntry, ArchiveError> {
        self.put_into(self.hasty.as_ref().unwrap_or(&self.store), key, body.into()).await
    }

    /// Waits until objects that were put hastily are on disk: each file, then once each folder on the way to them.
    pub async fn make_durable(&self, keys: &[String]) -> Result<(), ArchiveError> {
        let Some(root) = self.folder.as_ref().filter(|_| self.hasty.is_some()) else { return Ok(()) };
        let files = keys.iter().filter_map(|key| self.file(key)).collect();
        let synced = durable::sync(root, files).await;
        synced.map_err(|(path, error)| local_error(&path.display().to_string(), error))
    }

    async fn put_into(
        &self,
        store: &Arc<dyn ObjectStore>,
        key: &str,
        body: Content,
    ) -> Result<FileEntry, ArchiveError> {
        let error = |source| ArchiveError::Store { key: key.to_owned(), source };
        let (written, answer) = match body {
            Content::Memory(bytes) => {
                let written = (bytes.len() as u64, sha256_hex(&bytes));
                let options = PutOptions { attributes: self.attributes(key), ..PutMode::Overwrite.into() };
                let put = store.put_opts(&self.path(key), PutPayload::from(bytes), options).await;
                (written, put.map(drop))
            }
            Content::Disk(file) => {
                put_in_parts(store, (&self.path(key), self.attributes(key)), file).await.map_err(error)?
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
            (Some(stored), _) if (stored.size, &stored.sha256) == (written.0, &written.1) => Ok(stored),
            (_, Some(source)) => Err(error(source)),
            (_, None) => Err(ArchiveError::ReadBackDiffers { key: key.to_owned() }),
        }
    }
}

impl Archive {
    /// A folder keeps none.
    fn attributes(&self, key: &str) -> Attributes {
        if self.is_local() { Attributes::new() } else { attributes(key) }
    }
}

/// (bytes, SHA-256) of what was written.
type Written = (u64, String);
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
        // The error is what counts; a store forgets unfinished uploads by its own rules.
        let _ = upload.abort().await;
    }
    put
}

async fn put_parts(upload: &mut dyn MultipartUpload, mut file: File) -> Result<Written, object_store::Error> {
    let mut hash = HashWriter::default();
    loop {
        let read = off_runtime(move || {
            let mut part = Vec::new();
            Read::by_ref(&mut file).take(PART).read_to_end(&mut part)?;
            Ok((part, file))
        });
        let (part, rest) = read
            .await
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
