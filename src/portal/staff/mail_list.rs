//! The ledger of mail as a table: of one account, or of several.

use super::lists::row_link;
use crate::portal::respond::Refusal;
use crate::render::{StaffCell, StaffColumn, StaffRow, StaffTable};
use crate::store::Delivery;

/// The ledger of mail; also of several accounts.
pub(super) fn mail_columns() -> Vec<StaffColumn> {
    vec![
        StaffColumn::text("", "Month"),
        StaffColumn::text("", "Account"),
        StaffColumn::text("", "Room"),
        StaffColumn::text("", "Recipient"),
        StaffColumn::text("", "State"),
        StaffColumn::text("", "Queued"),
        StaffColumn::text("", "Sent"),
        StaffColumn::number("", "Attempts"),
        StaffColumn::text("", "What the server said"),
    ]
}

pub(super) fn mail_row(delivery: &Delivery) -> StaffRow {
    let is_problem = !delivery.superseded && ["bounced", "unknown"].contains(&delivery.state.as_str());
    StaffRow {
        cells: vec![
            StaffCell::Text(format!("{} r{}", delivery.period, delivery.revision)),
            StaffCell::Text(delivery.account.to_string()),
            delivery.room.as_ref().map_or(StaffCell::Empty, |room| StaffCell::Text(room.to_string())),
            StaffCell::Text(delivery.recipient.to_string()),
            StaffCell::Text(format!("{}{}", delivery.state, delivery.settled_by())),
            StaffCell::Instant(delivery.queued_at),
            delivery.accepted_at.map_or(StaffCell::Empty, StaffCell::Instant),
            StaffCell::Count(u64::from(delivery.attempts)),
            StaffCell::Text(delivery.last_answer.clone().unwrap_or_default()),
        ],
        links: vec![None, Some(row_link(&delivery.account))],
        problem: is_problem.then_some(4),
    }
}

/// Of one account, whose number need not be in each row.
pub(super) fn mail_table(deliveries: &[Delivery]) -> Result<StaffTable, Refusal> {
    const NUMBER: usize = 1;
    let without = |delivery: &Delivery| {
        let mut row = mail_row(delivery);
        row.cells.remove(NUMBER);
        row.links.clear();
        row.problem = row.problem.map(|place| place - 1);
        row
    };
    let rows: Vec<_> = deliveries.iter().map(without).collect();
    let mut columns = mail_columns();
    columns.remove(NUMBER);
    Ok(StaffTable::of("Mail", columns, &rows, &[])?)
}
