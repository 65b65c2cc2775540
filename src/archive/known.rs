//! Objects with what they are known by, for who hands on many: small ones whole, large ones through a temporary file.

use std::fs::File;
use std::io::{Seek, Write};
use std::path::PathBuf;

use super::local::Folder;
use super::objects::{blocking, local_error};
use super::{Archive, ArchiveError};
use crate::content::Content;
use crate::digest::{HashWriter, Sha256};

/// What an object holds, and what that is known by.
#[derive(Debug)]
pub struct KnownContent {
    pub content: Content,
    pub size: u64,
    pub sha256: Sha256,
    /// As a ZIP has it.
    pub crc32: u32,
}

impl From<Vec<u8>> for KnownContent {
    fn from(bytes: Vec<u8>) -> Self {
        let (sha256, crc32) = (Sha256::of(&bytes), crc32fast::hash(&bytes));
        Self { size: bytes.len() as u64, sha256, crc32, content: bytes.into() }
    }
}

impl Archive {
    /// Small objects, by key with the size that each should have; `None` where there is none. Of a longer one, one byte
    /// more is read, so that it is known by something else.
    ///
    /// Those of a folder are read by one thread: to hand each over to another takes longer than to read it.
    pub async fn read_small(&self, wanted: Vec<(String, u64)>) -> Result<Vec<Option<KnownContent>>, ArchiveError> {
        let first = wanted.first().map(|(key, _)| key.clone()).unwrap_or_default();
        let files: Option<Vec<_>> = wanted.iter().map(|(key, size)| Some((self.file(key)?, *size))).collect();
        if let Some(files) = files {
            let read = |(file, size): (PathBuf, u64)| Ok(Folder::read(&file, size)?.map(KnownContent::from));
            return blocking(&first, move || files.into_iter().map(read).collect()).await;
        }
        let mut read = Vec::with_capacity(wanted.len());
        for (key, size) in wanted {
            read.push(self.get_up_to(&key, size).await?.map(KnownContent::from));
        }
        Ok(read)
    }

    /// An object of any size up to `size`, of which a piece is in memory at a time; otherwise like
    /// [`Self::read_small`].
    pub async fn read_large(&self, key: &str, size: u64) -> Result<Option<KnownContent>, ArchiveError> {
        if let Some(file) = self.file(key) {
            let copy = move || {
                let mut copy = Copy::new()?;
                let is_there = Folder::read_pieces(&file, size.saturating_add(1), |piece| copy.take(piece))?;
                is_there.then(|| copy.finish()).transpose()
            };
            return blocking(key, copy).await;
        }
        let failed = |error| local_error(key, error);
        let mut copy = Copy::new().map_err(failed)?;
        let is_there = self.stored_pieces(key, size, &mut |piece| copy.take(piece)).await?;
        is_there.then(|| copy.finish()).transpose().map_err(failed)
    }
}

/// An object on its way into a temporary file.
struct Copy {
    file: File,
    hash: HashWriter,
    crc32: crc32fast::Hasher,
}

impl Copy {
    fn new() -> std::io::Result<Self> {
        Ok(Self { file: tempfile::tempfile()?, hash: HashWriter::default(), crc32: crc32fast::Hasher::new() })
    }

    fn take(&mut self, piece: &[u8]) -> std::io::Result<()> {
        self.crc32.update(piece);
        self.hash.write_all(piece)?;
        self.file.write_all(piece)
    }

    fn finish(mut self) -> std::io::Result<KnownContent> {
        self.file.rewind()?;
        let (size, sha256) = self.hash.finish();
        Ok(KnownContent { content: Content::Disk(self.file), size, sha256, crc32: self.crc32.finalize() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn small_and_large_are_known_by_the_same_and_what_is_longer_than_it_should_be_by_something_else() {
        let folder = tempfile::tempdir().unwrap();
        let archive =
            Archive::open(&format!("file:{}", folder.path().display()), &std::collections::BTreeMap::default())
                .unwrap();
        std::fs::write(folder.path().join("a"), "as it was written").unwrap();
        let size = 17;
        let sum = (Some(size), Some(Sha256::of(b"as it was written")), Some(crc32fast::hash(b"as it was written")));
        for (wanted, is_same) in [(size, true), (size + 5, true), (size - 1, true), (size - 2, false)] {
            let small = archive.read_small(vec![("a".into(), wanted), ("b".into(), wanted)]).await.unwrap();
            let large = archive.read_large("a", wanted).await.unwrap();
            assert!(small[1].is_none() && archive.read_large("b", wanted).await.unwrap().is_none());
            for read in [small.into_iter().next().flatten().unwrap(), large.unwrap()] {
                let known = (Some(read.size), Some(read.sha256), Some(read.crc32));
                assert_eq!(known == sum, is_same, "{wanted}");
                let bytes = read.content.into_bytes().unwrap();
                assert_eq!(bytes.len() as u64, size.min(wanted + 1));
                assert!(b"as it was written".starts_with(&bytes));
            }
        }
    }
}
