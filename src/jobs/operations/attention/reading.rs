//! Reads from the database, in one transaction, what needs a person and the state of the months.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::{Attention, Item, MonthCounts, OpenMonth, Topic};
use crate::clock::to_the_minute;
use crate::domain::{Period, PeriodState};
use crate::jobs::intake::intake_problems;
use crate::jobs::{Context, DueRule, DueTimes, approval_lines};
use crate::store::{DaemonRow, DeliveryState, StoreError, StuckMonth, Tx};

/// What needs a person, and the state of the months, at one moment.
#[derive(Debug, Clone)]
pub struct Overview {
    pub taken_at: DateTime<Utc>,
    pub attention: Attention,
    /// Of each account that goes on, ordered by account.
    pub open: Vec<OpenMonth>,
    /// Oldest first.
    pub months: Vec<MonthCounts>,
    /// Those that run; where none does, the one that looked last.
    pub daemons: Vec<DaemonRow>,
    pub next_closing: Option<NextClosing>,
}

/// When the schedule closes a month next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NextClosing {
    pub at: DateTime<Utc>,
    pub period: Period,
    /// How many accounts close it then.
    pub accounts: usize,
}

impl Overview {
    /// Everything that the database knows of; the parts outside are added by the caller, who has looked at them.
    pub async fn read(
        tx: &mut Tx,
        context: &Context,
        rule: &DueRule,
        now: DateTime<Utc>,
    ) -> Result<Self, StoreError> {
        let stuck = tx.reports().stuck_months().await?;
        let open = open_months(tx, context, rule, (&stuck, now)).await?;
        let overdue_after = context.settings.operations.overdue_after;
        let mut attention = Attention::default();
        attention.items.extend(stuck.into_iter().map(|it| {
            let topic = if it.state == PeriodState::Parked { Topic::Parked } else { Topic::Failed };
            Item::of_account(topic, it.account, Some(it.period), it.detail).since(it.since)
        }));
        let daemons = tx.work().daemons().await?;
        let is_closed_by_itself = daemons.iter().any(|daemon| daemon.is_running);
        let not_closed = open.iter().filter_map(|month| not_closed(month, now, overdue_after));
        attention.items.extend(not_closed.filter(|item| item.topic != Topic::Due || !is_closed_by_itself));
        attention.items.extend(daemons.iter().filter_map(silent));
        add_waiting(&mut attention, tx, &open, now, overdue_after).await?;
        add_mail(&mut attention, tx).await?;
        for (source, detail) in intake_problems(tx, context, now).await? {
            attention.items.push(Item::about(Topic::Source, source, detail));
        }
        add_others(&mut attention, tx).await?;
        attention.sort();
        let months = MonthCounts::of(&tx.reports().period_counts().await?, &open);
        let next_closing = NextClosing::of(&open);
        Ok(Self { taken_at: now, attention, open, months, daemons, next_closing })
    }
}

/// A daemon that ended without saying so, while no other runs.
fn silent(daemon: &DaemonRow) -> Option<Item> {
    if daemon.is_running || daemon.ended_at.is_some() {
        return None;
    }
    let detail =
        format!("{} looks for work no more, and did not end in order: see its log, and start it again", daemon.name);
    Some(Item::about(Topic::Part, "daemon", detail).since(daemon.looked_at))
}

impl NextClosing {
    /// Without all else that an [`Overview`] has.
    pub async fn read(
        tx: &mut Tx,
        context: &Context,
        rule: &DueRule,
        now: DateTime<Utc>,
    ) -> Result<Option<Self>, StoreError> {
        let stuck = tx.reports().stuck_months().await?;
        Ok(Self::of(&open_months(tx, context, rule, (&stuck, now)).await?))
    }

    fn of(open: &[OpenMonth]) -> Option<Self> {
        let waiting = || open.iter().filter(|month| !month.is_due && !month.is_parked);
        let next = waiting().min_by_key(|month| (month.due_at, month.period))?;
        let accounts = waiting().filter(|month| (month.due_at, month.period) == (next.due_at, next.period)).count();
        Some(Self { at: next.due_at, period: next.period, accounts })
    }
}

async fn open_months(
    tx: &mut Tx,
    context: &Context,
    rule: &DueRule,
    (stuck, now): (&[StuckMonth], DateTime<Utc>),
) -> Result<Vec<OpenMonth>, StoreError> {
    let parked: BTreeSet<_> = stuck.iter().map(|it| (&it.account, it.period)).collect();
    let next = tx.closings().next_periods(context.settings.first_period).await?;
    let mut times = DueTimes::new(rule);
    let open = next.into_iter().map(|next| {
        let due_at = times.due_at(&next.next);
        OpenMonth {
            is_due: due_at <= now,
            due_at,
            is_parked: parked.contains(&(&next.number, next.next.id)),
            account: next.number,
            period: next.next.id,
        }
    });
    Ok(open.collect())
}

fn not_closed(month: &OpenMonth, now: DateTime<Utc>, overdue_after: TimeDelta) -> Option<Item> {
    if !month.is_due || month.is_parked {
        return None;
    }
    let topic = if now - month.due_at > overdue_after { Topic::Overdue } else { Topic::Due };
    Some(Item::of_account(topic, month.account.clone(), Some(month.period), month.words()))
}

/// What is closed and is not published.
async fn add_waiting(
    attention: &mut Attention,
    tx: &mut Tx,
    open: &[OpenMonth],
    now: DateTime<Utc>,
    overdue_after: TimeDelta,
) -> Result<(), StoreError> {
    let waiting = [
        ("statements are closed, but not in the archive", tx.reports().unpublished_since().await?),
        ("messages are not sent", tx.reports().unsent_since().await?),
    ];
    for (what, since) in waiting {
        if let Some(since) = since.filter(|since| now - *since > overdue_after) {
            let since = to_the_minute(since);
            attention.items.push(Item::about(Topic::Overdue, "overdue", format!("{what}, the oldest since {since}")));
        }
    }
    let due = open.iter().filter(|month| month.is_due).map(|month| month.due_at);
    attention.unfinished_since = due.chain(waiting.into_iter().filter_map(|(_, since)| since)).min();
    attention.is_overdue = attention.unfinished_since.is_some_and(|since| now - since > overdue_after);
    Ok(())
}

async fn add_mail(attention: &mut Attention, tx: &mut Tx) -> Result<(), StoreError> {
    for it in tx.notices().mail_problems().await? {
        let topic = match it.state {
            DeliveryState::Bounced => Topic::Bounced,
            DeliveryState::Held => Topic::Held,
            _ => Topic::Unknown,
        };
        let messages = if it.messages == 1 { "1 message".to_owned() } else { format!("{} messages", it.messages) };
        let detail = format!(
            "{messages}, see \"statementd mail list --state {} --period {} --account {}\"",
            it.state, it.period, it.account
        );
        attention.items.push(Item::of_account(topic, it.account, Some(it.period), detail).since(it.since));
    }
    for it in tx.reports().awaiting_approval().await? {
        // Without the suffix that 0.1.0 wrote.
        let why = it.reason.split(". ").next().unwrap_or_default();
        let why = why.strip_prefix("waits for approval: ").unwrap_or(why);
        let lines = approval_lines(&it.account, it.period).replace('\n', "\n    ");
        let detail = format!("{why}. To send it, add to the configuration:\n    {lines}");
        attention.items.push(Item::of_account(Topic::Approval, it.account, Some(it.period), detail));
    }
    if let Some(pause) = tx.deliveries().mail_pause().await? {
        let detail = format!("by {}: \"statementd mail resume\" ends it", pause.actor);
        attention.items.push(Item::about(Topic::Paused, "mail is paused", detail).since(pause.since));
    }
    Ok(())
}

async fn add_others(attention: &mut Attention, tx: &mut Tx) -> Result<(), StoreError> {
    for (kind, rows) in tx.reports().waiting_rejects().await? {
        let (rows, wait) = if rows == 1 {
            ("1 rejected row".to_owned(), "waits")
        } else {
            (format!("{rows} rejected rows"), "wait")
        };
        let detail = format!(
            "{rows} {wait}: see \"statementd import rejects list\", correct the cause, then \"statementd import retry\""
        );
        attention.items.push(Item::about(Topic::Rejected, kind, detail));
    }
    for it in tx.retention().expiry_holds().await? {
        let detail = format!("older months stay in the archive: {}", it.detail);
        attention.items.push(Item::of_account(Topic::Kept, it.account, None, detail).since(it.since));
    }
    Ok(())
}
