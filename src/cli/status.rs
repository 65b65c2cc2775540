//! `status`: is everything all right?

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use clap::Args;
use serde::Serialize;

use super::output::{Table, print, print_json};
use super::{Exit, Session};
use crate::app::{App, Trigger};
use crate::domain::{AccountNumber, Period};
use crate::store::RerunRow;

#[derive(Debug, Args)]
#[command(after_help = "Exit status 3: something is parked, failed, overdue or rejected.")]
pub struct StatusArgs {
    /// Only this month
    #[arg(long, value_name = "YYYY-MM")]
    pub period: Option<Period>,
    /// Stands in for now (RFC 3339)
    #[arg(long, value_name = "INSTANT")]
    pub as_of: Option<DateTime<Utc>>,
    /// Print a JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Serialize)]
pub struct Status {
    /// Those that need a human first.
    periods: Vec<PeriodStatus>,
    deliveries: BTreeMap<String, i64>,
    /// Beyond the safety bounds.
    awaiting_approval: Vec<Awaiting>,
    /// Legs that no statement charges yet, per closed period.
    late_usage: BTreeMap<String, i64>,
    /// Rows, per kind of file.
    rejected: BTreeMap<String, i64>,
    /// Oldest first.
    reruns: Vec<RerunStatus>,
}

#[derive(Debug, Serialize)]
struct Awaiting {
    account: String,
    period: String,
    reason: String,
}

#[derive(Debug, Serialize)]
struct RerunStatus {
    id: String,
    period: String,
    state: String,
}

#[derive(Debug, Serialize)]
struct PeriodStatus {
    account: AccountNumber,
    period: Period,
    state: String,
    revision: Option<i64>,
    reason: Option<String>,
    #[serde(skip)]
    is_overdue: bool,
}

pub async fn status(session: Session, args: StatusArgs) -> anyhow::Result<Exit> {
    let app = session.open().await?;
    let status = Status::read(&app, args.period).await?;
    app.close().await;
    if args.json {
        print_json(&status)?;
    } else {
        print(status.render())?;
    }
    Ok(Exit::attention_if(status.needs_attention()))
}

/// How a command ends that leaves the state as it is now.
pub async fn attention(app: &App, period: Option<Period>) -> anyhow::Result<Exit> {
    Ok(Exit::attention_if(Status::read(app, period).await?.needs_attention()))
}

impl Status {
    async fn read(app: &App, period: Option<Period>) -> anyhow::Result<Self> {
        let mut tx = app.context.store.read().await?;
        let mut periods: Vec<_> = tx
            .period_rows(period)
            .await?
            .into_iter()
            .map(|row| PeriodStatus {
                account: row.account,
                period: row.period,
                state: row.state,
                revision: row.revision,
                reason: row.reason,
                is_overdue: false,
            })
            .collect();
        let rule = app.due_rule(Trigger::Command);
        let now = app.context.clock.now();
        for next in tx.next_periods().await? {
            let parked = periods.iter().any(|known| known.account == next.number && known.period == next.next.id);
            if parked || period.is_some_and(|period| period != next.next.id) {
                continue;
            }
            let is_overdue = rule.is_due(&next.next, now);
            let due = rule.due_at(&next.next).to_rfc3339_opts(SecondsFormat::Secs, true);
            let reason = if is_overdue { format!("due since {due}, not closed yet") } else { format!("due {due}") };
            periods.push(PeriodStatus {
                account: next.number,
                period: next.next.id,
                state: "open".into(),
                revision: None,
                reason: Some(reason),
                is_overdue,
            });
        }
        periods.sort_by(|a, b| (a.rank(), &a.account, a.period).cmp(&(b.rank(), &b.account, b.period)));
        let deliveries = tx.delivery_counts(period).await?;
        Ok(Self {
            periods,
            deliveries: deliveries.into_iter().map(|count| (count.state, count.deliveries)).collect(),
            awaiting_approval: tx.awaiting_approval().await?.into_iter().map(Awaiting::from).collect(),
            late_usage: tx.waiting_late_legs().await?.into_iter().collect(),
            rejected: tx.waiting_rejects().await?.into_iter().collect(),
            reruns: tx.reruns().await?.into_iter().map(RerunStatus::from).collect(),
        })
    }

    fn needs_attention(&self) -> bool {
        !self.rejected.is_empty()
            || !self.awaiting_approval.is_empty()
            || self.periods.iter().any(|period| period.rank() < PeriodStatus::ALL_RIGHT)
    }

    fn render(&self) -> String {
        let mut table = Table::new(&["ACCOUNT", "PERIOD", "STATE", ">REVISION", "REASON"]);
        for period in &self.periods {
            table.row([
                period.account.to_string(),
                period.period.to_string(),
                period.state.clone(),
                period.revision.map(|revision| revision.to_string()).unwrap_or_default(),
                period.reason.clone().unwrap_or_default(),
            ]);
        }
        let text = if table.is_empty() {
            "No usage has been imported yet: see \"statementd import --help\".".to_owned()
        } else {
            table.render()
        };
        let mut parts = vec![
            text,
            String::new(),
            counted("Deliveries", &self.deliveries),
            counted("Late legs that wait, by month", &self.late_usage),
            counted("Rejected rows that wait", &self.rejected),
        ];
        if !self.rejected.is_empty() {
            parts.push("  (mend their cause, then \"statementd import retry\")".into());
        }
        parts.extend(
            self.awaiting_approval
                .iter()
                .map(|waiting| format!("Account {}, {}: {}", waiting.account, waiting.period, waiting.reason)),
        );
        parts.extend(self.reruns.iter().map(|rerun| format!("Rerun {}: {}", rerun.id, rerun.state)));
        parts.join("\n")
    }
}

fn counted(what: &str, counts: &BTreeMap<String, i64>) -> String {
    let counts: Vec<_> = counts.iter().map(|(name, count)| format!("{name} {count}")).collect();
    format!("{what}: {}", if counts.is_empty() { "none".to_owned() } else { counts.join(", ") })
}

impl From<(String, String, String)> for Awaiting {
    fn from((account, period, reason): (String, String, String)) -> Self {
        Self { account, period, reason }
    }
}

impl From<RerunRow> for RerunStatus {
    fn from(row: RerunRow) -> Self {
        let result = row.summary.unwrap_or_default();
        let state = match (row.applied_at, row.rehearsed_at, row.accounts_done) {
            (Some(_), _, _) => format!("applied: {result}"),
            (None, _, done) if done > 0 => format!("being applied: {done} accounts done"),
            (None, Some(_), _) => format!("rehearsed: {result}"),
            (None, None, _) => "waiting for the daemon".into(),
        };
        Self { id: row.rerun_id, period: row.period, state }
    }
}

impl PeriodStatus {
    /// From this rank on nobody has to act.
    const ALL_RIGHT: u8 = 3;

    fn rank(&self) -> u8 {
        match self.state.as_str() {
            "parked" => 0,
            "failed" => 1,
            _ if self.is_overdue => 2,
            "open" => Self::ALL_RIGHT,
            _ => Self::ALL_RIGHT + 1,
        }
    }
}
