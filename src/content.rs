//! The content of a file or an object: in memory while it is small, in an unnamed temporary file once it is large.

use std::fs::File;
use std::io::{BufWriter, Read, Seek, Write};

use tempfile::{SpooledData, SpooledTempFile};

/// In bytes: what is larger, as the workbook of a room with hundreds of thousands of legs, goes to disk.
const IN_MEMORY: usize = 16 * 1024 * 1024;
/// In bytes: small writes gather here.
const BUFFER: usize = 64 * 1024;

#[derive(Debug)]
pub enum Content {
    Memory(Vec<u8>),
    /// At its beginning.
    Disk(File),
}

impl From<Vec<u8>> for Content {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Memory(bytes)
    }
}

impl Content {
    /// What `write` writes.
    pub fn written<E: From<std::io::Error>>(
        write: impl FnOnce(&mut BufWriter<SpooledTempFile>) -> Result<(), E>,
    ) -> Result<Self, E> {
        let mut out = BufWriter::with_capacity(BUFFER, SpooledTempFile::new(IN_MEMORY));
        write(&mut out)?;
        let spooled = out.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        Ok(match spooled.into_inner() {
            SpooledData::InMemory(cursor) => Self::Memory(cursor.into_inner()),
            SpooledData::OnDisk(mut file) => {
                file.rewind()?;
                Self::Disk(file)
            }
        })
    }

    /// All of it, in memory.
    pub fn into_bytes(self) -> std::io::Result<Vec<u8>> {
        match self {
            Self::Memory(bytes) => Ok(bytes),
            Self::Disk(mut file) => {
                let mut bytes = Vec::new();
                file.read_to_end(&mut bytes)?;
                Ok(bytes)
            }
        }
    }

    /// Writes it out; may be called again.
    pub fn copy_to(&mut self, out: &mut impl Write) -> std::io::Result<()> {
        match self {
            Self::Memory(bytes) => out.write_all(bytes),
            Self::Disk(file) => {
                std::io::copy(file, out)?;
                file.rewind()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_content_goes_to_disk_and_comes_back_the_same() {
        let piece: Vec<u8> = (0..=255).collect();
        for (pieces, is_on_disk) in [(3, false), (IN_MEMORY / piece.len() + 1, true)] {
            let write = |out: &mut BufWriter<SpooledTempFile>| (0..pieces).try_for_each(|_| out.write_all(&piece));
            let mut content = Content::written::<std::io::Error>(write).unwrap();
            assert_eq!(matches!(content, Content::Disk(_)), is_on_disk);
            let mut copy = Vec::new();
            content.copy_to(&mut copy).unwrap();
            assert!(copy == piece.repeat(pieces) && copy == content.into_bytes().unwrap());
        }
    }
}
