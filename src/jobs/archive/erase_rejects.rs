//! Rejected rows past their retention: settled and dismissed ones are deleted, waiting ones lose their callers'
//! numbers.
//!
//! A row is a copy of what a switch wrote, callers' numbers among it: it must not outlive them.

use chrono::{DateTime, Months, Utc};

use crate::domain::Leg;
use crate::intake::{Columns, Record, Rows, csv_record};
use crate::jobs::import::collect::ITEM;
use crate::jobs::import::entry::Entry;
use crate::jobs::{Context, JobError};
use crate::store::RejectedRow;

/// Rows per transaction.
const BATCH: u32 = 500;

/// Erases rows by `privacy.erase_callers_after`, or where that is not set by `database.keep_usage`; returns how many.
pub(crate) async fn erase_rejects(
    context: &Context,
    keep_going: &(impl Fn() -> bool + Sync),
) -> Result<u64, JobError> {
    let (now, settings) = (context.clock.now(), &context.settings);
    let before = match settings.erase_callers_after {
        Some(after) => now.checked_sub_signed(after),
        None => now.checked_sub_months(Months::new(settings.keep_usage)),
    };
    let Some(before) = before else { return Ok(0) };
    let mut erased = 0;
    while keep_going() {
        let mut tx = context.store.write().await?;
        let rows = tx.rejects().erase_settled_rejections(before, BATCH).await?;
        if rows > 0 {
            tx.rejects().erase_unused_headers().await?;
        }
        tx.commit().await?;
        erased += rows;
        if rows == 0 {
            break;
        }
    }
    if settings.erase_callers_after.is_some() {
        erased += erase_callers(context, before, now, keep_going).await?;
    }
    Ok(erased)
}

async fn erase_callers(
    context: &Context,
    before: DateTime<Utc>,
    now: DateTime<Utc>,
    keep_going: &(impl Fn() -> bool + Sync),
) -> Result<u64, JobError> {
    let mut erased = 0;
    while keep_going() {
        let mut tx = context.store.write().await?;
        let rows = tx.rejects().rejections_with_callers(before, BATCH).await?;
        for row in &rows {
            tx.rejects().erase_rejected_caller(row.rejected_key, &without_caller(row), now).await?;
        }
        tx.commit().await?;
        erased += rows.len() as u64;
        if rows.is_empty() {
            break;
        }
    }
    Ok(erased)
}

/// The record with an empty caller. If its fields cannot be separated, only the first is kept; of an unreadable item,
/// nothing.
fn without_caller(row: &RejectedRow) -> Vec<u8> {
    let record = Record::parse(&row.record);
    let columns = Columns::of_rejected::<<Leg as Entry>::Rows>(&row.header, &row.file).ok();
    let place = columns.filter(|columns| record.len() <= columns.header().len()).and_then(|columns| {
        let index = <<Leg as Entry>::Rows as Rows>::COLUMNS.iter().position(|column| *column == "caller")?;
        columns.position(index)
    });
    match place {
        Some(place) => {
            let fields = record.fields().enumerate();
            csv_record(fields.map(|(at, field)| if at == place { &b""[..] } else { field }))
        }
        // An item of a bridge's file is one field, and may hold callers anywhere.
        None if row.header == ITEM.as_bytes() => csv_record([&b""[..]]),
        None => csv_record([record.field(0)]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(header: &str, record: &str) -> RejectedRow {
        RejectedRow {
            rejected_key: 1,
            kind: "usage".into(),
            file: "legs".into(),
            line: 2,
            column_name: None,
            reason: "is wrong".into(),
            header_key: 1,
            header: header.as_bytes().to_vec(),
            record: record.as_bytes().to_vec(),
        }
    }

    #[test]
    fn no_caller_is_left_in_a_row_or_in_an_item() {
        const HEADER: &str = "leg_id,conference_id,room_number,service_type,joined_at,left_at,caller,billing_code";
        for (header, record) in [
            (HEADER, "L,C,1,WEB,2009-05-04T10:00:00Z,2009-05-04T10:10:00Z,+33187197079,42"),
            ("nothing,known", "L,+33187197079"),
            (ITEM, "<cdr><caller>+33187197079</caller></cdr>"),
        ] {
            let left = String::from_utf8(without_caller(&row(header, record))).unwrap();
            assert!(!left.contains("33187197079"), "{header}: {left}");
            assert_eq!(left.contains('L'), header != ITEM, "{left}");
        }
    }
}
