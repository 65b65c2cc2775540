//! The conversation with a mail server, one step at a time.
//!
//! lettre speaks the protocol; its pooled transport is not used, because it hides at which step a connection broke,
//! and that is the difference between "not sent" and "nobody knows". Reading order: `settings`, `stream` (below the conversation), `connect`
//! (greet, encrypt, authenticate), `offers` (what the server can do), `session` (envelope and body), `body` (its bytes), `watchdog` (how
//! long each step may take), `reply` (what an error of lettre's means).

mod body;
mod connect;
mod offers;
mod reply;
mod session;
mod settings;
mod stream;
mod watchdog;

pub(super) use session::Session;
pub use settings::{SmtpSettings, Tls, Waits};
