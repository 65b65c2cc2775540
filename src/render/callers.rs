//! How much of a caller's number is shown.

use std::borrow::Cow;

use crate::domain::Callers;

/// Replaces the middle of a number; always of the same width, so that it does not show how long the number was.
const MASK: &str = "••••";
/// What switches write if a caller is not known.
const WITHHELD: [&str; 5] = ["anonymous", "private", "restricted", "unavailable", "unknown"];
/// A number this long keeps its beginning as well as its end.
const LONG_NUMBER: usize = 9;

impl Callers {
    /// `caller` as a statement shows it, or `unknown` for what switches write instead of a number; `None` if
    /// statements show no callers at all.
    pub(super) fn show<'a>(self, caller: &'a str, unknown: &'a str) -> Option<Cow<'a, str>> {
        let is_withheld = WITHHELD.iter().any(|it| caller.eq_ignore_ascii_case(it));
        match self {
            Self::None => None,
            _ if is_withheld => Some(Cow::Borrowed(unknown)),
            Self::Full => Some(Cow::Borrowed(caller)),
            Self::Masked => Some(Cow::Owned(masked(caller))),
        }
    }
}

/// The country's digits and the last two, for example `+33••••04`; of a short number or another kind of name the last
/// two characters only.
fn masked(caller: &str) -> String {
    let count = caller.chars().count();
    let is_number = caller.chars().all(|c| c.is_ascii_digit() || " +-()./".contains(c));
    let shown_ahead = if is_number && count >= LONG_NUMBER { 3 } else { 0 };
    let shown_behind = if count > 4 { 2 } else { 0 };
    let ahead = caller.chars().take(shown_ahead);
    let behind = caller.chars().skip(count - shown_behind);
    ahead.chain(MASK.chars()).chain(behind).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_number_keeps_its_country_and_its_end() {
        for (caller, shown) in [
            ("+33491000004", "+33••••04"),
            ("0491000004", "049••••04"),
            ("3227", "••••"),
            ("sip:leo@phoenix.example", "••••le"),
            ("é", "••••"),
            ("Anonymous", "withheld"),
        ] {
            assert_eq!(Callers::Masked.show(caller, "withheld").unwrap(), shown);
        }
        assert_eq!(Callers::Full.show("+33491000004", "withheld").unwrap(), "+33491000004");
        assert_eq!(Callers::None.show("anonymous", "withheld"), None);
    }
}
