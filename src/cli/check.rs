//! `check`: everything that a first run needs, tried one by one, each with what to change if it fails.

use clap::Args;
use serde::Serialize;

use super::output::{in_full, print, print_json};
use super::owner::refuse_foreign_root;
use super::{Exit, Session};
use crate::app;
use crate::archive::Archive;
use crate::config::Config;
use crate::domain::EmailAddress;
use crate::jobs;
use crate::mail::{Signer, Transport};
use crate::render::Renderer;

#[derive(Debug, Args)]
#[command(after_help = "Exit status: 0 all is well; 1 something is not; 2 the configuration is wrong.")]
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
    ok: bool,
    /// What was found, or what is wrong and what to change.
    detail: String,
}

pub async fn check(session: Session, args: CheckArgs) -> anyhow::Result<Exit> {
    let config = session.config()?;
    refuse_foreign_root(&config)?;
    let mut checked = vec![Checked::good("configuration", configuration(&session))];
    checked.push(Checked::from("database", database(&session, &config).await));
    checked.push(Checked::from("templates", templates(&config)));
    checked.push(Checked::from("mail", mail(&session, &config).await));
    checked.push(Checked::from("archive", archive(&config).await));
    checked.push(Checked::from("clock", clock(&session, &config).await));
    checked.push(Checked::from("disk", jobs::judge_disks(&config.settings().folders)));
    if args.deep {
        checked.push(Checked::from("data", data(&session).await));
    }
    if let Some(recipient) = &args.send_test {
        checked.push(Checked::from("test message", send_test(&session, recipient).await));
    }
    if args.json {
        print_json(&checked)?;
    } else {
        for Checked { part, ok, detail } in &checked {
            print(format!("{:7} {part:14} {detail}", if *ok { "ok" } else { "FAILED" }))?;
        }
    }
    Ok(if checked.iter().all(|part| part.ok) { Exit::Done } else { Exit::Failed })
}

fn configuration(session: &Session) -> String {
    let sources = session.sources();
    let files: Vec<_> = sources.files().map(|file| file.display().to_string()).collect();
    if files.is_empty() { "defaults and environment".into() } else { files.join(", ") }
}

async fn database(session: &Session, config: &Config) -> anyhow::Result<String> {
    let store = app::open_store(config).await?;
    if session.migrate {
        store.migrate().await?;
    }
    store.check_schema().await?;
    let accounts = store.read().await?.next_periods(None).await?.len();
    store.close().await;
    Ok(format!("schema up to date, {accounts} accounts with usage"))
}

fn templates(config: &Config) -> anyhow::Result<String> {
    let renderer = Renderer::new(&config.render_options())?;
    Ok(format!("complete, digest {}", renderer.digest().get(..12).unwrap_or_default()))
}

async fn clock(session: &Session, config: &Config) -> anyhow::Result<String> {
    // What is wrong with the database has its own line.
    let Ok(store) = app::open_store(config).await else { return jobs::judge_clock(session.clock.now(), None) };
    let last = match store.check_schema().await {
        Ok(()) => store.read().await?.last_recorded_at().await?,
        Err(_) => None,
    };
    store.close().await;
    jobs::judge_clock(session.clock.now(), last)
}

async fn mail(session: &Session, config: &Config) -> anyhow::Result<String> {
    if let Some(dkim) = &config.mail.rules().dkim {
        Signer::load(dkim)?;
    }
    let transport = config.mail.transport();
    let described = match &transport {
        Transport::File { dir } => {
            std::fs::create_dir_all(dir)?;
            format!("files in {}", dir.display())
        }
        Transport::Smtp(settings) => format!("{}:{} takes mail from the sender", settings.host, settings.port),
        Transport::Off => return Ok("off: messages wait until mail.transport is \"smtp\" or \"file\"".into()),
    };
    let heard = jobs::rehearse_mail(&config.mail.rules(), transport, session.clock.now()).await?;
    heard.map_err(|failure| anyhow::anyhow!("{failure}; see [mail] in the configuration"))?;
    Ok(described)
}

async fn data(session: &Session) -> anyhow::Result<String> {
    let app = session.open().await?;
    let violations = jobs::check_deeply(&app.context).await?;
    app.close().await;
    if violations.is_empty() {
        return Ok("each leg is charged once, months follow one another, all figures add up".into());
    }
    let lines: Vec<_> = violations
        .iter()
        .map(|violation| format!("account {}, {}: {}", violation.account, violation.period, violation.what))
        .collect();
    anyhow::bail!("{}", lines.join("\n        "))
}

async fn send_test(session: &Session, recipient: &EmailAddress) -> anyhow::Result<String> {
    let app = session.open().await?;
    let sent = jobs::send_test(&app.context, recipient).await?;
    app.close().await;
    Ok(format!("accepted: {}", sent?))
}

async fn archive(config: &Config) -> anyhow::Result<String> {
    let archive = Archive::open(config.archive.url.as_str(), &config.archive.exposed_options())?;
    archive.probe().await?;
    Ok(format!("{}: an object was written, read back and removed", config.archive.url))
}

impl Checked {
    fn good(part: &'static str, detail: String) -> Self {
        Self { part, ok: true, detail }
    }

    fn from<E: Into<anyhow::Error>>(part: &'static str, outcome: Result<String, E>) -> Self {
        match outcome {
            Ok(detail) => Self::good(part, detail),
            Err(error) => Self { part, ok: false, detail: in_full(&error.into()) },
        }
    }
}
