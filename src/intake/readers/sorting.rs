//! Rows of a file in another order than the file's, in constant memory: sorted runs lie in temporary files, and are
//! merged.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Seek as _, Write as _};

use csv::ByteRecord;

/// Bytes of rows that are sorted in memory at a time.
const RUN: usize = 8 * 1024 * 1024;
/// What a row costs beside its text.
const ROW_OVERHEAD: usize = 160;

/// Takes rows in any order.
#[derive(Debug)]
pub(super) struct Sorter {
    /// How many of its first fields a row is sorted by.
    keys: usize,
    longest_run: usize,
    rows: Vec<ByteRecord>,
    bytes: usize,
    runs: Vec<File>,
}

/// Hands rows on in order.
#[derive(Debug)]
pub(super) struct Sorted {
    keys: usize,
    heads: BinaryHeap<Head>,
    runs: Vec<csv::Reader<BufReader<File>>>,
    last: std::vec::IntoIter<ByteRecord>,
}

/// The next row of a run; what is in memory is the run behind the last.
#[derive(Debug)]
struct Head {
    keys: usize,
    row: ByteRecord,
    run: usize,
}

impl Sorter {
    pub(super) fn by_first_fields(keys: usize) -> Self {
        Self { keys, longest_run: RUN, rows: Vec::new(), bytes: 0, runs: Vec::new() }
    }

    pub(super) fn add(&mut self, row: ByteRecord) -> io::Result<()> {
        self.bytes += row.as_slice().len() + ROW_OVERHEAD;
        self.rows.push(row);
        if self.bytes < self.longest_run {
            return Ok(());
        }
        self.sort();
        let mut run = csv::WriterBuilder::new().flexible(true).from_writer(BufWriter::new(tempfile::tempfile()?));
        for row in self.rows.drain(..) {
            run.write_byte_record(&row).map_err(io::Error::other)?;
        }
        self.bytes = 0;
        let mut file = run.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
        file.flush()?;
        let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        self.runs.push(file);
        Ok(())
    }

    pub(super) fn finish(mut self) -> io::Result<Sorted> {
        self.sort();
        let reader =
            |file| csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(BufReader::new(file));
        let runs: Vec<_> = self.runs.into_iter().map(reader).collect();
        let (number, last) = (runs.len(), self.rows.into_iter());
        let mut sorted = Sorted { keys: self.keys, heads: BinaryHeap::new(), runs, last };
        for run in 0..=number {
            sorted.fetch(run)?;
        }
        Ok(sorted)
    }

    fn sort(&mut self) {
        let keys = self.keys;
        self.rows.sort_by(|a, b| compare(keys, a, b));
    }
}

impl Sorted {
    pub(super) fn next(&mut self) -> io::Result<Option<ByteRecord>> {
        let Some(Head { row, run, .. }) = self.heads.pop() else { return Ok(None) };
        self.fetch(run)?;
        Ok(Some(row))
    }

    fn fetch(&mut self, run: usize) -> io::Result<()> {
        let row = match self.runs.get_mut(run) {
            Some(run) => {
                let mut row = ByteRecord::new();
                run.read_byte_record(&mut row).map_err(io::Error::other)?.then_some(row)
            }
            None => self.last.next(),
        };
        if let Some(row) = row {
            self.heads.push(Head { keys: self.keys, row, run });
        }
        Ok(())
    }
}

fn compare(keys: usize, a: &ByteRecord, b: &ByteRecord) -> Ordering {
    a.iter().take(keys).cmp(b.iter().take(keys))
}

impl Ord for Head {
    /// Reversed: the heap returns the greatest first, and the least is wanted; of equals, the one that came first.
    fn cmp(&self, other: &Self) -> Ordering {
        compare(self.keys, &other.row, &self.row).then(other.run.cmp(&self.run))
    }
}

impl PartialOrd for Head {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Head {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Head {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_in_order_of_their_first_fields_however_many_runs_there_are() {
        for longest_run in [RUN, 1, 2000] {
            let mut sorter = Sorter { longest_run, ..Sorter::by_first_fields(2) };
            for number in 0..500_u32 {
                let place = number * 7919 % 250;
                let row = [format!("{:03}", place / 10), (place % 10).to_string(), format!("\"{number}\n,")];
                sorter.add(ByteRecord::from(row.to_vec())).unwrap();
            }
            let (mut merged, mut rows) = (sorter.finish().unwrap(), Vec::new());
            while let Some(row) = merged.next().unwrap() {
                rows.push(row.iter().map(|field| String::from_utf8(field.to_vec()).unwrap()).collect::<Vec<_>>());
            }
            assert_eq!(rows.len(), 500);
            assert!(rows.windows(2).all(|pair| pair[0][..2] <= pair[1][..2]));
            // Of equals the one that came first.
            assert_eq!([&*rows[0][2], &*rows[1][2]], ["\"0\n,", "\"250\n,"]);
        }
    }
}
