//! `archive diff`: what a revision changed, line by line.

use clap::Args;
use serde::Serialize;

use super::{Exit, Table, print, print_json};
use crate::app::App;
use crate::billing::changes;
use crate::domain::{AccountNumber, Changes, Currency, Line, Period, Statement};
use crate::store::StatementFilter;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  statementd archive diff --period 2026-10 --account 602127
  statementd archive diff --period 2026-10 --account 602127 --from 1 --to 3 --json")]
pub struct DiffArgs {
    /// The month
    #[arg(long, value_name = "YYYY-MM")]
    pub period: Period,
    /// The account
    #[arg(long, value_name = "N")]
    pub account: AccountNumber,
    /// The older revision; by default the one before --to
    #[arg(long, value_name = "N")]
    pub from: Option<u32>,
    /// The newer revision; by default the current one
    #[arg(long, value_name = "N")]
    pub to: Option<u32>,
    /// Print a JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Serialize)]
struct Compared {
    account: AccountNumber,
    period: Period,
    from: u32,
    to: u32,
    currency: &'static str,
    charge_before: String,
    charge_after: String,
    lines: Vec<ChangedLine>,
}

#[derive(Debug, Serialize)]
struct ChangedLine {
    room: String,
    conference_id: String,
    service_type: String,
    started_at: String,
    /// `None` if the line is new.
    charge_before: Option<String>,
    /// `None` if the line is gone.
    charge_after: Option<String>,
}

pub(super) async fn diff(app: &App, args: DiffArgs) -> anyhow::Result<Exit> {
    let (before, after) = revisions(app, &args).await?;
    let compared = compared(&before, &after, &changes(&before, &after));
    if args.json {
        print_json(&compared)?;
        return Ok(Exit::Done);
    }
    let Compared { account, period, from, to, currency, charge_before, charge_after, lines } = compared;
    print(format!(
        "Account {account}, {period}: revision {from} charges {charge_before} {currency}, revision {to} {charge_after} \
         {currency}"
    ))?;
    if lines.is_empty() {
        print("No line differs.")?;
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&["ROOM", "STARTED", "CONFERENCE", "SERVICE TYPE", ">BEFORE", ">AFTER"]);
    for line in lines {
        let or_none = |charge: Option<String>| charge.unwrap_or_else(|| "-".to_owned());
        let (before, after) = (or_none(line.charge_before), or_none(line.charge_after));
        table.row([line.room, line.started_at, line.conference_id, line.service_type, before, after]);
    }
    print(table.render())?;
    Ok(Exit::Done)
}

async fn revisions(app: &App, args: &DiffArgs) -> anyhow::Result<(Statement, Statement)> {
    let DiffArgs { period, account, from, to, .. } = args;
    let mut tx = app.context.store.read().await?;
    let filter = StatementFilter { period: Some(*period), account: Some(account.clone()) };
    let rows = tx.statements().statement_rows(&filter).await?;
    let see = "see \"statementd archive list\"";
    let Some(newer) = rows.iter().find(|row| to.map_or(row.is_current, |to| row.revision == to)) else {
        anyhow::bail!("account {account} has no such statement in {period}: {see}")
    };
    let older = from.or(newer.revision.checked_sub(1)).unwrap_or_default();
    let Some(older) = rows.iter().find(|row| row.revision == older) else {
        anyhow::bail!("account {account} has one revision only in {period}, or no revision {older}: {see}")
    };
    Ok((tx.statements().statement(older.key).await?, tx.statements().statement(newer.key).await?))
}

fn compared(before: &Statement, after: &Statement, changes: &Changes) -> Compared {
    let charge =
        |currency: Currency, line: &Option<Line>| line.as_ref().map(|line| currency.decimal(line.charge).to_string());
    let lines = changes.lines.iter().filter_map(|change| {
        let line = change.after.as_ref().or(change.before.as_ref())?;
        Some(ChangedLine {
            room: line.room.to_string(),
            conference_id: line.conference_id.to_string(),
            service_type: line.service_type.to_string(),
            started_at: line.started_at.to_rfc3339(),
            charge_before: charge(before.account.currency, &change.before),
            charge_after: charge(after.account.currency, &change.after),
        })
    });
    Compared {
        account: after.account.number.clone(),
        period: after.period.id,
        from: before.revision,
        to: after.revision,
        currency: after.account.currency.code(),
        charge_before: before.account.currency.decimal(before.totals.charge).to_string(),
        charge_after: after.account.currency.decimal(after.totals.charge).to_string(),
        lines: lines.collect(),
    }
}
