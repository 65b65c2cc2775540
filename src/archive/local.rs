//! Objects that are files of this machine, read directly: the library hands each step of reading over to another thread.

use std::fs::File;
use std::io::{ErrorKind, Read, Result, Write};
use std::path::{Path, PathBuf};

use tokio::runtime::Handle;

use crate::digest::HashWriter;
use crate::files::{NOT_REGULAR, open_regular_itself};

/// How much of a file is read at once while it is hashed.
const READ_BUFFER: usize = 256 * 1024;

/// The file's bytes, one more than `limit` at most; `None` where there is none.
pub(super) async fn read(file: PathBuf, limit: u64) -> Result<Option<Vec<u8>>> {
    let read = move || {
        let mut bytes = Vec::new();
        open_regular_itself(&file)?.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    off_runtime(move || present(read())).await
}

/// (bytes, SHA-256) of a file, holding a piece of it at a time; `None` where there is none.
pub(super) async fn digest(file: PathBuf) -> Result<Option<(u64, String)>> {
    off_runtime(move || present(open_regular_itself(&file).and_then(hash))).await
}

/// Removes what writers that were killed left half-written directly in a folder.
pub(super) async fn sweep(folder: PathBuf) -> Result<()> {
    off_runtime(move || sweep_folder(&folder)).await
}

/// Runs `work` apart from the runtime's threads; or right here, on a thread that is none of them and may wait.
/// `object_store` does the same.
pub(super) async fn off_runtime<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    match Handle::try_current() {
        Ok(runtime) => runtime.spawn_blocking(work).await.map_err(std::io::Error::from).and_then(|result| result),
        Err(_) => work(),
    }
}

/// None for what is not there; a folder, a link, a pipe or a device is no object.
fn present<T>(found: Result<T>) -> Result<Option<T>> {
    const ABSENT: [ErrorKind; 4] =
        [ErrorKind::NotFound, ErrorKind::IsADirectory, ErrorKind::NotADirectory, NOT_REGULAR];
    match found {
        Err(error) if ABSENT.contains(&error.kind()) => Ok(None),
        found => found.map(Some),
    }
}

fn hash(mut file: File) -> Result<(u64, String)> {
    let mut hash = HashWriter::default();
    let length = usize::try_from(file.metadata()?.len()).unwrap_or(READ_BUFFER);
    let mut buffer = vec![0; READ_BUFFER.min(length).max(1)];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hash.finish()),
            read => hash.write_all(&buffer[..read])?,
        }
    }
}

/// The library writes `name#1` first and renames it when it is whole.
fn sweep_folder(folder: &Path) -> Result<()> {
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

fn is_half_written(name: &str) -> bool {
    name.rsplit_once('#').is_some_and(|(_, tail)| !tail.is_empty() && tail.bytes().all(|byte| byte.is_ascii_digit()))
}
