//! SHA-256, as manifests, input digests and message ids print it; also keyed by a secret.

use std::fmt;
use std::io::{self, Write};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Digest;

pub use crate::domain::{NotSha256, Sha256, hex};

/// [`Sha256::of`] as text.
pub fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::of(bytes).to_string()
}

/// A secret that keys digests: without it they cannot be computed.
#[derive(Clone)]
pub struct DigestKey([u8; Self::BYTES]);

impl DigestKey {
    /// As many as HMAC-SHA-256 takes in as they are.
    const BYTES: usize = 64;

    /// From the operating system's source of randomness.
    pub fn generate() -> io::Result<Self> {
        let mut bytes = [0; Self::BYTES];
        getrandom::fill(&mut bytes).map_err(io::Error::other)?;
        Ok(Self(bytes))
    }

    /// A published key: for ids that must be the same everywhere and protect nothing.
    pub fn known(byte: u8) -> Self {
        Self([byte; Self::BYTES])
    }

    /// `None` if `text` is no key that [`Self::to_hex`] wrote.
    pub fn from_hex(text: &str) -> Option<Self> {
        if text.len() != 2 * Self::BYTES {
            return None;
        }
        let pairs = text.as_bytes().chunks(2).map(|pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok());
        Some(Self(pairs.collect::<Option<Vec<u8>>>()?.try_into().ok()?))
    }

    pub fn to_hex(&self) -> String {
        hex(&self.0)
    }

    /// HMAC-SHA-256 in hexadecimal.
    pub fn digest_hex(&self, bytes: &[u8]) -> String {
        let mut mac = Hmac::<sha2::Sha256>::new((&self.0).into());
        mac.update(bytes);
        hex(mac.finalize().into_bytes().as_slice())
    }
}

impl fmt::Debug for DigestKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DigestKey(hidden)")
    }
}

/// Hashes what is written to it.
#[derive(Default)]
pub struct HashWriter {
    hash: sha2::Sha256,
    size: u64,
}

impl HashWriter {
    /// How many bytes were written, and their digest.
    pub fn finish(self) -> (u64, Sha256) {
        (self.size, Sha256::from_bytes(self.hash.finalize().into()))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_read_as_it_is_written_and_nothing_else_is_one() {
        let digest = Sha256::of(b"abc");
        let text = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(digest.to_string(), text);
        assert_eq!(text.parse(), Ok(digest));
        let json = serde_json::to_string(&digest).unwrap();
        assert_eq!((json.as_str(), serde_json::from_str(&json).unwrap()), (format!("\"{text}\"").as_str(), digest));
        for bad in ["", &text[1..], &text[2..], &format!("{text}00"), &text.to_uppercase(), &text.replace('b', "é")]
        {
            assert_eq!(bad.parse::<Sha256>(), Err(NotSha256), "{bad:?}");
        }
    }

    #[test]
    fn a_key_comes_back_as_it_was_and_no_two_are_alike() {
        let (one, other) = (DigestKey::generate().unwrap(), DigestKey::generate().unwrap());
        let again = DigestKey::from_hex(&one.to_hex()).unwrap();
        assert_eq!(one.digest_hex(b"x"), again.digest_hex(b"x"));
        assert_ne!(one.digest_hex(b"x"), other.digest_hex(b"x"));
        for bad in ["", "00", "zz", &one.to_hex()[1..], &format!("{}00", one.to_hex())] {
            assert!(DigestKey::from_hex(bad).is_none(), "{bad:?}");
        }
        assert!(!format!("{one:?}").contains(&one.to_hex()[..8]));
    }
}
