//! Syncs files to this machine's disk, those of all waiting threads together.
//!
//! Waiting for the disk is most of the waiting of publishing, and a wait for one file costs nearly as much as one for
//! a hundred. A request that comes while a wait is under way is served by the next one. Where the file system can be
//! told to write everything and says so when it fails, one call does for all of them; elsewhere each file and each
//! folder is waited for.

use std::collections::BTreeSet;
use std::fs::{File, Metadata};
use std::io::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, mpsc};

use tokio::sync::oneshot;

/// From so many files on, the whole file system is told to write: fewer are waited for one by one, so that what others
/// write there costs nothing.
const MANY: usize = 4;

/// A file that was written, or a folder in which names have changed, and that may not be on disk yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unsynced {
    path: PathBuf,
    /// In bytes, as written; `None` for a folder.
    size: Option<u64>,
}

impl Unsynced {
    pub fn file(path: PathBuf, size: u64) -> Self {
        Self { path, size: Some(size) }
    }

    pub fn folder(path: PathBuf) -> Self {
        Self { path, size: None }
    }
}

/// The file or folder that is not on disk, and why.
pub(crate) type NotDurable = (PathBuf, Error);

type Answer = std::result::Result<(), NotDurable>;

struct Request {
    files: Vec<Unsynced>,
    /// `None` if the caller has to wait for each file by itself.
    done: oneshot::Sender<Option<Answer>>,
}

/// The waits for one folder and what is below it; clones share them.
#[derive(Debug, Clone)]
pub(crate) struct GroupSync {
    root: PathBuf,
    requests: Arc<Mutex<Option<mpsc::Sender<Request>>>>,
}

impl GroupSync {
    pub fn new(root: PathBuf) -> Self {
        Self { root, requests: Arc::default() }
    }

    /// Returns once `files`, which lie below the root, have the sizes that were written, and they and the folders from
    /// there to them are on disk; an error names what is not.
    pub async fn sync(&self, files: Vec<Unsynced>) -> Answer {
        if let Some(answer) = self.with_others(&files).await {
            return answer;
        }
        let root = self.root.clone();
        let each = tokio::task::spawn_blocking(move || sync_each(&root, &files)).await;
        each.unwrap_or_else(|error| Err((self.root.clone(), error.into())))
    }

    /// `None` if they could not be waited for together.
    async fn with_others(&self, files: &[Unsynced]) -> Option<Answer> {
        let (done, answer) = oneshot::channel();
        let request = Request { files: files.to_vec(), done };
        let sent = self.sender().send(request).is_ok();
        let answer = if sent { answer.await.ok() } else { None };
        if answer.is_none() {
            // The thread has ended: the next request starts another.
            *self.requests.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
        answer.flatten()
    }

    fn sender(&self) -> mpsc::Sender<Request> {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        requests.get_or_insert_with(|| start(self.root.clone())).clone()
    }
}

fn start(root: PathBuf) -> mpsc::Sender<Request> {
    let (sender, requests) = mpsc::channel();
    let serve = move || {
        let mut disk = Disk { root, whole: None };
        while let Ok(first) = requests.recv() {
            disk.serve(std::iter::once(first).chain(requests.try_iter()).collect());
        }
    };
    // Without the thread there is no receiver, and each caller waits alone.
    if let Err(error) = std::thread::Builder::new().name("disk".into()).spawn(serve) {
        tracing::error!("No thread can be started that waits for the disk: {error}");
    }
    sender
}

struct Disk {
    root: PathBuf,
    /// Opened before anything is written: the system reports an error to those that had the file system open when it
    /// happened.
    whole: Option<File>,
}

impl Disk {
    fn serve(&mut self, requests: Vec<Request>) {
        let is_written = self.write_everything(&requests).unwrap_or(false);
        for Request { files, done } in requests {
            // The caller may have gone away.
            let _ = done.send(is_written.then(|| all_whole(&files)));
        }
    }

    /// Whether the file system has written everything that is asked for.
    fn write_everything(&mut self, requests: &[Request]) -> Result<bool> {
        let Some(whole) = self.whole.take() else {
            self.whole = open_if_it_tells_errors(&self.root)?;
            return Ok(false);
        };
        let (mounted, files) = (whole.metadata()?, || requests.iter().flat_map(|request| &request.files));
        if !is_same_disk(&mounted, &std::fs::metadata(&self.root)?) {
            // Another file system is mounted there now; it is opened before the next files are written.
            self.whole = open_if_it_tells_errors(&self.root)?;
            return Ok(false);
        }
        let is_here =
            |file: &Unsynced| std::fs::symlink_metadata(&file.path).is_ok_and(|found| is_same_disk(&mounted, &found));
        let written = files().count() >= MANY && files().all(is_here) && write_all(&whole);
        self.whole = Some(whole);
        Ok(written)
    }
}

#[cfg(target_os = "linux")]
fn write_all(whole: &File) -> bool {
    // The error is found and reported file by file.
    rustix::fs::syncfs(whole).is_ok()
}

#[cfg(not(target_os = "linux"))]
fn write_all(_: &File) -> bool {
    false
}

/// The folder, where its file system writes everything when it is told to, and says so where that fails: not before
/// Linux 5.8, not through FUSE or a layer above others, and no other file system is known to. `None` if each file has
/// to be waited for by itself.
#[cfg(target_os = "linux")]
fn open_if_it_tells_errors(root: &Path) -> Result<Option<File>> {
    /// As `linux/magic.h` has them: ext2 to ext4, XFS, Btrfs, F2FS, tmpfs.
    const KNOWN: [u64; 5] = [0xEF53, 0x5846_5342, 0x9123_683E, 0xF2F5_2010, 0x0102_1994];
    let folder = File::open(root)?;
    let kind = u64::try_from(rustix::fs::fstatfs(&folder)?.f_type).map_err(Error::other)?;
    Ok((KNOWN.contains(&kind) && tells_errors(rustix::system::uname().release().to_string_lossy().as_ref()))
        .then_some(folder))
}

#[cfg(not(target_os = "linux"))]
fn open_if_it_tells_errors(_: &Path) -> Result<Option<File>> {
    Ok(None)
}

/// Whether this release of Linux says of `syncfs` that it failed: 5.8 and later ("man 2 syncfs").
#[cfg(target_os = "linux")]
fn tells_errors(release: &str) -> bool {
    let mut numbers = release.split(|character: char| !character.is_ascii_digit()).map(str::parse::<u32>);
    matches!((numbers.next(), numbers.next()), (Some(Ok(major)), Some(Ok(minor))) if (major, minor) >= (5, 8))
}

#[cfg(unix)]
fn is_same_disk(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    one.dev() == other.dev()
}

#[cfg(not(unix))]
fn is_same_disk(_: &Metadata, _: &Metadata) -> bool {
    false
}

fn all_whole(files: &[Unsynced]) -> Answer {
    files.iter().try_for_each(|file| is_whole(file).map_err(|error| (file.path.clone(), error)))
}

fn is_whole(Unsynced { path, size }: &Unsynced) -> Result<()> {
    let Some(size) = size else { return Ok(()) };
    let found = std::fs::symlink_metadata(path)?;
    if found.is_file() && found.len() == *size {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::InvalidData,
        format!("{} bytes are there, not the {size} that were written", found.len()),
    ))
}

fn sync_each(root: &Path, files: &[Unsynced]) -> Answer {
    files.iter().try_for_each(|file| sync_one(&file.path))?;
    // A name is durable only once its folder is on disk, and useful only if the file is.
    if cfg!(unix) {
        folders_of(root, files).iter().try_for_each(|folder| sync_one(folder))?;
    }
    all_whole(files)
}

/// Every folder from `root` down to the files.
fn folders_of(root: &Path, files: &[Unsynced]) -> BTreeSet<PathBuf> {
    let mut folders = BTreeSet::new();
    for file in files {
        let below = file.path.ancestors().skip(1).take_while(|folder| folder.starts_with(root));
        folders.extend(below.map(Path::to_owned));
    }
    folders
}

fn sync_one(path: &Path) -> Answer {
    File::open(path).and_then(|file| file.sync_all()).map_err(|error| (path.to_owned(), error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unsynced(file: impl Into<PathBuf>, size: u64) -> Unsynced {
        Unsynced::file(file.into(), size)
    }

    fn write(root: &Path, names: std::ops::Range<usize>) -> Vec<Unsynced> {
        let write = |number: usize| {
            let file = root.join(number.to_string());
            std::fs::write(&file, "four").unwrap();
            unsynced(file, 4)
        };
        names.map(write).collect()
    }

    #[test]
    fn every_folder_on_the_way_counts_once_and_none_above_the_root() {
        let files = ["/a/m/1/r1/account.xlsx", "/a/m/1/r1/rooms/2.xlsx", "/a/m/1/r1/rooms/3.xlsx"];
        let folders: Vec<_> = folders_of(Path::new("/a"), &files.map(|file| unsynced(file, 1))).into_iter().collect();
        assert_eq!(folders, ["/a", "/a/m", "/a/m/1", "/a/m/1/r1", "/a/m/1/r1/rooms"].map(PathBuf::from));
    }

    #[tokio::test]
    async fn few_and_many_are_on_disk_and_what_is_not_is_named() {
        let root = tempfile::tempdir().unwrap();
        let sync = GroupSync::new(root.path().to_owned());
        for names in [0..1, 1..MANY, 10..10 + 3 * MANY] {
            sync.sync(write(root.path(), names.clone())).await.unwrap();
            sync.sync(vec![Unsynced::folder(root.path().to_owned())]).await.unwrap();
            let gone = unsynced(root.path().join("gone"), 4);
            let mut files = write(root.path(), names.clone());
            files.push(gone.clone());
            let (path, error) = sync.sync(files).await.unwrap_err();
            assert_eq!((path, error.kind()), (gone.path, ErrorKind::NotFound));
            let mut files = write(root.path(), names);
            std::fs::write(&files[0].path, "cut").unwrap();
            files.rotate_left(1);
            let (path, error) = sync.sync(files.clone()).await.unwrap_err();
            assert_eq!((&path, error.kind()), (&files.last().unwrap().path, ErrorKind::InvalidData));
        }
    }

    #[tokio::test]
    async fn a_request_for_what_is_gone_fails_alone() {
        let root = tempfile::tempdir().unwrap();
        let sync = GroupSync::new(root.path().to_owned());
        let waits = (0..40).map(|number| {
            let mut files = write(root.path(), 10 * number..10 * number + MANY);
            if number % 4 == 0 {
                files.push(unsynced(root.path().join("gone"), 4));
            }
            let sync = sync.clone();
            (number, tokio::spawn(async move { sync.sync(files).await }))
        });
        for (number, wait) in waits.collect::<Vec<_>>() {
            assert_eq!(wait.await.unwrap().is_err(), number % 4 == 0, "{number}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn old_kernels_are_not_trusted() {
        for (release, tells) in
            [("5.8.0-rc1", true), ("6.1.0-18-amd64", true), ("5.7.19", false), ("4.19", false), ("x", false)]
        {
            assert_eq!(tells_errors(release), tells, "{release}");
        }
    }
}
