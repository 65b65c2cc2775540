//! Signing messages (DKIM, RFC 6376), in builds with the feature `dkim`.
//!
//! A signature carries the time at which it was made, and lettre takes that from the machine: a message that is sent
//! again is the same message under a new signature.

use std::path::PathBuf;

use super::MailError;
use crate::domain::MailDomain;

/// From `[mail.dkim]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DkimSettings {
    pub domain: MailDomain,
    pub selector: MailDomain,
    /// A private key in PEM form: RSA (PKCS #1 or #8) or Ed25519 (PKCS #8).
    pub key_file: PathBuf,
}

/// A key that is ready to sign.
#[derive(Debug)]
pub struct Signer(key::Key);

impl Signer {
    /// Reads the key; an error names the file.
    pub fn load(settings: &DkimSettings) -> Result<Self, MailError> {
        let bad = |why| MailError::Dkim(format!("mail.dkim.key_file {}: {why}", settings.key_file.display()));
        key::build(settings).map(Self).map_err(bad)
    }

    /// Builds the key as it is built for each round of mail; an error continues a sentence that names the setting. No
    /// part of the key is in it.
    pub fn try_key(settings: &DkimSettings) -> Result<(), String> {
        key::build(settings).map(drop)
    }

    pub(super) fn sign(&self, message: &mut lettre::Message) {
        key::sign(&self.0, message);
    }
}

#[cfg(feature = "dkim")]
mod key {
    use base64ct::{Base64, Encoding};
    use lettre::message::dkim::{
        DkimCanonicalization, DkimCanonicalizationType, DkimConfig, DkimSigningAlgorithm, DkimSigningKey,
    };
    use lettre::message::header::HeaderName;
    use pkcs8::{LineEnding, ObjectIdentifier, PrivateKeyInfo, SecretDocument};

    use super::DkimSettings;

    pub(super) type Key = DkimConfig;

    const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
    const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
    const PKCS1_LABEL: &str = "RSA PRIVATE KEY";
    /// What PKCS #8 puts before the 32 bytes of an Ed25519 key.
    const ED25519_PREFIX: [u8; 2] = [0x04, 0x20];

    /// What readers see and act on. Content-Type stays out: it belongs to the body for lettre, which cannot sign it.
    const SIGNED_HEADERS: [&str; 8] =
        ["From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Auto-Submitted", "Content-Language"];

    pub(super) fn build(settings: &DkimSettings) -> Result<Key, String> {
        let pem = std::fs::read_to_string(&settings.key_file).map_err(|error| error.to_string())?;
        let relaxed = DkimCanonicalizationType::Relaxed;
        Ok(DkimConfig::new(
            settings.selector.to_string(),
            settings.domain.to_string(),
            signing_key(&pem)?,
            SIGNED_HEADERS.map(HeaderName::new_from_ascii_str).to_vec(),
            DkimCanonicalization { header: relaxed, body: relaxed },
        ))
    }

    pub(super) fn sign(key: &Key, message: &mut lettre::Message) {
        message.sign(key);
    }

    fn signing_key(pem: &str) -> Result<DkimSigningKey, String> {
        let (label, document) =
            SecretDocument::from_pem(pem).map_err(|error| format!("is not a key in PEM form: {error}"))?;
        if label == PKCS1_LABEL {
            return rsa_key(pem);
        }
        let key = PrivateKeyInfo::try_from(document.as_bytes()).map_err(|error| format!("{label}: {error}"))?;
        match key.algorithm.oid {
            RSA => {
                let pkcs1 = SecretDocument::try_from(key.private_key).map_err(|error| error.to_string())?;
                let pem = pkcs1.to_pem(PKCS1_LABEL, LineEnding::LF).map_err(|error| error.to_string())?;
                rsa_key(&pem)
            }
            ED25519 => {
                let bytes = key.private_key.strip_prefix(&ED25519_PREFIX).ok_or("holds no Ed25519 key")?;
                let text = Base64::encode_string(bytes);
                DkimSigningKey::new(&text, DkimSigningAlgorithm::Ed25519).map_err(|error| error.to_string())
            }
            other => Err(format!("holds a key of another kind ({other}) than RSA and Ed25519")),
        }
    }

    fn rsa_key(pkcs1_pem: &str) -> Result<DkimSigningKey, String> {
        DkimSigningKey::new(pkcs1_pem, DkimSigningAlgorithm::Rsa).map_err(|error| error.to_string())
    }
}

#[cfg(not(feature = "dkim"))]
mod key {
    use std::convert::Infallible;

    use super::DkimSettings;

    /// This build has no signing.
    pub(super) type Key = Infallible;

    pub(super) fn build(_settings: &DkimSettings) -> Result<Key, String> {
        Err("this statementd was built without DKIM: build it with --features dkim, or remove [mail.dkim]".into())
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "called as the one that signs")]
    pub(super) fn sign(key: &Key, _message: &mut lettre::Message) {
        match *key {}
    }
}
