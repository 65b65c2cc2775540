//! Holds the code against what ARCHITECTURE says of it: who may import whom, no circles, no long files and functions.
//!
//! Reads the source as text, which rustfmt has brought into one shape; only this test is built for it.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on has failed; clippy knows that of #[test] functions only"
)]

mod circles;
mod directions;
mod lengths;
mod source;
mod use_tree;
