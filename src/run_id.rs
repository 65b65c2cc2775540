//! What ties the lines of a log together: one id per command, and in the daemon one per tick, through all stages that
//! the tick sets going.

use std::sync::OnceLock;

use tracing::Span;

use crate::clock::Clock;

/// For a whole command.
pub fn command_span() -> Span {
    span(of_process())
}

/// For what the daemon's tick number `tick` sets going.
pub fn tick_span(tick: u64) -> Span {
    span(&format!("{}-{tick}", of_process()))
}

/// A span of the highest level, so that no log level loses the id.
fn span(id: &str) -> Span {
    tracing::error_span!("run", id)
}

/// When this process began, and its number: no other process of a machine, or of its peers, is likely to share both.
fn of_process() -> &'static str {
    static ID: OnceLock<String> = OnceLock::new();
    ID.get_or_init(|| format!("{:x}-{:x}", Clock::System.now().timestamp_millis(), std::process::id()))
}
