//! `mail`: the ledger of deliveries, and what a person can do about one.

mod list;
mod orders;

use clap::{Args, Subcommand};

use super::output::{print, print_json};
use super::{Exit, Session};
use crate::app::App;
use crate::domain::{AccountNumber, EmailAddress, Period};
use crate::jobs;
use crate::store::{DeliveryFilter, DeliveryState};

#[derive(Debug, Subcommand)]
pub enum MailCommand {
    /// Deliveries, when each was sent, to whom, and how far it came
    List(list::ListArgs),
    /// One delivery in full
    Show(list::ShowArgs),
    /// One round of what is due, then exit
    Send(SendArgs),
    /// Tries deferred and bounced deliveries again, at the reader's address of now
    Retry(orders::RetryArgs),
    /// Sends a closed month's statement once more
    Resend(orders::ResendArgs),
    /// Keeps back what has not been sent
    Hold(orders::HoldArgs),
    /// Lets held deliveries go
    Release(orders::ReleaseArgs),
    /// Sends nothing to customers until "mail resume", also messages to come
    Pause(orders::PauseArgs),
    /// Ends a pause
    Resume(orders::ResumeArgs),
    /// Who did not get their statement, as CSV
    Undelivered(list::UndeliveredArgs),
}

/// Which deliveries.
#[derive(Debug, Args)]
pub struct Choice {
    /// Only in this state: queued, sending, accepted, deferred, bounced, held or unknown
    #[arg(long, value_name = "STATE")]
    pub state: Option<DeliveryState>,
    /// Only of this month
    #[arg(long, value_name = "YYYY-MM")]
    pub period: Option<Period>,
    /// Only of this account
    #[arg(long, value_name = "N")]
    pub account: Option<AccountNumber>,
    /// Only to this address
    #[arg(long, value_name = "ADDRESS")]
    pub recipient: Option<EmailAddress>,
    /// Only this message: its ID, or the first digits of it as "mail list" prints them
    #[arg(long, value_name = "ID")]
    pub message_id: Option<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  statementd mail send")]
pub struct SendArgs {
    /// Print a JSON object
    #[arg(long)]
    pub json: bool,
}

pub async fn mail(session: Session, command: MailCommand) -> anyhow::Result<Exit> {
    let app = session.open().await?;
    let exit = match command {
        MailCommand::List(args) => list::list(&app, args).await,
        MailCommand::Show(args) => list::show(&app, args).await,
        MailCommand::Send(args) => send(&app, args).await,
        MailCommand::Retry(args) => orders::retry(&app, args).await,
        MailCommand::Resend(args) => orders::resend(&app, args).await,
        MailCommand::Hold(args) => orders::hold(&app, args).await,
        MailCommand::Release(args) => orders::release(&app, args).await,
        MailCommand::Pause(args) => orders::pause(&app, args).await,
        MailCommand::Resume(args) => orders::resume(&app, args).await,
        MailCommand::Undelivered(args) => list::undelivered(&app, args).await,
    };
    app.close().await;
    exit
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
        if let Some(pause) = &report.paused {
            print(orders::paused(pause))?;
        }
        if let Some(trouble) = &report.trouble {
            print(trouble)?;
        }
    }
    Ok(Exit::attention_if(report.trouble.is_some() || report.paused.is_some() || report.bounced > 0))
}

impl Choice {
    fn is_empty(&self) -> bool {
        self.state.is_none()
            && self.period.is_none()
            && self.account.is_none()
            && self.recipient.is_none()
            && self.message_id.is_none()
    }
}

impl From<Choice> for DeliveryFilter {
    fn from(choice: Choice) -> Self {
        let Choice { state, period, account, recipient, message_id } = choice;
        Self { state, period, account, recipient, message_id }
    }
}
