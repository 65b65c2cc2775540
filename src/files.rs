//! Files in folders where others may write: opened as what they are expected to be, or not at all.
//!
//! Anyone who may write to a folder can put a link, a pipe or a device under a file's name. What is read
//! must be a regular file, and what is made is made new, with its mode from the first moment.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

/// The kind of the error about a name that is there and is no regular file.
pub(crate) const NOT_REGULAR: io::ErrorKind = io::ErrorKind::InvalidInput;
/// Owner and group only.
pub(crate) const PRIVATE: u32 = 0o640;
/// What is taken from the mode of every new file or folder.
const OTHERS: Mode = Mode::WGRP.union(Mode::RWXO);

/// The folder that a URL such as `file:var/archive` names; `None` for any other.
pub(crate) fn folder_of_url(url: &str) -> Option<&str> {
    let folder = url.strip_prefix("file:")?;
    Some(folder.strip_prefix("//").unwrap_or(folder))
}

/// Opens a regular file for reading, also through a link; anything else that has the name is an error, and is not
/// waited for.
pub(crate) fn open_regular(path: &Path) -> io::Result<File> {
    open_with(path, OFlags::NONBLOCK)
}

/// Like [`open_regular`], but the name itself must not be a link.
pub(crate) fn open_regular_itself(path: &Path) -> io::Result<File> {
    match open_with(path, OFlags::NONBLOCK | OFlags::NOFOLLOW) {
        Err(error) if error.raw_os_error() == Some(Errno::LOOP.raw_os_error()) => Err(not_regular()),
        other => other,
    }
}

/// Makes a file that only owner and group may read. A file, or a link, that has the name already is an error.
pub(crate) fn create_new(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(PRIVATE).open(path)
}

/// Like [`create_new`], after taking away what an earlier attempt, or another person, left under the name.
pub(crate) fn create_anew(path: &Path) -> io::Result<File> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    create_new(path)
}

/// Makes, or replaces, the file that a person has named for what leaves the program. A pipe or a device that they have
/// named, for example `/dev/stdout`, is written to; a link to a file is replaced by a file.
pub(crate) fn create_export(path: &Path) -> io::Result<File> {
    match std::fs::metadata(path) {
        Ok(there) if !there.is_file() => OpenOptions::new().write(true).open(path),
        _ => create_anew(path),
    }
}

/// No file that this process makes is readable by everyone, whatever makes it; a stricter umask stays.
pub(crate) fn keep_private() {
    let before = rustix::process::umask(OTHERS);
    rustix::process::umask(before | OTHERS);
}

/// Opens a file that only this program writes, and makes it where it is missing: for locks and databases, which several
/// processes open. A link under its name is an error.
pub(crate) fn open_own(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(PRIVATE);
    regular(options.custom_flags(flags(OFlags::NONBLOCK | OFlags::NOFOLLOW)).open(path)?)
}

fn open_with(path: &Path, with: OFlags) -> io::Result<File> {
    regular(OpenOptions::new().read(true).custom_flags(flags(with)).open(path)?)
}

fn regular(file: File) -> io::Result<File> {
    if file.metadata()?.is_file() {
        return Ok(file);
    }
    Err(not_regular())
}

fn not_regular() -> io::Error {
    io::Error::new(NOT_REGULAR, "is not a regular file")
}

fn flags(flags: OFlags) -> i32 {
    flags.bits().cast_signed()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn what_is_made_is_new_and_private_and_never_written_through_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let (other, link) = (folder.path().join("other"), folder.path().join("link"));
        std::fs::write(&other, "mine").unwrap();
        std::os::unix::fs::symlink(&other, &link).unwrap();
        assert!(create_new(&link).is_err() && open_own(&link).is_err() && open_regular_itself(&link).is_err());
        assert!(open_regular(&link).is_ok());
        let made = create_anew(&link).unwrap();
        assert_eq!(made.metadata().unwrap().permissions().mode() & 0o777 & !PRIVATE, 0);
        assert_eq!(std::fs::read_to_string(&other).unwrap(), "mine");
    }

    #[test]
    fn pipes_and_devices_are_no_files_and_nothing_waits_for_them() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        for path in [pipe.as_path(), Path::new("/dev/zero"), folder.path()] {
            assert!(open_regular(path).is_err(), "{}", path.display());
        }
    }
}
