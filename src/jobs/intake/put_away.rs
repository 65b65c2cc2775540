//! Moves, deletes or leaves whole files once their rows are stored.

use std::io;
use std::path::Path;

use rustix::fs::{CWD, RenameFlags, renameat_with};

use super::listing::{Found, version};
use super::source::{After, Place, UsageSource};
use crate::archive::ObjectFolder;

/// Files of one name in the folder to which taken files are moved.
const MOST_OF_A_NAME: u32 = 10_000;

/// Moves or deletes files that were taken; what cannot be done now is tried again at the next look.
pub(super) async fn put_away(source: &UsageSource, files: Vec<Found>) {
    if source.after == After::Keep || files.is_empty() {
        return;
    }
    let failed = match &source.place {
        Place::Folder { folder, .. } => {
            let (folder, after) = (folder.clone(), source.after.clone());
            let work = move || {
                let mut failed = None;
                for file in &files {
                    failed = put_file_away(&folder, &after, file).err().or(failed);
                }
                failed
            };
            match tokio::task::spawn_blocking(work).await {
                Ok(failed) => failed.map(|error| error.to_string()),
                Err(error) => Some(error.to_string()),
            }
        }
        Place::Objects { url, options, .. } => match ObjectFolder::open(url, options) {
            Ok(folder) => put_objects_away(&folder, &source.after, &files).await,
            Err(error) => Some(error.to_string()),
        },
        Place::Commands | Place::Http => None,
    };
    if let Some(error) = failed {
        tracing::warn!(intake = source.name, "A file that was taken stays where it is, for now: {error}");
    }
}

async fn put_objects_away(folder: &ObjectFolder, after: &After, files: &[Found]) -> Option<String> {
    let mut failed = None;
    for file in files {
        let done = match after {
            After::Keep => Ok(()),
            After::Move(to) => folder.put_away(&file.name, to).await,
            After::Delete => folder.delete(&file.name).await,
        };
        failed = done.err().map(|error| error.to_string()).or(failed);
    }
    failed
}

/// A file that has changed since it was taken stays.
fn put_file_away(folder: &Path, after: &After, file: &Found) -> io::Result<()> {
    let path = folder.join(&file.name);
    match std::fs::metadata(&path) {
        Ok(metadata) if version(&metadata) == file.version => {}
        Ok(_) => return Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    }
    match after {
        After::Keep => Ok(()),
        After::Delete => std::fs::remove_file(&path),
        After::Move(to) => {
            let to = folder.join(to);
            std::fs::create_dir_all(&to)?;
            move_into(&path, &to, &file.name)
        }
    }
}

/// Never over a file that is there.
fn move_into(path: &Path, folder: &Path, name: &str) -> io::Result<()> {
    for number in 0..MOST_OF_A_NAME {
        let name = if number == 0 { name.to_owned() } else { format!("{name}.{number}") };
        match renameat_with(CWD, path, CWD, folder.join(name), RenameFlags::NOREPLACE) {
            Err(rustix::io::Errno::EXIST) => {}
            other => return Ok(other?),
        }
    }
    Err(io::Error::other("too many files of its name are there already"))
}
