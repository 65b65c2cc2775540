//! `demo`: the bundled sample months, from usage to mail, on embedded parts; with `--serve` also online.

mod corrections;
mod from_bridge;
mod sample;
mod serve;

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use clap::Args;

use crate::app::{self, App, Trigger, open_store};
use crate::cli::close::whole_job;
use crate::cli::output::{Table, print, say};
use crate::cli::{Exit, status};
use crate::clock::Clock;
use crate::config::Config;
use crate::digest::DigestKey;
use crate::domain::{AccountNumber, Period, Statement};
use crate::intake::Kind;
use crate::jobs;
use crate::jobs::Selection;
use sample::{ACCOUNT, sources, write_configuration, write_sample};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  statementd demo --dir demo && ls demo/archive/2009-05 demo/mail
  statementd demo --from-bridge             usage from a folder of a bridge
  statementd demo --dir online --serve      to be looked at in a browser")]
pub struct DemoArgs {
    /// Where database, archive and mail go
    #[arg(long, value_name = "DIR", default_value = "demo")]
    pub dir: PathBuf,
    /// Show the sample online, on the evening of 31 May 2009, until interrupted; also to staff, with a rerun and a
    /// message that came back
    #[arg(long)]
    pub serve: bool,
    /// The usage as FreeSWITCH's conferences write it, taken in through an inbox
    #[arg(long, conflicts_with = "serve")]
    pub from_bridge: bool,
    /// Where, with --serve: a loopback address; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080", requires = "serve")]
    pub listen: SocketAddr,
}

const LAST_MONTH: &str = "2009-05";
/// The sample is of 2009: the demo closes it as of a few days after its last month, since otherwise seventeen empty
/// years would follow.
const CLOSED_AT: &str = "2009-06-05T06:00:00Z";

pub async fn demo(args: DemoArgs) -> anyhow::Result<Exit> {
    let folder = &args.dir;
    if args.serve {
        return serve::serve(folder, args.listen).await;
    }
    let sample = write_sample(folder).with_context(|| format!("{} cannot be written", folder.display()))?;
    let clock = Clock::Fixed(CLOSED_AT.parse::<DateTime<Utc>>()?);
    let config = app::load(&sources(folder))?;
    make_database(&config).await?;
    let app = App::open(config, clock, true).await?;
    for (kind, file) in sample {
        if kind == Kind::Usage && args.from_bridge {
            from_bridge::take_in(&app, clock, folder).await?;
            continue;
        }
        let report = jobs::import_file(&app.context.store, clock, app.limits(), (kind, &file), &|_| {}).await?;
        say(format!("{}: {} rows, {} stored", file.display(), report.rows, report.stored));
    }
    let through = LAST_MONTH.parse()?;
    let selection = Selection { through: Some(through), accounts: Vec::new() };
    let round = whole_job(&app, Trigger::Command, &selection, true).await;
    say(round.summary());
    if let Some(error) = round.error {
        anyhow::bail!(error);
    }
    print_summary(&app, through).await?;
    let exit = status::attention(&app).await?;
    app.close().await;
    let configuration = write_configuration(folder).with_context(|| folder.display().to_string())?;
    say(format!("\nStatements: {0}/archive   Mail: {0}/mail   Database: {0}/statementd.db", folder.display()));
    say(format!("Go on with: statementd --config {} status --as-of {CLOSED_AT}", configuration.display()));
    Ok(exit)
}

/// The demo is the same everywhere, its messages too: their ids are keyed by a published value, since no report about
/// one is ever read.
async fn make_database(config: &Config) -> anyhow::Result<()> {
    let store = open_store(config).await?;
    store.migrate_with(|| Ok(DigestKey::known(0))).await?;
    store.close().await;
    Ok(())
}

/// As the mini-guide shows it.
async fn print_summary(app: &App, period: Period) -> anyhow::Result<()> {
    let account: AccountNumber = ACCOUNT.parse()?;
    let mut tx = app.context.store.read().await?;
    let key = tx.accounts().account_key(&account).await?.context("the sample's account is missing")?;
    let statement =
        tx.statements().current_statement(key, period).await?.context("the sample's last month is not closed")?;
    print(summary(app, &statement)?)
}

fn summary(app: &App, statement: &Statement) -> anyhow::Result<String> {
    let summary = app.context.renderer.account_summary(statement)?;
    let mut table = Table::new(&["Room Number", "Cardholder", "Auto Billing Code", ">Accumulated Time", ">Charge"]);
    for room in summary.rooms {
        table.row([room.number, room.cardholder, room.auto_billing_code, room.accumulated_time, room.charge]);
    }
    table.row(["Total".into(), String::new(), String::new(), summary.accumulated_time, summary.charge]);
    Ok(format!(
        "ACCOUNT SUMMARY\n\nAccount Number  {}\nCompany Name    {}\nBilling Period  {}\n\n{}",
        statement.account.number,
        statement.account.company,
        summary.period,
        table.render()
    ))
}
