//! Where messages go.

use super::{MailFolder, SmtpSettings};

#[derive(Debug)]
pub enum Transport {
    /// One `.eml` file each.
    File(MailFolder),
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
