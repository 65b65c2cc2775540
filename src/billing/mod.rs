//! The rules of money: usage in, a statement's figures out.
//!
//! Pure. `lines` rates one conference, `statement` gathers conferences into a statement and checks that every printed
//! column adds up to its printed total, `changes` and `shown` compare two revisions, `obstacle` says why an account's
//! month cannot be computed.

mod changes;
mod digest;
mod lines;
mod obstacle;
mod rooms;
mod shown;
mod statement;

pub use changes::{changes, shows_the_same};
pub use lines::{Terms, billed_seconds, billing_code, rate_conference};
pub use obstacle::Obstacle;
pub use shown::shown_sha256;
pub use statement::{Basis, EarlierTerms, StatementBuilder, adds_up};
