//! A maildir: one file for each mail, its flags in the name.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::BoxedMail;
use crate::digest::HashWriter;
use crate::files::open_regular;
use crate::mail::FRONT;

/// Everything that no one has seen.
pub(super) fn unseen(maildir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut unseen = files(&maildir.join("new"))?;
    let is_seen = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.split_once(":2,").is_some_and(|(_, flags)| flags.contains('S'))
    };
    match files(&maildir.join("cur")) {
        Ok(read) => unseen.extend(read.into_iter().filter(|path| !is_seen(path))),
        // Made when something is marked as seen.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    Ok(unseen)
}

/// The part of a mail's file name that stays when it is moved or flagged.
pub fn unique_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.split(":2,").next().unwrap_or_default().to_owned()
}

/// `None` if the file has gone meanwhile. Blocks.
pub fn read_mail(path: &Path) -> io::Result<Option<BoxedMail>> {
    let mut file = match open_regular(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other?,
    };
    let mut front = Vec::new();
    (&mut file).take(FRONT as u64).read_to_end(&mut front)?;
    let mut hash = HashWriter::default();
    io::copy(&mut front.as_slice(), &mut hash)?;
    io::copy(&mut file, &mut hash)?;
    Ok(Some(BoxedMail { front, sha256: hash.finish().1 }))
}

/// Moves a mail to where the seen ones lie; one that has gone meanwhile needs no mark. Blocks.
pub fn mark_seen(path: &Path) -> io::Result<()> {
    let in_maildir = path.parent().and_then(Path::parent).zip(path.file_name().and_then(|name| name.to_str()));
    let Some((folder, name)) = in_maildir else { return Err(io::ErrorKind::InvalidFilename.into()) };
    let (unique, flags) = name.split_once(":2,").unwrap_or((name, ""));
    let mut flags: Vec<char> = flags.chars().chain(['S']).collect();
    flags.sort_unstable();
    flags.dedup();
    let cur = folder.join("cur");
    std::fs::create_dir_all(&cur)?;
    match std::fs::rename(path, cur.join(format!("{unique}:2,{}", String::from_iter(flags)))) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// In order of their names.
pub(super) fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
