//! What `status` tells, on one screen: months, what needs a human, mail.

use std::collections::BTreeMap;

use super::reading::{PeriodStatus, Status};
use crate::cli::output::Table;
use crate::domain::{Period, PeriodState};
use crate::jobs::approval_lines;

/// Accounts that need a human are listed up to here; the rest are counted, and in full with `--json`.
const MOST_LISTED: usize = 20;
/// Enough of a digest to tell two apart at a glance.
const DIGEST_SHOWN: usize = 16;

/// How many accounts are in each state.
#[derive(Default)]
struct Month {
    closed: usize,
    empty: usize,
    open: usize,
    parked: usize,
    failed: usize,
}

impl Status {
    pub(super) fn render(&self) -> String {
        let mut parts = Vec::new();
        if self.periods.is_empty() {
            parts.push("No usage has been imported yet: see \"statementd import --help\".".to_owned());
        } else {
            parts.push(self.months_table());
        }
        parts.push(self.attention_list());
        parts.push(counted("Deliveries", &self.deliveries));
        parts.push(counted("Late legs that wait, by month", &self.late_usage));
        parts.push(counted("Rejected rows that wait", &self.rejected));
        parts.extend(self.reruns.iter().map(|rerun| format!("Rerun {}: {}", rerun.id, rerun.state)));
        parts.join("\n")
    }

    /// A row per month; the digest pins every file of the month.
    fn months_table(&self) -> String {
        let mut months = BTreeMap::<Period, Month>::new();
        for period in &self.periods {
            months.entry(period.period).or_default().count(period.state);
        }
        let headings = ["PERIOD", ">CLOSED", ">EMPTY", ">OPEN", ">PARKED", ">FAILED", "ARCHIVE MANIFEST"];
        let mut table = Table::new(&headings);
        for (period, month) in &months {
            let digest = self.months.iter().find(|known| known.period == *period);
            let digest = digest.and_then(|known| known.manifest_sha256.as_deref()).unwrap_or("-");
            let counts = [month.closed, month.empty, month.open, month.parked, month.failed];
            let counts = counts.map(|count| if count == 0 { "-".to_owned() } else { count.to_string() });
            let digest = digest.get(..DIGEST_SHOWN).unwrap_or(digest).to_owned();
            table.row([period.to_string()].into_iter().chain(counts).chain([digest]));
        }
        table.render()
    }

    fn attention_list(&self) -> String {
        let of_period = |period: &PeriodStatus| {
            let reason = period.reason.as_deref().unwrap_or_default();
            format!("  account {}, {}, {}: {reason}", period.account, period.period, period.state)
        };
        let parts = self.parts.iter();
        let parts = parts.filter_map(|part| Some(format!("  {}: {}", part.name, part.fault.as_ref()?)));
        let overdue = self.overdue.iter().map(|late| {
            format!("  overdue: {}, the oldest since {}", late.what, late.since.format("%Y-%m-%d %H:%M UTC"))
        });
        let troubled = self.periods.iter().filter(|period| period.needs_attention()).map(of_period);
        let waiting = self.awaiting_approval.iter();
        let waiting = waiting.map(|it| {
            let lines = approval_lines(&it.account, it.period);
            format!(
                "  account {}, {}: {}. To send it, add to the configuration:\n{lines}",
                it.account,
                it.period,
                it.why()
            )
        });
        let paused = self.mail_paused.iter().map(|pause| {
            let since = pause.since.format("%Y-%m-%d %H:%M UTC");
            format!("  mail is paused since {since} by {}: \"statementd mail resume\" ends it", pause.actor)
        });
        let held = self.expiry_held.iter();
        let held =
            held.map(|it| format!("  account {}, older months stay in the archive: {}", it.account, it.reason));
        let rejected = self.rejected.iter().map(|(kind, rows)| {
            format!("  {kind}: {rows} rejected rows wait; mend their cause, then \"statementd import retry\"")
        });
        let undelivered = self.undelivered.iter().map(|it| {
            let what = it.room.as_ref().map_or_else(|| "its statement".into(), |room| format!("room {room}"));
            format!(
                "  account {}, {}: mail with {what} is {}, see \"statementd mail list\"",
                it.account, it.period, it.state
            )
        });
        let all: Vec<_> = parts
            .chain(overdue)
            .chain(troubled)
            .chain(paused)
            .chain(waiting)
            .chain(held)
            .chain(rejected)
            .chain(undelivered)
            .collect();
        if all.is_empty() {
            let next = self.periods.iter().find(|period| period.state == PeriodState::Open);
            let next = next.and_then(|period| period.reason.as_deref()).map(|due| format!("; next month {due}"));
            return format!("\nNothing needs attention{}.\n", next.unwrap_or_default());
        }
        let more = all.len().saturating_sub(MOST_LISTED);
        let mut lines = vec!["\nNeeds attention:".to_owned()];
        lines.extend(all.into_iter().take(MOST_LISTED));
        if more > 0 {
            lines.push(format!("  and {more} more: see --json"));
        }
        lines.push(String::new());
        lines.join("\n")
    }
}

impl Month {
    fn count(&mut self, state: PeriodState) {
        *match state {
            PeriodState::Closed => &mut self.closed,
            PeriodState::Empty | PeriodState::History => &mut self.empty,
            PeriodState::Parked => &mut self.parked,
            PeriodState::Failed => &mut self.failed,
            PeriodState::Open | PeriodState::Due => &mut self.open,
        } += 1;
    }
}

fn counted(what: &str, counts: &BTreeMap<impl std::fmt::Display, i64>) -> String {
    let counts: Vec<_> = counts.iter().map(|(name, count)| format!("{name} {count}")).collect();
    format!("{what}: {}", if counts.is_empty() { "none".to_owned() } else { counts.join(", ") })
}
