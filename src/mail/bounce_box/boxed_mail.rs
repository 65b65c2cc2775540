//! One mail of the box.

use crate::digest::Sha256;

/// A mail of the box.
#[derive(Debug)]
pub struct BoxedMail {
    /// At most [`crate::mail::FRONT`] bytes.
    pub front: Vec<u8>,
    /// Of the whole mail.
    pub sha256: Sha256,
}
