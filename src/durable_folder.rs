//! Folders that survive a loss of power: a new folder's name is durable only once its parent has been synced.

use std::fs::File;
use std::io::{ErrorKind, Result};
use std::path::Path;

/// Makes a folder and what is missing on the way to it; returns once all of them are on disk. Blocks.
pub(crate) fn create_all(folder: &Path) -> Result<()> {
    if folder.as_os_str().is_empty() || folder.is_dir() {
        return Ok(());
    }
    let parent = folder.parent().unwrap_or(Path::new(""));
    create_all(parent)?;
    match std::fs::create_dir(folder) {
        // Another process was faster.
        Err(error) if error.kind() == ErrorKind::AlreadyExists && folder.is_dir() => {}
        made => made?,
    }
    let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
    // On systems where folders cannot be opened as files, the file system does this itself.
    if cfg!(unix) { File::open(parent)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_missing_is_made_and_what_is_there_is_left() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("one/two/three");
        create_all(&folder).unwrap();
        std::fs::write(folder.join("file"), "x").unwrap();
        create_all(&folder).unwrap();
        assert!(folder.join("file").exists());
        let refused = create_all(&folder.join("file/four")).unwrap_err();
        assert_ne!(refused.kind(), ErrorKind::NotFound);
    }
}
