//! For finance: who did not get their statement, as CSV.

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

/// Every delivery among the chosen that no server has accepted, or that came back, and for which no later one speaks.
pub async fn undelivered(context: &Context, chosen: &DeliveryFilter) -> Result<Vec<Delivery>, JobError> {
    let mut deliveries = context.store.read().await?.deliveries(chosen).await?;
    deliveries.retain(|delivery| delivery.state != DeliveryState::Accepted && !delivery.superseded);
    Ok(deliveries)
}

/// The same as CSV; instants in RFC 3339.
pub async fn undelivered_csv(context: &Context, chosen: &DeliveryFilter) -> Result<Vec<u8>, JobError> {
    let deliveries = undelivered(context, chosen).await?;
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(HEADER)?;
    for delivery in &deliveries {
        writer.write_record(row(delivery))?;
    }
    writer.into_inner().map_err(|error| JobError::Csv(error.into_error().into()))
}

fn row(delivery: &Delivery) -> [String; 11] {
    [
        delivery.period.to_string(),
        delivery.account.to_string(),
        text(delivery.company.as_str()),
        delivery.revision.to_string(),
        delivery.room.as_ref().map(ToString::to_string).unwrap_or_default(),
        text(delivery.recipient.as_str()),
        delivery.state.to_string(),
        delivery.changed_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
        delivery.attempts.to_string(),
        text(delivery.last_answer.as_deref().unwrap_or_default()),
        delivery.message_id.clone(),
    ]
}

/// A spreadsheet takes what begins like a formula for one; an apostrophe makes it text.
fn text(value: &str) -> String {
    if value.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{value}") } else { value.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_becomes_a_formula() {
        assert_eq!(text("=cmd|' /C calc'!A0"), "'=cmd|' /C calc'!A0");
        assert_eq!(text("+ok@b.example"), "'+ok@b.example");
        assert_eq!(text("550 no"), "550 no");
    }
}
