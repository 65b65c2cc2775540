//! What a file is before it is read as CSV: compressed text, or something else that is named as what it is.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;

use super::FileError;

/// The name that means standard input.
pub const STANDARD_INPUT: &str = "-";

/// Bytes asked of the file at a time.
const READ_BUFFER: usize = 256 * 1024;
/// Bytes at the beginning that tell what a file is: the names of a workbook's first parts are among them.
const LOOKED_AT: usize = 4096;

/// A file that is open and begins like text.
pub struct Source {
    pub input: Box<dyn BufRead + Send>,
    /// `None` if the position does not say how much is left.
    pub bytes: Option<u64>,
    /// Whether a file can be written beside it.
    pub is_file: bool,
}

impl Source {
    pub fn open(path: &Path) -> Result<Self, FileError> {
        let refuse = |source| FileError::Open { path: path.to_owned(), source };
        let (input, bytes, is_file): (Box<dyn Read + Send>, _, _) = if path.as_os_str() == STANDARD_INPUT {
            (Box::new(io::stdin()), None, false)
        } else {
            let file = File::open(path).map_err(refuse)?;
            let metadata = file.metadata().map_err(refuse)?;
            let bytes = metadata.is_file().then_some(metadata.len());
            (Box::new(file), bytes, metadata.is_file())
        };
        let (beginning, input) = look(input).map_err(refuse)?;
        if !beginning.starts_with(GZIP) {
            return match foreign_format(&beginning) {
                Some(what) => Err(FileError::NotCsv { path: path.to_owned(), what }),
                None => Ok(Self { input: buffered(input), bytes, is_file }),
            };
        }
        let (beginning, input) = look(MultiGzDecoder::new(buffered(input))).map_err(refuse)?;
        match foreign_format(&beginning) {
            Some(what) => Err(FileError::NotCsv { path: path.to_owned(), what }),
            None => Ok(Self { input: buffered(input), bytes: None, is_file }),
        }
    }
}

fn buffered(input: impl Read + Send + 'static) -> Box<dyn BufRead + Send> {
    Box::new(BufReader::with_capacity(READ_BUFFER, input))
}

/// The beginning of a file, and a reader of all of it.
fn look<R: Read>(mut input: R) -> io::Result<(Vec<u8>, impl Read + use<R>)> {
    let mut beginning = Vec::new();
    input.by_ref().take(LOOKED_AT as u64).read_to_end(&mut beginning)?;
    Ok((beginning.clone(), Cursor::new(beginning).chain(input)))
}

const GZIP: &[u8] = b"\x1f\x8b";

/// What a file is that is no CSV, with what to do.
pub(super) fn foreign_format(beginning: &[u8]) -> Option<&'static str> {
    const COMPRESSED: [&[u8]; 6] =
        [b"BZh", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd", b"7z\xbc\xaf\x27\x1c", b"Rar!", b"\x04\x22\x4d\x18"];
    let holds = |text: &[u8]| beginning.windows(text.len()).any(|window| window == text);
    if beginning.starts_with(b"PK\x03\x04") {
        return Some(if holds(b"xl/") || holds(b"[Content_Types].xml") {
            "an Excel workbook: save it as \"CSV UTF-8\" and import that"
        } else if holds(b"application/vnd.oasis.opendocument") {
            "an OpenDocument spreadsheet: save it as CSV in UTF-8 and import that"
        } else {
            "a ZIP archive: unpack it first"
        });
    }
    if beginning.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return Some("an old Excel workbook: save it as \"CSV UTF-8\" and import that");
    }
    if beginning.starts_with(b"%PDF") {
        return Some("a PDF: export the table as CSV and import that");
    }
    if COMPRESSED.iter().any(|magic| beginning.starts_with(magic)) {
        return Some("compressed by something other than gzip: unpack it first");
    }
    if beginning.get(257..262) == Some(b"ustar") {
        return Some("a tar archive: unpack it first");
    }
    is_utf_16(beginning).then_some("UTF-16: save it as UTF-8 and import that")
}

/// By its mark, or by every second byte: ASCII in UTF-16 has a zero beside each letter.
fn is_utf_16(beginning: &[u8]) -> bool {
    let text = &beginning[..beginning.len().min(256)];
    let are_zero = |first: usize| text.len() >= 8 && text.iter().skip(first).step_by(2).all(|byte| *byte == 0);
    text.starts_with(b"\xff\xfe") || text.starts_with(b"\xfe\xff") || are_zero(0) != are_zero(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_csv_is_named() {
        for (beginning, named) in [
            (&b"PK\x03\x04\x14\0\0\0\x08\0[Content_Types].xml"[..], "an Excel workbook"),
            (b"PK\x03\x04\x0a\0\0\0\0\0mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "OpenDocument"),
            (b"PK\x03\x04\x0a\0\0\0\0\0cdr.csv", "a ZIP archive"),
            (b"%PDF-1.7\n", "a PDF"),
            (b"BZh91AY&SY", "compressed"),
            (b"\xff\xfel\0e\0g\0", "UTF-16"),
            (b"l\0e\0g\0_\0i\0d\0", "UTF-16"),
        ] {
            assert!(foreign_format(beginning).unwrap().contains(named), "{named}");
        }
        for text in [&b""[..], b"leg_id,conference_id\n", b"leg_id\0,x\n", "\u{feff}leg_id".as_bytes()] {
            assert_eq!(foreign_format(text), None, "{text:?}");
        }
    }
}
