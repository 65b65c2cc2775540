//! What an error of lettre's means for the message.

use lettre::transport::smtp::Error;
use lettre::transport::smtp::response::{Code, Response, Severity};

use super::watchdog::TooLong;
use crate::mail::Failure;

/// What a step ends with: the answer, an error, or our patience.
pub(super) type Reply<T> = Result<Result<T, Error>, TooLong>;

/// Longest answer kept, in characters: a server's words can go on and on.
const LONGEST_ANSWER: usize = 500;

/// Refusals of the conversation and not of the message: authentication wanted or failed, encryption wanted.
const CONVERSATION_CODES: [u16; 5] = [454, 530, 534, 535, 538];

/// An error while the server is greeted: whatever it is, it says nothing about a message.
pub(super) fn unreachable(step: &str, error: &Error) -> Failure {
    Failure::Unreachable(words(step, error))
}

/// An error between MAIL and the final dot.
pub(super) fn before_dot(step: &str, error: &Error) -> Failure {
    let words = words(step, error);
    match error.status().map(u16::from) {
        Some(code) if CONVERSATION_CODES.contains(&code) => Failure::Unreachable(words),
        Some(400..=499) => Failure::NotNow(words),
        Some(_) => Failure::Refused(words),
        None => Failure::BrokenOff(words),
    }
}

/// An error after the final dot: only a code is an answer.
pub(super) fn after_dot(error: &Error) -> Failure {
    let words = words("the final dot", error);
    match error.status().map(u16::from) {
        Some(400..=499) => Failure::NotNow(words),
        Some(_) => Failure::Refused(words),
        None => Failure::AnswerLost(words),
    }
}

pub(super) fn too_long(step: &str, TooLong(wait): &TooLong) -> String {
    format!("after {step}: no answer within {} s", wait.as_secs())
}

/// The server's yes, as `250 2.0.0 Ok: queued as 4D1`.
pub(super) fn answer(response: &Response) -> String {
    short(&format!("{} {}", response.code(), response.message().collect::<Vec<_>>().join(" ")))
}

/// lettre also calls a 3xx positive, which a server that is a reply behind could give.
pub(super) fn is_yes(response: &Response) -> bool {
    response.code().severity == Severity::PositiveCompletion
}

pub(super) fn out_of_step(step: &str, response: &Response) -> String {
    short(&format!("after {step}: an answer that does not belong there: {}", answer(response)))
}

/// Whether the server still waits for commands after this error: 421 says that it closes the connection.
pub(super) fn is_spoken(error: &Error) -> bool {
    error.status().is_some_and(|code: Code| u16::from(code) != 421)
}

fn words(step: &str, error: &Error) -> String {
    match error.status() {
        Some(code) => {
            let said = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
            short(&format!("{code} {said} (after {step})"))
        }
        None => short(&format!("after {step}: {error}")),
    }
}

/// One line without control characters, of bounded length.
fn short(words: &str) -> String {
    let line = words.split(char::is_control).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    line.chars().take(LONGEST_ANSWER).collect()
}
