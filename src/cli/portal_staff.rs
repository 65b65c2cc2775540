//! `portal staff`: the operator's own people, who sign in at `/staff/sign-in`.

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use serde::Serialize;

use super::output::{Table, print, print_json};
use super::{Exit, GlobalOptions};
use crate::app::App;
use crate::clock::to_the_minute;
use crate::domain::EmailAddress;
use crate::jobs::Context;
use crate::store::{NewAuditEntry, StaffKey, Tx};
use crate::token::Token;

#[derive(Debug, Subcommand)]
pub enum StaffCommand {
    /// Makes a link by which someone of portal.staff sets a first password
    #[command(after_help = "\
The link works once, for portal.invite_valid. Hand it over by a way that only this person reads.

Example:
  statementd portal staff invite finance@op.example")]
    Invite(PersonArgs),
    /// Takes password, second factor and sessions away, and makes a new link
    #[command(after_help = "\
The link works once, for portal.invite_valid. Hand it over by a way that only this person reads.

Example:
  statementd portal staff reset finance@op.example")]
    Reset(PersonArgs),
    /// Who may sign in, and who has
    List(ListArgs),
    /// Forgets someone: password, second factor, sessions
    Remove(RemoveArgs),
}

#[derive(Debug, Args)]
pub struct PersonArgs {
    /// As portal.staff names them
    #[arg(value_name = "ADDRESS")]
    pub address: EmailAddress,
    /// Print a JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  statementd portal staff list")]
pub struct ListArgs {
    /// Print a JSON array
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Whom portal.staff no longer names is signed out at once anyway; what the audit says of them stays.

Example:
  statementd portal staff remove finance@op.example")]
pub struct RemoveArgs {
    /// Whom
    #[arg(value_name = "ADDRESS")]
    pub address: EmailAddress,
    /// Print a JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Serialize)]
struct Invited {
    address: EmailAddress,
    link: String,
    expires_at: DateTime<Utc>,
}

#[derive(Debug, Serialize)]
struct Listed {
    address: String,
    /// `portal.staff` names them.
    named: bool,
    /// `not invited`, `invited`, `password set` (without a second factor yet) or `ready`.
    state: &'static str,
    signed_in_at: Option<DateTime<Utc>>,
}

pub(super) async fn staff(globals: GlobalOptions, command: StaffCommand) -> anyhow::Result<Exit> {
    let app = globals.open().await?;
    let exit = match command {
        StaffCommand::Invite(args) => invite(&app, args, false).await,
        StaffCommand::Reset(args) => invite(&app, args, true).await,
        StaffCommand::List(args) => list(&app, args).await,
        StaffCommand::Remove(args) => remove(&app, args).await,
    };
    app.close().await;
    exit
}

async fn invite(app: &App, args: PersonArgs, anew: bool) -> anyhow::Result<Exit> {
    let PersonArgs { address, json } = args;
    let context = &app.context;
    let Some(url) = context.settings.portal.url.clone() else {
        anyhow::bail!("portal.url is not set: without it a link leads nowhere. Nothing was changed")
    };
    if !context.settings.portal.staff.iter().any(|named| named.identity() == address.identity()) {
        anyhow::bail!("portal.staff does not name this address: add it first. Nothing was changed");
    }
    let now = context.clock.now();
    let expires_at = now + context.settings.portal.invite_valid;
    let token = Token::random()?;
    let mut tx = context.store.write().await?;
    let known = tx.staff_people().person(&address).await?;
    if !anew && known.is_some_and(|person| person.password.is_some()) {
        anyhow::bail!("this address has a password already: \"statementd portal staff reset\" takes it away first");
    }
    let person = tx.staff_people().person_or_new(&address).await?;
    if anew {
        tx.staff_people().reset(person).await?;
    }
    tx.staff_sessions().insert_link(&token.sha256(), person, expires_at).await?;
    note(context, &mut tx, if anew { "staff reset" } else { "staff invited" }, person).await?;
    tx.commit().await?;
    let link = format!("{url}/staff/link/{}", token.expose());
    if json {
        print_json(&Invited { address, link, expires_at })?;
    } else {
        print(format!("{link}\n\nFor {address}, once, until {}", to_the_minute(expires_at)))?;
    }
    Ok(Exit::Done)
}

async fn list(app: &App, args: ListArgs) -> anyhow::Result<Exit> {
    let people = app.context.store.read().await?.staff_people().people().await?;
    let named: Vec<String> = app.context.settings.portal.staff.iter().map(EmailAddress::identity).collect();
    let mut listed: Vec<Listed> = people
        .into_iter()
        .map(|person| Listed {
            named: named.contains(&person.address.identity()),
            address: person.address.identity(),
            state: match (&person.password, person.has_second_factor) {
                (None, _) => "invited",
                (Some(_), false) => "password set",
                (Some(_), true) => "ready",
            },
            signed_in_at: person.signed_in_at,
        })
        .collect();
    let unknown = named.into_iter().filter(|address| !listed.iter().any(|known| known.address == *address));
    let unknown: Vec<_> =
        unknown.map(|address| Listed { address, named: true, state: "not invited", signed_in_at: None }).collect();
    listed.extend(unknown);
    listed.sort_by(|a, b| a.address.cmp(&b.address));
    if args.json {
        print_json(&listed)?;
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&["ADDRESS", "STATE", "MAY SIGN IN", "LAST SIGNED IN"]);
    for Listed { address, named, state, signed_in_at } in listed {
        let at = signed_in_at.map_or_else(|| "never".to_owned(), to_the_minute);
        let may = if named { "yes" } else { "no: portal.staff does not name it" };
        table.row([address, state.to_owned(), may.to_owned(), at]);
    }
    print(if table.is_empty() { "portal.staff names no one.".to_owned() } else { table.render() })?;
    Ok(Exit::Done)
}

async fn remove(app: &App, args: RemoveArgs) -> anyhow::Result<Exit> {
    let context = &app.context;
    let mut tx = context.store.write().await?;
    let known = tx.staff_people().person(&args.address).await?;
    if let Some(person) = &known {
        tx.staff_people().remove(person.key).await?;
        note(context, &mut tx, "staff removed", person.key).await?;
    }
    tx.commit().await?;
    if args.json {
        print_json(&serde_json::json!({ "removed": known.is_some() }))?;
    } else {
        print(if known.is_some() { "Removed" } else { "There was no one with this address" })?;
    }
    Ok(Exit::Done)
}

/// The audit says who did it, and whom it concerned by number.
async fn note(context: &Context, tx: &mut Tx, action: &'static str, person: StaffKey) -> anyhow::Result<()> {
    let (actor, detail) = (context.actor.to_string(), person.name());
    let at = context.clock.now();
    let entry = NewAuditEntry {
        at,
        actor: &actor,
        action,
        account: None,
        period: None,
        revision: None,
        detail: Some(&detail),
    };
    Ok(tx.reports().audit(&entry).await?)
}
