//! Once a day: what needs a person, since when, and what to do.

use std::fmt::Write;

use chrono::{DateTime, Utc};

use crate::domain::Zone;
use crate::jobs::operations::notices::send::{Notice, post, waiting_for};
use crate::jobs::{Attention, Context, DueRule, JobError, Overview, Part, Topic, look_at_machine, look_at_parts};

const KIND: &str = "daily";
/// A mail with more lines is of no use to its reader; the rest is counted.
const MOST_LINES: usize = 50;

pub(crate) async fn send_daily(
    context: &Context,
    rule: &DueRule,
    tasks: &Part,
    now: DateTime<Utc>,
) -> Result<u64, JobError> {
    let zone = rule.schedule.as_ref().map_or_else(Zone::utc, |schedule| schedule.time_zone);
    let day = now.with_timezone(&zone).format("%Y-%m-%d").to_string();
    let recipients = waiting_for(context, KIND, &day, now).await?;
    if recipients.is_empty() {
        return Ok(0);
    }
    let mut tx = context.store.read().await?;
    let mut attention = Overview::read(&mut tx, context, rule, now).await?.attention;
    tx.roll_back().await?;
    // What a person holds back needs no report.
    attention.items.retain(|item| item.topic.needs_a_person());
    // Disk and clock stay as they are; what answers over a network may only have paused, unless work suffers from it.
    let work_suffers = attention.needs_a_person();
    let parts = if work_suffers { look_at_parts(context).await } else { look_at_machine(context).await };
    attention.add_parts(parts.iter().chain([tasks]));
    if attention.items.is_empty() {
        return Ok(0);
    }
    post(context, &notice(&attention), (KIND, &day), &recipients, now).await
}

fn notice(attention: &Attention) -> Notice {
    let mut text = String::new();
    for topic in Topic::ALL {
        let items: Vec<_> = attention.items.iter().filter(|item| item.topic == topic).collect();
        if items.is_empty() {
            continue;
        }
        // Writing to a String does not fail.
        let _ = writeln!(text, "{} ({})\n", topic.heading(), items.len());
        for item in items.iter().take(MOST_LINES) {
            let _ = writeln!(text, "  - {}", item.line());
        }
        if items.len() > MOST_LINES {
            let _ = writeln!(text, "  - and {} more", items.len() - MOST_LINES);
        }
        let _ = writeln!(text, "\n  {}\n", topic.what_to_do());
    }
    let title = match attention.items.len() {
        1 => "statementd: 1 thing needs you".to_owned(),
        count => format!("statementd: {count} things need you"),
    };
    Notice { title, text, attachments: Vec::new() }
}
