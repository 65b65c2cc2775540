//! Names of files that other programs chose, made safe to show.

/// Without control characters: a line feed in a name begins no line of a mail or a terminal.
pub(super) fn printable(name: &str) -> String {
    name.replace(char::is_control, "\u{fffd}")
}
