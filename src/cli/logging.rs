//! Logs on stderr: sentences with fields, readable on a terminal, with priorities in systemd's journal, JSON otherwise.
//!
//! Only this program's own events are written. Those of the libraries below it can hold addresses and queries, so
//! they stay off at every level; what matters of them reaches the log as this program's errors.

use std::fmt;
use std::io::IsTerminal;
use std::os::unix::fs::MetadataExt;

use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt as log_format};

use super::{Cli, Command, LogFormat};
use crate::config::{Log, LogForm, LogLevel};

/// `configured` is `[log]`, if the configuration can be read; what is wrong with it is reported later.
pub fn start_logging(cli: &Cli, configured: Log) {
    let filter = Targets::new().with_target("statementd", level(cli, configured)).with_default(LevelFilter::OFF);
    let on_terminal = std::io::stderr().is_terminal();
    let layer = log_format::layer().with_writer(std::io::stderr);
    let layer = match form(cli, configured) {
        Form::Pretty => layer.with_ansi(on_terminal).with_target(false).boxed(),
        Form::Journal => layer.with_ansi(false).event_format(Prioritised).boxed(),
        Form::Json => layer.json().flatten_event(true).with_current_span(true).with_span_list(false).boxed(),
    };
    // A filter of the whole registry: one of the layer keeps its verdict per thread, and sqlx, which asks whether its
    // own events are wanted, would leave a refusal behind for the next event of ours.
    tracing_subscriber::registry().with(filter).with(layer).init();
}

enum Form {
    Pretty,
    Journal,
    Json,
}

fn form(cli: &Cli, configured: Log) -> Form {
    match (cli.log, configured.format) {
        (Some(LogFormat::Pretty), _) | (None, LogForm::Pretty) => Form::Pretty,
        (None, LogForm::Auto) if std::io::stderr().is_terminal() => Form::Pretty,
        (None, LogForm::Auto) if is_journal() => Form::Journal,
        (Some(LogFormat::Json), _) | (None, LogForm::Json | LogForm::Auto) => Form::Json,
    }
}

/// Whether stderr goes to systemd's journal, which writes down the time itself (systemd.exec(5), `JOURNAL_STREAM`).
fn is_journal() -> bool {
    let stderr = std::fs::metadata("/proc/self/fd/2");
    let named = std::env::var("JOURNAL_STREAM");
    stderr.is_ok_and(|stderr| named.is_ok_and(|named| named == format!("{}:{}", stderr.dev(), stderr.ino())))
}

/// A daemon logs what it does; a command only what needs attention.
fn level(cli: &Cli, configured: Log) -> LevelFilter {
    let configured = match configured.level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    let usual = if matches!(cli.command, Command::Run(_)) { configured } else { LevelFilter::WARN };
    match (cli.quiet, cli.verbose) {
        (true, _) => LevelFilter::ERROR,
        (false, 0) => usual,
        (false, 1) => usual.max(LevelFilter::DEBUG),
        (false, _) => LevelFilter::TRACE,
    }
}

/// A line with its priority as the journal reads it (sd-daemon(3)), without a time of its own.
struct Prioritised;

impl<S, N> FormatEvent<S, N> for Prioritised
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        write!(writer, "<{}>", priority(*event.metadata().level()))?;
        let format = log_format::format().without_time().with_target(false).with_level(false);
        format.format_event(context, writer, event)
    }
}

fn priority(level: Level) -> u8 {
    match level {
        Level::ERROR => 3,
        Level::WARN => 4,
        Level::INFO => 6,
        _ => 7,
    }
}
