//! An mbox: mails one after the other in one file, each behind a line that begins with `From `.
//!
//! Its place is remembered, so that each mail is read once however large the file grows, and no one can hide later
//! ones behind many. A file that was replaced, or shortened at its front, is read from its beginning.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::Duration;

use super::BoxedMail;
use crate::digest::{HashWriter, Sha256};
use crate::files::open_regular;
use crate::mail::FRONT;

/// How far a file has been read, and a digest of what is before that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MboxPlace {
    pub offset: u64,
    pub before_sha256: Sha256,
}

/// How many bytes before a place are compared to know that the file is still the same.
const REMEMBERED: u64 = 512;
/// A last mail without an empty line after it is taken to be whole once nothing was added for this long.
const SETTLED: Duration = Duration::from_mins(1);
const BUFFER: usize = 64 * 1024;

/// A line is hashed in pieces of this size at most, in bytes.
const LONGEST_PIECE: u64 = 16 * 1024;

/// An mbox that is being read.
#[derive(Debug)]
pub struct Mbox {
    reader: BufReader<File>,
    /// Of the byte that comes next.
    offset: u64,
    /// Whether that byte begins a line.
    begins_line: bool,
    /// Where the mail begins whose first line has been read.
    begun: Option<u64>,
    is_settled: bool,
}

impl Mbox {
    /// Goes on at `place`, if the file still holds what was before it. `None` if there is no such file. Blocks.
    pub fn open(path: &Path, place: Option<&MboxPlace>) -> io::Result<Option<Self>> {
        let mut file = match open_regular(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            other => other?,
        };
        let changed = file.metadata()?.modified()?;
        let is_settled = changed.elapsed().is_ok_and(|passed| passed > SETTLED);
        let is_same = |place: &&MboxPlace| place_at(&mut file, place.offset).is_ok_and(|there| there == **place);
        let offset = place.filter(is_same).map_or(0, |place| place.offset);
        file.seek(SeekFrom::Start(offset))?;
        let reader = BufReader::with_capacity(BUFFER, file);
        Ok(Some(Self { reader, offset, begins_line: true, begun: None, is_settled }))
    }

    /// The next mail, and where it begins; `None` at the end, and at a last mail that may still be growing. Blocks.
    pub fn next_mail(&mut self) -> io::Result<Option<(u64, BoxedMail)>> {
        let mut piece = Vec::new();
        while self.begun.is_none() {
            let (at, begins_line) = (self.offset, self.begins_line);
            if !self.read_piece(&mut piece)? {
                return Ok(None);
            }
            self.begin_at_from(at, begins_line, &mut piece)?;
        }
        let Some(begins_at) = self.begun else { return Ok(None) };
        let (mut front, mut hash, mut ends_empty) = (Vec::new(), HashWriter::default(), false);
        loop {
            let (at, begins_line) = (self.offset, self.begins_line);
            if !self.read_piece(&mut piece)? {
                if !ends_empty && !self.is_settled {
                    return Ok(None);
                }
                self.begun = None;
                break;
            }
            if self.begin_at_from(at, begins_line, &mut piece)? {
                break;
            }
            ends_empty = begins_line && matches!(piece.as_slice(), b"\n" | b"\r\n");
            let marks = piece.iter().take_while(|byte| **byte == b'>').count();
            let is_guarded = begins_line && marks > 0 && piece[marks..].starts_with(b"From ");
            let line = &piece[usize::from(is_guarded)..];
            front.extend(&line[..line.len().min(FRONT - front.len())]);
            hash.write_all(line)?;
        }
        Ok(Some((begins_at, BoxedMail { front, sha256: hash.finish().1 })))
    }

    /// Where to go on later: after the last mail that was returned.
    pub fn offset(&self) -> u64 {
        self.begun.unwrap_or(self.offset)
    }

    /// The place at `offset`. Blocks.
    pub fn into_place(self, offset: u64) -> io::Result<MboxPlace> {
        place_at(&mut self.reader.into_inner(), offset)
    }

    /// Reads a line, or a piece of a long one; false at the end.
    fn read_piece(&mut self, piece: &mut Vec<u8>) -> io::Result<bool> {
        piece.clear();
        let read = (&mut self.reader).take(LONGEST_PIECE).read_until(b'\n', piece)?;
        self.offset += read as u64;
        self.begins_line = piece.ends_with(b"\n");
        Ok(read > 0)
    }

    /// Whether the piece that was read at `at` begins a mail, whose first line is then passed over.
    fn begin_at_from(&mut self, at: u64, begins_line: bool, piece: &mut Vec<u8>) -> io::Result<bool> {
        if !(begins_line && piece.starts_with(b"From ")) {
            return Ok(false);
        }
        self.begun = Some(at);
        while !self.begins_line && self.read_piece(piece)? {}
        Ok(true)
    }
}

fn place_at(file: &mut File, offset: u64) -> io::Result<MboxPlace> {
    let from = offset.saturating_sub(REMEMBERED);
    file.seek(SeekFrom::Start(from))?;
    let mut before = vec![0; usize::try_from(offset - from).unwrap_or_default()];
    file.read_exact(&mut before)?;
    Ok(MboxPlace { offset, before_sha256: Sha256::of(&before) })
}
