//! XML as a stream of opened, closed and read elements, with line and byte of what is not well-formed.

use std::borrow::Cow;
use std::io::{self, BufRead, Read};

use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::ReaderError;
use crate::shortened::on_one_line;

/// The longest text of one element; more is not what a bridge writes.
const LONGEST_TEXT: usize = 64 * 1024;
/// The longest explanation that is taken over from the parser.
const LONGEST_REASON: usize = 200;
/// How deep elements may lie in each other.
pub(super) const DEEPEST: usize = 64;

/// What comes next in a document.
#[derive(Debug)]
pub(super) enum XmlEvent<'a> {
    Open(Element<'a>, Attributes<'a>),
    /// With all text that stood directly in it.
    Close(Element<'a>, &'a str),
    /// The end of the outermost element, or of the file.
    End,
}

/// An element by its name, and what it lies in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Element<'a> {
    pub name: &'a str,
    /// The names of those around it, one behind the other, and where each begins.
    names: &'a str,
    around: &'a [Open],
}

/// Names and values of an element's attributes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attributes<'a> {
    text: &'a str,
    /// Where each name and each value ends.
    ends: &'a [(usize, usize)],
}

/// An element that is open: where its name and its text begin.
#[derive(Debug, Clone, Copy)]
struct Open {
    name: usize,
    text: usize,
}

/// Reads events. Names and texts are in buffers that all elements share, since bridges write dozens of elements a
/// leg.
pub(super) struct XmlEvents<R: BufRead> {
    reader: quick_xml::Reader<CountedLines<R>>,
    buffer: Vec<u8>,
    names: String,
    texts: String,
    open: Vec<Open>,
    /// True if the last event closed it; its name and text are still readable.
    closed: Option<Open>,
    attributes: String,
    attribute_ends: Vec<(usize, usize)>,
    /// An element that was opened and closed by one tag.
    closing: bool,
}

enum Step {
    Opened,
    Closed,
    Ended,
}

impl<R: BufRead> XmlEvents<R> {
    pub(super) fn new(input: R) -> Self {
        let mut reader = quick_xml::Reader::from_reader(CountedLines { input, ended: 0 });
        reader.config_mut().allow_dangling_amp = true;
        Self {
            reader,
            buffer: Vec::new(),
            names: String::new(),
            texts: String::new(),
            open: Vec::new(),
            closed: None,
            attributes: String::new(),
            attribute_ends: Vec::new(),
            closing: false,
        }
    }

    pub(super) fn next(&mut self) -> Result<XmlEvent<'_>, ReaderError> {
        let step = self.step()?;
        let element = |own: Open, around| Element { name: &self.names[own.name..], names: &self.names, around };
        Ok(match (step, self.open.split_last(), self.closed) {
            (Step::Opened, Some((own, around)), _) => {
                let attributes = Attributes { text: &self.attributes, ends: &self.attribute_ends };
                XmlEvent::Open(element(*own, around), attributes)
            }
            (Step::Closed, _, Some(own)) => XmlEvent::Close(element(own, &self.open), &self.texts[own.text..]),
            _ => XmlEvent::End,
        })
    }

    fn step(&mut self) -> Result<Step, ReaderError> {
        if let Some(closed) = self.closed.take() {
            self.names.truncate(closed.name);
            self.texts.truncate(closed.text);
        }
        if std::mem::take(&mut self.closing) {
            return Ok(self.close());
        }
        loop {
            self.buffer.clear();
            match self.reader.read_event_into(&mut self.buffer) {
                Ok(event @ (Event::Start(_) | Event::Empty(_))) => {
                    self.closing = matches!(event, Event::Empty(_));
                    if let Event::Start(start) | Event::Empty(start) = &event {
                        let open = Open { name: self.names.len(), text: self.texts.len() };
                        self.open.push(open);
                        self.names.push_str(&String::from_utf8_lossy(start.name().as_ref()));
                        take_attributes(start, &mut self.attributes, &mut self.attribute_ends);
                    }
                    if self.open.len() > DEEPEST {
                        return Err(self.malformed("elements lie too deep in each other"));
                    }
                    return Ok(Step::Opened);
                }
                Ok(Event::End(_)) => return Ok(self.close()),
                Ok(Event::Text(text)) => add(&mut self.texts, &self.open, &String::from_utf8_lossy(&text)),
                Ok(Event::CData(text)) => add(&mut self.texts, &self.open, &String::from_utf8_lossy(&text)),
                Ok(Event::GeneralRef(reference)) => add(&mut self.texts, &self.open, &resolved(&reference)),
                Ok(Event::Eof) if self.open.is_empty() => return Ok(Step::Ended),
                Ok(Event::Eof) => return Err(ReaderError::CutOff("its outermost element is not closed")),
                Ok(_) => {}
                Err(error) => return Err(self.malformed(&told(&error))),
            }
            if self.open.last().is_some_and(|own| self.texts.len() - own.text > LONGEST_TEXT) {
                return Err(self.malformed("a text is far too long"));
            }
        }
    }

    fn close(&mut self) -> Step {
        self.closed = self.open.pop();
        if self.closed.is_some() { Step::Closed } else { Step::Ended }
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
        other => on_one_line(&other.to_string(), LONGEST_REASON),
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
    bytes.iter().fold(0, |ends, byte| ends + u64::from(*byte == b'\n'))
}

/// Text outside of all elements is ignored. White space before an element's text is not kept: between a
/// million elements it would become a text by itself.
fn add(texts: &mut String, open: &[Open], text: &str) {
    let Some(own) = open.last() else { return };
    let is_begun = texts.len() > own.text;
    texts.push_str(if is_begun { text } else { text.trim_start() });
}

fn take_attributes(start: &BytesStart<'_>, texts: &mut String, ends: &mut Vec<(usize, usize)>) {
    texts.clear();
    ends.clear();
    for attribute in start.attributes().flatten() {
        texts.push_str(&String::from_utf8_lossy(attribute.key.as_ref()));
        let name = texts.len();
        let value = String::from_utf8_lossy(&attribute.value);
        texts.push_str(&quick_xml::escape::unescape(&value).unwrap_or(Cow::Borrowed(&value)));
        ends.push((name, texts.len()));
    }
}

impl<'a> Element<'a> {
    /// The name of the element so many levels above it; 0 is its parent.
    pub(super) fn around(&self, levels: usize) -> Option<&'a str> {
        let place = self.around.len().checked_sub(levels + 1)?;
        let end = match self.around.get(place + 1) {
            Some(inner) => inner.name,
            None => self.names.len() - self.name.len(),
        };
        self.names.get(self.around[place].name..end)
    }

    /// How many elements are around it.
    pub(super) fn depth(&self) -> usize {
        self.around.len()
    }

    /// Whether these are the names from the outermost element to its own.
    pub(super) fn is_at(&self, path: &[String]) -> bool {
        let Some((own, around)) = path.split_last() else { return false };
        around.len() == self.around.len()
            && own == self.name
            && around.iter().rev().enumerate().all(|(levels, name)| self.around(levels) == Some(name.as_str()))
    }
}

impl<'a> Attributes<'a> {
    pub(super) fn iter(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        let (text, starts) = (self.text, std::iter::once(0).chain(self.ends.iter().map(|(_, end)| *end)));
        starts.zip(self.ends).map(move |(start, (name, end))| (&text[start..*name], &text[*name..*end]))
    }

    pub(super) fn get(&self, wanted: &str) -> Option<&'a str> {
        self.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value)
    }
}

/// What `&name;` means; unchanged if it is unknown.
fn resolved(reference: &BytesRef<'_>) -> Cow<'static, str> {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        return character.to_string().into();
    }
    let name = String::from_utf8_lossy(reference);
    resolve_xml_entity(&name).map_or_else(|| format!("&{name};").into(), Cow::Borrowed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::readers::mended_lines::MendedLines;

    fn texts(xml: &str) -> Result<Vec<(String, String)>, ReaderError> {
        let mut events = XmlEvents::new(MendedLines::new(xml.as_bytes()));
        let mut all = Vec::new();
        loop {
            match events.next()? {
                XmlEvent::Close(element, text) => all.push((element.name.to_owned(), text.trim().to_owned())),
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
    fn an_element_knows_what_it_lies_in_and_its_own_text_only() {
        let xml = "<a x='1' y='&lt;2'>one<b>two<c/>three</b>four</a>";
        let mut events = XmlEvents::new(xml.as_bytes());
        let path = ["a", "b", "c"].map(str::to_owned);
        let mut seen = Vec::new();
        loop {
            match events.next().unwrap() {
                XmlEvent::Open(element, attributes) => {
                    let given: Vec<_> = attributes.iter().map(|(name, value)| format!("{name}={value}")).collect();
                    seen.push(format!("{} {} {}", element.name, element.depth(), given.join(" ")));
                    assert_eq!(element.is_at(&path), element.name == "c");
                    assert_eq!(attributes.get("y"), (element.name == "a").then_some("<2"));
                }
                XmlEvent::Close(element, text) => {
                    let around: Vec<_> = (0..element.depth()).map(|levels| element.around(levels).unwrap()).collect();
                    assert_eq!(element.around(element.depth()), None);
                    seen.push(format!("/{} in {} {text}", element.name, around.join(" in ")));
                }
                XmlEvent::End => break,
            }
        }
        let wanted = ["a 0 x=1 y=<2", "b 1 ", "c 2 ", "/c in b in a ", "/b in a twothree", "/a in  onefour"];
        assert_eq!(seen, wanted);
    }

    #[test]
    fn the_line_feeds_between_ever_so_many_elements_are_no_text() {
        let xml = format!("<a>\n{} x &amp; &amp; y</a>", "<b>1</b>\n".repeat(LONGEST_TEXT + 1));
        assert_eq!(texts(&xml).unwrap().last(), Some(&("a".to_owned(), "x & & y".to_owned())));
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
