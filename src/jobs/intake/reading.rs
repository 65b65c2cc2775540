//! The thread that reads a source's files ahead of the task that stores their rows.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::future::join_all;
use tempfile::NamedTempFile;
use tokio::sync::mpsc;

use super::listing::{Found, is_gzip_name, version};
use super::names::printable;
use super::source::{Place, UsageSource};
use crate::archive::ObjectFolder;
use crate::digest::sha256_hex;
use crate::files::open_regular_itself;
use crate::intake::readers::{ReaderError, Source, Waiting};
use crate::jobs::import::collect::{Collector, Group};
use crate::store::{IntakeFile, IntakeFileState};

/// Bytes of a file that grows, read at a time.
const PIECE: u64 = 4 * 1024 * 1024;
/// Bytes before a position; by them it is known that the file is still the same one.
const MARK: u64 = 256;
/// Files whose rows are stored together.
const FILES_PER_GROUP: usize = 500;
/// Objects that are fetched at once.
const OBJECTS_AT_ONCE: usize = 16;
/// A table without a line feed at its end is taken after so many times `settle`: nothing says that it is whole.
const SETTLES_WITHOUT_LINE_END: u32 = 12;

/// Rows, and what is known of their files once these are stored.
pub(super) struct Taken {
    pub group: Group,
    pub files: Vec<IntakeFile>,
    /// The last file that was read.
    pub last: Option<String>,
}

/// Reads files one by one.
pub(super) struct FileReader {
    pub source: UsageSource,
    pub collector: Collector,
    pub waiting: Waiting,
    pub now: DateTime<Utc>,
    pub sender: mpsc::Sender<Taken>,
    pub files: Vec<IntakeFile>,
    pub last: Option<String>,
}

/// The receiver wants no more.
struct ReceiverGone;

impl FileReader {
    /// Reads `tasks` until they end, or until the receiver wants no more; `objects` fetches those of a store.
    pub(super) fn run(mut self, tasks: &[(Found, Option<IntakeFile>)], runtime: &tokio::runtime::Handle) {
        let objects = match &self.source.place {
            Place::Objects { url, options, .. } => match ObjectFolder::open(url, options) {
                Ok(folder) => Some(folder),
                Err(error) => return tracing::error!(intake = self.source.name, "Objects cannot be read: {error}"),
            },
            _ => None,
        };
        for some in tasks.chunks(OBJECTS_AT_ONCE) {
            let fetched = match &objects {
                Some(folder) => runtime.block_on(join_all(some.iter().map(|(found, _)| fetch(folder, found)))),
                None => some.iter().map(|_| Ok(None)).collect(),
            };
            for ((found, known), fetched) in some.iter().zip(fetched) {
                let read = match fetched {
                    Ok(temporary) => self.read(found, known.as_ref(), temporary),
                    Err(error) => {
                        tracing::warn!(intake = self.source.name, "An object cannot be read now: {error}");
                        Ok(())
                    }
                };
                if read.is_err() || self.flush_if_full().is_err() {
                    return;
                }
            }
        }
        let _ = self.flush();
    }

    fn read(
        &mut self,
        found: &Found,
        known: Option<&IntakeFile>,
        object: Option<NamedTempFile>,
    ) -> Result<(), ReceiverGone> {
        let path = self.source.place.folder().map(|folder| folder.join(&found.name));
        let is_followed = self.source.follow && !is_gzip_name(&found.name);
        let outcome = match (object, path) {
            (Some(object), _) => self.read_whole(found, &Source::of_temporary(&found.name, object), None),
            (None, Some(path)) if is_followed => self.follow(found, known, &path),
            (None, Some(path)) => self.read_whole(found, &Source::of_others(&path), Some(&path)),
            (None, None) => return Ok(()),
        };
        self.last = Some(found.name.clone());
        match outcome {
            Ok(file) => self.files.extend(file),
            Err(ReaderError::Stopped) => return Err(ReceiverGone),
            Err(error) => {
                let file = self.judge(found, known, &error);
                self.files.extend(file);
            }
        }
        Ok(())
    }

    fn read_whole(
        &mut self,
        found: &Found,
        source: &Source,
        path: Option<&Path>,
    ) -> Result<Option<IntakeFile>, ReaderError> {
        let is_settled = found.age.is_none_or(|age| age >= self.source.settle * SETTLES_WITHOUT_LINE_END);
        if !is_settled && self.source.reader.is_by_lines() && !source.ends_with_line_feed()? {
            return Ok(None);
        }
        let mut check = || {
            let Some(path) = path else { return Ok(()) };
            if version(&std::fs::metadata(path)?) == found.version { Ok(()) } else { Err(ReaderError::Changed) }
        };
        check()?;
        let name = self.place_of(&found.name);
        let (files, last, sender) = (&mut self.files, &self.last, &self.sender);
        let mut flush = |group: Group| {
            let files = std::mem::take(files);
            sender.blocking_send(Taken { group, files, last: last.clone() }).is_ok()
        };
        let doubt = self.collector.read((source, &name), &mut self.waiting, &mut flush, &mut check)?;
        Ok(Some(match doubt.filter(|doubt| doubt.is_certain) {
            None => self.file(found, IntakeFileState::Taken, String::new()),
            // It may be someone's usage: it is neither moved nor deleted.
            Some(doubt) => {
                tracing::warn!(
                    intake = self.source.name,
                    "A file is refused, and stays where it is: {}",
                    doubt.words
                );
                self.file(found, IntakeFileState::Refused, doubt.words)
            }
        }))
    }

    /// Reads a file that grows from where reading stood, line by whole line.
    fn follow(
        &mut self,
        found: &Found,
        known: Option<&IntakeFile>,
        path: &Path,
    ) -> Result<Option<IntakeFile>, ReaderError> {
        let mut file = open_regular_itself(path)?;
        let mut position = known.map_or(0, |known| known.position.cast_unsigned());
        let mut mark = known.map(|known| known.mark.clone()).unwrap_or_default();
        if position > 0 && mark_before(&mut file, position)? != Some(mark.clone()) {
            tracing::info!(intake = self.source.name, "A file was cut or replaced: it is read from its beginning");
            (position, mark) = (0, String::new());
        }
        let header = if self.source.reader.has_header() { first_line(&mut file)? } else { Some(Vec::new()) };
        let Some(header) = header else { return Ok(None) };
        let name = self.place_of(&found.name);
        let before = position;
        while let Some(lines) = lines_from(&mut file, position)? {
            let (length, before) = (lines.len() as u64, mark.clone());
            let text = if position == 0 { lines } else { [header.as_slice(), &lines].concat() };
            let mut check = || match mark_before(&mut file, position) {
                Ok(now) if position > 0 && now.as_ref() != Some(&before) => Err(ReaderError::Changed),
                other => other.map(drop).map_err(ReaderError::Io),
            };
            let source = Source::of_bytes(&found.name, text);
            let (files, last, sender) = (&mut self.files, &self.last, &self.sender);
            let mut flush = |group: Group| {
                let files = std::mem::take(files);
                sender.blocking_send(Taken { group, files, last: last.clone() }).is_ok()
            };
            let read = self.collector.read((&source, &name), &mut self.waiting, &mut flush, &mut check)?;
            if let Some(doubt) = read.filter(|doubt| doubt.is_certain) {
                tracing::warn!(intake = self.source.name, "A file that is followed gave nothing: {}", doubt.words);
            }
            position += length;
            let Some(now) = mark_before(&mut file, position)? else { return Err(ReaderError::Changed) };
            mark = now;
            let known = IntakeFile {
                position: position.cast_signed(),
                mark: mark.clone(),
                // More may have been written since it was found: it is looked at once more.
                version: String::new(),
                ..self.file(found, IntakeFileState::Following, String::new())
            };
            self.files.push(known);
            self.flush_if_full().map_err(|ReceiverGone| ReaderError::Stopped)?;
        }
        let is_new =
            known.is_none_or(|known| known.version != found.version || known.position.cast_unsigned() != before);
        Ok(is_new.then(|| IntakeFile {
            position: position.cast_signed(),
            mark,
            ..self.file(found, IntakeFileState::Following, String::new())
        }))
    }

    /// What a file is that could not be read whole; `None` if nothing is known of it yet.
    fn judge(&self, found: &Found, known: Option<&IntakeFile>, error: &ReaderError) -> Option<IntakeFile> {
        let state = match error {
            ReaderError::Changed => return None,
            ReaderError::Io(error) if error.kind() == io::ErrorKind::NotFound => return None,
            ReaderError::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => IntakeFileState::Incomplete,
            ReaderError::CutOff(_) => IntakeFileState::Incomplete,
            ReaderError::Io(error) if error.kind() != io::ErrorKind::InvalidInput => {
                tracing::warn!(intake = self.source.name, "A file cannot be read now, and is tried again: {error}");
                return None;
            }
            _ => IntakeFileState::Refused,
        };

        if state == IntakeFileState::Refused {
            tracing::warn!(intake = self.source.name, "A file is refused, and stays where it is: {error}");
        }
        let known = known.filter(|_| self.source.follow);
        Some(IntakeFile {
            position: known.map_or(0, |known| known.position),
            mark: known.map(|known| known.mark.clone()).unwrap_or_default(),
            ..self.file(found, state, error.to_string())
        })
    }

    fn file(&self, found: &Found, state: IntakeFileState, reason: String) -> IntakeFile {
        IntakeFile {
            identity: found.identity.clone(),
            name: found.name.clone(),
            version: found.version.clone(),
            position: 0,
            mark: String::new(),
            state,
            reason,
            changed_at: self.now.timestamp(),
        }
    }

    /// Where rejected rows are said to come from.
    fn place_of(&self, name: &str) -> String {
        let name = &printable(name);
        match &self.source.place {
            Place::Folder { folder, .. } => std::path::absolute(folder.join(name))
                .map_or_else(|_| name.to_owned(), |path| path.display().to_string()),
            Place::Objects { url, .. } => format!("{url}/{name}"),
            Place::Commands | Place::Http => format!("{}: {name}", self.source.name),
        }
    }

    fn flush_if_full(&mut self) -> Result<(), ReceiverGone> {
        if self.collector.is_full() || self.files.len() >= FILES_PER_GROUP { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), ReceiverGone> {
        let (group, files) = (self.collector.take(), std::mem::take(&mut self.files));
        if files.is_empty() && group.parts.is_empty() {
            return Ok(());
        }
        self.sender.blocking_send(Taken { group, files, last: self.last.clone() }).map_err(|_| ReceiverGone)
    }
}

async fn fetch(folder: &ObjectFolder, found: &Found) -> Result<Option<NamedTempFile>, String> {
    let mut file = NamedTempFile::new().map_err(|error| error.to_string())?;
    let mut take = |piece: &[u8]| file.write_all(piece);
    folder.read(&found.name, &mut take).await.map_err(|error| error.to_string())?;
    Ok(Some(file))
}

/// The whole lines from `position` on, at most a piece's worth; `None` if no line is whole.
fn lines_from(file: &mut File, position: u64) -> io::Result<Option<Vec<u8>>> {
    let mut lines = Vec::new();
    file.seek(SeekFrom::Start(position))?;
    (&*file).take(PIECE).read_to_end(&mut lines)?;
    match lines.iter().rposition(|byte| *byte == b'\n') {
        Some(last) => {
            lines.truncate(last + 1);
            Ok(Some(lines))
        }
        // Longer than any line: it is handed on in pieces, and refused by its reader.
        None if lines.len() as u64 == PIECE => Ok(Some(lines)),
        None => Ok(None),
    }
}

/// The first line with its end; `None` while it is not whole.
fn first_line(file: &mut File) -> io::Result<Option<Vec<u8>>> {
    let lines = lines_from(file, 0)?;
    Ok(lines.map(|mut lines| {
        let end = lines.iter().position(|byte| *byte == b'\n').map_or(lines.len(), |end| end + 1);
        lines.truncate(end);
        lines
    }))
}

/// A digest of the bytes just before `position`; `None` if the file is shorter.
fn mark_before(file: &mut File, position: u64) -> io::Result<Option<String>> {
    let length = position.min(MARK);
    let mut text = Vec::new();
    file.seek(SeekFrom::Start(position - length))?;
    (&*file).take(length).read_to_end(&mut text)?;
    Ok((text.len() as u64 == length).then(|| sha256_hex(&text)))
}

/// How often a followed file is looked at where no event of the file system tells of a change.
pub(super) const LOOK_EVERY: Duration = Duration::from_mins(1);

impl UsageSource {
    /// What one thread reads, from the source's position on.
    pub(super) fn reading(
        &self,
        collector: Collector,
        waiting: Waiting,
        now: DateTime<Utc>,
        sender: mpsc::Sender<Taken>,
    ) -> FileReader {
        FileReader { source: self.clone(), collector, waiting, now, sender, files: Vec::new(), last: None }
    }

    pub(super) fn shared_reader(&self) -> Arc<crate::intake::readers::Reader> {
        Arc::clone(&self.reader)
    }
}
