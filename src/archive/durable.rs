//! Files of this machine, onto the disk: a statement's in one go instead of one by one.
//!
//! Waiting for the disk twice per object, for the file and for its folder, is most of the waiting of publishing. What
//! counts is that all of it is there before the manifest is.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};

/// Returns once `files`, which lie below `root`, and the folders from there to them are on disk; an error names the
/// one that is not. Blocks.
pub(super) fn sync(root: &Path, files: &[PathBuf]) -> Result<(), (PathBuf, std::io::Error)> {
    files.iter().try_for_each(|file| sync_one(file))?;
    // A name is in its folder only once the folder is on disk, and it is of use only if the file is.
    if cfg!(unix) {
        folders_of(root, files).iter().try_for_each(|folder| sync_one(folder))?;
    }
    Ok(())
}

/// Every folder from `root` down to the files.
fn folders_of(root: &Path, files: &[PathBuf]) -> BTreeSet<PathBuf> {
    let mut folders = BTreeSet::new();
    for file in files {
        let below = file.ancestors().skip(1).take_while(|folder| folder.starts_with(root));
        folders.extend(below.map(Path::to_owned));
    }
    folders
}

fn sync_one(path: &Path) -> Result<(), (PathBuf, std::io::Error)> {
    File::open(path).and_then(|file| file.sync_all()).map_err(|error| (path.to_owned(), error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_folder_on_the_way_counts_once_and_none_above_the_root() {
        let files = ["/a/m/1/r1/account.xlsx", "/a/m/1/r1/rooms/2.xlsx", "/a/m/1/r1/rooms/3.xlsx"].map(PathBuf::from);
        let folders: Vec<_> = folders_of(Path::new("/a"), &files).into_iter().collect();
        assert_eq!(folders, ["/a", "/a/m", "/a/m/1", "/a/m/1/r1", "/a/m/1/r1/rooms"].map(PathBuf::from));
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let root = tempfile::tempdir().unwrap();
        let there = root.path().join("there");
        std::fs::write(&there, "x").unwrap();
        sync(root.path(), std::slice::from_ref(&there)).unwrap();
        let gone = root.path().join("gone");
        let (path, error) = sync(root.path(), &[there, gone.clone()]).unwrap_err();
        assert_eq!((path, error.kind()), (gone, std::io::ErrorKind::NotFound));
    }
}
