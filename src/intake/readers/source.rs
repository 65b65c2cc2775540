//! Where a reader's bytes come from: a file that can be opened again, as it is or compressed by gzip.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::MultiGzDecoder;

use super::budget::{Budget, Budgeted};
use crate::files::open_regular_itself;

/// Bytes asked of the file at a time.
const BUFFER: usize = 256 * 1024;
const SMALLEST_BUFFER: usize = 4 * 1024;
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// How far from its end a file's last words are looked for.
const TAIL: usize = 256;

/// A file, or standard input kept in a temporary file, since some readers read twice.
#[derive(Debug)]
pub struct Source {
    /// What the item was called where it came from: some bridges keep the conference's id in the file's name only.
    name: String,
    place: Place,
    pub(super) budget: Budget,
    /// Of what lies there, packed or not.
    bytes_read: Arc<AtomicU64>,
}

#[derive(Debug)]
enum Place {
    Path(PathBuf),
    /// In a folder where others may write: a regular file and no link, or nothing.
    OfOthers(PathBuf),
    Temporary(tempfile::NamedTempFile),
    Memory(Arc<[u8]>),
}

impl Source {
    pub fn of_path(path: &Path) -> Self {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Self { name, place: Place::Path(path.to_owned()), budget: Budget::default(), bytes_read: Arc::default() }
    }

    /// A file in a folder where others may write: a link, a pipe or a device there is an error, and is not waited for.
    pub fn of_others(path: &Path) -> Self {
        let source = Self::of_path(path);
        Self { place: Place::OfOthers(path.to_owned()), ..source }
    }

    /// Keeps what `input` yields; `name` stands for the file's name.
    pub fn of_input(name: &str, input: &mut impl Read) -> io::Result<Self> {
        let mut file = tempfile::NamedTempFile::new()?;
        io::copy(input, &mut file)?;
        Ok(Self {
            name: name.to_owned(),
            place: Place::Temporary(file),
            budget: Budget::default(),
            bytes_read: Arc::default(),
        })
    }

    /// What is in memory already: the body of a request, a piece of a file that grows.
    pub fn of_bytes(name: &str, bytes: impl Into<Arc<[u8]>>) -> Self {
        Self {
            name: name.to_owned(),
            place: Place::Memory(bytes.into()),
            budget: Budget::default(),
            bytes_read: Arc::default(),
        }
    }

    /// What lies in a temporary file; `name` stands for the file's name.
    pub fn of_temporary(name: &str, file: tempfile::NamedTempFile) -> Self {
        Self {
            name: name.to_owned(),
            place: Place::Temporary(file),
            budget: Budget::default(),
            bytes_read: Arc::default(),
        }
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
        let mut text = self.as_it_stands()?;
        if PERCENT_ENCODED.iter().any(|sign| text.fill_buf().is_ok_and(|start| start.starts_with(sign))) {
            return Ok(Box::new(BufReader::with_capacity(BUFFER, PercentDecoded { input: text })));
        }
        Ok(text)
    }

    fn as_it_stands(&self) -> io::Result<Box<dyn BufRead + Send>> {
        if let Place::Memory(bytes) = &self.place
            && !bytes.starts_with(&GZIP)
        {
            return Ok(Box::new(Cursor::new(Arc::clone(bytes))));
        }
        self.bytes_read.store(0, Ordering::Relaxed);
        let mut input = self.raw()?;
        // Bridges write thousands of small files: a large buffer for each costs more than to read it.
        let length = usize::try_from(input.seek(SeekFrom::End(0))?).unwrap_or(BUFFER);
        input.rewind()?;
        let counted = Counted { input, bytes: Arc::clone(&self.bytes_read) };
        let mut reader = BufReader::with_capacity(length.clamp(SMALLEST_BUFFER, BUFFER), counted);
        if reader.fill_buf()?.starts_with(&GZIP) {
            return Ok(Box::new(BufReader::with_capacity(BUFFER, MultiGzDecoder::new(reader))));
        }
        Ok(Box::new(reader))
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

    /// As it is, packed or not.
    fn raw(&self) -> io::Result<Box<dyn Raw>> {
        Ok(match &self.place {
            Place::Path(path) => Box::new(File::open(path)?),
            Place::OfOthers(path) => Box::new(open_regular_itself(path)?),
            Place::Temporary(file) => Box::new(file.reopen()?),
            Place::Memory(bytes) => Box::new(Cursor::new(Arc::clone(bytes))),
        })
    }
}

/// How a document begins that FreeSWITCH could not deliver and left in err-log-dir as it would have been posted: `<`, `{`.
const PERCENT_ENCODED: [&[u8]; 4] = [b"%3C", b"%3c", b"%7B", b"%7b"];

/// Takes percent-encoding off.
struct PercentDecoded<R> {
    input: R,
}

impl<R: BufRead> Read for PercentDecoded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut length = 0;
        while let (Some(place), Some(byte)) = (into.get_mut(length), next_byte(&mut self.input)?) {
            *place = byte;
            length += 1;
        }
        Ok(length)
    }
}

/// A percent sign without two digits behind it stands for itself, and costs these.
fn next_byte(input: &mut impl BufRead) -> io::Result<Option<u8>> {
    let mut byte = [0];
    if input.read(&mut byte)? == 0 {
        return Ok(None);
    }
    let mut digits = [0; 2];
    if byte[0] != b'%' || input.read_exact(&mut digits).is_err() {
        return Ok(Some(byte[0]));
    }
    let value = std::str::from_utf8(&digits).ok().and_then(|digits| u8::from_str_radix(digits, 16).ok());
    Ok(Some(value.unwrap_or(byte[0])))
}

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
