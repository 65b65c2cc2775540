//! `mail`: the ledger of deliveries, and what a person can do about one.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, Subcommand};

use super::output::{Table, print, print_json, say};
use super::{Exit, Session};
use crate::app::App;
use crate::domain::{AccountNumber, Period};
use crate::jobs;
use crate::jobs::MailOrder;
use crate::store::{DeliveryFilter, DeliveryState};

#[derive(Debug, Subcommand)]
pub enum MailCommand {
    /// Deliveries and how far each came
    List(ListArgs),
    /// One delivery in full
    Show(ShowArgs),
    /// One round of what is due, then exit
    Send(SendArgs),
    /// Tries deferred and bounced deliveries again, when mail is next sent
    Retry(OrderArgs),
    /// Keeps back what has not been sent
    Hold(OrderArgs),
    /// Lets held deliveries go
    Release(OrderArgs),
    /// Who did not get their statement, as CSV
    Undelivered(UndeliveredArgs),
}

/// Which deliveries.
#[derive(Debug, Args)]
pub struct Choice {
    /// queued, sending, accepted, deferred, bounced, held or unknown
    #[arg(long, value_name = "STATE")]
    pub state: Option<DeliveryState>,
    #[arg(long, value_name = "YYYY-MM")]
    pub period: Option<Period>,
    #[arg(long, value_name = "N")]
    pub account: Option<AccountNumber>,
    #[arg(long, value_name = "ID")]
    pub message_id: Option<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  statementd mail list --state bounced --period 2026-10")]
pub struct ListArgs {
    #[command(flatten)]
    pub choice: Choice,
    /// Print a JSON array
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct ShowArgs {
    /// As `mail list` prints it
    #[arg(value_name = "MESSAGE-ID")]
    pub message_id: String,
    /// Print a JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct SendArgs {
    /// Print a JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
A message that may have arrived (state unknown) is only tried again if it is asked for by that state or by its id: its
recipient may get it twice.

Examples:
  statementd mail retry --state bounced --account 602127
  statementd mail hold --period 2026-10
  statementd mail release --all")]
pub struct OrderArgs {
    #[command(flatten)]
    pub choice: Choice,
    /// Everything that this order is for
    #[arg(long, conflicts_with_all = ["state", "period", "account", "message_id"])]
    pub all: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  statementd mail undelivered --period 2026-10 --out undelivered.csv")]
pub struct UndeliveredArgs {
    #[command(flatten)]
    pub choice: Choice,
    /// By default stdout
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

pub async fn mail(session: Session, command: MailCommand) -> anyhow::Result<Exit> {
    let app = session.open().await?;
    let exit = match command {
        MailCommand::List(args) => list(&app, args).await,
        MailCommand::Show(args) => show(&app, args).await,
        MailCommand::Send(args) => send(&app, args).await,
        MailCommand::Retry(args) => order(&app, args, MailOrder::Retry).await,
        MailCommand::Hold(args) => order(&app, args, MailOrder::Hold).await,
        MailCommand::Release(args) => order(&app, args, MailOrder::Release).await,
        MailCommand::Undelivered(args) => undelivered(&app, args).await,
    };
    app.close().await;
    exit
}

async fn list(app: &App, args: ListArgs) -> anyhow::Result<Exit> {
    let deliveries = app.context.store.read().await?.deliveries(&args.choice.into()).await?;
    if args.json {
        print_json(&deliveries)?;
        return Ok(Exit::Done);
    }
    let mut table =
        Table::new(&["PERIOD", "ACCOUNT", ">REV", "ROOM", "RECIPIENT", "STATE", ">ATTEMPTS", "LAST ANSWER"]);
    for delivery in deliveries {
        table.row([
            delivery.period.to_string(),
            delivery.account.to_string(),
            delivery.revision.to_string(),
            delivery.room.map(|room| room.to_string()).unwrap_or_default(),
            delivery.recipient.to_string(),
            delivery.state.to_string(),
            delivery.attempts.to_string(),
            delivery.last_answer.unwrap_or_default(),
        ]);
    }
    print(table.render())?;
    Ok(Exit::Done)
}

async fn show(app: &App, args: ShowArgs) -> anyhow::Result<Exit> {
    let filter = DeliveryFilter { message_id: Some(args.message_id), ..DeliveryFilter::default() };
    let found = app.context.store.read().await?.deliveries(&filter).await?;
    let delivery = found.first().context("no delivery has this Message-ID: see \"statementd mail list --json\"")?;
    if args.json {
        print_json(delivery)?;
        return Ok(Exit::Done);
    }
    let room = delivery.room.as_ref().map_or_else(|| "the account's statement".into(), ToString::to_string);
    let next = delivery.next_attempt_at.map_or_else(|| "none".into(), |at| at.to_rfc3339());
    print(format!(
        "Account       {}\nPeriod        {}, revision {}\nRoom          {room}\nRecipient     {}\nState         {}\n\
         Attempts      {}\nNext attempt  {next}\nLast answer   {}\nMessage-ID    {}",
        delivery.account,
        delivery.period,
        delivery.revision,
        delivery.recipient,
        delivery.state,
        delivery.attempts,
        delivery.last_answer.as_deref().unwrap_or("none"),
        delivery.message_id
    ))?;
    Ok(Exit::Done)
}

async fn send(app: &App, args: SendArgs) -> anyhow::Result<Exit> {
    let report = jobs::deliver_due(&app.context, &|| true).await?;
    if args.json {
        print_json(&report)?;
    } else {
        print(format!(
            "accepted {}, deferred {}, bounced {}, held {}, unknown {}",
            report.accepted, report.deferred, report.bounced, report.held, report.unknown
        ))?;
        if let Some(trouble) = &report.trouble {
            print(trouble)?;
        }
    }
    Ok(Exit::attention_if(report.trouble.is_some() || report.bounced > 0))
}

impl From<Choice> for DeliveryFilter {
    fn from(choice: Choice) -> Self {
        Self { state: choice.state, period: choice.period, account: choice.account, message_id: choice.message_id }
    }
}

async fn order(app: &App, args: OrderArgs, order: MailOrder) -> anyhow::Result<Exit> {
    if !args.all && args.choice.is_empty() {
        say("Name which deliveries (--state, --period, --account, --message-id), or all of them (--all).");
        return Ok(Exit::WrongUsage);
    }
    let report = jobs::order_mail(&app.context, &args.choice.into(), order).await?;
    let left =
        if report.left.is_empty() { String::new() } else { format!(", {} left as they are", report.left.len()) };
    print(format!("{} deliveries moved{left}", report.moved.len()))?;
    Ok(Exit::Done)
}

async fn undelivered(app: &App, args: UndeliveredArgs) -> anyhow::Result<Exit> {
    let csv = jobs::undelivered_csv(&app.context, &args.choice.into()).await?;
    match args.out {
        Some(path) => std::fs::write(&path, csv).with_context(|| path.display().to_string())?,
        None => std::io::stdout().lock().write_all(&csv)?,
    }
    Ok(Exit::Done)
}

impl Choice {
    fn is_empty(&self) -> bool {
        self.state.is_none() && self.period.is_none() && self.account.is_none() && self.message_id.is_none()
    }
}
