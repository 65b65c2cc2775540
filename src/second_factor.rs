//! A second factor: codes of six digits from an app, by a secret that both know (TOTP, RFC 6238), and codes for when
//! the app is lost.
//!
//! The secret is kept sealed, by a key that is derived from `portal.second_factor_key_file`, or from the
//! installation's own secret where that is not set: then a copy of the whole database opens it, a single table does
//! not.

use chrono::{DateTime, Utc};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use totp_rs::{Builder, Secret, Totp};

use crate::clock::Clock;
use crate::digest::{DigestKey, sha256_hex};

/// Bytes of a secret: as many as RFC 4226 recommends.
const SECRET: usize = 20;
/// Recovery codes that are handed out together, and letters of each.
const RECOVERY_CODES: usize = 10;
const RECOVERY_LETTERS: usize = 16;
/// An alphabet of 32 in which no letter looks like a digit.
const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// Why a second factor cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SecondFactorError {
    #[error("the operating system gives no random numbers: {0}")]
    Randomness(String),
    #[error(
        "a second factor cannot be opened: portal.second_factor_key_file is not the one that it was sealed with. Put that \
         back, or run \"statementd portal sessions --forget-second-factor ADDRESS\""
    )]
    OtherKey,
    #[error("a second factor cannot be computed: {0}")]
    Unusable(String),
}

/// Seals secrets.
#[derive(Clone)]
pub struct SecondFactorKey([u8; 32]);

/// What app and server both know. Neither printed nor logged.
pub struct SecondFactor(Vec<u8>);

impl SecondFactorKey {
    /// `own` is the content of the operator's key file.
    pub fn new(installation: &DigestKey, own: Option<&str>) -> Self {
        let text = installation.digest_hex(format!("second factor {}", own.unwrap_or_default().trim()).as_bytes());
        let mut key = [0; 32];
        for (byte, pair) in key.iter_mut().zip(text.as_bytes().chunks(2)) {
            let digits = std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok());
            *byte = digits.unwrap_or_default();
        }
        Self(key)
    }

    fn cipher(&self) -> Result<LessSafeKey, SecondFactorError> {
        let key = UnboundKey::new(&CHACHA20_POLY1305, &self.0);
        key.map(LessSafeKey::new).map_err(|error| SecondFactorError::Unusable(error.to_string()))
    }
}

impl SecondFactor {
    pub fn generate() -> Result<Self, SecondFactorError> {
        Ok(Self(random::<SECRET>()?.to_vec()))
    }

    /// What is kept: `owner` is bound into it, so that one person's secret does not pass for another's.
    pub fn seal(&self, key: &SecondFactorKey, owner: &str) -> Result<String, SecondFactorError> {
        let nonce = random::<NONCE_LEN>()?;
        let mut bytes = self.0.clone();
        key.cipher()?
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(owner.as_bytes()), &mut bytes)
            .map_err(|error| SecondFactorError::Unusable(error.to_string()))?;
        Ok(crate::digest::hex(&[nonce.as_slice(), &bytes].concat()))
    }

    pub fn open(sealed: &str, key: &SecondFactorKey, owner: &str) -> Result<Self, SecondFactorError> {
        let pairs = sealed.as_bytes().chunks(2);
        let pairs = pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
        let bytes = pairs.collect::<Option<Vec<u8>>>().ok_or(SecondFactorError::OtherKey)?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE_LEN>().ok_or(SecondFactorError::OtherKey)?;
        let mut sealed = sealed.to_vec();
        let opened = key
            .cipher()?
            .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(owner.as_bytes()), &mut sealed)
            .map_err(|_| SecondFactorError::OtherKey)?;
        Ok(Self(opened.to_vec()))
    }

    /// The time step of a code that is right now, or was or will be half a minute ago or ahead. Now is the machine's
    /// time, also where the program works as of another: the app goes by its own clock.
    pub fn step_of(&self, code: &str) -> Result<Option<i64>, SecondFactorError> {
        self.step_at(code, Clock::System.now())
    }

    fn step_at(&self, code: &str, now: DateTime<Utc>) -> Result<Option<i64>, SecondFactorError> {
        let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        let time = u64::try_from(now.timestamp()).unwrap_or_default();
        Ok(self.totp()?.check(&code, time).map(u64::cast_signed))
    }

    /// The code of this moment; for tests, and for the demo, which takes the app's part.
    pub fn code(&self, now: DateTime<Utc>) -> Result<String, SecondFactorError> {
        Ok(self.totp()?.generate(u64::try_from(now.timestamp()).unwrap_or_default()).to_string())
    }

    /// To be typed into an app.
    pub fn text(&self) -> String {
        Secret::from(self.0.clone()).to_base32()
    }

    /// Reads a secret that was shown by [`Self::text`].
    pub fn from_text(text: &str) -> Option<Self> {
        Secret::try_from_base32(text).ok().map(|secret| Self(secret.as_bytes().to_vec()))
    }

    /// The address that an app takes it from.
    pub fn uri(&self, issuer: &str, account: &str) -> String {
        let plain = |text: &str| {
            let text = text.replace(':', " ");
            percent_encoding::utf8_percent_encode(&text, percent_encoding::NON_ALPHANUMERIC).to_string()
        };
        let (issuer, account) = (plain(issuer), plain(account));
        format!("otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}", self.text())
    }

    fn totp(&self) -> Result<Totp, SecondFactorError> {
        let built = Builder::new().with_secret(Secret::from(self.0.clone())).build();
        built.map_err(|error| SecondFactorError::Unusable(error.to_string()))
    }
}

/// Codes for when the second factor is lost, as they are shown once.
pub fn recovery_codes() -> Result<Vec<String>, SecondFactorError> {
    let one = || {
        let letters =
            random::<RECOVERY_LETTERS>()?.map(|byte| char::from(LETTERS[usize::from(byte) % LETTERS.len()]));
        let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
        Ok(groups.join("-"))
    };
    (0..RECOVERY_CODES).map(|_| one()).collect()
}

/// What is kept of a recovery code, however it was typed; `None` if it is not a recovery code.
pub fn recovery_digest(code: &str) -> Option<String> {
    let letters: String = code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect();
    (letters.len() == RECOVERY_LETTERS).then(|| sha256_hex(letters.as_bytes()))
}

fn random<const N: usize>() -> Result<[u8; N], SecondFactorError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| SecondFactorError::Randomness(error.to_string()))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238, appendix B, SHA-1, the last six of eight digits.
        let secret = SecondFactor(b"12345678901234567890".to_vec());
        for (time, code) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            let now = DateTime::from_timestamp(time, 0).unwrap();
            assert_eq!(secret.code(now).unwrap(), code);
            assert_eq!(secret.step_at(&format!(" {} {}", &code[..3], &code[3..]), now).unwrap(), Some(time / 30));
            assert_eq!(secret.step_at(code, now + chrono::TimeDelta::minutes(2)).unwrap(), None);
        }
        assert_eq!(secret.step_at("", DateTime::from_timestamp(59, 0).unwrap()).unwrap(), None);
    }

    #[test]
    fn a_sealed_secret_opens_for_its_owner_and_with_its_key_alone() {
        let secret = SecondFactor::generate().unwrap();
        let key = SecondFactorKey::new(&DigestKey::known(1), Some("a file\n"));
        let sealed = secret.seal(&key, "7").unwrap();
        assert!(!sealed.contains(&crate::digest::hex(&secret.0)));
        assert_eq!(SecondFactor::open(&sealed, &key, "7").unwrap().text(), secret.text());
        let other = SecondFactorKey::new(&DigestKey::known(1), None);
        for bad in [
            SecondFactor::open(&sealed, &other, "7"),
            SecondFactor::open(&sealed, &key, "8"),
            SecondFactor::open("", &key, "7"),
        ] {
            assert!(matches!(bad, Err(SecondFactorError::OtherKey)));
        }
    }

    #[test]
    fn recovery_codes_are_many_different_and_known_however_they_are_typed() {
        let codes = recovery_codes().unwrap();
        let digests: std::collections::BTreeSet<_> = codes.iter().filter_map(|code| recovery_digest(code)).collect();
        assert_eq!(digests.len(), RECOVERY_CODES);
        assert_eq!(recovery_digest(&codes[0].to_lowercase().replace('-', " ")), recovery_digest(&codes[0]));
        assert_eq!(recovery_digest("123456"), None);
    }
}
