//! Suggests which column was meant where a header lacks one.

use super::fields::cleaned;
use super::records::Record;
use crate::shortened::shortened;

const LONGEST_HEADING: usize = 60;

/// Text to append to the message that columns are missing; empty if there is no suggestion.
pub(super) fn hint(header: &Record, missing: &[&str]) -> String {
    let separates = |separator: u8| header.len() == 1 && header.field(0).contains(&separator);
    if separates(b';') {
        return " (its columns are separated by semicolons, not commas)".into();
    }
    if separates(b'\t') {
        return " (its columns are separated by tabs, not commas)".into();
    }
    let meant = missing.iter().find_map(|column| {
        let heading = header.fields().find(|heading| simplified(heading) == simplified(column.as_bytes()))?;
        Some(format!(" (did you mean {column} by {:?}?)", shown(heading)))
    });
    meant.unwrap_or_default()
}

/// Letters and digits alone, all small: `Leg-ID` and `leg_id` are alike.
fn simplified(name: &[u8]) -> Vec<u8> {
    name.iter().filter(|byte| byte.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase).collect()
}

fn shown(heading: &[u8]) -> String {
    shortened(&String::from_utf8_lossy(cleaned(heading)), LONGEST_HEADING)
}
