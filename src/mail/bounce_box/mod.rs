//! Where bounces arrive: a maildir, an mbox file, or a folder of mbox files.
//!
//! In a maildir, what has been read is marked as seen; an mbox is only ever read, since the mail system writes it. Of a
//! mail only its front is kept, however long it is.

mod boxed_mail;
mod maildir;
mod mbox;

use std::io;
use std::path::{Path, PathBuf};

pub use boxed_mail::BoxedMail;
pub use maildir::{mark_seen, read_mail, unique_name};
pub use mbox::{Mbox, MboxPlace};

/// What a path leads to.
#[derive(Debug)]
pub enum BounceBox {
    /// Its mails that are not marked as seen, in order of their names.
    Maildir(Vec<PathBuf>),
    /// One file, or all of a folder.
    Mboxes(Vec<PathBuf>),
    /// Nothing is there: an mbox appears with its first mail.
    NotYet,
}

impl BounceBox {
    /// Looks at what is there. A path whose folder is missing is an error: nothing will ever appear there. Blocks.
    pub fn open(path: &Path) -> io::Result<Self> {
        let kind = match std::fs::metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
                std::fs::metadata(folder)?;
                return Ok(Self::NotYet);
            }
            other => other?,
        };
        if !kind.is_dir() {
            return Ok(Self::Mboxes(vec![path.to_owned()]));
        }
        if path.join("new").is_dir() {
            return Ok(Self::Maildir(maildir::unseen(path)?));
        }
        Ok(Self::Mboxes(maildir::files(path)?))
    }
}

#[cfg(test)]
mod tests;
