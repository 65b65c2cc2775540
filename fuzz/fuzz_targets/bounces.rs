//! Mail that comes back, from anybody: what is read from it fits into a database and onto a terminal.
#![no_main]

use std::io::Write;

use libfuzzer_sys::fuzz_target;
use statementd::mail::{read_bounce, read_box};

/// RFC 5322 allows a line of 998 characters; ours are far shorter.
const LONGEST_ID: usize = 998;
const LONGEST_WORDS: usize = 500;

fuzz_target!(|mailbox: &[u8]| {
    check(mailbox);
    let mut file = tempfile::NamedTempFile::new_in(folder()).expect("a file in memory");
    file.write_all(mailbox).expect("a file in memory");
    let mut bytes = 0;
    for mail in read_box(file.path()).expect("a file that is there can be opened") {
        // What is no mbox is an error, and the box is left alone.
        let Ok(mail) = mail else { break };
        bytes += mail.bytes.len();
        check(&mail.bytes);
    }
    assert!(bytes <= mailbox.len() + 1, "no message is read twice: {bytes} of {}", mailbox.len());
});

fn check(message: &[u8]) {
    let Some(bounce) = read_bounce(message) else { return };
    assert_eq!(read_bounce(message).as_ref(), Some(&bounce), "the same bytes must say the same");
    let id = &bounce.message_id;
    assert!(!id.is_empty() && id.len() <= LONGEST_ID, "an id of {} bytes", id.len());
    assert!(!id.contains(|c: char| c.is_control() || c.is_whitespace()), "{id:?}");
    assert!(bounce.words.chars().count() <= LONGEST_WORDS && !bounce.words.contains(char::is_control));
}

/// In memory where there is such a folder.
fn folder() -> &'static str {
    if std::path::Path::new("/dev/shm").is_dir() { "/dev/shm" } else { "/tmp" }
}
