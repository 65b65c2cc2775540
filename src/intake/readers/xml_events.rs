//! XML as a stream of opened, closed and read elements, with line and byte of what is not well-formed.
//!
//! FreeSWITCH writes one element a line and leaves some values unescaped: what follows `<!` in a value, control
//! characters, variables whose names are no XML names. Where such an element begins and ends on one line its meaning is
//! certain, and the line is mended before it is parsed; what is not certain is an error.

use std::io::{self, BufRead, Read};

use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, Event};

use super::ReaderError;

/// The longest text of one element; more is not what a bridge writes.
const LONGEST_TEXT: usize = 64 * 1024;
/// The longest line that is looked at for mending.
const LONGEST_LINE: usize = 256 * 1024;
/// The longest explanation that is taken over from the parser.
const LONGEST_REASON: usize = 200;
/// How deep elements may lie in each other.
pub(super) const DEEPEST: usize = 64;

/// What stands next in a document.
#[derive(Debug)]
pub(super) enum XmlEvent {
    /// Name and attributes.
    Open(String, Vec<(String, String)>),
    /// Name and all text that stood directly in it.
    Close(String, String),
    /// The end of the outermost element, or of the file.
    End,
}

/// Reads events; text is collected per element.
pub(super) struct XmlEvents<R: BufRead> {
    reader: quick_xml::Reader<CountedLines<R>>,
    buffer: Vec<u8>,
    open: Vec<(String, String)>,
    /// An element that was opened and closed by one tag.
    closing: bool,
}

impl<R: BufRead> XmlEvents<R> {
    pub(super) fn new(input: R) -> Self {
        let mut reader = quick_xml::Reader::from_reader(CountedLines { input, ended: 0 });
        reader.config_mut().allow_dangling_amp = true;
        Self { reader, buffer: Vec::new(), open: Vec::new(), closing: false }
    }

    pub(super) fn next(&mut self) -> Result<XmlEvent, ReaderError> {
        if std::mem::take(&mut self.closing) {
            return Ok(self.close());
        }
        loop {
            self.buffer.clear();
            let event = self.reader.read_event_into(&mut self.buffer);
            match event {
                Ok(Event::Start(start)) => {
                    let opened = opened(&start);
                    return self.open(opened);
                }
                Ok(Event::Empty(start)) => {
                    let opened = opened(&start);
                    self.closing = true;
                    return self.open(opened);
                }
                Ok(Event::End(_)) => return Ok(self.close()),
                Ok(Event::Text(text)) => {
                    let text = String::from_utf8_lossy(&text).into_owned();
                    self.add(&text)?;
                }
                Ok(Event::CData(text)) => {
                    let text = String::from_utf8_lossy(&text).into_owned();
                    self.add(&text)?;
                }
                Ok(Event::GeneralRef(reference)) => {
                    let text = resolved(&reference);
                    self.add(&text)?;
                }
                Ok(Event::Eof) if self.open.is_empty() => return Ok(XmlEvent::End),
                Ok(Event::Eof) => return Err(ReaderError::CutOff("its outermost element is not closed")),
                Ok(_) => {}
                Err(error) => return Err(self.malformed(&told(&error))),
            }
        }
    }

    fn open(&mut self, (name, attributes): (String, Vec<(String, String)>)) -> Result<XmlEvent, ReaderError> {
        if self.open.len() >= DEEPEST {
            return Err(self.malformed("elements lie too deep in each other"));
        }
        self.open.push((name.clone(), String::new()));
        Ok(XmlEvent::Open(name, attributes))
    }

    fn close(&mut self) -> XmlEvent {
        self.open.pop().map_or(XmlEvent::End, |(name, text)| XmlEvent::Close(name, text))
    }

    fn add(&mut self, text: &str) -> Result<(), ReaderError> {
        let Some((_, own)) = self.open.last_mut() else { return Ok(()) };
        if own.len() + text.len() > LONGEST_TEXT {
            return Err(self.malformed("a text is far too long"));
        }
        own.push_str(text);
        Ok(())
    }

    fn malformed(&self, why: &str) -> ReaderError {
        let byte = self.reader.buffer_position();
        let line = self.reader.get_ref().ended + 1;
        ReaderError::Malformed { line, byte, why: format!("is not well-formed XML ({why})") }
    }
}

/// Without the names that the parser would repeat, which can be anything, of any length.
fn told(error: &quick_xml::Error) -> String {
    match error {
        quick_xml::Error::IllFormed(_) => "an element is not closed where it should be".to_owned(),
        other => other.to_string().chars().filter(|character| !character.is_control()).take(LONGEST_REASON).collect(),
    }
}

/// Counts the lines that were read to their end.
struct CountedLines<R> {
    input: R,
    ended: u64,
}

impl<R: BufRead> Read for CountedLines<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.input.read(into)?;
        self.ended += line_ends(&into[..length]);
        Ok(length)
    }
}

impl<R: BufRead> BufRead for CountedLines<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.input.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        // What was filled is there still.
        if let Ok(filled) = self.input.fill_buf() {
            self.ended += line_ends(&filled[..amount.min(filled.len())]);
        }
        self.input.consume(amount);
    }
}

fn line_ends(bytes: &[u8]) -> u64 {
    bytes.split(|&byte| byte == b'\n').count() as u64 - 1
}

fn opened(start: &quick_xml::events::BytesStart<'_>) -> (String, Vec<(String, String)>) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let attributes = start.attributes().flatten().map(|attribute| {
        let value = text(&attribute.value);
        let value = quick_xml::escape::unescape(&value).map(std::borrow::Cow::into_owned).unwrap_or(value);
        (text(attribute.key.as_ref()), value)
    });
    (text(start.name().as_ref()), attributes.collect())
}

/// What `&name;` stands for; as it is written where nothing is known of it.
fn resolved(reference: &BytesRef<'_>) -> String {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        return character.to_string();
    }
    let name = String::from_utf8_lossy(reference);
    resolve_xml_entity(&name).map_or_else(|| format!("&{name};"), ToOwned::to_owned)
}

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
    let end = [b"</", name, b">"].concat();
    let value = rest.strip_suffix(end.as_slice())?;
    if !is_xml_name(name) {
        return Some(b"\n".to_vec());
    }
    // Elements within elements on one line are none of FreeSWITCH's, and no value.
    let holds_elements = value.windows(2).any(|pair| pair == b"</") || value.ends_with(b"/>");
    let is_raw = value.contains(&b'<') && !holds_elements || value.iter().any(|byte| *byte < b' ' && *byte != b'\t');
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
    mended.extend_from_slice(&end);
    mended.push(b'\n');
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

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(xml: &str) -> Result<Vec<(String, String)>, ReaderError> {
        let mut events = XmlEvents::new(MendedLines::new(xml.as_bytes()));
        let mut all = Vec::new();
        loop {
            match events.next()? {
                XmlEvent::Close(name, text) => all.push((name, text.trim().to_owned())),
                XmlEvent::Open(..) => {}
                XmlEvent::End => return Ok(all),
            }
        }
    }

    #[test]
    fn what_freeswitch_leaves_unescaped_is_read_where_its_meaning_is_certain() {
        for (value, wanted) in
            [("Andr&#xE9; &amp; Fils", "André & Fils"), ("<!x & <y>", "<!x & <y>"), ("a\u{1}b", "a b"), ("", "")]
        {
            let read = texts(&format!("<cdr>\n  <name>{value}</name>\n  <123>x<</123>\n</cdr>\n")).unwrap();
            assert_eq!(read[0], ("name".to_owned(), wanted.to_owned()));
            assert_eq!(read.len(), 2);
        }
    }

    #[test]
    fn what_is_not_closed_is_cut_off_and_what_is_crossed_is_malformed() {
        assert!(matches!(texts("<cdr>\n<name>x</name>\n"), Err(ReaderError::CutOff(_))));
        let why = texts("<cdr>\n<a>\n</b>\n</cdr>").unwrap_err().to_string();
        assert!(why.starts_with("line 3, byte "), "{why}");
        let strange = texts("<cdr>\n<a><second!\0s>60</33187197079>\n</a></cdr>").unwrap_err().to_string();
        assert!(!strange.contains(char::is_control) && !strange.contains("33187197079"), "{strange}");
        let deep = format!("{}{}", "<a>".repeat(DEEPEST + 1), "</a>".repeat(DEEPEST + 1));
        let deep = format!("<cdr>{deep}</cdr>");
        assert!(matches!(texts(&deep), Err(ReaderError::Malformed { .. })));
    }
}
