//! Where messages go.

use std::path::PathBuf;

use super::SmtpSettings;

#[derive(Debug)]
pub enum Transport {
    /// One `.eml` file each.
    File { dir: PathBuf },
    /// To a mail server, which sends them on.
    Smtp(SmtpSettings),
    /// Nowhere: deliveries wait.
    Off,
}

impl Transport {
    pub fn is_on(&self) -> bool {
        !matches!(self, Self::Off)
    }
}
