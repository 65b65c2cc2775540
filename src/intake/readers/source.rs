//! Where a reader's bytes come from: a file that can be opened again, as it is or compressed by gzip.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use flate2::bufread::MultiGzDecoder;

use super::budget::{Budget, Budgeted};
use super::percent::PercentDecoded;
use crate::files::open_regular_itself;

/// Bytes asked of the file at a time.
const BUFFER: usize = 256 * 1024;
const SMALLEST_BUFFER: usize = 4 * 1024;
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// How far from its end a file's last words are looked for.
const TAIL: usize = 256;
/// Bridges write thousands of small files, each of which is read in one go: to open it twice costs more than to read
/// it.
const SMALL: u64 = BUFFER as u64;

/// A file, or standard input kept in a temporary file, since some readers read twice.
#[derive(Debug)]
pub struct Source {
    /// What the item was called where it came from: some bridges keep the conference's id in the file's name only.
    name: String,
    content: SourceContent,
    pub(super) budget: Budget,
    /// The file's own bytes, compressed or not.
    bytes_read: Arc<AtomicU64>,
    /// A small file's content, once it was read; the inner `None` means that it is not small.
    small: OnceLock<Option<Arc<[u8]>>>,
}

#[derive(Debug)]
enum SourceContent {
    Path(PathBuf),
    /// In a folder where others may write: a regular file and no link, or nothing.
    OfOthers(PathBuf),
    Temporary(tempfile::NamedTempFile),
    Memory(Arc<[u8]>),
}

impl Source {
    pub fn of_path(path: &Path) -> Self {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Self::new(name, SourceContent::Path(path.to_owned()))
    }

    /// A file in a folder where others may write: a link, a pipe or a device there is an error, and is not waited for.
    pub fn of_others(path: &Path) -> Self {
        Self { content: SourceContent::OfOthers(path.to_owned()), ..Self::of_path(path) }
    }

    /// Keeps what `input` yields; `name` is used as the file's name.
    pub fn of_input(name: &str, input: &mut impl Read) -> io::Result<Self> {
        let mut file = tempfile::NamedTempFile::new()?;
        io::copy(input, &mut file)?;
        Ok(Self::new(name.to_owned(), SourceContent::Temporary(file)))
    }

    /// What is in memory already: the body of a request, a piece of a file that grows.
    pub fn of_bytes(name: &str, bytes: impl Into<Arc<[u8]>>) -> Self {
        Self::new(name.to_owned(), SourceContent::Memory(bytes.into()))
    }

    /// What is in a temporary file; `name` is used as the file's name.
    pub fn of_temporary(name: &str, file: tempfile::NamedTempFile) -> Self {
        Self::new(name.to_owned(), SourceContent::Temporary(file))
    }

    fn new(name: String, content: SourceContent) -> Self {
        Self { name, content, budget: Budget::default(), bytes_read: Arc::default(), small: OnceLock::new() }
    }

    /// How many bytes of it have been read, kept up to date by the reader.
    pub fn bytes_read(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.bytes_read)
    }

    /// The first UUID in the file's name.
    pub(super) fn uuid_in_name(&self) -> Option<&str> {
        let is_uuid = |text: &str| {
            text.bytes().enumerate().all(|(index, byte)| match index {
                8 | 13 | 18 | 23 => byte == b'-',
                _ => byte.is_ascii_hexdigit(),
            })
        };
        (0..self.name.len()).filter_map(|from| self.name.get(from..from + 36)).find(|text| is_uuid(text))
    }

    /// From the beginning, unpacked; no further than an item may be long.
    pub(super) fn open(&self) -> io::Result<Box<dyn BufRead + Send>> {
        self.budget.renew();
        Ok(Box::new(Budgeted { input: self.unpacked()?, budget: self.budget.clone() }))
    }

    fn unpacked(&self) -> io::Result<Box<dyn BufRead + Send>> {
        let mut text = self.file_or_memory()?;
        if PERCENT_ENCODED.iter().any(|sign| text.fill_buf().is_ok_and(|start| start.starts_with(sign))) {
            return Ok(Box::new(BufReader::with_capacity(BUFFER, PercentDecoded::new(text))));
        }
        Ok(text)
    }

    fn file_or_memory(&self) -> io::Result<Box<dyn BufRead + Send>> {
        if let Some(bytes) = self.in_memory()? {
            self.bytes_read.store(bytes.len() as u64, Ordering::Relaxed);
            if !bytes.starts_with(&GZIP) {
                return Ok(Box::new(Cursor::new(bytes)));
            }
            let length = bytes.len().clamp(SMALLEST_BUFFER, BUFFER);
            return Ok(Box::new(BufReader::with_capacity(length, MultiGzDecoder::new(Cursor::new(bytes)))));
        }
        self.bytes_read.store(0, Ordering::Relaxed);
        let counted = Counted { input: self.raw()?, bytes: Arc::clone(&self.bytes_read) };
        let mut reader = BufReader::with_capacity(BUFFER, counted);
        if reader.fill_buf()?.starts_with(&GZIP) {
            return Ok(Box::new(BufReader::with_capacity(BUFFER, MultiGzDecoder::new(reader))));
        }
        Ok(Box::new(reader))
    }

    /// All of it as it is, where that is in memory or small.
    fn in_memory(&self) -> io::Result<Option<Arc<[u8]>>> {
        if let Some(known) = self.small.get() {
            return Ok(known.clone());
        }
        let file = match &self.content {
            SourceContent::Memory(bytes) => return Ok(Some(Arc::clone(bytes))),
            SourceContent::Temporary(file) => file.reopen()?,
            SourceContent::Path(path) => File::open(path)?,
            SourceContent::OfOthers(path) => open_regular_itself(path)?,
        };
        let metadata = file.metadata()?;
        let read = if metadata.is_file() && metadata.len() <= SMALL {
            let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default() + 1);
            file.take(SMALL + 1).read_to_end(&mut bytes)?;
            // If not, it has grown meanwhile.
            (bytes.len() as u64 <= SMALL).then(|| Arc::from(bytes))
        } else {
            None
        };
        Ok(self.small.get_or_init(|| read).clone())
    }

    /// Whether the unpacked text ends with `end`, white space aside.
    pub(super) fn ends_with(&self, end: &[u8]) -> io::Result<bool> {
        Ok(self.tail()?.trim_ascii_end().ends_with(end))
    }

    /// Whether the unpacked text ends with a line feed; nothing at all does.
    pub fn ends_with_line_feed(&self) -> io::Result<bool> {
        Ok(self.tail()?.last().is_none_or(|last| *last == b'\n'))
    }

    fn tail(&self) -> io::Result<Vec<u8>> {
        if let Some(bytes) = self.in_memory()?.filter(|bytes| !bytes.starts_with(&GZIP)) {
            return Ok(bytes[bytes.len().saturating_sub(TAIL)..].to_vec());
        }
        let mut file = self.raw()?;
        let mut magic = [0; 2];
        let is_gzip = file.read(&mut magic)? == 2 && magic == GZIP;
        if is_gzip {
            return tail_of_stream(self.unpacked()?);
        }
        let length = file.seek(SeekFrom::End(0))?;
        file.seek(SeekFrom::Start(length.saturating_sub(TAIL as u64)))?;
        let mut tail = Vec::new();
        file.take(TAIL as u64).read_to_end(&mut tail)?;
        Ok(tail)
    }

    /// The file as it is, compressed or not.
    fn raw(&self) -> io::Result<Box<dyn Raw>> {
        Ok(match &self.content {
            SourceContent::Path(path) => Box::new(File::open(path)?),
            SourceContent::OfOthers(path) => Box::new(open_regular_itself(path)?),
            SourceContent::Temporary(file) => Box::new(file.reopen()?),
            SourceContent::Memory(bytes) => Box::new(Cursor::new(Arc::clone(bytes))),
        })
    }
}

/// How a document begins that FreeSWITCH could not deliver and left in err-log-dir as it would have been posted: `<`,
/// `{`.
const PERCENT_ENCODED: [&[u8]; 4] = [b"%3C", b"%3c", b"%7B", b"%7b"];

/// Counts what is read of it.
struct Counted<R> {
    input: R,
    bytes: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.input.read(into)?;
        self.bytes.fetch_add(length as u64, Ordering::Relaxed);
        Ok(length)
    }
}

trait Raw: Read + Seek + Send {}

impl<T: Read + Seek + Send> Raw for T {}

fn tail_of_stream(mut stream: Box<dyn BufRead + Send>) -> io::Result<Vec<u8>> {
    let mut tail = Vec::new();
    loop {
        let chunk = stream.fill_buf()?;
        if chunk.is_empty() {
            return Ok(tail);
        }
        let taken = chunk.len();
        tail.extend_from_slice(&chunk[taken.saturating_sub(TAIL)..]);
        let surplus = tail.len().saturating_sub(TAIL);
        tail.drain(..surplus);
        stream.consume(taken);
    }
}
