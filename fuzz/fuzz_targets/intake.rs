//! CSV files of every kind: each row is taken or refused, in the order of the file, and a refused row that is kept
//! and tried again gets the same answer.
#![no_main]

use std::fmt::Debug;
use std::io::BufReader;
use std::path::Path;

use chrono::{DateTime, Utc};
use libfuzzer_sys::fuzz_target;
use statementd::domain::{AccountNumber, RoomNumber, ServiceType};
use statementd::intake::{
    AccessNumberRows, AccountRows, BatchReader, CodeRows, Columns, FileError, Kind, Known, Limits, Record, Refused,
    RoomRows, Row, Rows, TariffRows, UsageRows, csv_record,
};

/// What is wrong with one column may be quoted, but not at length: 300 characters and an ellipsis, behind the column's name.
const LONGEST_REASON: usize = 301 + 40;

/// A store that holds whatever is well formed and does not begin with 9.
#[derive(Debug, Clone, Copy)]
struct Anything;

impl Known for Anything {
    fn account(&self, number: &str) -> Option<AccountNumber> {
        number.parse().ok().filter(|_| !number.starts_with('9'))
    }

    fn room(&self, number: &str) -> Option<RoomNumber> {
        number.parse().ok().filter(|_| !number.starts_with('9'))
    }

    fn service_type(&self, code: &str) -> Option<ServiceType> {
        code.parse().ok().filter(|_| !code.starts_with('9'))
    }

    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap_or_default()
    }

    fn service_type_of_number(&self, _: &str, _: DateTime<Utc>) -> Option<ServiceType> {
        self.service_type("LOCAL")
    }
}

/// A row as it was judged, whichever way.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Judged {
    line: u64,
    fields: Vec<Vec<u8>>,
    /// The entry, or column and reason of the refusal.
    verdict: Result<String, (Option<&'static str>, String)>,
}

// The first byte is the kind, the second the size of the buffer; the rest is the file.
fuzz_target!(|input: &[u8]| {
    let [kind, buffer, file @ ..] = input else { return };
    let (kind, buffer) = (*kind, *buffer);
    let usage = || UsageRows { known: Anything, limits: Limits::default() };
    match Kind::ALL[usize::from(kind) % Kind::ALL.len()] {
        Kind::Tariffs => judge_file(TariffRows::default, buffer, file),
        Kind::Accounts => judge_file(AccountRows::default, buffer, file),
        Kind::Rooms => judge_file(|| RoomRows { known: Anything }, buffer, file),
        Kind::AccessNumbers => judge_file(|| AccessNumberRows { known: Anything }, buffer, file),
        Kind::Codes => judge_file(|| CodeRows { known: Anything }, buffer, file),
        Kind::Usage => judge_file(usage, buffer, file),
    }
});

fn judge_file<R: Rows<Entry: Debug>>(rows: impl Fn() -> R, buffer: u8, file: &[u8]) {
    let whole = read(rows(), file.len().max(1), 64, file);
    let pieces = read(rows(), usize::from(buffer).max(1), 1 + usize::from(buffer % 7), file);
    match (whole, pieces) {
        (Ok((columns, whole)), Ok((_, pieces))) => {
            assert_eq!(whole, pieces, "buffers and batches must not matter");
            let lines = 1 + file.iter().filter(|byte| b"\r\n".contains(byte)).count() as u64;
            assert!(whole.windows(2).all(|pair| pair[0].line < pair[1].line), "lines must grow");
            assert!(whole.iter().all(|row| (2..=lines).contains(&row.line)), "a line must be one of the file");
            whole.iter().filter(|row| !repeats_a_key(row)).for_each(|row| judge_again(rows(), &columns, row));
        }
        (Err(whole), Err(pieces)) => {
            assert_eq!(whole.to_string(), pieces.to_string(), "buffers and batches must not matter");
            assert!(whole.to_string().contains("a.csv"), "an error must name the file");
        }
        (whole, pieces) => panic!("buffers and batches matter: {:?} and {:?}", whole.err(), pieces.err()),
    }
}

/// All rows of a file that can be read to its end.
fn read<R: Rows<Entry: Debug>>(
    rows: R,
    buffer: usize,
    batch: usize,
    file: &[u8],
) -> Result<(Columns, Vec<Judged>), FileError> {
    let mut reader = BatchReader::open(Path::new("a.csv"), BufReader::with_capacity(buffer, file), rows)?;
    let columns = reader.columns().clone();
    let (mut all, mut bytes_read) = (Vec::new(), 0);
    while let Some(batch) = reader.next_batch(batch)? {
        assert!(batch.rows() > 0 && batch.bytes_read > bytes_read && batch.bytes_read <= file.len() as u64);
        bytes_read = batch.bytes_read;
        let from = all.len();
        for (index, entry) in batch.entries.iter().enumerate() {
            assert_eq!(batch.source(index).line(), batch.line(index));
            all.push(judged(&batch.source(index), Ok(format!("{entry:?}"))));
        }
        for Refused { record, refusal } in &batch.refused {
            let columns = R::COLUMNS.len() + R::OPTIONAL.len();
            assert!(!refusal.reason.is_empty() && refusal.reason.chars().count() <= columns * LONGEST_REASON);
            let is_known = |column| R::COLUMNS.contains(&column) || R::OPTIONAL.contains(&column);
            assert!(refusal.column.is_none_or(is_known));
            all.push(judged(record, Err((refusal.column, refusal.reason.clone()))));
        }
        all[from..].sort();
    }
    Ok((columns, all))
}

fn judged(record: &Record, verdict: Result<String, (Option<&'static str>, String)>) -> Judged {
    Judged { line: record.line(), fields: record.fields().map(<[u8]>::to_vec).collect(), verdict }
}

/// Refused for another row of its file, which a row by itself does not have.
fn repeats_a_key(row: &Judged) -> bool {
    row.verdict.as_ref().is_err_and(|(_, reason)| reason.ends_with("one row for each"))
}

/// What `import retry` does: header and row come back from the database as text.
fn judge_again<R: Rows<Entry: Debug>>(mut rows: R, columns: &Columns, row: &Judged) {
    let header = csv_record(columns.header().fields());
    let columns = Columns::of_rejected::<R>(&header, "a.csv").expect("a header that was found is found again");
    let record = Record::parse(&csv_record(row.fields.iter().map(Vec::as_slice)));
    let fields: Vec<_> = record.fields().collect();
    assert_eq!(fields, row.fields, "a kept row must come back as it was");
    let again = Row::new(&columns, &record).read_by(&mut rows);
    let again = again.map(|entry| format!("{entry:?}")).map_err(|refusal| (refusal.column, refusal.reason));
    assert_eq!(again, row.verdict, "a kept row must be judged as before");
}
