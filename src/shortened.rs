//! Shortens a text that must fit, for example into a subject or a line of a log.

/// `text`, or its beginning with an ellipsis, at most `longest` characters.
pub(crate) fn shortened(text: &str, longest: usize) -> String {
    if text.chars().count() <= longest {
        return text.to_owned();
    }
    text.chars().take(longest.saturating_sub(1)).chain(['…']).collect()
}

/// As [`shortened`], with a space for each run of white space and control characters.
pub(crate) fn on_one_line(text: &str, longest: usize) -> String {
    let separates = |char: char| char.is_whitespace() || char.is_control();
    let parts = text.split(separates).filter(|part| !part.is_empty());
    shortened(&parts.collect::<Vec<_>>().join(" "), longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_stays_and_the_rest_ends_in_an_ellipsis() {
        assert_eq!(shortened("café", 4), "café");
        assert_eq!(shortened("cafés", 4), "caf…");
    }

    #[test]
    fn a_line_has_neither_breaks_nor_control_characters() {
        assert_eq!(on_one_line(" 550 no\r\n\tsuch\u{7} user\n", 20), "550 no such user");
        assert_eq!(on_one_line("550 no\r\nsuch user", 10), "550 no su…");
    }
}
