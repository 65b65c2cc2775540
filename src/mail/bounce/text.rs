//! Reports of failure in words alone: qmail's, and those of servers that know no delivery status.
//!
//! Words are weak: a report counts as one only if a mail system wrote it, it speaks of a final failure, and a copy of
//! our message, with its Message-ID, came along. A customer who answers that something "could not be delivered" has
//! written none.

use super::parts::{Head, MimePart};
use super::plain_id;
use super::status::Failed;

/// How much of a text is searched, in bytes; the copy of the original begins well before that.
const LONGEST_TEXT: usize = 64 * 1024;
/// Who writes reports, before the @.
const SYSTEMS: [&str; 5] = ["mailer-daemon", "postmaster", "maildaemon", "mail-daemon", "microsoftexchange"];
/// What a text that reports a failure says, in lower case.
const FAILURES: [&str; 15] = [
    "permanent error",
    "permanent fatal error",
    "i've given up",
    "giving up",
    "undeliverable",
    "undelivered mail",
    "delivery has failed",
    "delivery failed",
    "delivery failure",
    "delivery to the following recipient",
    "could not be delivered",
    "couldn't be delivered",
    "wasn't able to deliver",
    "failure notice",
    "returned mail",
];
/// What a text says while the server still tries.
const DELAYS: [&str; 7] = [
    "not yet been delivered",
    "will be retried",
    "still being retried",
    "will keep trying",
    "will continue to be made",
    "delivery is delayed",
    "temporary failure",
];

/// The words of a failure; `None` if the mail reports none.
pub(super) fn failure(head: &Head, leaves: &[MimePart<'_>]) -> Option<Failed> {
    let has_failed_recipients = head.raw("X-Failed-Recipients").is_some();
    if !has_failed_recipients && !is_from_a_system(head) {
        return None;
    }
    let body = leaves.iter().find(|leaf| leaf.is_text()).map(|leaf| &*leaf.body).unwrap_or_default();
    let text = String::from_utf8_lossy(&body[..body.len().min(LONGEST_TEXT)]);
    let (report, original_id) = apart(&text);
    let said = format!("{}\n{report}", head.subject()).to_lowercase();
    let says = |words: &[&str]| words.iter().any(|words| said.contains(words));
    if says(&DELAYS) || !(has_failed_recipients || says(&FAILURES)) {
        return None;
    }
    let words = telling_line(report).unwrap_or("reported in words, without a code");
    Some(Failed { words: words.to_owned(), original_id })
}

fn is_from_a_system(head: &Head) -> bool {
    let is_system = |address: &str| {
        let address = address.to_ascii_lowercase();
        SYSTEMS.iter().any(|system| address.starts_with(system))
    };
    head.raw("Return-Path") == Some("<>") || head.senders().any(is_system)
}

/// The report itself, and the id in the copy of the original after it.
fn apart(text: &str) -> (&str, Option<String>) {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        // Servers that quote do so by a mark in front of each line.
        let plain = line.trim_start_matches(['>', ' ', '|']);
        if let Some((name, id)) = plain.split_once(':')
            && name.trim().eq_ignore_ascii_case("message-id")
        {
            return (&text[..at], plain_id(id));
        }
        at += line.len();
    }
    (text, None)
}

/// The first line with a code of final failure, for example `550` or `5.1.1`.
fn telling_line(report: &str) -> Option<&str> {
    let has_code = |line: &&str| {
        line.split(|c: char| !c.is_ascii_digit() && c != '.').any(|word| {
            let digits: Vec<&str> = word.trim_matches('.').split('.').collect();
            match digits.as_slice() {
                [code] => code.len() == 3 && code.starts_with('5'),
                [class, subject, detail] => {
                    *class == "5" && [subject, detail].iter().all(|part| (1..=3).contains(&part.len()))
                }
                _ => false,
            }
        })
    };
    report.lines().map(str::trim).find(has_code)
}
