//! `check`: tries each part that a first run needs, and says what to change where one fails.

use std::path::Path;

use anyhow::Context as _;
use clap::Args;
use serde::Serialize;

use super::output::{in_full, print, print_json};
use super::owner::refuse_foreign_root;
use super::{Exit, GlobalOptions};
use crate::app;
use crate::app::{NoDatabaseYet, Trigger};
use crate::config::Config;
use crate::domain::{EmailAddress, Period, Zone};
use crate::jobs;
use crate::jobs::UsageSource;
use crate::mail::{BounceBox, Signer, Transport};
use crate::render::Renderer;
use crate::store::Violation;
use crate::zone_files::zone_data_in_use;

#[derive(Debug, Args)]
#[command(after_help = "\
Exit status: 0 all is well; 1 something is not; 2 the configuration is wrong. A line with warn changes nothing.

Examples:
  statementd check
  statementd check --deep --send-test you@example.com")]
pub struct CheckArgs {
    /// Also verifies the invariants of the data: each leg charged once, months without gaps, figures that add up
    #[arg(long)]
    pub deep: bool,
    /// Also sends a short message to this address
    #[arg(long, value_name = "ADDRESS")]
    pub send_test: Option<EmailAddress>,
    /// Print a JSON array
    #[arg(long)]
    pub json: bool,
}

/// One line of the result.
#[derive(Debug, Serialize)]
struct Checked {
    part: &'static str,
    /// True also if something is doubtful.
    ok: bool,
    level: Level,
    /// What was found, or what is wrong and what to change.
    detail: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Level {
    Ok,
    /// It works, and is probably not what is meant.
    Warn,
    Failed,
}

/// The text about a part that works.
type Found = (Level, String);

/// Lines as they come.
struct Lines {
    json: bool,
    checked: Vec<Checked>,
}

pub async fn check(globals: GlobalOptions, args: CheckArgs) -> anyhow::Result<Exit> {
    let config = globals.config()?;
    refuse_foreign_root(&config)?;
    let mut lines = Lines { json: args.json, checked: Vec::new() };
    lines.add("configuration", Ok::<_, anyhow::Error>(ok(configuration(&globals, &config))))?;
    for doubt in config.doubts(globals.clock.now()) {
        lines.add("configuration", Ok::<_, anyhow::Error>((Level::Warn, doubt)))?;
    }
    lines.add("database", database(&globals, &config).await)?;
    lines.add("templates", templates(&config).map(ok))?;
    lines.add("mail", mail(&globals, &config).await)?;
    if let Some(path) = app::mail_rules(&config).bounces {
        // A warning about the configuration has already mentioned what is not there yet.
        if let Some(looked) = bounces(&path).transpose() {
            lines.add("bounces", looked.map(ok))?;
        }
    }
    lines.add("archive", archive(&config).await)?;
    lines.add("clock", clock(&globals, &config).await.map(ok))?;
    lines.add("time zones", Ok::<_, anyhow::Error>(time_zones(&globals)))?;
    lines.add("disk", jobs::judge_disks(&app::folders(&config)).map(ok))?;
    for source in &app::settings(&config).intake.sources {
        lines.add("intake", intake(source).await)?;
    }
    if args.deep {
        lines.add("data", data(&globals).await.map(ok))?;
    }
    if let Some(recipient) = &args.send_test {
        lines.add("test message", send_test(&globals, recipient).await.map(ok))?;
    }
    if args.json {
        print_json(&lines.checked)?;
    }
    Ok(if lines.checked.iter().all(|part| part.ok) { Exit::Done } else { Exit::Failed })
}

fn ok(detail: String) -> Found {
    (Level::Ok, detail)
}

/// Where it comes from, and when it closes the running month.
fn configuration(globals: &GlobalOptions, config: &Config) -> String {
    let files: Vec<_> = globals.sources.files().map(|file| file.display().to_string()).collect();
    let files = if files.is_empty() { "defaults and environment".into() } else { files.join(", ") };
    let rule = app::due_rule(config, Trigger::Daemon);
    let zone = rule.schedule.as_ref().map_or_else(Zone::utc, |schedule| schedule.time_zone);
    let month = Period::containing(globals.clock.now(), zone);
    let closes = rule.due_at(&month.bounds(zone)).with_timezone(&zone).format("%Y-%m-%d %H:%M");
    format!("{files}; the daemon closes {month} on {closes} ({})", zone.name())
}

/// A database that is not there yet is no fault before the first start, and is not made by looking.
async fn database(globals: &GlobalOptions, config: &Config) -> anyhow::Result<Found> {
    match app::require_database(config).await {
        Err(error) if error.is::<NoDatabaseYet>() => return Ok((Level::Warn, error.to_string())),
        required => required?,
    }
    let store = app::open_store(config).await?;
    if globals.migrate {
        store.migrate().await?;
    }
    store.check_schema().await?;
    let accounts = store.read().await?.closings().next_periods(None).await?.len();
    store.close().await;
    Ok(ok(format!("schema up to date, {accounts} accounts with usage")))
}

fn templates(config: &Config) -> anyhow::Result<String> {
    let renderer = Renderer::new(&app::render_options(config))?;
    Ok(format!("complete, digest {:.12}", renderer.digest()))
}

async fn clock(globals: &GlobalOptions, config: &Config) -> anyhow::Result<String> {
    // What is wrong with the database has its own line.
    if app::require_database(config).await.is_err() {
        return jobs::judge_clock(globals.clock.now(), None);
    }
    let Ok(store) = app::open_store(config).await else { return jobs::judge_clock(globals.clock.now(), None) };
    let last = match store.check_schema().await {
        Ok(()) => store.read().await?.reports().last_recorded_at().await?,
        Err(_) => None,
    };
    store.close().await;
    jobs::judge_clock(globals.clock.now(), last)
}

/// Old data are no failure: most zones are right in them.
fn time_zones(globals: &GlobalOptions) -> Found {
    let data = zone_data_in_use(globals.clock.now());
    if let Some(advice) = data.advice() {
        tracing::warn!("{advice}");
    }
    let age = if data.is_old { ", older than a year" } else { "" };
    ok(format!("{} ({}){age}", data.version, data.source))
}

async fn mail(globals: &GlobalOptions, config: &Config) -> anyhow::Result<Found> {
    if let Some(dkim) = &app::mail_rules(config).dkim {
        Signer::load(dkim)?;
    }
    let transport = app::transport(config);
    let described = match &transport {
        Transport::File(folder) => format!("files in {}", folder.dir().display()),
        Transport::Smtp(settings) => format!("{}:{} takes mail from the sender", settings.host, settings.port),
        Transport::Off => return Ok(ok("off: messages wait until mail.transport is \"smtp\" or \"file\"".into())),
    };
    let heard = jobs::rehearse_mail(&app::mail_rules(config), &transport, globals.clock.now()).await?;
    heard.map_err(|failure| anyhow::anyhow!("{failure}; see [mail] in the configuration"))?;
    if config.mail.redirect_to.is_some() {
        return Ok((Level::Warn, format!("{described}; mail.redirect_to is set: no customer gets anything")));
    }
    Ok(ok(described))
}

/// `None` if nothing is there yet.
fn bounces(path: &Path) -> anyhow::Result<Option<String>> {
    let shown = path.display();
    let opened = BounceBox::open(path).with_context(|| format!("mail.bounces {shown} cannot be read"))?;
    Ok(match opened {
        BounceBox::Maildir(unseen) => Some(format!("{shown} is a maildir, {} mails unread", unseen.len())),
        BounceBox::Mboxes(files) => Some(format!("{shown}, {} mbox files", files.len())),
        BounceBox::NotYet => None,
    })
}

/// Reads one file of the source, and stores nothing.
async fn intake(source: &UsageSource) -> anyhow::Result<Found> {
    match jobs::try_source(source).await {
        Ok((told, true)) => Ok(ok(format!("{} {told}", source.name))),
        Ok((told, false)) => Ok((Level::Warn, format!("{} {told}", source.name))),
        Err(why) => anyhow::bail!("{} cannot be looked at: {why}", source.name),
    }
}

async fn data(globals: &GlobalOptions) -> anyhow::Result<String> {
    let app = globals.open().await?;
    let violations = jobs::check_deeply(&app.context).await?;
    app.close().await;
    if violations.is_empty() {
        return Ok("all usage that came in is accounted for, each leg is charged once, months follow one another, all figures \
                   add up, the archive holds what it should"
            .into());
    }
    let lines: Vec<_> = violations
        .iter()
        .map(|Violation { account, period, what }| match (account.as_str(), period.as_str()) {
            ("", "") => what.clone(),
            ("", period) => format!("{period}: {what}"),
            (account, period) => format!("account {account}, {period}: {what}"),
        })
        .collect();
    anyhow::bail!("{}", lines.join("\n        "))
}

async fn send_test(globals: &GlobalOptions, recipient: &EmailAddress) -> anyhow::Result<String> {
    let app = globals.open().await?;
    let sent = jobs::send_test(&app.context, recipient).await?;
    app.close().await;
    Ok(format!("accepted: {}", sent?))
}

async fn archive(config: &Config) -> anyhow::Result<Found> {
    let archive = app::open_archive(config)?;
    let url = &config.archive.url;
    Ok(match archive.probe_fully().await? {
        Ok(()) => ok(format!("{url}: an object was written, read back, listed and removed")),
        Err(error) => (Level::Warn, format!("{url}: older months will not leave the archive: {error}")),
    })
}

impl Lines {
    fn add<E: Into<anyhow::Error>>(&mut self, part: &'static str, outcome: Result<Found, E>) -> anyhow::Result<()> {
        let (level, detail) = outcome.unwrap_or_else(|error| (Level::Failed, in_full(&error.into())));
        if !self.json {
            let level = match level {
                Level::Ok => "ok",
                Level::Warn => "warn",
                Level::Failed => "FAILED",
            };
            print(format!("{level:7} {part:14} {detail}"))?;
        }
        self.checked.push(Checked { part, ok: level != Level::Failed, level, detail });
        Ok(())
    }
}
