//! Names that someone else gave, as they can be shown.

/// Without control characters: a line feed in a name begins no line of a mail or a terminal.
pub(super) fn printable(name: &str) -> String {
    name.replace(char::is_control, "\u{fffd}")
}
