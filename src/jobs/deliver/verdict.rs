//! Decides the next state of a delivery after an attempt: the rules of the ledger, without I/O.

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::UnknownPolicy;
use crate::mail::Failure;
use crate::store::{DeliveryState, DueDelivery, InterruptedDelivery, Verdict};

/// A message is tried again after as long as it has been tried, within these bounds: the waits double.
const SHORTEST_WAIT: TimeDelta = TimeDelta::minutes(5);
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(4);
/// How long a server may answer with temporary failures (RFC 5321, section 4.5.4.1).
const PATIENCE: TimeDelta = TimeDelta::days(5);
/// A server may still be storing a message while it has stopped answering; RFC 5321 gives it ten minutes.
const RESEND_WAIT: TimeDelta = TimeDelta::minutes(11);

pub(crate) fn accepted(delivery: &DueDelivery, answer: &str) -> Verdict {
    let sent_before = match delivery.lost_answers {
        0 => "",
        _ => " (sent again: the answer to the first time was lost)",
    };
    ended(DeliveryState::Accepted, format!("{answer}{sent_before}"))
}

/// Not sent, and not to be sent by itself.
pub(crate) fn held(why: &str) -> Verdict {
    ended(DeliveryState::Held, why.to_owned())
}

/// An error of our own, for example an unreadable archive: tried again for as long as it lasts.
pub(crate) fn not_ready(delivery: &DueDelivery, why: String, now: DateTime<Utc>) -> Verdict {
    later(delivery, why, now)
}

pub(crate) fn failed(delivery: &DueDelivery, failure: Failure, policy: UnknownPolicy, now: DateTime<Utc>) -> Verdict {
    match failure {
        // Says nothing about the recipient, so no delivery is given up for it.
        Failure::Unreachable(words) | Failure::SenderNotNow(words) => later(delivery, words, now),
        Failure::NotNow(words) | Failure::BrokenOff(words) => {
            if now - delivery.trying_since >= PATIENCE {
                ended(DeliveryState::Bounced, format!("given up after {} days: {words}", PATIENCE.num_days()))
            } else {
                later(delivery, words, now)
            }
        }
        Failure::Refused(words) => ended(DeliveryState::Bounced, words),
        Failure::AnswerLost(words) => answer_lost(delivery.lost_answers, &words, policy, now),
    }
}

/// What becomes of a delivery whose process died.
pub(crate) fn interrupted(delivery: &InterruptedDelivery, policy: UnknownPolicy, now: DateTime<Utc>) -> Verdict {
    if delivery.body_under_way {
        let words = "the program stopped while the message was going out: it is not known whether it arrived";
        return answer_lost(delivery.lost_answers, words, policy, now);
    }
    let state = if delivery.lost_answers > 0 { DeliveryState::Unknown } else { DeliveryState::Queued };
    let answer = "the program stopped before the message went out".to_owned();
    Verdict { state, next_attempt_at: Some(now), answer, answer_lost: false }
}

fn answer_lost(lost_before: u32, words: &str, policy: UnknownPolicy, now: DateTime<Utc>) -> Verdict {
    let (state, next_attempt_at) = match policy {
        UnknownPolicy::Hold => (DeliveryState::Held, None),
        UnknownPolicy::ResendOnce if lost_before == 0 => (DeliveryState::Unknown, Some(now + RESEND_WAIT)),
        UnknownPolicy::ResendOnce => (DeliveryState::Unknown, None),
    };
    Verdict { state, next_attempt_at, answer: format!("not known whether it arrived: {words}"), answer_lost: true }
}

fn later(delivery: &DueDelivery, answer: String, now: DateTime<Utc>) -> Verdict {
    let wait = (now - delivery.trying_since).clamp(SHORTEST_WAIT, LONGEST_WAIT);
    // A message that may have arrived once keeps saying so.
    let state = if delivery.lost_answers > 0 { DeliveryState::Unknown } else { DeliveryState::Deferred };
    Verdict { state, next_attempt_at: Some(now + wait), answer, answer_lost: false }
}

fn ended(state: DeliveryState, answer: String) -> Verdict {
    Verdict { state, next_attempt_at: None, answer, answer_lost: false }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::DeliveryClaim;

    fn start() -> DateTime<Utc> {
        "2009-06-02T06:00:00Z".parse().unwrap()
    }

    fn delivery(lost_answers: u32) -> DueDelivery {
        DueDelivery {
            claim: DeliveryClaim { delivery: 1, attempt: 1 },
            worker: crate::store::work::membership::WorkerKey(1),
            statement: crate::store::StatementKey::for_tests(1),
            room: None,
            recipient: "a@b.example".parse().unwrap(),
            recipient_name: None,
            message_id: "1@b.example".into(),
            trying_since: start(),
            lost_answers,
            state_before: DeliveryState::Queued,
            due_since: start(),
        }
    }

    fn not_now() -> Failure {
        Failure::NotNow("450 later".into())
    }

    #[test]
    fn waits_double_up_to_four_hours_and_end_after_five_days() {
        let mut now = start();
        let mut waits = Vec::new();
        let bounced = loop {
            let verdict = failed(&delivery(0), not_now(), UnknownPolicy::ResendOnce, now);
            let Some(next) = verdict.next_attempt_at else { break verdict };
            waits.push((next - now).num_minutes());
            now = next;
        };
        assert_eq!(waits[..8], [5, 5, 10, 20, 40, 80, 160, 240]);
        assert!(waits[8..].iter().all(|wait| *wait == 240));
        assert_eq!(bounced.state, DeliveryState::Bounced);
        assert_eq!(bounced.answer, "given up after 5 days: 450 later");
        assert!((now - start()) >= PATIENCE && (now - start()) < PATIENCE + LONGEST_WAIT);
    }

    #[test]
    fn a_server_that_cannot_be_reached_bounces_no_one() {
        let failure = Failure::Unreachable("connection refused".into());
        let verdict = failed(&delivery(0), failure, UnknownPolicy::ResendOnce, start() + TimeDelta::days(30));
        assert_eq!((verdict.state, verdict.answer_lost), (DeliveryState::Deferred, false));
    }

    #[test]
    fn a_refusal_bounces_at_once() {
        let verdict = failed(&delivery(0), Failure::Refused("550 no".into()), UnknownPolicy::ResendOnce, start());
        assert_eq!((verdict.state, verdict.next_attempt_at), (DeliveryState::Bounced, None));
    }

    #[test]
    fn a_lost_answer_is_sent_again_once_after_eleven_minutes_and_then_stays_unknown() {
        let lost = || Failure::AnswerLost("connection reset".into());
        let first = failed(&delivery(0), lost(), UnknownPolicy::ResendOnce, start());
        assert_eq!(first.state, DeliveryState::Unknown);
        assert_eq!(first.next_attempt_at, Some(start() + TimeDelta::minutes(11)));
        let second = failed(&delivery(1), lost(), UnknownPolicy::ResendOnce, start());
        assert_eq!((second.state, second.next_attempt_at), (DeliveryState::Unknown, None));
    }

    #[test]
    fn a_lost_answer_is_held_where_the_policy_says_so() {
        let verdict = failed(&delivery(0), Failure::AnswerLost("x".into()), UnknownPolicy::Hold, start());
        assert_eq!((verdict.state, verdict.next_attempt_at), (DeliveryState::Held, None));
        assert!(verdict.answer_lost);
    }

    #[test]
    fn a_death_before_the_body_queues_again_and_one_during_it_is_unknown() {
        let left = |body_under_way, lost_answers| InterruptedDelivery {
            claim: DeliveryClaim { delivery: 1, attempt: 1 },
            body_under_way,
            lost_answers,
        };
        let before = interrupted(&left(false, 0), UnknownPolicy::ResendOnce, start());
        assert_eq!((before.state, before.next_attempt_at), (DeliveryState::Queued, Some(start())));
        let during = interrupted(&left(true, 0), UnknownPolicy::ResendOnce, start());
        assert_eq!((during.state, during.answer_lost), (DeliveryState::Unknown, true));
        let resending = interrupted(&left(false, 1), UnknownPolicy::ResendOnce, start());
        assert_eq!((resending.state, resending.answer_lost), (DeliveryState::Unknown, false), "it may have arrived");
    }
}
