//! How a command ended.

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    Done,
    Failed,
    WrongUsage,
    /// Done, but something was rejected, parked or is overdue.
    NeedsAttention,
}

impl Exit {
    /// Done, or done but worth a look.
    pub(crate) fn attention_if(needed: bool) -> Self {
        if needed { Self::NeedsAttention } else { Self::Done }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::WrongUsage => 2,
            Exit::NeedsAttention => 3,
        })
    }
}
