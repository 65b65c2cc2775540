//! `close`: closes, publishes and mails what is due, now.

use chrono::{DateTime, Utc};
use clap::Args;
use serde::Serialize;

use super::output::{Table, in_full, print, print_json, say};
use super::{Exit, GlobalOptions};
use crate::app::{App, Trigger};
use crate::domain::{AccountNumber, Period};
use crate::jobs;
use crate::jobs::{CloseReport, Context, DeliverReport, JobError, PublishReport, Selection};

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  statementd close --period 2026-10
  statementd close --period 2026-10 --account 602127 --no-send
  statementd close --period 2026-10 --force          before the grace has passed")]
pub struct CloseArgs {
    /// Close what is due up to and including this month
    #[arg(long, value_name = "YYYY-MM")]
    pub period: Period,
    /// Only these accounts
    #[arg(long = "account", value_name = "N")]
    pub accounts: Vec<AccountNumber>,
    /// Leave mail to the daemon
    #[arg(long)]
    pub no_send: bool,
    /// Close as soon as the month has ended, before the grace has passed
    #[arg(long)]
    pub force: bool,
    /// Used as the present time (RFC 3339); what closes is mailed for real
    #[arg(long, value_name = "INSTANT")]
    pub as_of: Option<DateTime<Utc>>,
    /// Print a JSON object
    #[arg(long)]
    pub json: bool,
}

/// What one run of the whole job did.
#[derive(Debug, Default, Serialize)]
pub struct RunReport {
    closed: u64,
    empty: u64,
    revised: u64,
    /// Months before the first one that is billed.
    history: u64,
    published: u64,
    accepted: u64,
    deferred: u64,
    bounced: u64,
    held: u64,
    unknown: u64,
    came_back: u64,
    parked: Vec<StuckMonth>,
    failed: Vec<StuckMonth>,
    /// The last error outside of this program: a mail server, a table of contents in the archive.
    trouble: Option<String>,
    /// Why the rest was not done.
    pub error: Option<String>,
}

/// An account's month that needs a human.
#[derive(Debug, Serialize)]
struct StuckMonth {
    account: AccountNumber,
    period: Period,
    reason: String,
}

pub async fn close(globals: GlobalOptions, args: CloseArgs) -> anyhow::Result<Exit> {
    let app = globals.open().await?;
    for account in &args.accounts {
        jobs::known_account(&mut app.context.store.read().await?, account).await?;
    }
    let selection = Selection { through: Some(args.period), accounts: args.accounts };
    let trigger = if args.force { Trigger::Forced } else { Trigger::Command };
    let round = whole_job(&app, trigger, &selection, !args.no_send).await;
    app.close().await;
    if args.json {
        print_json(&round)?;
    } else {
        print(round.summary())?;
        if let Some(table) = round.stuck_table() {
            print(format!("\n{table}"))?;
        }
        if let Some(trouble) = &round.trouble {
            print(format!("\n{trouble}"))?;
        }
    }
    if let Some(error) = &round.error {
        say(format!("statementd: {error}"));
        return Ok(Exit::Failed);
    }
    Ok(Exit::attention_if(round.needs_attention()))
}

/// Freezes, renders, archives and, if wanted, makes a first attempt at mail. What was done is reported even if the
/// rest was not.
pub async fn whole_job(app: &App, trigger: Trigger, selection: &Selection, send: bool) -> RunReport {
    let mut round = RunReport::default();
    if let Err(error) = round.go(app, trigger, selection, send).await {
        round.error = Some(in_full(&error.into()));
    }
    round
}

impl RunReport {
    async fn go(&mut self, app: &App, trigger: Trigger, selection: &Selection, send: bool) -> Result<(), JobError> {
        let to_the_end = || true;
        let context = &app.context;
        let lock = context.store.lock_closing().await?;
        self.note_closed(jobs::close_due(context, &app.due_rule(trigger), selection, &to_the_end).await?);
        jobs::release_approved(context).await?;
        self.note_published(jobs::publish_to_the_end(context).await?);
        self.write_indexes(context).await;
        drop(lock);
        if send {
            self.note_delivered(jobs::deliver_due(context, &to_the_end).await?);
            // The tables of contents show how the mail fared.
            let _lock = context.store.lock_closing().await?;
            self.write_indexes(context).await;
        }
        Ok(())
    }

    /// Mail does not wait for a table of contents.
    async fn write_indexes(&mut self, context: &Context) {
        if let Err(error) = jobs::publish_indexes(context).await {
            self.trouble = Some(format!("Tables of contents are not up to date: {error}"));
        }
    }

    fn note_closed(&mut self, closed: CloseReport) {
        (self.closed, self.empty, self.revised) = (closed.closed, closed.empty, closed.revised);
        (self.history, self.held) = (closed.history, closed.held);
        self.parked = closed.parked.into_iter().map(StuckMonth::from).collect();
    }

    fn note_published(&mut self, published: PublishReport) {
        self.published = published.published;
        self.failed = published.failed.into_iter().map(StuckMonth::from).collect();
    }

    fn note_delivered(&mut self, delivered: DeliverReport) {
        (self.accepted, self.deferred, self.bounced) = (delivered.accepted, delivered.deferred, delivered.bounced);
        self.held += delivered.held;
        (self.unknown, self.came_back) = (delivered.unknown, delivered.came_back);
        self.trouble = delivered.trouble.or(self.trouble.take());
    }

    /// Also where a message that was touched is not accepted.
    fn needs_attention(&self) -> bool {
        let mail = self.deferred + self.bounced + self.held + self.unknown + self.came_back;
        !self.parked.is_empty()
            || !self.failed.is_empty()
            || mail > 0
            || self.trouble.is_some()
            || self.error.is_some()
    }

    pub fn summary(&self) -> String {
        if self.closed + self.empty + self.revised + self.history + self.published == 0 && !self.needs_attention() {
            say("Nothing was due: see \"statementd status\" for what is open and when it ends.");
        }
        format!(
            "closed {}, empty {}, revised {}, parked {}; published {}, failed {}; mail accepted {}, deferred {}, \
             bounced {}, held {}, unknown {}{}",
            self.closed,
            self.empty,
            self.revised,
            self.parked.len(),
            self.published,
            self.failed.len(),
            self.accepted,
            self.deferred,
            self.bounced,
            self.held,
            self.unknown,
            if self.came_back > 0 { format!(", came back {}", self.came_back) } else { String::new() }
        )
    }

    fn stuck_table(&self) -> Option<String> {
        let mut table = Table::new(&["ACCOUNT", "PERIOD", "STATE", "WHAT TO DO"]);
        for (state, months) in [("parked", &self.parked), ("failed", &self.failed)] {
            for month in months {
                let (account, period) = (month.account.to_string(), month.period.to_string());
                table.row([account, period, state.into(), month.reason.clone()]);
            }
        }
        (!table.is_empty()).then(|| table.render())
    }
}

impl From<(AccountNumber, Period, String)> for StuckMonth {
    fn from((account, period, reason): (AccountNumber, Period, String)) -> Self {
        Self { account, period, reason }
    }
}
