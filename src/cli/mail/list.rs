//! `mail list`, `mail show`, `mail undelivered`: who was sent what, when, and how far it came.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use clap::Args;

use super::choice::Choice;
use crate::app::App;
use crate::cli::Exit;
use crate::cli::output::{Table, print, print_json};
use crate::domain::AccountNumber;
use crate::files::create_export;
use crate::jobs;
use crate::jobs::known_account;
use crate::store::{Delivery, DeliveryFilter};

/// How many digits of a Message-ID distinguish deliveries; the files of `mail.dir` have as many in their names.
const ID_DIGITS: usize = 12;

#[derive(Debug, Args)]
#[command(after_help = "\
SENT is when the mail server took the message, in UTC.

Examples:
  statementd mail list --state bounced --period 2026-10
  statementd mail list --recipient anna@customer.example")]
pub struct ListArgs {
    #[command(flatten)]
    pub choice: Choice,
    /// Print a JSON array
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  statementd mail show 3f0c55a1b2d4")]
pub struct ShowArgs {
    /// The message's ID, or the first digits of it as "mail list" prints them
    #[arg(value_name = "MESSAGE-ID")]
    pub message_id: String,
    /// Print a JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  statementd mail undelivered --period 2026-10 --out undelivered.csv")]
pub struct UndeliveredArgs {
    #[command(flatten)]
    pub choice: Choice,
    /// Write it into this file; by default to stdout
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    pub out: Option<PathBuf>,
    /// Print a JSON array instead
    #[arg(long)]
    pub json: bool,
}

pub(super) async fn list(app: &App, args: ListArgs) -> anyhow::Result<Exit> {
    refuse_unknown(app, args.choice.account.as_ref()).await?;
    let deliveries = app.context.store.read().await?.deliveries().list(&args.choice.into()).await?;
    if args.json {
        print_json(&deliveries)?;
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&[
        "PERIOD",
        "ACCOUNT",
        ">REV",
        "ROOM",
        "RECIPIENT",
        "STATE",
        "SENT",
        ">ATTEMPTS",
        "ID",
        "LAST ANSWER",
    ]);
    for delivery in deliveries {
        table.row([
            delivery.period.to_string(),
            delivery.account.to_string(),
            delivery.revision.to_string(),
            delivery.room.as_ref().map(ToString::to_string).unwrap_or_default(),
            delivery.recipient.to_string(),
            state_of(&delivery),
            delivery.accepted_at.map(minute).unwrap_or_default(),
            delivery.attempts.to_string(),
            delivery.message_id.chars().take(ID_DIGITS).collect(),
            delivery.last_answer.unwrap_or_default(),
        ]);
    }
    print(table.render())?;
    Ok(Exit::Done)
}

pub(super) async fn show(app: &App, args: ShowArgs) -> anyhow::Result<Exit> {
    let filter = DeliveryFilter { message_id: Some(args.message_id), ..DeliveryFilter::default() };
    let found = app.context.store.read().await?.deliveries().list(&filter).await?;
    let delivery = match found.as_slice() {
        [] => anyhow::bail!("no delivery has this Message-ID: \"statementd mail list\" prints them"),
        [only] => only,
        several => anyhow::bail!("{} deliveries have a Message-ID that begins so: name more of it", several.len()),
    };
    if args.json {
        print_json(delivery)?;
        return Ok(Exit::Done);
    }
    let room = delivery.room.as_ref().map_or_else(|| "the account's statement".into(), ToString::to_string);
    let at = |at: Option<DateTime<Utc>>| at.map_or_else(|| "never".into(), |at| at.to_rfc3339());
    let next = delivery.next_attempt_at.map_or_else(|| "none".into(), |at| at.to_rfc3339());
    print(format!(
        "Account       {}\nPeriod        {}, revision {}\nRoom          {room}\nRecipient     {}\nState         {}\n\
         Queued        {}\nSent          {}\nAttempts      {}\nNext attempt  {next}\nLast answer   {}\n\
         Message-ID    {}",
        delivery.account,
        delivery.period,
        delivery.revision,
        delivery.recipient,
        state_of(delivery),
        delivery.queued_at.to_rfc3339(),
        at(delivery.accepted_at),
        delivery.attempts,
        delivery.last_answer.as_deref().unwrap_or("none"),
        delivery.message_id
    ))?;
    Ok(Exit::Done)
}

pub(super) async fn undelivered(app: &App, args: UndeliveredArgs) -> anyhow::Result<Exit> {
    refuse_unknown(app, args.choice.account.as_ref()).await?;
    if args.json {
        print_json(&jobs::undelivered(&app.context, &args.choice.into()).await?)?;
        return Ok(Exit::Done);
    }
    let csv = jobs::undelivered_csv(&app.context, &args.choice.into()).await?;
    match args.out {
        Some(path) => create_export(&path)
            .and_then(|mut file| file.write_all(&csv))
            .with_context(|| path.display().to_string())?,
        None => std::io::stdout().lock().write_all(&csv)?,
    }
    Ok(Exit::Done)
}

/// A mistyped number is an error and not an empty list.
async fn refuse_unknown(app: &App, account: Option<&AccountNumber>) -> anyhow::Result<()> {
    if let Some(account) = account {
        known_account(&mut app.context.store.read().await?, account).await?;
    }
    Ok(())
}

fn state_of(delivery: &Delivery) -> String {
    format!("{}{}", delivery.state, delivery.settled_by())
}

fn minute(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M").to_string()
}
