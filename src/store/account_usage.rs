//! An account's usage of one period, streamed conference by conference.

use chrono::DateTime;
use futures_util::{Stream, TryStreamExt};
use sqlx::FromRow;
use tokio::sync::mpsc;

use super::erasure::ERASED;
use super::master::{parse, parse_optional};
use super::{Key, StoreError, Tx, on_engine};
use crate::domain::{ConferenceUsage, PeriodBounds, UsageLeg};

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

#[derive(FromRow)]
struct LegRecord {
    room_number: String,
    conference_key: Key,
    conference_id: String,
    /// The closed period that the conference belongs to, if its late legs are carried.
    carried_from: Option<String>,
    leg_id: String,
    service_type: String,
    joined_at: i64,
    left_at: i64,
    caller: Option<String>,
    billing_code: Option<String>,
    charged_here: bool,
}

/// Both queries give the same columns of the same tables, in the same order.
macro_rules! usage_query {
    (carried_from: $carried_from:literal, charged_here: $charged_here:literal, only: $condition:literal) => {
        concat!(
            "SELECT r.room_number, c.conference_key, c.conference_id, l.leg_id, l.service_type, l.joined_at,
                    l.left_at, l.caller, l.billing_code,
                    ",
            $carried_from,
            " AS carried_from, ",
            $charged_here,
            " AS charged_here
             FROM conference c JOIN room r ON r.room_key = c.room_key
                  JOIN leg l ON l.conference_key = c.conference_key
                  LEFT JOIN late_leg t ON t.leg_id = l.leg_id
             WHERE ",
            $condition,
            " ORDER BY r.room_number, c.filed_at, c.conference_id, c.conference_key, l.joined_at, l.leg_id"
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
    mut records: impl Stream<Item = Result<LegRecord, sqlx::Error>> + Unpin,
    out: &UsageSender,
) -> Result<(), StoreError> {
    let mut current: Option<(Key, ConferenceUsage)> = None;
    while let Some(record) = records.try_next().await? {
        match &mut current {
            Some((key, conference)) if *key == record.conference_key => conference.legs.push(record.leg()?),
            _ => {
                let next = (record.conference_key, record.conference()?);
                if let Some((_, complete)) = current.replace(next)
                    && out.send(complete).await.is_err()
                {
                    return Ok(());
                }
            }
        }
    }
    if let Some((_, complete)) = current {
        // A receiver that went away has reported why itself.
        let _ = out.send(complete).await;
    }
    Ok(())
}

impl LegRecord {
    /// The conference that starts with this leg.
    fn conference(&self) -> Result<ConferenceUsage, StoreError> {
        let row = self.conference_id.as_str();
        Ok(ConferenceUsage {
            room: parse("room", row, "room_number", &self.room_number)?,
            id: parse("conference", row, "conference_id", row)?,
            legs: vec![self.leg()?],
            late_from: parse_optional("late_leg", row, "period", self.carried_from.as_deref())?,
        })
    }

    fn leg(&self) -> Result<UsageLeg, StoreError> {
        let row = self.leg_id.as_str();
        let instant = |column, seconds| {
            DateTime::from_timestamp(seconds, 0)
                .ok_or_else(|| StoreError::corrupt("leg", row, column)("is out of range".into()))
        };
        Ok(UsageLeg {
            leg_id: parse("leg", row, "leg_id", row)?,
            service_type: parse("leg", row, "service_type", &self.service_type)?,
            joined_at: instant("joined_at", self.joined_at)?,
            left_at: instant("left_at", self.left_at)?,
            caller: parse_optional("leg", row, "caller", self.caller.as_deref().filter(|caller| *caller != ERASED))?,
            billing_code: parse_optional("leg", row, "billing_code", self.billing_code.as_deref())?,
            charged_here: self.charged_here,
        })
    }
}
