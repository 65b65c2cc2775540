//! Lines of XML as FreeSWITCH writes them, mended where that is needed.
//!
//! It writes one element a line and leaves some values unescaped: what follows `<!` in a value, control characters,
//! variables whose names are no XML names. Where such an element begins and ends on one line its meaning is certain,
//! and the line is mended before it is parsed; what is not certain is an error of the parser.

use std::io::{self, BufRead, Read};

/// The longest line that is looked at for mending.
const LONGEST_LINE: usize = 256 * 1024;

/// Mends lines as FreeSWITCH writes them, one at a time.
pub(super) struct MendedLines<R> {
    input: R,
    line: Vec<u8>,
    taken: usize,
}

impl<R: BufRead> MendedLines<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, line: Vec::new(), taken: 0 }
    }

    fn fill(&mut self) -> io::Result<()> {
        if self.taken < self.line.len() {
            return Ok(());
        }
        self.line.clear();
        self.taken = 0;
        (&mut self.input).take(LONGEST_LINE as u64).read_until(b'\n', &mut self.line)?;
        if let Some(mended) = mended(&self.line) {
            self.line = mended;
        }
        Ok(())
    }
}

impl<R: BufRead> Read for MendedLines<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.fill()?;
        let length = into.len().min(self.line.len() - self.taken);
        into[..length].copy_from_slice(&self.line[self.taken..self.taken + length]);
        self.taken += length;
        Ok(length)
    }
}

impl<R: BufRead> BufRead for MendedLines<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.fill()?;
        Ok(&self.line[self.taken..])
    }

    fn consume(&mut self, amount: usize) {
        self.taken += amount;
    }
}

/// The line with its value escaped, or without its element if the name is no XML name; `None` if it is fine.
fn mended(line: &[u8]) -> Option<Vec<u8>> {
    let body = line.trim_ascii();
    let (name, rest) = split_once(body.strip_prefix(b"<")?, b'>')?;
    let value = rest.strip_suffix(b">")?.strip_suffix(name)?.strip_suffix(b"</")?;
    if !is_xml_name(name) {
        return Some(b"\n".to_vec());
    }
    // Elements within elements on one line are none of FreeSWITCH's, and no value.
    let holds_elements = || value.windows(2).any(|pair| pair == b"</") || value.ends_with(b"/>");
    let is_raw =
        value.iter().any(|byte| *byte < b' ' && *byte != b'\t') || value.contains(&b'<') && !holds_elements();
    if !is_raw {
        return None;
    }
    let mut mended = [b"<", name, b">"].concat();
    for byte in value {
        match byte {
            b'<' => mended.extend_from_slice(b"&lt;"),
            b'\t' | b' '.. => mended.push(*byte),
            _ => mended.push(b' '),
        }
    }
    mended.extend_from_slice(&[b"</", name, b">\n"].concat());
    Some(mended)
}

fn split_once(bytes: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    let place = bytes.iter().position(|byte| *byte == at)?;
    Some((&bytes[..place], &bytes[place + 1..]))
}

fn is_xml_name(name: &[u8]) -> bool {
    name.first().is_some_and(|first| first.is_ascii_alphabetic() || *first == b'_' || *first >= 0x80)
        && name.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_-.:".contains(byte) || *byte >= 0x80)
}
