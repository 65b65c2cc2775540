//! One answer of a server. Its code decides, whatever its words are.
//!
//! Servers answer in Latin-1 or GBK, with the bare code (RFC 5321, section 4.2), with an empty line or a wrapped one
//! in between, or hang up behind it. A message whose answer could not be read would be sent twice, so everything is
//! read that has a code.

use crate::shortened::on_one_line;

/// Longest answer that is kept, in characters: with the ellipsis of one that was cut, 500 bytes if the rest is ASCII.
const LONGEST_ANSWER: usize = 498;

/// Bytes of a line whose words are kept.
const KEPT_OF_LINE: usize = 1000;
/// Lines whose words are kept: more than any list of extensions has.
const KEPT_LINES: usize = 100;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    code: u16,
    /// What could not be read as UTF-8 is replaced.
    lines: Vec<String>,
    /// Whether its line had an end. Behind one that has none, nothing more can be read.
    is_whole: bool,
}

/// What a line is in an answer.
#[derive(Debug, PartialEq, Eq)]
enum Line<'a> {
    /// `250-words`: more of the same answer follows.
    Continued(&'a [u8]),
    /// `250 words`, or the bare code.
    Last(u16, &'a [u8]),
    /// Without a code: the rest of a line that was wrapped, or nothing at all.
    Stray,
}

/// Puts an answer together, line by line.
#[derive(Debug, Default)]
pub(super) struct AnswerReader {
    lines: Vec<String>,
}

impl AnswerReader {
    /// Takes one line; returns the answer if this was its last one.
    pub(super) fn take(&mut self, line: &[u8], is_whole: bool) -> Option<Answer> {
        match Line::of(line) {
            Line::Continued(words) => self.keep(words),
            Line::Stray => {}
            Line::Last(code, words) => {
                self.keep(words);
                return Some(Answer { code, lines: std::mem::take(&mut self.lines), is_whole });
            }
        }
        None
    }

    fn keep(&mut self, words: &[u8]) {
        if self.lines.len() < KEPT_LINES {
            let words = &words[..words.len().min(KEPT_OF_LINE)];
            self.lines.push(String::from_utf8_lossy(words).trim().to_owned());
        }
    }
}

impl<'a> Line<'a> {
    fn of(line: &'a [u8]) -> Self {
        let line = line.trim_ascii();
        let Some((&[first, second, third], words)) = line.split_first_chunk() else { return Self::Stray };
        let digits = [first, second, third];
        if !(b'2'..=b'5').contains(&first) || !digits.iter().all(u8::is_ascii_digit) {
            return Self::Stray;
        }
        let code = digits.iter().fold(0, |code, digit| code * 10 + u16::from(digit - b'0'));
        match words.split_first() {
            Some((b'-', words)) => Self::Continued(words),
            // Part of a number that is no code.
            Some((next, _)) if next.is_ascii_digit() => Self::Stray,
            Some((b' ', words)) => Self::Last(code, words),
            _ => Self::Last(code, words),
        }
    }
}

/// Whether a line that has come holds the end of an answer.
pub(super) fn ends_an_answer(line: &[u8]) -> bool {
    matches!(Line::of(line), Line::Last(..))
}

impl Answer {
    pub(super) fn code(&self) -> u16 {
        self.code
    }

    pub(super) fn is_yes(&self) -> bool {
        (200..300).contains(&self.code)
    }

    /// Whether the server still waits for commands: 421 says that it closes the connection.
    pub(super) fn leaves_open(&self) -> bool {
        self.is_whole && self.code != 421
    }

    pub(super) fn lines(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().map(String::as_str)
    }

    /// For example `250 2.0.0 Ok: queued as 4D1`, on one line of bounded length.
    pub(super) fn words(&self) -> String {
        let lines = self.lines().filter(|line| !line.is_empty());
        short(&std::iter::once(self.code.to_string()).chain(lines.map(str::to_owned)).collect::<Vec<_>>().join(" "))
    }

    /// The enhanced status (RFC 3463), for example `(5, 1, 1)`, where the words begin with one.
    pub(super) fn status(&self) -> Option<(u16, u16, u16)> {
        let first = self.lines().next()?.split([' ', ':', ';']).next()?;
        let mut parts = first.split('.').map(|part| part.parse().ok());
        let status = (parts.next()??, parts.next()??, parts.next()??);
        parts.next().is_none().then_some(status)
    }
}

/// One line without control characters, of bounded length.
pub(super) fn short(words: &str) -> String {
    on_one_line(words, LONGEST_ANSWER)
}

#[cfg(test)]
impl Answer {
    pub(super) fn for_tests(lines: &str) -> Self {
        let mut reading = AnswerReader::default();
        lines.split("\r\n").find_map(|line| reading.take(line.as_bytes(), true)).unwrap()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(lines: &[&[u8]]) -> Option<Answer> {
        let mut reading = AnswerReader::default();
        lines.iter().find_map(|line| reading.take(line, true))
    }

    fn words(lines: &[&[u8]]) -> Option<String> {
        answer(lines).map(|answer| answer.words())
    }

    #[test]
    fn the_code_is_read_whatever_the_words_are() {
        assert_eq!(
            words(&[b"250 2.0.0 Nachricht \xfcbernommen\r\n"]).unwrap(),
            "250 2.0.0 Nachricht \u{fffd}bernommen"
        );
        for bare in [&b"250\r\n"[..], b"250 \r\n", b"250\n", b"250", b" 250 \r\n"] {
            assert_eq!(words(&[bare]).unwrap(), "250", "{bare:?}");
        }
        assert_eq!(words(&[b"250\xa1\xa2\r\n"]).unwrap(), "250 \u{fffd}\u{fffd}");
        assert_eq!(words(&[b"\r\n", b"250 Ok\r\n"]).unwrap(), "250 Ok", "an empty line before it");
        assert_eq!(words(&[b"250-first\r\n", b" wrapped\r\n", b"250 last\r\n"]).unwrap(), "250 first last");
        assert!(words(&[&[b"250 ".as_slice(), &[b'x'; 5000]].concat()]).unwrap().len() < 1000);
    }

    #[test]
    fn what_has_no_code_is_no_answer() {
        for line in [&b"25\r\n"[..], b"", b"2500 a\r\n", b"hello\r\n", b"150 a\r\n", b"650 a\r\n", b"250-more\r\n"] {
            assert_eq!(answer(&[line]), None, "{line:?}");
        }
    }

    #[test]
    fn the_status_comes_before_the_text() {
        assert_eq!(Answer::for_tests("550 5.1.1 who?").status(), Some((5, 1, 1)));
        assert_eq!(Answer::for_tests("550-5.7.26 no\r\n550 more").status(), Some((5, 7, 26)));
        for without in ["550 who?", "550", "550 5.1 x", "550 127.0.0.1 x"] {
            assert_eq!(Answer::for_tests(without).status(), None, "{without}");
        }
    }
}
