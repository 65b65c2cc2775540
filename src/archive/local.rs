//! A folder of this machine as an archive: plain files, written and read on threads that may block.
//!
//! The library hands each step over to another thread; here the caller's thread does all of it, so that a thread which
//! renders a statement also writes it and reads it back.

use std::fs::File;
use std::io::{ErrorKind, Read, Result, Write};
use std::path::{Path, PathBuf};

use crate::content::Content;
use crate::digest::{HashWriter, Sha256};
use crate::files::{NOT_REGULAR, create_new, open_regular_itself};
use crate::group_sync::{GroupSync, NotDurable, Unsynced};

/// How much of a file is read at once while it is hashed or copied.
const READ_BUFFER: usize = 256 * 1024;
/// How many names are tried for a file while it is written; files that killed writers left have some.
const STAGED_NAMES: u32 = 1000;

/// (bytes, SHA-256) of a file.
pub(super) type Sum = (u64, Sha256);

/// Where the files are.
#[derive(Debug, Clone)]
pub(super) struct Folder {
    /// Absolute.
    pub root: PathBuf,
    disk: GroupSync,
}

impl Folder {
    /// `root` is absolute.
    pub(super) fn new(root: PathBuf) -> Self {
        Self { disk: GroupSync::new(root.clone()), root }
    }

    /// Writes a file, replacing what is there in one step; returns what was written. Safe from a loss of power once
    /// [`Folder::sync`] has returned.
    pub(super) fn write(file: &Path, mut content: Content) -> Result<Sum> {
        let (staged, mut out) = stage(file)?;
        let written = write_hashed(&mut content, &mut out).and_then(|sum| {
            drop(out);
            std::fs::rename(&staged, file)?;
            Ok(sum)
        });
        if written.is_err() {
            // The error is what is reported; what stays is removed by the next writer.
            let _ = std::fs::remove_file(&staged);
        }
        written
    }

    /// Returns once `files` and the folders on the way to them are on disk; an error names the one that is not.
    pub(super) async fn sync(&self, files: Vec<Unsynced>) -> std::result::Result<(), NotDurable> {
        self.disk.sync(files).await
    }

    /// The file's bytes, one more than `limit` at most; `None` where there is none.
    pub(super) fn read(file: &Path, limit: u64) -> Result<Option<Vec<u8>>> {
        present(open_regular_itself(file).and_then(|opened| read_up_to(opened, limit.saturating_add(1))))
    }

    /// What a file holds, reading a piece of it at a time; `None` where there is none.
    pub(super) fn digest(file: &Path) -> Result<Option<Sum>> {
        present(open_regular_itself(file).and_then(hash))
    }

    /// Hands on the file piece by piece, `limit` bytes at most; false where there is none.
    pub(super) fn read_pieces(file: &Path, limit: u64, mut take: impl FnMut(&[u8]) -> Result<()>) -> Result<bool> {
        let Some(opened) = present(open_regular_itself(file))? else { return Ok(false) };
        pieces(opened, limit, &mut take).map(|()| true)
    }

    /// Removes what writers that were killed left half-written directly in a folder.
    pub(super) fn sweep(folder: &Path) -> Result<()> {
        let entries = match std::fs::read_dir(folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            other => other?,
        };
        for entry in entries {
            let entry = entry?;
            if is_half_written(&entry.file_name().to_string_lossy()) && entry.file_type()?.is_file() {
                std::fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// Removes `folder` if nothing is in it, then those above it, below the root; ones that are gone are passed.
    pub(super) fn remove_empty(&self, folder: &Path) {
        let below_root = folder.ancestors().take_while(|above| *above != self.root && above.starts_with(&self.root));
        for folder in below_root {
            match std::fs::remove_dir(folder) {
                Err(error) if error.kind() != ErrorKind::NotFound => return,
                _ => {}
            }
        }
    }
}

/// A new file beside `file`, `name#1` or the next that is free, with its name; makes the folder where it is missing.
fn stage(file: &Path) -> Result<(PathBuf, File)> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    for number in 1..=STAGED_NAMES {
        let staged = file.with_file_name(format!("{name}#{number}"));
        match create_new(&staged) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let folder = std::fs::create_dir_all(file.parent().unwrap_or(Path::new("")));
                // A folder that another process removes again, since it was empty, is made by the next number.
                match folder.and_then(|()| create_new(&staged)) {
                    Ok(out) => return Ok((staged, out)),
                    Err(error) if [ErrorKind::NotFound, ErrorKind::AlreadyExists].contains(&error.kind()) => {}
                    Err(error) => return Err(error),
                }
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            created => return Ok((staged, created?)),
        }
    }
    Err(ErrorKind::AlreadyExists.into())
}

/// Writes into a file, and hashes what is written.
struct Hashed<'a> {
    hash: HashWriter,
    out: &'a mut File,
}

impl Write for Hashed<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        let written = self.out.write(bytes)?;
        self.hash.write_all(&bytes[..written])?;
        Ok(written)
    }

    fn flush(&mut self) -> Result<()> {
        self.out.flush()
    }
}

fn write_hashed(content: &mut Content, out: &mut File) -> Result<Sum> {
    let mut hashed = Hashed { hash: HashWriter::default(), out };
    content.copy_to(&mut hashed)?;
    Ok(hashed.hash.finish())
}

/// `None` for what is not there; a folder, a link, a pipe or a device is no object.
fn present<T>(found: Result<T>) -> Result<Option<T>> {
    const ABSENT: [ErrorKind; 4] =
        [ErrorKind::NotFound, ErrorKind::IsADirectory, ErrorKind::NotADirectory, NOT_REGULAR];
    match found {
        Err(error) if ABSENT.contains(&error.kind()) => Ok(None),
        found => found.map(Some),
    }
}

/// Asks for the length first, so that most files are read into their place at once.
fn read_up_to(mut file: File, most: u64) -> Result<Vec<u8>> {
    let expected = usize::try_from(file.metadata()?.len().saturating_add(1).min(most)).unwrap_or(READ_BUFFER);
    let (mut bytes, mut filled) = (vec![0; expected], 0);
    while filled < bytes.len() {
        match file.read(&mut bytes[filled..])? {
            0 => break,
            read => filled += read,
        }
    }
    bytes.truncate(filled);
    if filled == expected && (filled as u64) < most {
        // It has grown meanwhile.
        file.take(most - filled as u64).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

fn hash(file: File) -> Result<Sum> {
    let mut hash = HashWriter::default();
    pieces(file, u64::MAX, &mut |piece| hash.write_all(piece))?;
    Ok(hash.finish())
}

fn pieces(file: File, limit: u64, take: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
    let length = usize::try_from(file.metadata()?.len()).unwrap_or(READ_BUFFER);
    let (mut file, mut buffer) = (file.take(limit), vec![0; READ_BUFFER.min(length).max(1)]);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(()),
            read => take(&buffer[..read])?,
        }
    }
}

fn is_half_written(name: &str) -> bool {
    name.rsplit_once('#').is_some_and(|(_, tail)| !tail.is_empty() && tail.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_is_replaced_whole_and_leaves_nothing_beside_it() {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::new(root.path().to_owned());
        let file = root.path().join("2009-05/602127/r1/account.html");
        Folder::write(&file, b"first".to_vec().into()).unwrap();
        // A file that a killed writer left takes a name until it is removed.
        std::fs::write(file.with_file_name("account.html#1"), "half").unwrap();
        let sum = Folder::write(&file, b"again".to_vec().into()).unwrap();
        folder.sync(vec![Unsynced::file(file.clone(), sum.0)]).await.unwrap();
        assert_eq!(Folder::digest(&file).unwrap(), Some(sum));
        assert_eq!(Folder::read(&file, 100).unwrap().unwrap(), b"again");
        Folder::sweep(file.parent().unwrap()).unwrap();
        let left: Vec<_> = std::fs::read_dir(file.parent().unwrap()).unwrap().flatten().collect();
        assert_eq!(left.len(), 1);
    }

    #[test]
    fn what_is_no_file_is_no_object() {
        let root = tempfile::tempdir().unwrap();
        for absent in [root.path().to_owned(), root.path().join("gone"), root.path().join("gone/deeper")] {
            assert_eq!(Folder::read(&absent, 100).unwrap(), None);
            assert_eq!(Folder::digest(&absent).unwrap(), None);
        }
    }
}
