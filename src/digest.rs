//! SHA-256, as manifests, input digests and message ids print it; also keyed by a secret.

use std::fmt::{self, Write as _};
use std::io::{self, Write};
use std::str::FromStr;

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::Digest;

/// What bytes are known by. As text: 64 hexadecimal digits, letters small.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sha256([u8; 32]);

/// A text that is no [`Sha256`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("is no SHA-256, which has 64 hexadecimal digits, letters small")]
pub struct NotSha256;

impl Sha256 {
    pub fn of(bytes: &[u8]) -> Self {
        Self(sha2::Sha256::digest(bytes).into())
    }

    /// A digest that was made elsewhere.
    pub(crate) fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&hex(&self.0))
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sha256({self})")
    }
}

impl FromStr for Sha256 {
    type Err = NotSha256;

    fn from_str(text: &str) -> Result<Self, NotSha256> {
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Some(byte - b'0'),
            b'a'..=b'f' => Some(byte - b'a' + 10),
            _ => None,
        };
        let byte = |pair: &[u8]| Some(digit(*pair.first()?)? << 4 | digit(*pair.get(1)?)?);
        let bytes: Option<Vec<u8>> = text.as_bytes().chunks(2).map(byte).collect();
        bytes.and_then(|bytes| bytes.try_into().ok()).map(Self).ok_or(NotSha256)
    }
}

impl Serialize for Sha256 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Sha256 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// [`Sha256::of`] as text.
pub fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::of(bytes).to_string()
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
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

    /// A key that others know: for what must come out the same everywhere, and is trusted by no one.
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
    /// How many bytes were written, and what they are known by.
    pub fn finish(self) -> (u64, Sha256) {
        (self.size, Sha256(self.hash.finalize().into()))
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
