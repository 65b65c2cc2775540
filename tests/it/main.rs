//! All integration tests, in one binary.

#![expect(clippy::unwrap_used, reason = "tests fail loudly; clippy knows that of #[test] functions only")]

mod mail;
