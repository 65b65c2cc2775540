//! The part of a report that programs read: groups of fields, one about the message and one about each recipient.

use super::plain_id;

/// Groups that are looked at: our messages have one recipient each.
const MOST_GROUPS: usize = 64;
/// Longest value kept, in bytes.
const LONGEST_VALUE: usize = 2_000;

/// What a report says of a failure.
pub(super) struct Failed {
    pub words: String,
    /// Of the message that failed, where the report names it beside the original.
    pub original_id: Option<String>,
}

/// The fields that matter, of one group.
#[derive(Default)]
struct Group {
    fields: Vec<(&'static str, String)>,
    /// Whether the last line belongs to the last of `fields`.
    goes_on: bool,
}

/// The first failed recipient's status; `None` if no delivery has failed for good.
pub(super) fn failure(status: &[u8]) -> Option<Failed> {
    let (mut reporter, mut original_id) = (None, None);
    for group in groups(status).take(MOST_GROUPS) {
        reporter = reporter.or_else(|| group.get("reporting-mta").map(str::to_owned));
        // Gmail's name for it, and others'.
        let named = group.get("x-original-message-id").or_else(|| group.get("original-message-id"));
        original_id = original_id.or_else(|| named.and_then(plain_id));
        if group.has_failed() {
            let words = [group.get("status"), group.get("diagnostic-code")].into_iter().flatten();
            let reporter = reporter.as_deref().map(|reporter| {
                let name = reporter.trim_start_matches("dns;").trim();
                format!("(reported by {name})")
            });
            let words: Vec<_> = words.map(str::to_owned).chain(reporter).collect();
            return Some(Failed { words: words.join(" "), original_id });
        }
    }
    None
}

/// Read one by one. Empty lines separate groups; a line that begins with a blank continues the one before.
fn groups(status: &[u8]) -> impl Iterator<Item = Group> {
    let mut lines = status.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    std::iter::from_fn(move || {
        let mut group = Group::default();
        let mut has_lines = false;
        for line in lines.by_ref() {
            if !line.is_empty() {
                has_lines = true;
                group.add(line);
            } else if has_lines {
                return Some(group);
            }
        }
        has_lines.then_some(group)
    })
}

impl Group {
    const WANTED: [&'static str; 6] =
        ["action", "status", "diagnostic-code", "reporting-mta", "x-original-message-id", "original-message-id"];

    fn add(&mut self, line: &[u8]) {
        let line = &line[..line.len().min(LONGEST_VALUE)];
        let text = String::from_utf8_lossy(line);
        if text.starts_with([' ', '\t']) {
            if let Some((_, value)) = self.fields.last_mut().filter(|(_, value)| value.len() < LONGEST_VALUE)
                && self.goes_on
            {
                value.push(' ');
                value.push_str(text.trim());
            }
            return;
        }
        let (name, value) = text.split_once(':').unwrap_or((&text, ""));
        let wanted = Self::WANTED.iter().find(|wanted| name.trim().eq_ignore_ascii_case(wanted));
        let new = wanted.filter(|wanted| self.fields.iter().all(|(known, _)| known != *wanted));
        self.goes_on = new.is_some();
        self.fields.extend(new.map(|name| (*name, value.trim().to_owned())));
    }

    /// Not empty.
    fn get(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(known, value)| *known == name && !value.is_empty());
        found.map(|(_, value)| value.as_str())
    }

    fn has_failed(&self) -> bool {
        match self.get("action") {
            Some(action) => action.to_ascii_lowercase().starts_with("failed"),
            // Required, and left out by some.
            None => self.get("status").is_some_and(|status| status.starts_with('5')),
        }
    }
}
