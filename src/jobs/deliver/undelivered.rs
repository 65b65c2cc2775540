//! For finance: who did not get their statement, as CSV.

use crate::csv_table::CsvTable;
use crate::jobs::{Context, JobError};
use crate::store::{Delivery, DeliveryFilter, DeliveryState};

const HEADER: [&str; 11] = [
    "period",
    "account_number",
    "company_name",
    "revision",
    "room_number",
    "recipient",
    "state",
    "since",
    "attempts",
    "last_answer",
    "message_id",
];

/// Every delivery among the chosen that no server has accepted, or that came back, and that no later one replaces.
pub async fn undelivered(context: &Context, chosen: &DeliveryFilter) -> Result<Vec<Delivery>, JobError> {
    let mut deliveries = context.store.read().await?.deliveries().list(chosen).await?;
    deliveries.retain(|delivery| delivery.state != DeliveryState::Accepted && !delivery.superseded);
    Ok(deliveries)
}

/// The same as CSV; instants in RFC 3339.
pub async fn undelivered_csv(context: &Context, chosen: &DeliveryFilter) -> Result<Vec<u8>, JobError> {
    let mut table = CsvTable::begin(Vec::new(), HEADER)?;
    for delivery in &undelivered(context, chosen).await? {
        table.row(row(delivery))?;
    }
    Ok(table.finish()?)
}

fn row(delivery: &Delivery) -> [String; 11] {
    [
        delivery.period.to_string(),
        delivery.account.to_string(),
        delivery.company.as_str().to_owned(),
        delivery.revision.to_string(),
        delivery.room.as_ref().map(ToString::to_string).unwrap_or_default(),
        delivery.recipient.as_str().to_owned(),
        delivery.state.to_string(),
        delivery.changed_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
        delivery.attempts.to_string(),
        delivery.last_answer.clone().unwrap_or_default(),
        delivery.message_id.clone(),
    ]
}
