//! Message-IDs as a stranger writes them.

/// Longest line of a message (RFC 5322), in bytes: an id of ours is far shorter.
pub(super) const LONGEST_ID: usize = 998;

/// An id in the form of ours. Anyone can send a report: what is looked up must be something that a database takes as
/// text.
pub(super) fn plain_id(id: &str) -> Option<String> {
    let id = id.trim().trim_start_matches('<').trim_end_matches('>');
    let is_plain = !id.is_empty() && id.len() <= LONGEST_ID && id.chars().all(|c| c.is_ascii_graphic());
    is_plain.then(|| id.to_owned())
}
