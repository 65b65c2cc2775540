//! The program as its users run it: the real binary, real files, real servers.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod import;
mod late_usage;
mod support;
