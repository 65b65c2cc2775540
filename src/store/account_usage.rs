//! An account's usage of one period, streamed conference by conference.

use chrono::DateTime;
use futures_util::{Stream, TryStreamExt};
use sqlx::FromRow;
use tokio::sync::mpsc;

use super::master::{parse, parse_optional};
use super::{Key, StoreError, Tx, on_engine};
use crate::domain::{ConferenceUsage, PeriodBounds, ServiceType, UsageLeg};

/// Which usage: what one revision of an account's period charges.
#[derive(Debug, Clone, Copy)]
pub struct UsageScope {
    pub account: Key,
    pub bounds: PeriodBounds,
    pub revision: u32,
    pub waiting: WaitingLegs,
}

/// Which late legs count that no statement charges yet: those that the statement at hand would charge if it were
/// made now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitingLegs {
    /// None: what is charged has been written down.
    LeftOut,
    /// Those of earlier periods.
    Carried,
    /// Those of the period itself.
    Revised,
}

/// Where conferences go; bounded, so that reading waits for whoever works on them.
pub type UsageSender = mpsc::Sender<ConferenceUsage>;

/// A conference with all its legs: as a row each, they would cost several times as much to hand from the engine to us.
#[derive(FromRow)]
struct ConferenceRecord {
    room_number: String,
    conference_id: String,
    /// The closed period that the conference belongs to, if its late legs are carried.
    carried_from: Option<String>,
    /// Legs apart by [`NEXT_LEG`], their columns by [`NEXT_COLUMN`]; None where there are none.
    legs: Option<String>,
}

/// Control characters, which no text of ours holds; the same stand in the query.
const NEXT_LEG: char = '\u{1e}';
const NEXT_COLUMN: char = '\u{1f}';
const LEG_COLUMNS: usize = 7;

/// Both queries give the same columns of the same tables, in the same order; `''` stands for NULL in a leg's columns.
macro_rules! usage_query {
    (carried_from: $carried_from:literal, charged_here: $charged_here:literal, only: $condition:literal) => {
        concat!(
            "SELECT r.room_number, c.conference_id, ",
            $carried_from,
            " AS carried_from,
                    (SELECT string_agg(concat_ws('\u{1f}', l.leg_id, l.service_type, l.joined_at, l.left_at,
                                                 COALESCE(l.caller, ''), COALESCE(l.billing_code, ''),
                                                 CASE WHEN ",
            $charged_here,
            " THEN 1 ELSE 0 END), '\u{1e}')
                     FROM leg l LEFT JOIN late_leg t ON t.leg_id = l.leg_id
                     WHERE l.conference_key = c.conference_key) AS legs
             FROM conference c JOIN room r ON r.room_key = c.room_key
             WHERE ",
            $condition,
            " ORDER BY r.room_number, c.filed_at, c.conference_id, c.conference_key"
        )
    };
}

/// Legs that arrived in time, and late ones that this or an earlier revision of their own period charges.
const OWN: &str = usage_query!(
    carried_from: "CAST(NULL AS TEXT)",
    charged_here: "(t.leg_id IS NULL OR ($6 AND t.charged_in IS NULL)
                    OR COALESCE(t.charged_in = $4 AND t.charged_revision <= $5, FALSE))",
    only: "c.account_key = $1 AND c.filed_at >= $2 AND c.filed_at < $3"
);

/// Late legs of other periods that this period charges.
const CARRIED: &str = usage_query!(
    carried_from: "(SELECT MIN(o.period) FROM late_leg o WHERE o.conference_key = c.conference_key)",
    charged_here: "(COALESCE(t.charged_in = $2 AND t.charged_revision <= $3, FALSE)
                    OR COALESCE($4 AND t.charged_in IS NULL AND t.period < $2, FALSE))",
    only: "c.conference_key IN (SELECT conference_key FROM late_leg
                                WHERE account_key = $1
                                  AND ((charged_in = $2 AND period <> $2 AND charged_revision <= $3)
                                       OR ($4 AND charged_in IS NULL AND period < $2)))"
);

impl Tx {
    /// The conferences that began in the period, ordered by room, start and id; returns when all are sent, or when
    /// nobody takes them any more.
    pub async fn stream_conferences(&mut self, scope: UsageScope, out: &UsageSender) -> Result<(), StoreError> {
        on_engine!(self, |conn| send_conferences(
            sqlx::query_as(OWN)
                .bind(scope.account)
                .bind(scope.bounds.start.timestamp())
                .bind(scope.bounds.end.timestamp())
                .bind(scope.bounds.id.to_string())
                .bind(i64::from(scope.revision))
                .bind(scope.waiting == WaitingLegs::Revised)
                .fetch(conn),
            out
        )
        .await)
    }

    /// The conferences of other, closed periods whose late legs this period charges, ordered as above.
    pub async fn stream_carried_conferences(
        &mut self,
        scope: UsageScope,
        out: &UsageSender,
    ) -> Result<(), StoreError> {
        on_engine!(self, |conn| send_conferences(
            sqlx::query_as(CARRIED)
                .bind(scope.account)
                .bind(scope.bounds.id.to_string())
                .bind(i64::from(scope.revision))
                .bind(scope.waiting == WaitingLegs::Carried)
                .fetch(conn),
            out
        )
        .await)
    }
}

async fn send_conferences(
    mut records: impl Stream<Item = Result<ConferenceRecord, sqlx::Error>> + Unpin,
    out: &UsageSender,
) -> Result<(), StoreError> {
    let mut service_types = Vec::new();
    while let Some(record) = records.try_next().await? {
        if let Some(conference) = record.conference(&mut service_types)?
            // A receiver that went away has reported why itself.
            && out.send(conference).await.is_err()
        {
            return Ok(());
        }
    }
    Ok(())
}

impl ConferenceRecord {
    /// None: no leg of it is known. `service_types`: those met so far, which all legs share.
    fn conference(&self, service_types: &mut Vec<ServiceType>) -> Result<Option<ConferenceUsage>, StoreError> {
        let Some(legs) = &self.legs else { return Ok(None) };
        let row = self.conference_id.as_str();
        let mut legs = legs.split(NEXT_LEG).map(|leg| read_leg(leg, service_types)).collect::<Result<Vec<_>, _>>()?;
        legs.sort_unstable_by(|a, b| (a.joined_at, &a.leg_id).cmp(&(b.joined_at, &b.leg_id)));
        Ok(Some(ConferenceUsage {
            room: parse("room", row, "room_number", &self.room_number)?,
            id: parse("conference", row, "conference_id", row)?,
            legs,
            late_from: parse_optional("late_leg", row, "period", self.carried_from.as_deref())?,
        }))
    }
}

/// There are few service types and many legs.
fn shared(text: &str, row: &str, known: &mut Vec<ServiceType>) -> Result<ServiceType, StoreError> {
    if let Some(same) = known.iter().find(|known| known.as_str() == text) {
        return Ok(same.clone());
    }
    let new: ServiceType = parse("leg", row, "service_type", text)?;
    known.push(new.clone());
    Ok(new)
}

fn given(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

fn read_leg(text: &str, service_types: &mut Vec<ServiceType>) -> Result<UsageLeg, StoreError> {
    let mut rest = text.split(NEXT_COLUMN);
    let columns: [&str; LEG_COLUMNS] = std::array::from_fn(|_| rest.next().unwrap_or_default());
    let [row, service_type, joined_at, left_at, caller, billing_code, charged_here] = columns;
    let instant = |column, seconds| {
        DateTime::from_timestamp(parse("leg", row, column, seconds)?, 0)
            .ok_or_else(|| StoreError::corrupt("leg", row, column)("is out of range".into()))
    };
    Ok(UsageLeg {
        leg_id: parse("leg", row, "leg_id", row)?,
        service_type: shared(service_type, row, service_types)?,
        joined_at: instant("joined_at", joined_at)?,
        left_at: instant("left_at", left_at)?,
        // An erased caller is empty too.
        caller: parse_optional("leg", row, "caller", given(caller))?,
        billing_code: parse_optional("leg", row, "billing_code", given(billing_code))?,
        charged_here: charged_here == "1",
    })
}
