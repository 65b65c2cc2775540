//! CSV records, each with the physical line on which it begins.
//!
//! A line at a time: no text of ours may hold a line break, so a quotation mark that is not closed costs its own row and
//! never those below it. A text that was cut by a line break is still read as one (refused) row where that is certain.

use std::collections::VecDeque;
use std::io::{self, BufRead};

use super::fields::{Split, Unclosed, split};

/// Far above any real row, far below what memory can hold.
pub(super) const LONGEST_RECORD: usize = 1024 * 1024;
/// How many lines a text with line breaks may have to be read as one.
const LINES_OF_A_TEXT: usize = 32;

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
    /// Lines that were looked at and not taken.
    ahead: VecDeque<Line>,
    /// The error that ended looking ahead; returned when reading comes to it.
    failure: Option<RecordError>,
    /// The physical line that the next byte of the input is on, from 1.
    next_line: u64,
    /// The line that is being read.
    line: u64,
    taken: u64,
    bytes_read: u64,
    /// The last byte taken was a carriage return: a line feed right after it ends the same line.
    after_carriage_return: bool,
    /// Fields of the header.
    expected: usize,
}

#[derive(Debug, Default)]
struct Line {
    bytes: Vec<u8>,
    number: u64,
    /// Bytes of the input up to its end.
    end: u64,
}

impl<R: BufRead> Records<R> {
    pub(super) fn new(input: R) -> Self {
        Self {
            input,
            ahead: VecDeque::new(),
            failure: None,
            next_line: 1,
            line: 1,
            taken: 0,
            bytes_read: 0,
            after_carriage_return: false,
            expected: 0,
        }
    }

    /// Sets how many fields a row has, once the header has been read.
    pub(super) fn expect(&mut self, fields: usize) {
        self.expected = fields;
    }

    /// The position of reading; after an error, the line of the record that could not be read.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    pub(super) fn bytes_read(&self) -> u64 {
        self.bytes_read
    }

    /// Reads the next record that holds anything; false at the end of the file.
    pub(super) fn read(&mut self, record: &mut Record) -> Result<bool, RecordError> {
        loop {
            let Some(line) = self.next()? else {
                self.bytes_read = self.taken;
                return Ok(false);
            };
            (self.line, self.bytes_read) = (line.number, line.end);
            if line.bytes.iter().all(|byte| b", \t".contains(byte)) {
                continue;
            }
            record.line = line.number;
            if matches!(record.split(&line.bytes, Unclosed::IsSaid), Split::Unclosed) && !self.gather(&line, record) {
                record.split(&line.bytes, Unclosed::IsText);
            }
            return Ok(true);
        }
    }

    /// Reads a text that goes on in the lines below, where these are surely no rows of their own; else nothing.
    fn gather(&mut self, first: &Line, record: &mut Record) -> bool {
        let mut text = first.bytes.clone();
        for position in 0..LINES_OF_A_TEXT {
            let expected = self.expected;
            let Some(next) = self.peek(position) else { return false };
            let commas = next.bytes.iter().filter(|byte| **byte == b',').take(expected).count();
            if commas * 2 >= expected {
                return false;
            }
            let end = next.end;
            text.push(b'\n');
            text.extend_from_slice(&next.bytes);
            match record.split(&text, Unclosed::IsSaid) {
                Split::Unclosed => {}
                Split::Whole { is_strict } => {
                    let is_row = is_strict && record.len() == expected;
                    if is_row {
                        self.ahead.drain(..=position);
                        self.bytes_read = end;
                    }
                    return is_row;
                }
            }
        }
        false
    }

    fn peek(&mut self, position: usize) -> Option<&Line> {
        while self.ahead.len() <= position && self.failure.is_none() {
            match self.read_line() {
                Ok(Some(line)) => self.ahead.push_back(line),
                Ok(None) => return None,
                Err(error) => self.failure = Some(error),
            }
        }
        self.ahead.get(position)
    }

    fn next(&mut self) -> Result<Option<Line>, RecordError> {
        if let Some(line) = self.ahead.pop_front() {
            return Ok(Some(line));
        }
        let read = match self.failure.take() {
            Some(failure) => Err(failure),
            None => self.read_line(),
        };
        if read.is_err() {
            self.line = self.next_line;
        }
        read
    }

    /// A line without its end, which is a line feed, a carriage return, both, or the end of the file.
    fn read_line(&mut self) -> Result<Option<Line>, RecordError> {
        self.skip_byte_order_mark().and_then(|()| self.skip_line_feed()).map_err(RecordError::Io)?;
        let mut line = Line { number: self.next_line, ..Line::default() };
        loop {
            let input = fill(&mut self.input).map_err(RecordError::Io)?;
            if input.is_empty() {
                line.end = self.taken;
                return Ok(Some(line).filter(|line| !line.bytes.is_empty()));
            }
            let end = input.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let length = end.unwrap_or(input.len());
            line.bytes.extend_from_slice(&input[..length]);
            self.after_carriage_return = end.is_some_and(|end| input[end] == b'\r');
            let consumed = length + usize::from(end.is_some());
            self.input.consume(consumed);
            self.taken += consumed as u64;
            if line.bytes.len() > LONGEST_RECORD {
                return Err(RecordError::TooLong);
            }
            if end.is_some() {
                self.next_line += 1;
                line.end = self.taken;
                return Ok(Some(line));
            }
        }
    }

    fn skip_byte_order_mark(&mut self) -> io::Result<()> {
        let mut mark = BYTE_ORDER_MARK;
        // A buffer may hold a part of it only; a file that begins with a part of it is not UTF-8 in any case.
        while self.next_line == 1 && self.taken < BYTE_ORDER_MARK.len() as u64 && self.ahead.is_empty() {
            match fill(&mut self.input)?.first() {
                Some(byte) if Some(byte) == mark.first() => {}
                _ => return Ok(()),
            }
            mark = &mark[1..];
            self.input.consume(1);
            self.taken += 1;
        }
        Ok(())
    }

    fn skip_line_feed(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.after_carriage_return) && fill(&mut self.input)?.first() == Some(&b'\n') {
            self.input.consume(1);
            self.taken += 1;
        }
        Ok(())
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
        let mut record = Self { line: 1, ..Self::default() };
        record.split(csv, Unclosed::IsText);
        record
    }

    /// A record of fields that are separated already.
    pub fn of_fields<'a>(line: u64, fields: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut record = Self { line, ..Self::default() };
        for field in fields {
            record.bytes.extend_from_slice(field);
            record.ends.push(record.bytes.len());
        }
        record
    }

    /// The same record, with another line number.
    pub fn on_line(self, line: u64) -> Self {
        Self { line, ..self }
    }

    pub(super) fn from_parts(line: u64, bytes: &[u8], ends: impl Iterator<Item = usize>) -> Self {
        Self { bytes: bytes.to_vec(), ends: ends.collect(), line }
    }

    fn split(&mut self, text: &[u8], unclosed: Unclosed) -> Split {
        self.bytes.clear();
        self.ends.clear();
        split(text, unclosed, &mut self.bytes, &mut self.ends)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(input: &[u8]) -> Vec<(u64, Vec<String>)> {
        // A tiny buffer, so that every boundary is tested.
        let mut records = Records::new(io::BufReader::with_capacity(3, input));
        records.expect(2);
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
            ("LF", "a,b\n1,2\n\n\n3,4\n5,\"x\ny\"\n6,7\n"),
            ("CRLF", "a,b\r\n1,2\r\n\r\n\r\n3,4\r\n5,\"x\r\ny\"\r\n6,7"),
            ("mixed", "a,b\r\n1,2\n\r\n\n3,4\n5,\"x\ny\"\r\n6,7\r\n"),
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
    fn a_quotation_mark_costs_its_own_row_only() {
        let rows = read_all(b"1,\"x\n2,y\n3,z\"\n4,\"w\"\n");
        let lines: Vec<u64> = rows.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [1, 2, 3, 4]);
        assert_eq!(rows[0].1, ["1", "\"x"], "the mark stays where it is not closed");
        assert_eq!(rows[3].1, ["4", "w"]);
    }

    #[test]
    fn a_line_of_separators_alone_is_no_row() {
        assert_eq!(read_all(b"a,b\n,\n , \n1,2\n,,,\n").len(), 2);
    }

    #[test]
    fn a_line_that_does_not_end_does_not_fill_the_memory() {
        let endless = io::BufReader::new(io::Read::chain(&b"a,\"b"[..], io::repeat(b'x')));
        let mut records = Records::new(endless);
        assert!(matches!(records.read(&mut Record::default()), Err(RecordError::TooLong)));
        assert_eq!(records.line(), 1);
        assert!(records.bytes_read() < 2 * LONGEST_RECORD as u64);
    }
}
