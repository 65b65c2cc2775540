//! Message-IDs that come out the same for the same message of an installation, and that no one else can compute.
//!
//! Anyone who knows an id can report that its message came back. They are keyed by a secret, so that only those know
//! one who got the message, or carried it.

use crate::digest::DigestKey;
use crate::domain::{EmailAddress, Mailbox, RoomNumber, StatementId};

/// Hexadecimal digits: 128 bits, beyond any chance of two alike.
const DIGITS: usize = 32;

/// The id, without angle brackets, of the message that brings one revision of a statement to `recipient`.
///
/// `resend` 0 is the first; later ones are ordered by a person, and are messages of their own.
pub fn message_id(
    key: &DigestKey,
    from: &Mailbox,
    statement: &StatementId,
    room: Option<&RoomNumber>,
    recipient: &EmailAddress,
    resend: u32,
) -> String {
    let StatementId { account, period, revision } = statement;
    let room = room.map_or("", |room| room.as_str());
    // Numbers and periods hold no slash; the recipient comes last.
    let identity = format!("{account}/{period}/{revision}/{room}/{resend}/{}", recipient.ascii());
    message_id_of(key, from, &identity)
}

/// The id, without angle brackets, of the message that `identity` alone names among all that `from` sends.
pub fn message_id_of(key: &DigestKey, from: &Mailbox, identity: &str) -> String {
    let digest = key.digest_hex(identity.as_bytes());
    format!("{}@{}", &digest[..DIGITS], from.address.ascii_domain())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_a_message_s_identity_counts_and_nothing_else() {
        let key = DigestKey::generate().unwrap();
        let from = Mailbox { name: None, address: "billing@société.example".parse().unwrap() };
        let room: RoomNumber = "332703".parse().unwrap();
        let id = |period: &str, revision| StatementId {
            account: "602127".parse().unwrap(),
            period: period.parse().unwrap(),
            revision,
        };
        let (a, b) = ("a@x.example".parse().unwrap(), "b@x.example".parse().unwrap());
        let ids = [
            message_id(&key, &from, &id("2009-05", 1), None, &a, 0),
            message_id(&key, &from, &id("2009-06", 1), None, &a, 0),
            message_id(&key, &from, &id("2009-05", 2), None, &a, 0),
            message_id(&key, &from, &id("2009-05", 1), Some(&room), &a, 0),
            message_id(&key, &from, &id("2009-05", 1), None, &b, 0),
            message_id(&key, &from, &id("2009-05", 1), None, &a, 1),
        ];
        let different: std::collections::HashSet<_> = ids.iter().collect();
        assert_eq!(different.len(), ids.len());
        assert_eq!(ids[0], message_id(&key, &from, &id("2009-05", 1), None, &a, 0));
        let elsewhere = DigestKey::generate().unwrap();
        assert_ne!(ids[0], message_id(&elsewhere, &from, &id("2009-05", 1), None, &a, 0));
        assert!(ids[0].ends_with("@xn--socit-esab.example"), "{}", ids[0]);
    }
}
