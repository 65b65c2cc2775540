//! Mail that comes back, from any sender: what is read from it fits into a database and onto a terminal.
#![no_main]

use std::io::Write;

use libfuzzer_sys::fuzz_target;
use statementd::mail::{BounceReading, FRONT, Mbox, read_bounce};

/// RFC 5322 allows a line of 998 characters; ours are far shorter.
const LONGEST_ID: usize = 998;
const LONGEST_WORDS: usize = 500;

fuzz_target!(|mailbox: &[u8]| {
    check(mailbox);
    let mut file = tempfile::NamedTempFile::new_in(folder()).expect("a file in memory");
    file.write_all(mailbox).expect("a file in memory");
    let mut mbox = Mbox::open(file.path(), None).expect("a file that is there can be opened").expect("it is there");
    let (mut bytes, mut last) = (0, None);
    while let Some((begins_at, mail)) = mbox.next_mail().expect("a file in memory can be read") {
        assert!(last.is_none_or(|last| last < begins_at), "mails lie one after the other");
        last = Some(begins_at);
        assert!(mail.front.len() <= FRONT);
        bytes += mail.front.len();
        check(&mail.front);
    }
    assert!(bytes <= mailbox.len(), "no message is read twice: {bytes} of {}", mailbox.len());
    assert!(mbox.offset() <= mailbox.len() as u64);
});

fn check(message: &[u8]) {
    let BounceReading::Bounce(bounce) = read_bounce(message) else { return };
    let again = BounceReading::Bounce(bounce.clone());
    assert_eq!(read_bounce(message), again, "the same bytes must say the same");
    let id = &bounce.message_id;
    assert!(!id.is_empty() && id.len() <= LONGEST_ID, "an id of {} bytes", id.len());
    assert!(!id.contains(|c: char| c.is_control() || c.is_whitespace()), "{id:?}");
    assert!(bounce.words.chars().count() <= LONGEST_WORDS && !bounce.words.contains(char::is_control));
}

/// In memory where there is such a folder.
fn folder() -> &'static str {
    if std::path::Path::new("/dev/shm").is_dir() { "/dev/shm" } else { "/tmp" }
}
