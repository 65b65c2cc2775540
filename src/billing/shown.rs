//! A digest over what a statement shows its readers: where it is equal, so is what [`super::shows_the_same`] compares.
//!
//! Kept beside a revision, so that a month computed once more need not be compared with its frozen statement line by
//! line. The digest of the inputs would not do: it knows neither what the tariff calls a service nor which month a
//! line was carried from. Another version of the program may write the same figures differently, so where digests
//! differ, the statements are compared.

use std::io::{BufWriter, Write};

use serde::Serialize;

use crate::digest::{HashWriter, Sha256};
use crate::domain::{
    BillingCodeTotal, Line, PeriodBounds, RoomTotal, ServiceLabel, Statement, StatementAccount, Totals,
};

#[derive(Serialize)]
struct Shown<'a> {
    account: &'a StatementAccount,
    period: PeriodBounds,
    totals: Totals,
    rooms: &'a [RoomTotal],
    billing_codes: &'a [BillingCodeTotal],
    lines: &'a [Line],
    services: &'a [ServiceLabel],
}

/// JSON comes in pieces of a few bytes.
const BLOCK: usize = 8 * 1024;

/// Two revisions that show the same have the same.
pub fn shown_sha256(statement: &Statement) -> Sha256 {
    let shown = Shown {
        account: &statement.account,
        period: statement.period,
        totals: statement.totals,
        rooms: &statement.rooms,
        billing_codes: &statement.billing_codes,
        lines: &statement.lines,
        services: &statement.services,
    };
    let mut hasher = HashWriter::default();
    let mut writer = BufWriter::with_capacity(BLOCK, &mut hasher);
    // Neither these types nor their writer can fail.
    let _ = serde_json::to_writer(&mut writer, &shown);
    let _ = writer.flush();
    drop(writer);
    hasher.finish().1
}

#[cfg(test)]
mod tests {
    use super::super::shows_the_same;
    use super::*;

    /// A small month, as JSON, so that a test can touch any field of it.
    fn month() -> serde_json::Value {
        let totals = serde_json::json!({"conferences": 1, "participants": 2, "accumulated_seconds": 60, "charge": 9});
        serde_json::json!({
            "account": {"number": "602127", "company": "A", "currency": "EUR", "time_zone": "Europe/Paris", "locale": "fr-FR"},
            "period": "2009-05".parse::<crate::domain::Period>().unwrap().bounds(chrono_tz::Europe::Paris),
            "revision": 1,
            "totals": totals,
            "rooms": [{"number": "332703", "cardholder": "B", "auto_billing_code": null, "totals": totals}],
            "billing_codes": [{"code": null, "accumulated_seconds": 60, "charge": 9}],
            "lines": [{
                "room": "332703", "conference_id": "C1", "started_at": "2009-05-06T10:00:00Z", "service_type": "WEB",
                "quantity": 2, "billing_code": null, "length_seconds": 30, "accumulated_seconds": 60, "billed_seconds": 60,
                "rate_per_minute": "0.09", "charge": 9, "late_from": null
            }],
            "services": [{"service_type": "WEB", "label": "Web"}],
            "history": [],
            "inputs_digest": "0".repeat(64),
        })
    }

    fn statement(month: serde_json::Value) -> Statement {
        serde_json::from_value(month).unwrap()
    }

    #[test]
    fn digests_are_equal_where_readers_see_the_same() {
        let before = statement(month());
        for (pointer, other) in [
            ("/account/company", serde_json::json!("C")),
            ("/account/locale", serde_json::json!("de-DE")),
            ("/totals/charge", serde_json::json!(10)),
            ("/rooms/0/cardholder", serde_json::json!("C")),
            ("/billing_codes/0/code", serde_json::json!("X")),
            ("/lines/0/late_from", serde_json::json!("2009-04")),
            ("/lines/0/rate_per_minute", serde_json::json!("0.10")),
            ("/services/0/label", serde_json::json!("Net")),
            ("/revision", serde_json::json!(2)),
            ("/inputs_digest", serde_json::json!("1".repeat(64))),
        ] {
            let mut after = month();
            *after.pointer_mut(pointer).unwrap() = other;
            let after = statement(after);
            let is_equal = shown_sha256(&before) == shown_sha256(&after);
            assert_eq!(is_equal, shows_the_same(&before, &after), "{pointer}");
        }
    }
}
