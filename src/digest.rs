//! SHA-256 in hexadecimal, as manifests, input digests and message ids print it.

use std::fmt::Write as _;
use std::io::{self, Write};

use sha2::{Digest, Sha256};

pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(Sha256::digest(bytes).as_slice())
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Hashes what is written to it.
#[derive(Default)]
pub struct HashWriter {
    hash: Sha256,
    size: u64,
}

impl HashWriter {
    /// (bytes, SHA-256) of all that was written.
    pub fn finish(self) -> (u64, String) {
        (self.size, hex(self.hash.finalize().as_slice()))
    }
}

impl Write for HashWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.hash.update(bytes);
        self.size += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
