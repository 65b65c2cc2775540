//! `mail`: the ledger of deliveries, and what a person can do about one.

use anyhow::Context as _;
use clap::{Args, Subcommand};

use super::output::{Table, print, print_json};
use super::{Exit, Session};
use crate::app::App;
use crate::domain::{AccountNumber, Period};
use crate::jobs;
use crate::store::{DeliveryFilter, DeliveryState};

#[derive(Debug, Subcommand)]
pub enum MailCommand {
    /// Deliveries and how far each came
    List(ListArgs),
    /// One delivery in full
    Show(ShowArgs),
    /// One round of what is due, then exit
    Send(SendArgs),
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

pub async fn mail(session: Session, command: MailCommand) -> anyhow::Result<Exit> {
    let app = session.open().await?;
    let exit = match command {
        MailCommand::List(args) => list(&app, args).await,
        MailCommand::Show(args) => show(&app, args).await,
        MailCommand::Send(args) => send(&app, args).await,
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
