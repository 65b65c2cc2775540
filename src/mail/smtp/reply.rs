//! What an answer, or the lack of one, means for the message.
//!
//! A refusal concerns what was being said: a sender that is not allowed, or has used up its quota, says nothing about
//! the recipient who happens to be next.

use std::fmt;

use super::answer::{Answer, short};
use super::connection::NoAnswer;
use crate::mail::Failure;

/// Refusals of the conversation and not of the message: authentication wanted or failed, encryption wanted.
const CONVERSATION_CODES: [u16; 5] = [454, 530, 534, 535, 538];

/// Words about the sender, its rights and its quota, for servers whose status codes do not say so. In lower case.
const SENDER_WORDS: [&str; 19] = [
    "sender address rejected",
    "sender rejected",
    "sender verify failed",
    "not owned by",
    "not allowed to send",
    "to send as",
    "sendasdenied",
    "relay access denied",
    "relaying denied",
    "relay not permitted",
    "unable to relay",
    "client host rejected",
    "authentication required",
    "daily",
    "hourly",
    "tomorrow",
    "sending limit",
    "sending quota",
    "too many messages",
];

/// Words with which servers refuse a message for its size, where they give no status. In lower case.
const SIZE_WORDS: [&str; 3] = ["size", "large", "big"];

/// How far the conversation about one message had come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Mail,
    Rcpt,
    Data,
    Body,
    Dot,
}

/// Whom a refusal is about.
enum Concern {
    /// The connection, its encryption, its authentication.
    Conversation,
    /// The sender: every message would be refused.
    Sender,
    /// This message, or its recipient.
    Message,
}

/// A refusal, or an answer that does not belong there.
pub(super) fn refusal(step: Step, answer: &Answer) -> Failure {
    let words = short(&format!("{} (after {step})", answer.words()));
    let is_temporary = (400..500).contains(&answer.code());
    match (concern(step, answer), answer.code()) {
        (_, ..400) if step == Step::Dot => Failure::AnswerLost(out_of_step(step, answer)),
        (_, ..400) => Failure::BrokenOff(out_of_step(step, answer)),
        (Concern::Conversation, _) => Failure::Unreachable(words),
        (Concern::Sender, _) if is_temporary => Failure::SenderNotNow(words),
        (Concern::Sender, _) => Failure::Unreachable(format!(
            "{words}: this is about the sender, so all mail waits; see mail.from, mail.username and the sender's quota"
        )),
        (Concern::Message, _) if is_temporary => Failure::NotNow(words),
        (Concern::Message, _) => Failure::Refused(words),
    }
}

/// The conversation broke off, or nothing came for too long.
pub(super) fn broken_off(step: Step, why: &NoAnswer) -> Failure {
    let words = short(&format!("after {step}: {why}"));
    if step == Step::Dot { Failure::AnswerLost(words) } else { Failure::BrokenOff(words) }
}

fn concern(step: Step, answer: &Answer) -> Concern {
    let words = answer.words().to_lowercase();
    let mentions = |known: &[&str]| known.iter().any(|known| words.contains(known));
    if CONVERSATION_CODES.contains(&answer.code()) {
        return Concern::Conversation;
    }
    let is_sender = if step == Step::Mail {
        !match answer.status() {
            Some((_, subject, detail)) => (subject, detail) == (3, 4),
            None => answer.code() == 552 && mentions(&SIZE_WORDS),
        }
    } else {
        match answer.status().map(|(_, subject, detail)| (subject, detail)) {
            // An address, the sender's or the recipient's.
            Some((1, detail)) => matches!(detail, 7 | 8),
            // The recipient's mailbox.
            Some((2, _)) => false,
            // Congestion and quotas (RFC 3463), SPF, DKIM and DMARC (RFC 7372), floods.
            Some((3, 2) | (4, 5) | (7, 8 | 9 | 11 | 13 | 20..=29 | 60)) => true,
            _ => mentions(&SENDER_WORDS),
        }
    };
    if is_sender { Concern::Sender } else { Concern::Message }
}

fn out_of_step(step: Step, answer: &Answer) -> String {
    short(&format!("after {step}: an answer that does not belong there: {}", answer.words()))
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mail => "MAIL",
            Self::Rcpt => "RCPT",
            Self::Data => "DATA",
            Self::Body => "the body",
            Self::Dot => "the final dot",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(step: Step, answer: &str) -> &'static str {
        match refusal(step, &Answer::for_tests(answer)) {
            Failure::Unreachable(_) => "all wait",
            Failure::SenderNotNow(_) => "sender later",
            Failure::NotNow(_) => "later",
            Failure::Refused(_) => "never",
            Failure::BrokenOff(_) => "broken off",
            Failure::AnswerLost(_) => "not known",
        }
    }

    #[test]
    fn what_is_refused_before_there_is_a_recipient_bounces_none() {
        for answer in
            ["550 5.1.1 no", "552 5.2.2 quota", "553 5.7.1 not owned by user", "554", "550 no", "501 5.1.7 x"]
        {
            assert_eq!(kind(Step::Mail, answer), "all wait", "{answer}");
        }
        assert_eq!(kind(Step::Mail, "452 4.3.1 later"), "sender later");
        for answer in ["552 5.3.4 too big", "552 message size exceeds fixed limit"] {
            assert_eq!(kind(Step::Mail, answer), "never", "{answer}");
        }
    }

    #[test]
    fn quotas_and_rights_of_the_sender_are_told_from_the_recipient_s_at_every_step() {
        for step in [Step::Rcpt, Step::Data, Step::Dot] {
            for answer in [
                "550 5.4.5 Daily user sending limit exceeded",
                "554 5.7.60 Client does not have permissions to send as this sender",
                "553 5.7.1 <a@b.example>: Sender address rejected: not owned by user c",
                "554 5.7.1 <a@b.example>: Relay access denied",
                "550 5.7.26 unauthenticated mail is not accepted",
                "554 Message quota reached, try again tomorrow",
                "530 5.7.0 Must issue a STARTTLS command first",
            ] {
                assert_eq!(kind(step, answer), "all wait", "{step}: {answer}");
            }
            for answer in
                ["550 5.1.1 who?", "552 5.2.2 daily quota of this mailbox", "550", "554 5.7.1 spam", "550 no"]
            {
                assert_eq!(kind(step, answer), "never", "{step}: {answer}");
            }
            assert_eq!(kind(step, "452 4.2.2 full"), "later");
            assert_eq!(kind(step, "450 4.7.28 too fast"), "sender later");
        }
    }

    #[test]
    fn an_answer_that_does_not_belong_there_is_none() {
        assert_eq!(kind(Step::Data, "250 ok"), "broken off");
        assert_eq!(kind(Step::Dot, "354 go on"), "not known");
    }
}
