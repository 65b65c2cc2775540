//! `usage`: lists stored legs, and voids wrong ones.

use clap::{Args, Subcommand};

use super::output::{Table, print, print_json};
use super::{Exit, GlobalOptions};
use crate::app::App;
use crate::domain::{AccountNumber, ConferenceId, LegId, Period, RoomNumber};
use crate::jobs;
use crate::jobs::LateUsage;
use crate::store::LegFilter;

#[derive(Debug, Subcommand)]
pub enum UsageCommand {
    /// Legs, and which month charges each
    List(ListArgs),
    /// Takes out legs that should not have come
    #[command(after_help = "\
A voided leg is charged nowhere. Where a closed month charges it, that month gets a new revision: by the daemon, or by
the next \"statementd close\", with the usage, tariffs and rooms of now. Its id is free for other content, while the same
record stays a duplicate. A leg that is brought back after such a revision counts as late usage of its month.

Examples:
  statementd usage void L-1 L-2 --reason \"test calls of the installation\"
  statementd usage void L-1 --undo")]
    Void(VoidArgs),
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  statementd usage list --account 602127 --period 2026-10")]
pub struct ListArgs {
    /// Only these
    #[arg(value_name = "LEG_ID")]
    pub legs: Vec<LegId>,
    /// Only of this account
    #[arg(long, value_name = "N")]
    pub account: Option<AccountNumber>,
    /// Only of this room
    #[arg(long, value_name = "N")]
    pub room: Option<RoomNumber>,
    /// Only of this conference
    #[arg(long, value_name = "ID")]
    pub conference: Option<ConferenceId>,
    /// Conferences of the account's month
    #[arg(long, value_name = "YYYY-MM", requires = "account")]
    pub period: Option<Period>,
    /// Those that were voided
    #[arg(long)]
    pub voided: bool,
    /// Print a JSON array
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct VoidArgs {
    /// By their ids
    #[arg(required = true, value_name = "LEG_ID")]
    pub legs: Vec<LegId>,
    /// Why, for the audit
    #[arg(long, value_name = "TEXT", required_unless_present = "undo")]
    pub reason: Option<String>,
    /// Brings voided legs back
    #[arg(long)]
    pub undo: bool,
    /// Print a JSON object
    #[arg(long)]
    pub json: bool,
}

pub async fn usage(globals: GlobalOptions, command: UsageCommand) -> anyhow::Result<Exit> {
    let app = globals.open().await?;
    let exit = match command {
        UsageCommand::List(args) => list(&app, args).await,
        UsageCommand::Void(args) => void(&app, args).await,
    };
    app.close().await;
    exit
}

async fn list(app: &App, args: ListArgs) -> anyhow::Result<Exit> {
    let mut tx = app.context.store.read().await?;
    let is_narrow =
        !args.legs.is_empty() || args.account.is_some() || args.room.is_some() || args.conference.is_some();
    if !is_narrow && !args.voided {
        anyhow::bail!("name legs, --account, --room or --conference: all usage would be a long list");
    }
    let mut filter = LegFilter {
        legs: args.legs,
        account: args.account,
        room: args.room,
        conference: args.conference,
        bounds: None,
    };
    if let (Some(period), Some(account)) = (args.period, &filter.account) {
        let key = jobs::known_account(&mut tx, account).await?;
        filter.bounds = Some(tx.closings().period_bounds(key, period).await?);
    }
    let legs = tx.voids().listed_legs(&filter, args.voided).await?;
    if args.json {
        print_json(&legs)?;
        return Ok(Exit::Done);
    }
    let mut table =
        Table::new(&["LEG", "ACCOUNT", "ROOM", "CONFERENCE", "SERVICE", "JOINED", "LEFT", "STATE", "REASON"]);
    for leg in legs {
        let time = |at: chrono::DateTime<chrono::Utc>| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        let state = leg.charged_in.map_or(leg.state.to_owned(), |period| format!("{} {period}", leg.state));
        table.row([
            leg.leg_id,
            leg.account,
            leg.room,
            leg.conference_id,
            leg.service_type,
            time(leg.joined_at),
            time(leg.left_at),
            state,
            leg.void_reason.unwrap_or_default(),
        ]);
    }
    print(if table.is_empty() { "No such usage".to_owned() } else { table.render() })?;
    Ok(Exit::Done)
}

async fn void(app: &App, args: VoidArgs) -> anyhow::Result<Exit> {
    let reason = args.reason.as_deref();
    if reason.is_some_and(|reason| reason.trim().is_empty() || reason.chars().any(char::is_control)) {
        anyhow::bail!("--reason must be a text on one line");
    }
    let report = match reason {
        Some(reason) if !args.undo => jobs::void_legs(&app.context, &args.legs, reason).await?,
        _ => jobs::restore_legs(&app.context, &args.legs, reason).await?,
    };
    if args.json {
        print_json(&report)?;
        return Ok(Exit::Done);
    }
    let done = if args.undo { "brought back" } else { "voided" };
    let mut lines = vec![match report.legs.len() {
        1 => format!("1 leg {done}"),
        legs => format!("{legs} legs {done}"),
    }];
    let comes = match app.context.settings.late_usage {
        LateUsage::Carry => "the next month charges it",
        LateUsage::Revise { .. } => "a revision of its month charges it",
    };
    let when = "by the next \"statementd close\", or by the daemon after billing.revise_after";
    for leg in &report.legs {
        let (id, account) = (&leg.leg_id, &leg.account);
        match leg.charged_in {
            _ if leg.is_late => {
                lines.push(format!("{id}: its month of account {account} has closed: it is late, {comes}"));
            }
            Some(period) if !args.undo => {
                lines
                    .push(format!("{id}: {period} of account {account} charges it: a revision takes it out, {when}"));
            }
            _ => {}
        }
    }
    if report.rejected > 0 {
        lines.push(format!("{} rejected rows with these ids wait: run \"statementd import retry\"", report.rejected));
    }
    print(lines.join("\n"))?;
    Ok(Exit::Done)
}
