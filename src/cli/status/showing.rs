//! What `status` tells, on one screen at any age: what needs a person first, then the newest months, then counts.

use std::collections::BTreeMap;

use super::reading::{Daemon, Status};
use crate::cli::output::Table;
use crate::clock::to_the_minute;
use crate::jobs::{MonthCounts, RerunProgress};

/// What needs a person is listed up to here; the rest is counted.
const MOST_LISTED: usize = 10;
/// Older months than these, a year with its comparison, are one line a year where nothing is wrong.
const NEWEST_MONTHS: usize = 13;
/// Enough of a digest to tell two apart at a glance.
const DIGEST_SHOWN: usize = 16;

impl Status {
    /// `all`: every month and everything that needs a person.
    pub(super) fn render(&self, all: bool) -> String {
        let mut parts = vec![self.attention_list(all)];
        if self.periods.is_empty() {
            parts.push("No usage has been imported yet: see \"statementd import --help\".".to_owned());
        } else {
            parts.push(self.months_table(all));
        }
        parts.extend(self.clockwork());
        parts.push(counted("Deliveries", &self.deliveries));
        let waiting =
            [("Late legs that wait, by month", &self.late_usage), ("Rejected rows that wait", &self.rejected)];
        parts
            .extend(waiting.into_iter().filter(|(_, counts)| !counts.is_empty()).map(|(what, it)| counted(what, it)));
        parts.extend(self.reruns.iter().map(told_rerun));
        parts.join("\n")
    }

    fn attention_list(&self, all: bool) -> String {
        let items = &self.attention.items;
        if items.is_empty() {
            return "Nothing needs attention.\n".to_owned();
        }
        let heading = if self.attention.needs_a_person() { "Needs attention" } else { "Held back" };
        let mut lines = vec![format!("{heading} ({}):", items.len())];
        let listed = if all { items.len() } else { MOST_LISTED };
        lines.extend(items.iter().take(listed).map(|item| format!("  {}", item.line())));
        if items.len() > listed {
            lines.push(format!("  and {} more: see \"statementd status --all\"", items.len() - listed));
        }
        lines.push(String::new());
        lines.join("\n")
    }

    /// What works by itself: which daemons, when they close next, when usage last came.
    fn clockwork(&self) -> Vec<String> {
        let mut lines: Vec<_> = self.daemons.iter().map(told).collect();
        if lines.is_empty() {
            lines.push("Daemon: none has run on this database".to_owned());
        }
        if let Some(next) = &self.next_closing {
            let at = next.at.with_timezone(&self.time_zone).format("%Y-%m-%d %H:%M");
            let accounts =
                if next.accounts == 1 { "1 account".to_owned() } else { format!("{} accounts", next.accounts) };
            lines.push(format!("Next closing: {at} {}, {} of {accounts}", self.time_zone.name(), next.period));
        }
        lines.extend(self.last_usage.map(|at| format!("Last usage: {}", to_the_minute(at))));
        lines
    }

    /// A row per month; the digest pins every file of the month. Older ones that are in order are summed up per year.
    fn months_table(&self, all: bool) -> String {
        let newest = if all { 0 } else { self.months_by_state.len().saturating_sub(NEWEST_MONTHS) };
        let (older, newer) = self.months_by_state.split_at(newest);
        let (settled, not_in_order): (Vec<_>, Vec<_>) = older.iter().partition(|month| month.is_in_order());
        let headings = ["PERIOD", ">CLOSED", ">EMPTY", ">OPEN", ">PARKED", ">FAILED", "ARCHIVE MANIFEST"];
        let mut table = Table::new(&headings);
        let mut years = BTreeMap::<i32, Vec<&MonthCounts>>::new();
        for month in settled {
            years.entry(month.period.year()).or_default().push(month);
        }
        for (year, months) in years {
            let (closed, empty) = months.iter().fold((0, 0), |sum, it| (sum.0 + it.closed, sum.1 + it.empty));
            let counts = [closed, empty, 0, 0, 0].map(shown);
            let months = if months.len() == 1 { "1 month".to_owned() } else { format!("{} months", months.len()) };
            table.row([year.to_string()].into_iter().chain(counts).chain([months]));
        }
        for month in not_in_order.into_iter().chain(newer) {
            let digest = self.months.iter().find(|known| known.period == month.period);
            let digest = digest.and_then(|known| known.manifest_sha256);
            let counts = [month.closed, month.empty, month.open + month.due, month.parked, month.failed].map(shown);
            let digest = digest.map_or_else(|| "-".to_owned(), |digest| format!("{digest:.DIGEST_SHOWN$}"));
            table.row([month.period.to_string()].into_iter().chain(counts).chain([digest]));
        }
        table.render()
    }
}

fn told(daemon: &Daemon) -> String {
    let Daemon { name, looked_at, silent_seconds, running, .. } = daemon;
    if *running {
        return format!("Daemon: {name}, looked for work {silent_seconds} s ago");
    }
    format!("Daemon: none runs; {name} last looked for work on {}", looked_at.format("%Y-%m-%d at %H:%M UTC"))
}

fn told_rerun(rerun: &RerunProgress) -> String {
    format!("Rerun {0}: {1}, see \"statementd rerun show {0}\"", rerun.id, rerun.state)
}

fn shown(count: u64) -> String {
    if count == 0 { "-".to_owned() } else { count.to_string() }
}

fn counted(what: &str, counts: &BTreeMap<impl std::fmt::Display, i64>) -> String {
    let counts: Vec<_> = counts.iter().map(|(name, count)| format!("{name} {count}")).collect();
    format!("{what}: {}", if counts.is_empty() { "none".to_owned() } else { counts.join(", ") })
}
