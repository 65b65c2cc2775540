//! Messages out: how one is composed, and how far its way was.

use crate::domain::EmailAddress;

/// An address with the name shown beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    pub name: Option<crate::domain::Name>,
    pub address: EmailAddress,
}

/// Where messages go.
#[derive(Debug)]
pub enum Transport {
    /// One `.eml` file each.
    File { dir: std::path::PathBuf },
    /// Nowhere: deliveries wait.
    Off,
}
