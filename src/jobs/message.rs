//! Which messages a statement owes to whom.

use super::Settings;
use crate::domain::{Account, Room, Statement};
use crate::store::NewDelivery;

/// Account owners get the account's statement, a cardholder each room of theirs that was used.
pub(super) fn deliveries_of(
    _statement: &Statement,
    _owner: &Account,
    _rooms: &[Room],
    _settings: &Settings,
) -> Vec<NewDelivery> {
    Vec::new()
}
