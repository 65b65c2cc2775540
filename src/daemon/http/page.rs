//! The status page: what `statementd status` says, in a browser.

use serde::Serialize;
use tera::{Context, Tera};

use crate::clock::to_the_minute;
use crate::daemon::reload::ReloadReport;
use crate::daemon::snapshot::{ShownRerun, Snapshot};
use crate::domain::Zone;
use crate::jobs::{Attention, Item, MonthCounts, Part, SourceOverview};

/// The name ends in .html so that everything is escaped.
const NAME: &str = "status.html";
/// A page with more rows is of no use to its reader; the rest is counted.
const MOST_ITEMS: usize = 200;

/// What the template shows.
#[derive(Serialize)]
struct Page<'a> {
    version: &'static str,
    attention: bool,
    parts: &'a [Part],
    refused: Option<&'a str>,
    restart_needed: String,
    /// `None` if the database does not answer.
    snapshot: Option<Listed<'a>>,
}

#[derive(Serialize)]
struct Listed<'a> {
    taken_at: String,
    overdue: Option<String>,
    items: Vec<Entry<'a>>,
    /// Items that are not listed.
    more: usize,
    /// Newest first.
    months: Vec<&'a MonthCounts>,
    counts: Vec<Count>,
    reruns: &'a [ShownRerun],
    intake: &'a [SourceOverview],
}

#[derive(Serialize)]
struct Entry<'a> {
    since_shown: String,
    item: &'a Item,
}

#[derive(Serialize)]
struct Count {
    what: &'static str,
    /// For example `queued 3, accepted 12`.
    shown: String,
}

/// What the page is made of.
pub(super) struct Shown<'a> {
    /// `None` if the database does not answer.
    pub(super) seen: Option<(&'a Snapshot, &'a Attention)>,
    pub(super) parts: &'a [Part],
    pub(super) reload: &'a ReloadReport,
    /// The zone in which the next closing is shown.
    pub(super) zone: Zone,
}

pub(super) fn render(Shown { seen, parts, reload, zone }: Shown<'_>) -> Result<String, tera::Error> {
    let page = Page {
        version: env!("CARGO_PKG_VERSION"),
        attention: seen.is_none_or(|(_, attention)| attention.needs_a_person()),
        parts,
        refused: reload.failure.as_deref(),
        restart_needed: reload.restart_needed.join(", "),
        snapshot: seen.map(|(snapshot, attention)| listed(snapshot, attention, zone)),
    };
    let mut tera = Tera::default();
    tera.add_raw_template(NAME, include_str!("status.html"))?;
    let mut context = Context::new();
    context.insert("page", &page);
    tera.render(NAME, &context)
}

fn listed<'a>(snapshot: &'a Snapshot, attention: &'a Attention, zone: Zone) -> Listed<'a> {
    let entry = |item: &'a Item| Entry { since_shown: item.since.map(to_the_minute).unwrap_or_default(), item };
    let counts = [
        ("Statements", &snapshot.statements),
        ("Messages", &snapshot.deliveries),
        ("Late legs that wait, by month", &snapshot.late_legs),
        ("Rejected rows that wait", &snapshot.rejected_rows),
    ];
    let next = snapshot.next_closing.as_ref().map(|next| {
        format!(
            "{}, {} of {} accounts",
            next.at.with_timezone(&zone).format("%Y-%m-%d %H:%M %Z"),
            next.period,
            next.accounts
        )
    });
    let last = snapshot.last_usage.map(to_the_minute);
    let times = [("Next closing", next), ("Last usage", last)];
    let times = times.into_iter().filter_map(|(what, shown)| Some(Count { what, shown: shown? }));
    let counts = counts.map(|(what, counts)| {
        let shown: Vec<String> = counts.iter().map(|(name, number)| format!("{name} {number}")).collect();
        Count { what, shown: if shown.is_empty() { "none".into() } else { shown.join(", ") } }
    });
    Listed {
        taken_at: snapshot.taken_at.format("%Y-%m-%d %H:%M:%S UTC").to_string(),
        overdue: attention.overdue(),
        items: attention.items.iter().take(MOST_ITEMS).map(entry).collect(),
        more: attention.items.len().saturating_sub(MOST_ITEMS),
        months: snapshot.months.iter().rev().collect(),
        counts: times.chain(counts).collect(),
        intake: &snapshot.intake,
        reruns: &snapshot.reruns,
    }
}
