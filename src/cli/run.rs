//! `run`: the daemon.

use chrono::{DateTime, Utc};
use clap::Args;

use super::{Exit, GlobalOptions};
use crate::clock::Clock;
use crate::daemon;
use crate::daemon::{Ending, Signals};

#[derive(Debug, Args)]
#[command(after_help = "\
SIGTERM and SIGINT stop it within 30 seconds; what is under way then is finished, or taken up again at the next start.

Example:
  statementd --config /etc/statementd/statementd.toml run")]
pub struct RunArgs {
    /// Start as if it were this instant (RFC 3339), and run on from there. It closes and mails for real, and what it
    /// writes down bears these times: for rehearsals on a copy, with an archive and a mail folder of its own
    #[arg(long, value_name = "INSTANT")]
    pub as_of: Option<DateTime<Utc>>,
}

pub async fn run(globals: GlobalOptions, args: RunArgs) -> anyhow::Result<Exit> {
    let signals = Signals::new()?;
    let clock = args.as_of.map_or(Clock::System, Clock::starting_at);
    let globals = GlobalOptions { clock, ..globals };
    let app = globals.open_or_create().await?;
    for doubt in app.config.doubts(clock.now()) {
        tracing::warn!("Is this meant? {doubt}");
    }
    Ok(match daemon::run(app, globals.sources, signals).await? {
        Ending::Orderly => Exit::Done,
        Ending::CutOff => Exit::Failed,
    })
}
