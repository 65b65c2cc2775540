//! The account summary as the mini-guide shows it, in formatted texts: for a terminal.

use super::{RenderError, Renderer};
use crate::domain::Statement;

/// One month of an account, room by room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountSummary {
    /// For example `mai 2009`.
    pub period: String,
    /// Those with usage, ordered by number.
    pub rooms: Vec<RoomSummary>,
    pub accumulated_time: String,
    pub charge: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomSummary {
    /// Grouped, for example `33 270 3`.
    pub number: String,
    pub cardholder: String,
    pub auto_billing_code: String,
    pub accumulated_time: String,
    pub charge: String,
}

impl Renderer {
    /// In the account's locale.
    pub fn account_summary(&self, statement: &Statement) -> Result<AccountSummary, RenderError> {
        let view = self.reader(statement)?.view(None)?;
        let rooms = view.rooms.into_iter().map(|room| RoomSummary {
            // On a terminal, cells must be one line.
            number: room.shown.replace('\u{a0}', " "),
            cardholder: room.cardholder,
            auto_billing_code: room.auto_billing_code.unwrap_or_default(),
            accumulated_time: room.time,
            charge: room.charge,
        });
        Ok(AccountSummary {
            period: view.period.name,
            rooms: rooms.collect(),
            accumulated_time: view.totals.time,
            charge: view.totals.charge,
        })
    }
}
