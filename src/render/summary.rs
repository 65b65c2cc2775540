//! The account summary as the mini-guide shows it, in formatted texts: for a terminal.

use super::{RenderError, Renderer};
use crate::domain::Statement;

/// One month of an account, room by room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountSummary {
    /// As `mai 2009`.
    pub period: String,
    /// Those with usage, ordered by number.
    pub rooms: Vec<RoomSummary>,
    pub accumulated_time: String,
    pub charge: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomSummary {
    /// Grouped, as `33 270 3`.
    pub number: String,
    pub cardholder: String,
    pub auto_billing_code: String,
    pub accumulated_time: String,
    pub charge: String,
}

impl Renderer {
    /// In the account's locale.
    pub fn account_summary(&self, statement: &Statement) -> Result<AccountSummary, RenderError> {
        let _ = statement;
        Err(RenderError::Template("not yet".into()))
    }
}
