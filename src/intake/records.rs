//! CSV records, each with the physical line on which it begins.
//!
//! The state machine is csv's own; the reader that csv puts on top of it counts lines only roughly (blank lines,
//! CRLF) and lets one quotation mark that is never closed read a whole file into memory.

use std::io::{self, BufRead};

use csv_core::ReadRecordResult;

/// Far above any real row, far below what memory can hold.
pub(super) const LONGEST_RECORD: usize = 1024 * 1024;

pub(super) const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// One record's unescaped fields; reused from record to record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    line: u64,
}

/// What ends reading early.
#[derive(Debug)]
pub(super) enum RecordError {
    Io(io::Error),
    TooLong,
}

pub(super) struct Records<R> {
    input: R,
    parser: csv_core::Reader,
    /// The physical line that the next byte is on, from 1.
    line: u64,
    bytes_read: u64,
    /// The last byte taken was a carriage return: a line feed right after it ends the same line.
    after_carriage_return: bool,
}

impl<R: BufRead> Records<R> {
    pub(super) fn new(input: R) -> Self {
        let parser = csv_core::Reader::new();
        Self { input, parser, line: 1, bytes_read: 0, after_carriage_return: false }
    }

    /// Where reading stands; after an error, the line of the record that could not be read.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    pub(super) fn bytes_read(&self) -> u64 {
        self.bytes_read
    }

    /// Reads the next record that is not a blank line; false at the end of the file.
    #[expect(clippy::naive_bytecount, reason = "a record is too short for another crate to pay")]
    pub(super) fn read(&mut self, record: &mut Record) -> Result<bool, RecordError> {
        self.skip_byte_order_mark().and_then(|()| self.skip_line_ends()).map_err(RecordError::Io)?;
        record.line = self.line;
        let (mut length, mut fields, mut lines_inside, mut taken) = (0, 0, 0, 0);
        record.bytes.resize(record.bytes.capacity().max(256), 0);
        record.ends.resize(record.ends.capacity().max(16), 0);
        loop {
            let input = fill(&mut self.input).map_err(RecordError::Io)?;
            let (result, read, written, ended) =
                self.parser.read_record(input, &mut record.bytes[length..], &mut record.ends[fields..]);
            let consumed = &input[..read];
            let last = consumed.last().copied();
            lines_inside += consumed.iter().filter(|byte| **byte == b'\n').count() as u64;
            self.input.consume(read);
            self.bytes_read += read as u64;
            (length, fields, taken) = (length + written, fields + ended, taken + read);
            match result {
                ReadRecordResult::Record => {
                    self.end_line(last, lines_inside);
                    record.bytes.truncate(length);
                    record.ends.truncate(fields);
                    return Ok(true);
                }
                ReadRecordResult::End => return Ok(false),
                _ if taken > LONGEST_RECORD => return Err(RecordError::TooLong),
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => record.bytes.resize(record.bytes.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => record.ends.resize(record.ends.len() * 2, 0),
            }
        }
    }

    /// The state machine skips it too, but takes a buffer that holds nothing else for the end of the file.
    fn skip_byte_order_mark(&mut self) -> io::Result<()> {
        if self.bytes_read == 0 && fill(&mut self.input)?.starts_with(BYTE_ORDER_MARK) {
            self.input.consume(BYTE_ORDER_MARK.len());
            self.bytes_read += BYTE_ORDER_MARK.len() as u64;
        }
        Ok(())
    }

    /// Skips the rest of the last line's end, and blank lines.
    fn skip_line_ends(&mut self) -> io::Result<()> {
        loop {
            match fill(&mut self.input)?.first() {
                Some(b'\n') => self.line += u64::from(!self.after_carriage_return),
                Some(b'\r') => self.line += 1,
                _ => {
                    self.after_carriage_return = false;
                    return Ok(());
                }
            }
            self.after_carriage_return = self.input.fill_buf()?.first() == Some(&b'\r');
            self.input.consume(1);
            self.bytes_read += 1;
        }
    }

    /// Counts the lines that a record took; its end is a line feed, a carriage return, or the end of the file.
    fn end_line(&mut self, last: Option<u8>, line_feeds: u64) {
        self.after_carriage_return = last == Some(b'\r');
        self.line += line_feeds + u64::from(self.after_carriage_return);
    }
}

/// What is there to read; empty at the end of the file.
fn fill(input: &mut impl BufRead) -> io::Result<&[u8]> {
    loop {
        match input.fill_buf() {
            Ok(_) => break,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    input.fill_buf()
}

impl Record {
    /// The physical line on which it begins, from 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// How many fields it has.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The field at `index`; empty where there is none.
    pub fn field(&self, index: usize) -> &[u8] {
        let start = if index == 0 { 0 } else { self.ends.get(index - 1).copied().unwrap_or(self.bytes.len()) };
        let end = self.ends.get(index).copied().unwrap_or(start);
        &self.bytes[start..end]
    }

    pub fn fields(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len()).map(|index| self.field(index))
    }

    /// All fields' bytes, one after the other.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn ends(&self) -> &[usize] {
        &self.ends
    }

    /// The one record that `csv` holds.
    pub fn parse(csv: &[u8]) -> Self {
        let mut record = Self::default();
        // Bytes in memory can neither fail to be read nor, having been stored once, be too long.
        let _ = Records::new(csv).read(&mut record);
        record
    }

    pub(super) fn from_parts(line: u64, bytes: &[u8], ends: impl Iterator<Item = usize>) -> Self {
        Self { bytes: bytes.to_vec(), ends: ends.collect(), line }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(input: &[u8]) -> Vec<(u64, Vec<String>)> {
        // A tiny buffer, so that every boundary falls somewhere once.
        let mut records = Records::new(io::BufReader::with_capacity(3, input));
        let (mut record, mut all) = (Record::default(), Vec::new());
        while records.read(&mut record).unwrap() {
            let fields = record.fields().map(|field| String::from_utf8_lossy(field).into_owned()).collect();
            all.push((record.line(), fields));
        }
        assert_eq!(records.bytes_read(), input.len() as u64);
        all
    }

    #[test]
    fn lines_are_those_of_the_file_whatever_ends_them() {
        for (name, text) in [
            ("LF", "a,b\n1,2\n\n\n3,4\n\"x\ny\",5\n6,7\n"),
            ("CRLF", "a,b\r\n1,2\r\n\r\n\r\n3,4\r\n\"x\r\ny\",5\r\n6,7"),
            ("mixed", "a,b\r\n1,2\n\r\n\n3,4\n\"x\ny\",5\r\n6,7\r\n"),
        ] {
            let lines: Vec<u64> = read_all(text.as_bytes()).into_iter().map(|(line, _)| line).collect();
            assert_eq!(lines, [1, 2, 5, 6, 8], "{name}");
        }
        let lines: Vec<u64> = read_all(b"a,b\r1,2\r\r3,4\r").into_iter().map(|(line, _)| line).collect();
        assert_eq!(lines, [1, 2, 4], "CR");
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_first_field() {
        assert_eq!(read_all("\u{feff}a,b\n".as_bytes()), [(1, vec!["a".to_owned(), "b".to_owned()])]);
    }

    #[test]
    fn a_quotation_mark_that_is_never_closed_does_not_fill_the_memory() {
        let endless = io::BufReader::new(io::Read::chain(&b"a,\"b"[..], io::repeat(b'x')));
        let mut records = Records::new(endless);
        assert!(matches!(records.read(&mut Record::default()), Err(RecordError::TooLong)));
        assert_eq!(records.line(), 1);
        assert!(records.bytes_read() < 2 * LONGEST_RECORD as u64);
    }
}
