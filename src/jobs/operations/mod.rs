//! What keeps the operator informed: the health of the parts, deep checks, notices by mail.
//!
//! Reading order: `attention` (what needs a person, decided once), `health` (what the program depends on, and whether
//! it works; `machine` for disks and clock), `integrity` (what must hold of the data), `notices` (the daily mail and
//! the month's report), `operator_message` and `test_message` (mail that is not a statement).

pub(crate) mod attention;
pub(crate) mod health;
pub(crate) mod integrity;
pub(crate) mod machine;
pub(crate) mod notices;
pub(crate) mod operator_message;
pub(crate) mod test_message;
