//! Logs on stderr: sentences with fields, readable on a terminal, JSON otherwise.
//!
//! Only this program's own events are written. Those of the libraries below it can hold addresses and queries, so
//! they stay off at every level; what matters of them reaches the log as this program's errors.

use std::io::IsTerminal;

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

use super::{Cli, Command, LogFormat};

pub fn start_logging(cli: &Cli) {
    let filter = Targets::new().with_target("statementd", level(cli)).with_default(LevelFilter::OFF);
    let on_terminal = std::io::stderr().is_terminal();
    let format = cli.log.unwrap_or(if on_terminal { LogFormat::Pretty } else { LogFormat::Json });
    let layer = fmt::layer().with_writer(std::io::stderr);
    let layer = match format {
        LogFormat::Pretty => layer.with_ansi(on_terminal).with_target(false).boxed(),
        LogFormat::Json => layer.json().flatten_event(true).with_current_span(true).with_span_list(false).boxed(),
    };
    // A filter of the whole registry: one of the layer keeps its verdict per thread, and sqlx, which asks whether its
    // own events are wanted, would leave a refusal behind for the next event of ours.
    tracing_subscriber::registry().with(filter).with(layer).init();
}

/// A daemon tells what it does; a command only what needs attention.
fn level(cli: &Cli) -> LevelFilter {
    let usual = if matches!(cli.command, Command::Run(_)) { LevelFilter::INFO } else { LevelFilter::WARN };
    match (cli.quiet, cli.verbose) {
        (true, _) => LevelFilter::ERROR,
        (false, 0) => usual,
        (false, 1) => LevelFilter::DEBUG,
        (false, _) => LevelFilter::TRACE,
    }
}
