//! Splits a line into fields, and takes off what people and programs put around a field's text.
//!
//! The csv crate is not used here: it cannot say that a quotation mark was never closed.

use crate::csv_table::unguarded;

/// How a quotation mark that is never closed is treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unclosed {
    /// It is reported.
    IsSaid,
    /// It is read as text, and the next comma ends its field.
    IsText,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Split {
    /// Strict: nothing but blanks is between a closing quotation mark and the comma.
    Whole {
        is_strict: bool,
    },
    Unclosed,
}

/// Appends the fields of `line` to `bytes`, with each one's end to `ends`.
pub(super) fn split(line: &[u8], unclosed: Unclosed, bytes: &mut Vec<u8>, ends: &mut Vec<usize>) -> Split {
    let (mut at, mut is_strict) = (0, true);
    loop {
        let (from, rest) = (bytes.len(), &line[at..]);
        let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let mut taken = 0;
        if rest.get(blanks) == Some(&b'"') {
            match unquote(&rest[blanks + 1..], bytes) {
                Some(quoted) => taken = blanks + 1 + quoted,
                None if unclosed == Unclosed::IsSaid => return Split::Unclosed,
                None => bytes.truncate(from),
            }
        }
        let tail = &rest[taken..];
        let length = tail.iter().position(|byte| *byte == b',').unwrap_or(tail.len());
        if taken == 0 || !tail[..length].trim_ascii().is_empty() {
            is_strict &= taken == 0;
            bytes.extend_from_slice(&tail[..length]);
        }
        ends.push(bytes.len());
        at += taken + length;
        if at == line.len() {
            return Split::Whole { is_strict };
        }
        at += 1;
    }
}

/// Appends the text before the closing quotation mark; returns how much was read, the mark included.
fn unquote(text: &[u8], bytes: &mut Vec<u8>) -> Option<usize> {
    let mut at = 0;
    loop {
        let length = text[at..].iter().position(|byte| *byte == b'"')?;
        bytes.extend_from_slice(&text[at..at + length]);
        at += length + 1;
        if text.get(at) != Some(&b'"') {
            return Some(at);
        }
        bytes.push(b'"');
        at += 1;
    }
}

/// A value without blanks around it, invisible ones included, and without one guard against formulas.
pub(super) fn cleaned(value: &[u8]) -> &[u8] {
    let is_plain = |byte: Option<&u8>| byte.is_none_or(|byte| byte.is_ascii_graphic() && *byte != b'\'');
    if is_plain(value.first()) && is_plain(value.last()) {
        return value;
    }
    let Ok(text) = std::str::from_utf8(value) else { return value };
    unguarded(text.trim_matches(is_blank).as_bytes())
}

fn is_blank(character: char) -> bool {
    let is_unseen = matches!(
        character,
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}'
    );
    is_unseen || character == '\t' || (character.is_whitespace() && !character.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(line: &str, unclosed: Unclosed) -> (Split, Vec<String>) {
        let (mut bytes, mut ends) = (Vec::new(), Vec::new());
        let split = split(line.as_bytes(), unclosed, &mut bytes, &mut ends);
        let starts = std::iter::once(0).chain(ends.iter().copied());
        let texts = starts.zip(&ends).map(|(start, end)| String::from_utf8_lossy(&bytes[start..*end]).into_owned());
        (split, texts.collect())
    }

    #[test]
    fn quotation_marks_count_where_a_field_begins() {
        for (line, expected) in [
            ("a,b,", vec!["a", "b", ""]),
            ("\"a,b\",\"c\"\"d\"", vec!["a,b", "c\"d"]),
            (" \"a\" ,b", vec!["a", "b"]),
            ("5\" disc,x", vec!["5\" disc", "x"]),
            ("", vec![""]),
        ] {
            assert_eq!(
                fields(line, Unclosed::IsSaid),
                (Split::Whole { is_strict: true }, strings(&expected)),
                "{line}"
            );
        }
        assert_eq!(fields("\"a\"b,c", Unclosed::IsSaid).0, Split::Whole { is_strict: false });
        assert_eq!(fields("a,\"b,c", Unclosed::IsSaid).0, Split::Unclosed);
        assert_eq!(fields("\"x,y\",\"b,c", Unclosed::IsText).1, strings(&["x,y", "\"b", "c"]));
    }

    fn strings(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn invisible_characters_around_a_value_are_no_part_of_it() {
        for padded in ["L1 ", "\tL1", "\u{a0}L1\u{202f}", "\u{feff}L1", "L1\u{200b}", "\u{202d}L1\u{202c}"] {
            assert_eq!(cleaned(padded.as_bytes()), b"L1", "{padded:?}");
        }
        assert_eq!(cleaned("\u{3000} ".as_bytes()), b"");
        assert_eq!(cleaned(b" a b "), b"a b");
        assert_eq!(cleaned(b"'=1+1"), b"=1+1");
        assert_eq!(cleaned(b"'' quoted"), b"'' quoted");
        assert_eq!(cleaned(b"a\x07"), b"a\x07", "a control character is refused, not hidden");
    }
}
