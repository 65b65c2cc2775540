//! Commands that change deliveries: retry, resend, hold, release, dismiss, pause, resume.

use clap::Args;
use serde::Serialize;

use super::choice::Choice;
use crate::app::App;
use crate::cli::Exit;
use crate::cli::output::{complain, print, print_json};
use crate::clock::to_the_minute;
use crate::domain::{AccountNumber, EmailAddress, Period, RoomNumber};
use crate::jobs;
use crate::jobs::{MailOrder, OrderReport, ResendOrder};
use crate::store::MailPause;

/// Which deliveries an order is for.
#[derive(Debug, Args)]
pub struct OrderChoice {
    #[command(flatten)]
    pub choice: Choice,
    /// Everything that this order is for
    #[arg(long, conflicts_with_all = ["state", "period", "account", "recipient", "message_id"])]
    pub all: bool,
    /// Print a JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Each message goes to its reader's address of now: mend the address, import it,
then retry. A message that may have arrived (state unknown) is only tried again
if it is asked for by that state or by its ID: its recipient may get it twice.

Examples:
  statementd mail retry --state bounced --account 602127
  statementd mail retry --message-id 3f0c55a1b2d4 --to anna@customer.example")]
pub struct RetryArgs {
    #[command(flatten)]
    pub order: OrderChoice,
    /// Send it to this address instead
    #[arg(long, value_name = "ADDRESS", conflicts_with = "all")]
    pub to: Option<EmailAddress>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
The current revision goes out once more, as a message of its own, to its readers
of now. Without --room it is the account's statement, to its owners.

Examples:
  statementd mail resend --period 2026-10 --account 602127
  statementd mail resend --period 2026-10 --account 602127 --room 332703 \\
      --to anna@customer.example")]
pub struct ResendArgs {
    /// The month
    #[arg(long, value_name = "YYYY-MM")]
    pub period: Period,
    /// Whose statement
    #[arg(long, value_name = "N")]
    pub account: AccountNumber,
    /// Of this room, for its cardholder
    #[arg(long, value_name = "N")]
    pub room: Option<RoomNumber>,
    /// Send it to this address instead
    #[arg(long, value_name = "ADDRESS")]
    pub to: Option<EmailAddress>,
    /// Print a JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
What is held stays so until \"mail release\". Messages to come are not held: see
\"mail pause\".

Examples:
  statementd mail hold --period 2026-10
  statementd mail hold --account 602127")]
pub struct HoldArgs {
    #[command(flatten)]
    pub order: OrderChoice,
}

#[derive(Debug, Args)]
#[command(after_help = "\
What waits for [[approve]] is left alone: only the configuration sends it.

Examples:
  statementd mail release --period 2026-10
  statementd mail release --all")]
pub struct ReleaseArgs {
    #[command(flatten)]
    pub order: OrderChoice,
}

#[derive(Debug, Args)]
#[command(after_help = "\
For messages that bounced, are held or may have arrived, and that no one needs
any more. They stay in the ledger, and \"status\" speaks of them no more.
\"mail retry --message-id\" brings one back. What waits for [[approve]] is left.

Examples:
  statementd mail dismiss --message-id 3f0c55a1b2d4
  statementd mail dismiss --state bounced --account 602127")]
pub struct DismissArgs {
    #[command(flatten)]
    pub order: OrderChoice,
}

#[derive(Debug, Args)]
#[command(after_help = "\
It lasts until \"mail resume\", also after a restart, for all daemons on the
database. Months close and are archived meanwhile; their mail waits.

Example:
  statementd mail pause")]
pub struct PauseArgs {
    /// Print a JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  statementd mail resume")]
pub struct ResumeArgs {
    /// Print a JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Serialize)]
struct OrderJson {
    moved: usize,
    readdressed: usize,
    left: usize,
    awaiting_approval: usize,
    without_address: usize,
}

#[derive(Serialize)]
struct PauseJson {
    paused: bool,
    changed: bool,
}

pub(super) async fn retry(app: &App, args: RetryArgs) -> anyhow::Result<Exit> {
    carry_out(app, args.order, MailOrder::Retry { to: args.to }).await
}

pub(super) async fn hold(app: &App, args: HoldArgs) -> anyhow::Result<Exit> {
    carry_out(app, args.order, MailOrder::Hold).await
}

pub(super) async fn release(app: &App, args: ReleaseArgs) -> anyhow::Result<Exit> {
    carry_out(app, args.order, MailOrder::Release).await
}

pub(super) async fn dismiss(app: &App, args: DismissArgs) -> anyhow::Result<Exit> {
    carry_out(app, args.order, MailOrder::Dismiss).await
}

pub(super) async fn resend(app: &App, args: ResendArgs) -> anyhow::Result<Exit> {
    let order = ResendOrder { period: args.period, account: args.account, room: args.room, to: args.to };
    let report = jobs::resend_mail(&app.context, &order).await?;
    if args.json {
        print_json(&report)?;
        return Ok(Exit::attention_if(report.awaits_approval));
    }
    let recipients: Vec<_> = report.recipients.iter().map(ToString::to_string).collect();
    print(format!("queued again, revision {}, to {}", report.revision, recipients.join(", ")))?;
    if report.awaits_approval {
        print("its charge is beyond the safety bounds: it waits for [[approve]], see \"statementd status\"")?;
    }
    Ok(Exit::attention_if(report.awaits_approval))
}

pub(super) async fn pause(app: &App, args: PauseArgs) -> anyhow::Result<Exit> {
    let changed = jobs::pause_mail(&app.context).await?;
    if args.json {
        print_json(&PauseJson { paused: true, changed })?;
    } else if let Some(pause) = app.context.store.read().await?.deliveries().mail_pause().await? {
        print(paused(&pause))?;
    }
    Ok(Exit::Done)
}

pub(super) async fn resume(app: &App, args: ResumeArgs) -> anyhow::Result<Exit> {
    let changed = jobs::resume_mail(&app.context).await?;
    if args.json {
        print_json(&PauseJson { paused: false, changed })?;
    } else {
        print(if changed { "mail is sent again" } else { "mail was not paused" })?;
    }
    Ok(Exit::Done)
}

/// That mail is paused, and what ends it.
pub(super) fn paused(pause: &MailPause) -> String {
    let since = to_the_minute(pause.since);
    format!("mail is paused since {since} by {}; \"statementd mail resume\" ends it", pause.actor)
}

async fn carry_out(app: &App, args: OrderChoice, order: MailOrder) -> anyhow::Result<Exit> {
    if !args.all && args.choice.is_empty() {
        complain(&anyhow::anyhow!(
            "name which deliveries (--state, --period, --account, --recipient, --message-id), or all of them (--all)"
        ));
        return Ok(Exit::WrongUsage);
    }
    let named = args.choice.message_id.clone();
    let report = jobs::order_mail(&app.context, &args.choice.into(), order).await?;
    if let Some(id) = named.filter(|_| report.moved.is_empty() && report.left.is_empty()) {
        anyhow::bail!("no message with the ID {id} was found: see \"statementd mail list\"; nothing was done");
    }
    if args.json {
        print_json(&OrderJson {
            moved: report.moved.len(),
            readdressed: report.readdressed,
            left: report.left.len(),
            awaiting_approval: report.awaiting_approval,
            without_address: report.without_address,
        })?;
    } else {
        print(told(&report))?;
    }
    Ok(Exit::attention_if(report.without_address > 0))
}

fn told(report: &OrderReport) -> String {
    let mut line = vec![format!("{} deliveries moved", report.moved.len())];
    if report.readdressed > 0 {
        line.push(format!("{} of them to another address", report.readdressed));
    }
    if !report.left.is_empty() {
        line.push(format!("{} left as they are", report.left.len()));
    }
    let mut lines = vec![line.join(", ")];
    let awaiting = report.awaiting_approval;
    if awaiting > 0 {
        lines.push(format!("{awaiting} wait for [[approve]] in the configuration: see \"statementd status\""));
    }
    let unknown = report.without_address;
    if unknown > 0 {
        lines.push(format!(
            "{unknown} go to a reader whose address is no longer known: import one, or name one with --to"
        ));
    }
    lines.join("\n")
}
