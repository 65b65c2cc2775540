//! CSV that people open: every table that leaves the program as CSV is written here.
//!
//! A spreadsheet evaluates what begins like a formula, and some fields come from outside (a company's name, a mail
//! server's answer). An apostrophe in front makes such a field text. Excel reads a file without a byte order mark in
//! the code page of its country, so the file begins with one. Lines end as RFC 4180 says.

use std::borrow::Cow;
use std::io::{self, Write};

/// UTF-8's byte order mark.
pub const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// What spreadsheets take for the beginning of a formula, its full-width forms included.
const FORMULA_STARTS: [&[u8]; 11] =
    [b"=", b"+", b"-", b"@", b"\t", b"\r", b"\n", "＝".as_bytes(), "＋".as_bytes(), "－".as_bytes(), "＠".as_bytes()];

/// The table could not be written.
#[derive(Debug, thiserror::Error)]
#[error("CSV: {0}")]
pub struct CsvError(#[from] io::Error);

impl From<csv::Error> for CsvError {
    fn from(error: csv::Error) -> Self {
        Self(error.into())
    }
}

/// A table that is written to `W`. Every field is guarded.
pub struct CsvTable<W: Write> {
    writer: csv::Writer<W>,
}

impl<W: Write> CsvTable<W> {
    /// Begins a table: byte order mark and header.
    pub fn begin<T: AsRef<[u8]>>(mut out: W, header: impl IntoIterator<Item = T>) -> Result<Self, CsvError> {
        out.write_all(BYTE_ORDER_MARK)?;
        let writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).flexible(true).from_writer(out);
        let mut table = Self { writer };
        table.row(header)?;
        Ok(table)
    }

    /// Writes one row.
    pub fn row<T: AsRef<[u8]>>(&mut self, fields: impl IntoIterator<Item = T>) -> Result<(), CsvError> {
        for field in fields {
            self.writer.write_field(guarded(field.as_ref()))?;
        }
        Ok(self.writer.write_record(None::<&[u8]>)?)
    }

    /// Returns what it was written to, with all rows in it.
    pub fn finish(self) -> Result<W, CsvError> {
        Ok(self.writer.into_inner().map_err(csv::IntoInnerError::into_error)?)
    }
}

/// `field` as a spreadsheet shows it as text: with an apostrophe in front where it would be taken for a formula.
///
/// Amounts below zero stay numbers. A field that looks guarded already gets a second apostrophe, so that [`unguarded`]
/// always finds the original.
pub fn guarded(field: &[u8]) -> Cow<'_, [u8]> {
    if needs_guard(field) { Cow::Owned([b"'", field].concat()) } else { Cow::Borrowed(field) }
}

/// The field that [`guarded`] was given.
pub fn unguarded(field: &[u8]) -> &[u8] {
    match field.split_first() {
        Some((b'\'', rest)) if needs_guard(rest) => rest,
        _ => field,
    }
}

fn needs_guard(field: &[u8]) -> bool {
    let unquoted = &field[field.iter().take_while(|byte| **byte == b'\'').count()..];
    let visible = unquoted.trim_ascii_start();
    let begins = |text: &[u8]| FORMULA_STARTS.iter().any(|start| text.starts_with(start));
    (begins(unquoted) || begins(visible)) && !is_negative_number(unquoted)
}

fn is_negative_number(field: &[u8]) -> bool {
    let Some(digits) = field.strip_prefix(b"-") else { return false };
    let mut parts = digits.splitn(2, |byte| *byte == b'.');
    parts.all(|part| !part.is_empty() && part.iter().all(u8::is_ascii_digit))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nothing_becomes_a_formula() {
        for formula in
            ["=1+1", "+33 1 23", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1", "＠x", "-", "-1.", "-1-1"]
        {
            let shown = guarded(formula.as_bytes()).into_owned();
            assert_eq!(shown, format!("'{formula}").into_bytes());
        }
    }

    #[test]
    fn everything_else_stays_as_it_is() {
        for text in ["", "550 no", "-12.30", "-5", "132.07", "O'Hara", "'t Hof", "a=b", "Größe"] {
            assert_eq!(guarded(text.as_bytes()), text.as_bytes());
        }
    }

    #[test]
    fn a_table_begins_with_a_byte_order_mark_and_guards_every_field() {
        let mut table = CsvTable::begin(Vec::new(), ["company", "charge"]).unwrap();
        table.row(["=HYPERLINK(\"x\")", "-1.20"]).unwrap();
        table.row(["Müller, Söhne", "3"]).unwrap();
        let written = String::from_utf8(table.finish().unwrap()).unwrap();
        assert_eq!(written, "\u{feff}company,charge\r\n\"'=HYPERLINK(\"\"x\"\")\",-1.20\r\n\"Müller, Söhne\",3\r\n");
    }

    proptest! {
        #[test]
        fn a_guard_is_taken_off_again(field in "['=+@ a1.-]{0,6}") {
            let shown = guarded(field.as_bytes());
            prop_assert_eq!(unguarded(&shown), field.as_bytes());
        }

        #[test]
        fn a_guarded_field_never_begins_like_a_formula(field in "[=+@ a1.＝\t-]{0,6}") {
            let shown = guarded(field.as_bytes()).into_owned();
            let begins = FORMULA_STARTS.iter().any(|start| shown.trim_ascii_start().starts_with(start));
            prop_assert!(!begins || is_negative_number(&shown));
        }
    }
}
