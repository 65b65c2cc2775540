//! `mail`: the ledger of deliveries, and the commands that change one.

mod choice;
mod list;
mod orders;

use clap::{Args, Subcommand};

use super::output::{print, print_json};
use super::{Exit, GlobalOptions};
use crate::app::App;
use crate::jobs;

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
    /// Releases held deliveries
    Release(orders::ReleaseArgs),
    /// Settles messages that are no longer needed, for example because their reader is gone
    Dismiss(orders::DismissArgs),
    /// Sends nothing to customers until "mail resume", also messages to come
    Pause(orders::PauseArgs),
    /// Ends a pause
    Resume(orders::ResumeArgs),
    /// Who did not get their statement, as CSV
    Undelivered(list::UndeliveredArgs),
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  statementd mail send")]
pub struct SendArgs {
    /// Print a JSON object
    #[arg(long)]
    pub json: bool,
}

pub async fn mail(globals: GlobalOptions, command: MailCommand) -> anyhow::Result<Exit> {
    let app = globals.open().await?;
    let exit = match command {
        MailCommand::List(args) => list::list(&app, args).await,
        MailCommand::Show(args) => list::show(&app, args).await,
        MailCommand::Send(args) => send(&app, args).await,
        MailCommand::Retry(args) => orders::retry(&app, args).await,
        MailCommand::Resend(args) => orders::resend(&app, args).await,
        MailCommand::Hold(args) => orders::hold(&app, args).await,
        MailCommand::Release(args) => orders::release(&app, args).await,
        MailCommand::Dismiss(args) => orders::dismiss(&app, args).await,
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
            "accepted {}, deferred {}, bounced {}, held {}, unknown {}{}",
            report.accepted,
            report.deferred,
            report.bounced,
            report.held,
            report.unknown,
            if report.came_back > 0 { format!(", came back {}", report.came_back) } else { String::new() }
        ))?;
        if let Some(pause) = &report.paused {
            print(orders::paused(pause))?;
        }
        if let Some(trouble) = &report.trouble {
            print(trouble)?;
        }
    }
    Ok(Exit::attention_if(!report.is_all_accepted() || report.paused.is_some()))
}
