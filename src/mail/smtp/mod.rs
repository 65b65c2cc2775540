//! The conversation with a mail server, one step at a time.
//!
//! It is our own: lettre's hides at which step a connection broke, which is the difference between "not sent" and
//! "not known", reads answers as text (a yes in Latin-1 is an error, and the message goes out twice), without a
//! bound, and believes across STARTTLS what was sent before it. Reading order: `settings`, `stream` (bytes and TLS),
//! `answer` (one answer), `connection` (commands out, answers in), `connect` and `auth` (greet, encrypt,
//! authenticate), `offers` (what the server can do), `session` (envelope and body), `body` (its bytes), `watchdog`
//! (how long each step may take), `reply` (what an answer means), `advice`.

mod advice;
mod answer;
mod auth;
mod body;
mod connect;
mod connection;
mod offers;
mod reply;
mod session;
mod settings;
mod stream;
mod watchdog;

pub(super) use session::SmtpSession;
pub use settings::{SmtpSettings, Waits};
