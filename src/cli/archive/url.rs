//! `archive url`: a link for anyone who has no access of their own.

use chrono::{SecondsFormat, TimeDelta};
use clap::Args;
use serde::Serialize;

use super::file_choice::{FileChoice, find};
use super::{Exit, print, print_json};
use crate::app::App;
use crate::config::Interval;
use crate::jobs::statement_folder;
use crate::store::Stage;

#[derive(Debug, Args)]
#[command(after_help = "\
S3, Google Cloud Storage and Azure only; a folder has no links. Anyone who has the link has the file.

Example:
  statementd archive url --period 2009-05 --account 602127 --expires 2d")]
pub struct UrlArgs {
    #[command(flatten)]
    pub choice: FileChoice,
    /// How long it works, as 12h or 7d; at most 7d
    #[arg(long, default_value = "7d", value_name = "TIME")]
    pub expires: Interval,
    /// Print a JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Serialize)]
struct Link {
    url: String,
    key: String,
    expires_at: String,
}

pub(super) async fn url(app: &App, args: UrlArgs) -> anyhow::Result<Exit> {
    let (row, name) = find(app, &args.choice).await?;
    let folder = statement_folder(&row);
    if row.stage != Stage::Published {
        anyhow::bail!("{folder} is not in the archive: see \"statementd archive list\"");
    }
    let key = folder.key(&name);
    let expires_at = app.context.clock.now() + TimeDelta::from(args.expires);
    let url = app.context.archive.link(&key, args.expires.into()).await?.to_string();
    if app.context.archive.digest(&key).await?.is_none() {
        anyhow::bail!("the archive has no {key}: see \"statementd archive verify\"");
    }
    if args.json {
        print_json(&Link { url, key, expires_at: expires_at.to_rfc3339_opts(SecondsFormat::Secs, true) })?;
    } else {
        print(url)?;
    }
    Ok(Exit::Done)
}
