//! Once a day: what needs a person, since when, and what to do.

use std::fmt::Write;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::PeriodState;
use crate::jobs::operations::notices::send::{post, waiting_for};
use crate::jobs::operations::notices::{Notice, shown};
use crate::jobs::{Context, DueRule, JobError, look_at_machine, look_at_parts};
use crate::store::Tx;

const KIND: &str = "daily";
/// A mail with more lines helps nobody; the rest is counted.
const MOST_LINES: usize = 50;
/// Parked and failed months that are read.
const MOST_TROUBLES: i64 = 10_000;

/// Things of one kind that need a person.
struct Section {
    heading: &'static str,
    what_to_do: &'static str,
    lines: Vec<String>,
}

pub(crate) async fn send_daily(context: &Context, rule: &DueRule, now: DateTime<Utc>) -> Result<u64, JobError> {
    let zone = rule.schedule.as_ref().map_or(chrono_tz::UTC, |schedule| schedule.time_zone);
    let day = now.with_timezone(&zone).format("%Y-%m-%d").to_string();
    let recipients = waiting_for(context, KIND, &day, now).await?;
    if recipients.is_empty() {
        return Ok(0);
    }
    let mut sections = what_needs_a_person(context, rule, now).await?;
    sections.retain(|section| !section.lines.is_empty());
    // Disk and clock stay as they are; what answers over a network may only have paused, unless work suffers from it.
    let parts = if sections.is_empty() { look_at_machine(context).await } else { look_at_parts(context).await };
    let faults = parts.into_iter().filter_map(|part| Some(format!("{}: {}", part.name, part.fault?)));
    let faults: Vec<_> = faults.collect();
    if !faults.is_empty() {
        sections.insert(
            0,
            Section {
                heading: "Does not serve",
                what_to_do: "See \"statementd check\". What waits for it is done by itself when it is back.",
                lines: faults,
            },
        );
    }
    if sections.is_empty() {
        return Ok(0);
    }
    post(context, &notice(&sections), (KIND, &day), &recipients, now).await
}

async fn what_needs_a_person(
    context: &Context,
    rule: &DueRule,
    now: DateTime<Utc>,
) -> Result<Vec<Section>, JobError> {
    let mut tx = context.store.read().await?;
    let unfinished = overdue(context, rule, &mut tx, now).await?;
    let (mut parked, mut failed) = (Vec::new(), Vec::new());
    for trouble in tx.troubles(MOST_TROUBLES).await? {
        let (account, period, since) = (&trouble.account, trouble.period, shown(trouble.since));
        let line = format!("account {account}, {period}, since {since}: {}", trouble.detail);
        if trouble.state == PeriodState::Parked { parked.push(line) } else { failed.push(line) }
    }
    let mail = tx.mail_troubles(now - TimeDelta::days(1)).await?.into_iter().map(|trouble| {
        let (account, period, state) = (trouble.account, trouble.period, trouble.state);
        format!("account {account}, {period}: {} {state} since {}", trouble.messages, shown(trouble.since))
    });
    let mail: Vec<_> = mail.collect();
    let approval = tx.awaiting_approval().await?.into_iter();
    let approval: Vec<_> =
        approval.map(|it| format!("account {}, {}: {}", it.account, it.period, it.reason)).collect();
    let rejected = tx.waiting_rejects().await?.into_iter();
    let rejected: Vec<_> = rejected.map(|(kind, rows)| format!("{kind}: {rows} rows")).collect();
    let kept = tx.expiry_holds().await?.into_iter();
    let kept: Vec<_> =
        kept.map(|it| format!("account {}, since {}: {}", it.account, shown(it.since), it.detail)).collect();
    tx.roll_back().await?;
    Ok(vec![
        Section {
            heading: "Overdue",
            what_to_do: "See \"statementd status\" and \"statementd check\"; the log says what stands in the way.",
            lines: unfinished,
        },
        Section {
            heading: "Parked: not closed",
            what_to_do: "Mend what each line names; the next tick closes the month.",
            lines: parked,
        },
        Section {
            heading: "Failed: closed, but not in the archive",
            what_to_do: "Mend what each line names; every tick tries again.",
            lines: failed,
        },
        Section {
            heading: "Mail that did not arrive, or is held, in the last day",
            what_to_do: "See \"statementd mail list --state bounced\" (or unknown, held); mend the address, then \
                         \"statementd mail retry\" or \"statementd mail release\".",
            lines: mail,
        },
        Section {
            heading: "Waiting for approval",
            what_to_do: "Look at the statement; if it is right, approve it as the line says.",
            lines: approval,
        },
        Section {
            heading: "Rejected rows",
            what_to_do: "Mend the data and import again; \"statementd status\" counts them.",
            lines: rejected,
        },
        Section {
            heading: "Older months that stay in the archive although their time is over",
            what_to_do: "Do what each line says; nothing is lost meanwhile.",
            lines: kept,
        },
    ])
}

async fn overdue(
    context: &Context,
    rule: &DueRule,
    tx: &mut Tx,
    now: DateTime<Utc>,
) -> Result<Vec<String>, JobError> {
    let is_overdue = |since: &DateTime<Utc>| now - *since > context.settings.operations.overdue_after;
    let mut lines = Vec::new();
    for open in tx.next_periods(context.settings.first_period).await? {
        let due_at = rule.due_at(&open.next);
        if is_overdue(&due_at) {
            lines.push(format!("account {}, {}: due since {}", open.number, open.next.id, shown(due_at)));
        }
    }
    for (what, since) in [
        ("statements are not in the archive", tx.unpublished_since().await?),
        ("messages are not sent", tx.unsent_since().await?),
    ] {
        if let Some(since) = since.filter(is_overdue) {
            lines.push(format!("{what}, the oldest since {}", shown(since)));
        }
    }
    Ok(lines)
}

fn notice(sections: &[Section]) -> Notice {
    let count: usize = sections.iter().map(|section| section.lines.len()).sum();
    let mut text = String::new();
    for Section { heading, what_to_do, lines } in sections {
        // Writing to a String does not fail.
        let _ = writeln!(text, "{heading} ({})\n", lines.len());
        for line in lines.iter().take(MOST_LINES) {
            let _ = writeln!(text, "  - {line}");
        }
        if lines.len() > MOST_LINES {
            let _ = writeln!(text, "  - and {} more", lines.len() - MOST_LINES);
        }
        let _ = writeln!(text, "\n  {what_to_do}\n");
    }
    let title = match count {
        1 => "statementd: 1 thing needs you".to_owned(),
        _ => format!("statementd: {count} things need you"),
    };
    Notice { title, text, attachments: Vec::new() }
}
