//! The status page: what `statementd status` says, in a browser.

use serde::Serialize;
use tera::{Context, Tera};

use crate::daemon::reload::ReloadReport;
use crate::daemon::snapshot::{Month, RerunRow, Snapshot, TroubleRow};
use crate::jobs::Part;

/// The name ends in .html so that everything is escaped.
const NAME: &str = "status.html";

/// What the template shows.
#[derive(Serialize)]
struct Page<'a> {
    version: &'static str,
    attention: bool,
    parts: &'a [Part],
    refused: Option<&'a str>,
    restart_needed: String,
    /// None: the database does not answer.
    snapshot: Option<Shown<'a>>,
}

#[derive(Serialize)]
struct Shown<'a> {
    taken_at: String,
    overdue: Option<String>,
    troubles: Vec<Trouble<'a>>,
    /// Troubles that are not listed.
    more: u64,
    months: &'a [Month],
    counts: Vec<Count>,
    reruns: &'a [RerunRow],
}

#[derive(Serialize)]
struct Trouble<'a> {
    since_shown: String,
    row: &'a TroubleRow,
}

#[derive(Serialize)]
struct Count {
    what: &'static str,
    /// As `queued 3, accepted 12`.
    shown: String,
}

/// `snapshot` None: the database does not answer.
pub(super) fn render(
    snapshot: Option<&Snapshot>,
    parts: &[Part],
    reload: &ReloadReport,
) -> Result<String, tera::Error> {
    let has_fault = parts.iter().any(|part| part.fault.is_some());
    let page = Page {
        version: env!("CARGO_PKG_VERSION"),
        attention: snapshot.is_none_or(Snapshot::needs_attention) || has_fault || reload.failure.is_some(),
        parts,
        refused: reload.failure.as_deref(),
        restart_needed: reload.restart_needed.join(", "),
        snapshot: snapshot.map(shown),
    };
    let mut tera = Tera::default();
    tera.add_raw_template(NAME, include_str!("status.html"))?;
    let mut context = Context::new();
    context.insert("page", &page);
    tera.render(NAME, &context)
}

fn shown(snapshot: &Snapshot) -> Shown<'_> {
    let troubles: Vec<_> = snapshot
        .troubles
        .iter()
        .map(|row| Trouble {
            since_shown: row.since.map(|since| since.format("%Y-%m-%d %H:%M UTC").to_string()).unwrap_or_default(),
            row,
        })
        .collect();
    let counts = [
        ("Statements", &snapshot.statements),
        ("Messages", &snapshot.deliveries),
        ("Late legs that wait, by month", &snapshot.late_legs),
        ("Rejected rows that wait", &snapshot.rejected_rows),
    ];
    let counts = counts.map(|(what, counts)| {
        let shown: Vec<String> = counts.iter().map(|(name, number)| format!("{name} {number}")).collect();
        Count { what, shown: if shown.is_empty() { "none".into() } else { shown.join(", ") } }
    });
    Shown {
        taken_at: snapshot.taken_at.format("%Y-%m-%d %H:%M:%S UTC").to_string(),
        overdue: snapshot.overdue(),
        more: snapshot.trouble_count - troubles.len() as u64,
        troubles,
        months: &snapshot.months,
        counts: counts.into(),
        reruns: &snapshot.reruns,
    }
}
