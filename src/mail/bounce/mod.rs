//! Parses a bounce: which message came back, and why.
//!
//! Mail servers accept first and find out later; what they find out arrives as a message of three parts: prose, a
//! `message/delivery-status` (RFC 3464), and the original message or its headers. Its Message-ID is the way back to
//! the ledger. Some servers write a text instead. Anyone can send such a mail: only its first part is read, it is
//! parsed to a fixed depth, and nothing in it is followed.

mod id;
mod parts;
mod status;
mod text;

use id::plain_id;
use parts::{MimePart, leaves};
use status::Failed;

use crate::shortened::on_one_line;

/// A message of ours that was not delivered in the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounce {
    /// Of the original message, without angle brackets.
    pub message_id: String,
    /// For example `5.1.1 smtp; 550 no such user (reported by mx.example)`.
    pub words: String,
}

/// What a mail turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BounceReading {
    Bounce(Bounce),
    /// A server reports a failure, and does not say of which message.
    Nameless,
    /// Anything else, a mere delay included.
    Other,
}

/// How much of a mail is read, in bytes: the report and the original's headers come before the original's files.
pub const FRONT: usize = 256 * 1024;
/// How often a report may be wrapped in another mail.
const DEEPEST_WRAPPING: usize = 3;
/// Longest description of a failure that is kept, in characters.
const LONGEST_WORDS: usize = 500;

/// What a mail reports; at least its first [`FRONT`] bytes are needed.
pub fn read_bounce(mail: &[u8]) -> BounceReading {
    let front = &mail[..mail.len().min(FRONT)];
    read_report(front, DEEPEST_WRAPPING)
}

fn read_report(mail: &[u8], wrappings: usize) -> BounceReading {
    let (head, leaves) = leaves(mail);
    if let Some(status) = leaves.iter().find(|leaf| leaf.is_status()) {
        let Some(failed) = status::failure(&status.body) else { return BounceReading::Other };
        let id = leaves.iter().find_map(original_id).or_else(|| failed.original_id.clone());
        return reading(id.or_else(|| head.answered_id()), &failed);
    }
    if let Some(failed) = text::failure(&head, &leaves) {
        let id = leaves.iter().find_map(original_id).or_else(|| failed.original_id.clone());
        return reading(id, &failed);
    }
    if wrappings > 0 {
        let wrapped = leaves.iter().filter(|leaf| leaf.is_message());
        let inside = wrapped.map(|leaf| read_report(&leaf.body, wrappings - 1));
        return inside.into_iter().find(|found| *found != BounceReading::Other).unwrap_or(BounceReading::Other);
    }
    BounceReading::Other
}

fn reading(id: Option<String>, failed: &Failed) -> BounceReading {
    match id {
        Some(message_id) => {
            BounceReading::Bounce(Bounce { message_id, words: on_one_line(&failed.words, LONGEST_WORDS) })
        }
        None => BounceReading::Nameless,
    }
}

/// The Message-ID of an original that came along, whole or as headers.
fn original_id(leaf: &MimePart<'_>) -> Option<String> {
    let is_original = leaf.is_message() || leaf.is_headers();
    is_original.then(|| parts::head_of(&leaf.body).and_then(|head| head.message_id())).flatten()
}

#[cfg(test)]
mod tests;
