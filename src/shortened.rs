//! Shortens a text that must fit, for example into a subject.

/// `text`, or its beginning with an ellipsis, at most `longest` characters.
pub(crate) fn shortened(text: &str, longest: usize) -> String {
    if text.chars().count() <= longest {
        return text.to_owned();
    }
    text.chars().take(longest.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_stays_and_the_rest_ends_in_an_ellipsis() {
        assert_eq!(shortened("café", 4), "café");
        assert_eq!(shortened("cafés", 4), "caf…");
    }
}
