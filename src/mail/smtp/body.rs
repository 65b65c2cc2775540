//! A message's bytes as DATA wants them: dots at the start of a line doubled, a line with one dot at the end.
//!
//! Dots are looked for, not every byte: attachments in base64 hold none.

use crate::mail::Message;

const FINAL_DOT: &str = ".\r\n";

/// A body, and the commands that go out after it, if any.
pub(super) struct Body {
    text: String,
    until_dot: usize,
}

impl Body {
    pub(super) fn of(message: Message) -> Self {
        // Messages are ASCII; were one not, its bytes would still be sent as text.
        let text = String::from_utf8(message.bytes)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
        let mut body = with_doubled_dots(text);
        if !body.ends_with("\r\n") {
            body.push_str("\r\n");
        }
        let until_dot = body.len();
        body.push_str(FINAL_DOT);
        Self { text: body, until_dot }
    }

    /// Commands that go out in one piece with it (RFC 2920).
    pub(super) fn followed_by(mut self, commands: &str) -> Self {
        self.text.push_str(commands);
        self
    }

    /// Bytes before the final dot.
    pub(super) fn until_dot(&self) -> usize {
        self.until_dot
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.text.as_bytes()
    }
}

fn with_doubled_dots(text: String) -> String {
    let starts_line = |at: usize| at == 0 || text[..at].ends_with("\r\n");
    let mut dots = text.match_indices('.').map(|(at, _)| at).filter(|at| starts_line(*at)).peekable();
    if dots.peek().is_none() {
        return text;
    }
    let mut doubled = String::with_capacity(text.len() + 64);
    let mut written = 0;
    for at in dots {
        doubled.push_str(&text[written..=at]);
        written = at;
    }
    doubled.push_str(&text[written..]);
    doubled
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body_of(text: &str) -> String {
        Body::of(Message {
            sender: "a@x.example".parse().unwrap(),
            recipient: "b@x.example".parse().unwrap(),
            file_stem: String::new(),
            bytes: text.as_bytes().to_vec(),
        })
        .text
    }

    #[test]
    fn dots_at_the_start_of_a_line_are_doubled_and_no_others() {
        assert_eq!(body_of(".a.\r\nb.c\r\n.\r\n..d\r\n"), "..a.\r\nb.c\r\n..\r\n...d\r\n.\r\n");
        assert_eq!(body_of("a.b\r\n"), "a.b\r\n.\r\n");
    }

    #[test]
    fn the_dot_is_on_a_line_of_its_own() {
        assert_eq!(body_of("a"), "a\r\n.\r\n");
        assert_eq!(body_of(""), "\r\n.\r\n");
    }
}
