//! Who owns the files: what root writes, the daemon cannot change.
//!
//! Typing `sudo statementd` instead of `sudo -u statementd statementd` would leave a database, or objects of the
//! archive, that belong to root, and the daemon would stop at the next one.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::config::Config;
use crate::jobs;
use crate::typed_command;

/// Refuses to go on as root with an SQLite database, or a folder for it, that belongs to another user.
pub fn refuse_foreign_root(config: &Config) -> anyhow::Result<()> {
    let Some(file) = config.database.file() else { return Ok(()) };
    let owner_of = |path: &Path| std::fs::metadata(path).ok().map(|metadata| metadata.uid());
    let file = std::path::absolute(&file).unwrap_or(file);
    let owner = file.ancestors().find_map(owner_of);
    // The owner of a process' own folder there is its user.
    let is_root = owner_of(Path::new("/proc/self")) == Some(0);
    match owner.filter(|owner| is_root && *owner != 0) {
        None => Ok(()),
        Some(owner) => {
            let user = jobs::user_name(owner).unwrap_or_else(|| format!("#{owner}"));
            anyhow::bail!(
                "the database {} belongs to {user}, who could not change what root writes: run this as \"{}\"",
                file.display(),
                typed_command::again(&["sudo", "-u", &user])
            )
        }
    }
}
