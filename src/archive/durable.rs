//! Files of this machine, onto the disk: a statement's in one go instead of one by one.
//!
//! Waiting for the disk twice per object, for the file and for its folder, is most of the waiting of publishing. What
//! counts is that all of it is there before the manifest is.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};

use futures_util::{StreamExt, TryStreamExt, stream};

use super::local::off_runtime;

/// Files that are waited for at once: the disk takes them together.
const AT_ONCE: usize = 8;

/// Returns once `files`, which lie below `root`, and the folders from there to them are on disk; an error names the
/// one that is not.
pub(super) async fn sync(root: &Path, files: Vec<PathBuf>) -> Result<(), (PathBuf, std::io::Error)> {
    let folders = folders_of(root, &files);
    stream::iter(files).map(sync_one).buffer_unordered(AT_ONCE).try_collect::<()>().await?;
    // A name is in its folder only once the folder is on disk, and it is of use only if the file is.
    if cfg!(unix) {
        stream::iter(folders).map(sync_one).buffer_unordered(AT_ONCE).try_collect::<()>().await?;
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

async fn sync_one(path: PathBuf) -> Result<(), (PathBuf, std::io::Error)> {
    let opened = path.clone();
    off_runtime(move || File::open(opened)?.sync_all()).await.map_err(|error| (path, error))
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

    #[tokio::test]
    async fn a_file_that_is_not_there_is_named() {
        let root = tempfile::tempdir().unwrap();
        let there = root.path().join("there");
        std::fs::write(&there, "x").unwrap();
        sync(root.path(), vec![there.clone()]).await.unwrap();
        let gone = root.path().join("gone");
        let (path, error) = sync(root.path(), vec![there, gone.clone()]).await.unwrap_err();
        assert_eq!((path, error.kind()), (gone, std::io::ErrorKind::NotFound));
    }
}
