//! `portal`: who may sign in to the online consultation.

use clap::{Args, Subcommand};
use serde::Serialize;

use super::output::{Table, print, print_json};
use super::portal_staff::{StaffCommand, staff};
use super::{Exit, GlobalOptions};
use crate::domain::{AccountNumber, EmailAddress};
use crate::jobs;
use crate::store::PortalMailKind;

#[derive(Debug, Subcommand)]
pub enum PortalCommand {
    /// Mails a link for a first password to every owner and cardholder who has none
    Invite(InviteArgs),
    /// Who is signed in; or ends someone's sessions
    Sessions(SessionsArgs),
    /// The operator's own people
    #[command(subcommand)]
    Staff(StaffCommand),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Rights are not given here: an address in owner_email sees its account, one in cardholder_email its room. A person who loses a
link asks for another one on the sign-in page. Who was invited already and whose link still works is left out.

Examples:
  statementd portal invite --account 602127
  statementd portal invite --again")]
pub struct InviteArgs {
    /// Only the people of this account
    #[arg(long, value_name = "N")]
    pub account: Option<AccountNumber>,
    /// Also those whose last link still works
    #[arg(long)]
    pub again: bool,
    /// Print a JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  statementd portal sessions
  statementd portal sessions --end leo@phoenix.example")]
pub struct SessionsArgs {
    /// Signs this address out everywhere
    #[arg(long, value_name = "ADDRESS")]
    pub end: Option<EmailAddress>,
    /// Takes this address's second factor away, for a person who has lost app and recovery codes
    #[arg(long, value_name = "ADDRESS", conflicts_with = "end")]
    pub forget_second_factor: Option<EmailAddress>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// The result of inviting.
#[derive(Debug, Serialize)]
struct InviteReport {
    invited: u64,
    /// Have a password already.
    have_password: u64,
    /// Were invited before, and their link still works.
    invited_before: u64,
    /// Went out at once; the daemon sends the others.
    sent: u64,
}

#[derive(Debug, Serialize)]
struct SignedIn {
    address: String,
    sessions: i64,
}

pub async fn portal(globals: GlobalOptions, command: PortalCommand) -> anyhow::Result<Exit> {
    match command {
        PortalCommand::Invite(args) => invite(globals, args).await,
        PortalCommand::Sessions(args) => sessions(globals, args).await,
        PortalCommand::Staff(command) => staff(globals, command).await,
    }
}

async fn invite(globals: GlobalOptions, args: InviteArgs) -> anyhow::Result<Exit> {
    let app = globals.open().await?;
    let context = &app.context;
    if context.settings.portal.url.is_none() {
        anyhow::bail!("portal.url is not set: without it a link leads nowhere. No one was invited");
    }
    let mut tx = context.store.write().await?;
    if let Some(account) = &args.account {
        jobs::known_account(&mut tx, account).await?;
    }
    let (mut invited, mut have_password, mut invited_before) = (0, 0, 0);
    let links_work_since = context.clock.now() - context.settings.portal.invite_valid;
    for (address, number) in tx.portal().addresses_with_rights(args.account.as_ref(), context.clock.now()).await? {
        if tx.portal_people().person(&address).await?.is_some_and(|person| person.password.is_some()) {
            have_password += 1;
        } else if !args.again && tx.portal_mail().was_invited_since(&address, links_work_since).await? {
            invited_before += 1;
        } else {
            let queued =
                tx.portal_mail().queue_mail(PortalMailKind::Invite, &address, &number, context.clock.now()).await?;
            invited += u64::from(queued);
        }
    }
    tx.commit().await?;
    let sent = jobs::send_portal_mail(context, &|| true).await?;
    app.close().await;
    if args.json {
        print_json(&InviteReport { invited, have_password, invited_before, sent })?;
    } else {
        let before = match invited_before {
            0 => String::new(),
            before => format!(", {before} were invited before (--again mails them once more)"),
        };
        print(format!("{invited} invited, {sent} messages sent; {have_password} have a password already{before}"))?;
    }
    Ok(Exit::attention_if(sent < invited))
}

async fn sessions(globals: GlobalOptions, args: SessionsArgs) -> anyhow::Result<Exit> {
    let app = globals.open().await?;
    let store = &app.context.store;
    if let Some(address) = &args.forget_second_factor {
        let mut tx = store.write().await?;
        let forgotten = match tx.portal_people().person(address).await? {
            Some(person) => tx.portal_people().forget_second_factor(person.key).await?,
            None => false,
        };
        tx.commit().await?;
        app.close().await;
        if args.json {
            print_json(&serde_json::json!({ "forgotten": forgotten }))?;
        } else {
            print(if forgotten { "The second factor was taken away" } else { "There was no second factor" })?;
        }
        return Ok(Exit::Done);
    }
    if let Some(address) = &args.end {
        let mut tx = store.write().await?;
        let ended = match tx.portal_people().person(address).await? {
            Some(person) => tx.portal_sessions().end_sessions(person.key, None).await?,
            None => 0,
        };
        tx.commit().await?;
        app.close().await;
        if args.json {
            print_json(&serde_json::json!({ "ended": ended }))?;
        } else {
            print(format!("{ended} sessions ended"))?;
        }
        return Ok(Exit::Done);
    }
    let counts = store.read().await?.portal_people().session_counts().await?;
    app.close().await;
    let signed_in: Vec<SignedIn> =
        counts.into_iter().map(|(address, sessions)| SignedIn { address, sessions }).collect();
    if args.json {
        print_json(&signed_in)?;
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&["ADDRESS", ">SESSIONS"]);
    for SignedIn { address, sessions } in signed_in {
        table.row([address, sessions.to_string()]);
    }
    print(table.render())?;
    Ok(Exit::Done)
}
