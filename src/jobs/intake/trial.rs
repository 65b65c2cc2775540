//! Tries a source without storing anything: is it there, and does its reader know its files?

use std::io::Write as _;
use std::path::Path;

use super::listing;
use super::source::{Place, UsageSource};
use crate::archive::ObjectFolder;
use crate::intake::readers::{Doubt, Output, ReaderError, Source, UsageRecord};

/// Rows after which a reader has shown what it can.
const ROWS: u64 = 1000;

/// Looks at a source and reads one of its files; tells what was found, and whether it is as it should be.
///
/// The error says why the source cannot be looked at.
pub async fn try_source(source: &UsageSource) -> Result<(String, bool), String> {
    match &source.place {
        Place::Commands => return Ok(("for commands: --reader takes its name".into(), true)),
        Place::Http => return Ok((format!("is posted to, at /intake/{}", source.name), true)),
        Place::Folder { folder, .. } if !folder.is_dir() => return Err(no_folder(folder)),
        Place::Folder { .. } | Place::Objects { .. } => {}
    }
    let found = listing::list(source, &[]).await?;
    let Some(newest) = found.last() else { return Ok(("is there, and no file as its pattern says".into(), true)) };
    let (name, files) = (newest.name.clone(), found.len());
    let opened = open(source, &name).await?;
    let tried = source.clone();
    let read = tokio::task::spawn_blocking(move || read(&tried, &opened));
    let (told, is_right) = match read.await.map_err(|error| error.to_string())? {
        Ok((rows, _)) if rows > 0 => (format!("{rows} legs"), true),
        Ok((_, Some(doubt))) => (doubt.words, false),
        Ok((_, None)) => ("no legs".to_owned(), true),
        Err(ReaderError::CutOff(why)) => (format!("not whole yet ({why})"), true),
        Err(error) => (format!("cannot be read: {error}"), false),
    };
    Ok((format!("{files} files; {name}: {told}"), is_right))
}

/// A folder that may not be looked into is not the same as one that is missing.
fn no_folder(folder: &Path) -> String {
    let shown = folder.display();
    match std::fs::metadata(folder) {
        Ok(_) => format!("{shown} is no folder"),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            format!("the folder {shown} is not there: make it, or correct \"from\"")
        }
        Err(error) => format!("the folder {shown} cannot be looked into: {error}"),
    }
}

async fn open(source: &UsageSource, name: &str) -> Result<Source, String> {
    match &source.place {
        Place::Objects { url, options, .. } => {
            let folder = ObjectFolder::open(url, options).map_err(|error| error.to_string())?;
            let mut file = tempfile::NamedTempFile::new().map_err(|error| error.to_string())?;
            let mut take = |piece: &[u8]| file.write_all(piece);
            folder.read(name, &mut take).await.map_err(|error| error.to_string())?;
            Ok(Source::of_temporary(name, file))
        }
        place => Ok(Source::of_others(&place.folder().map(|folder| folder.join(name)).unwrap_or_default())),
    }
}

/// Rows, and why the file may be another reader's.
fn read(source: &UsageSource, opened: &Source) -> Result<(u64, Option<Doubt>), ReaderError> {
    let mut rows = 0;
    let mut take = |_: &UsageRecord| {
        rows += 1;
        if rows >= ROWS { Err(ReaderError::Stopped) } else { Ok(()) }
    };
    let mut output = Output::new(&mut take);
    let read = source.reader.read(opened, &mut output);
    // A beginning that waits for its end is known to the reader as well.
    let (doubt, waiting) = (output.counts.doubt, output.waiting.len() as u64);
    match read {
        Err(error) if !matches!(error, ReaderError::Stopped) => Err(error),
        _ => Ok((rows + waiting, doubt)),
    }
}
