//! Stored legs for people: the state of each, and what charges it.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::AssertSqlSafe;

use crate::domain::{AccountNumber, ConferenceId, LegId, PeriodBounds, RoomNumber};
use crate::store::engine::decode::instant;
use crate::store::{StoreError, Voids, on_engine, record};

/// Which legs; what is `None` or empty does not narrow.
#[derive(Debug, Clone, Default)]
pub struct LegFilter {
    pub legs: Vec<LegId>,
    pub account: Option<AccountNumber>,
    pub room: Option<RoomNumber>,
    pub conference: Option<ConferenceId>,
    /// Of conferences that begin in it.
    pub bounds: Option<PeriodBounds>,
}

/// A leg as it is listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListedLeg {
    pub leg_id: String,
    pub account: String,
    pub room: String,
    pub conference_id: String,
    pub service_type: String,
    pub joined_at: DateTime<Utc>,
    pub left_at: DateTime<Utc>,
    pub billing_code: Option<String>,
    /// `open` (its month is), `charged`, `late` (it waits for a statement) or `voided`.
    pub state: &'static str,
    /// The closed month that charges it; of a voided leg, the one that charged it.
    pub charged_in: Option<String>,
    pub voided_at: Option<DateTime<Utc>>,
    pub void_reason: Option<String>,
}

record! {
    struct Listed {
        leg_id: String,
        account_number: String,
        room_number: String,
        conference_id: String,
        service_type: String,
        joined_at: i64,
        left_at: i64,
        billing_code: Option<String>,
        own_period: Option<String>,
        is_late: bool,
        charged_in: Option<String>,
        voided_at: Option<i64>,
        reason: Option<String>,
    }
}

const LIVE: &str = "SELECT l.leg_id, a.account_number, r.room_number, c.conference_id, l.service_type, l.joined_at,
        l.left_at, l.billing_code, k.period AS own_period, t.leg_id IS NOT NULL AS is_late, t.charged_in,
        NULL AS voided_at, NULL AS reason
     FROM leg l JOIN conference c ON c.conference_key = l.conference_key
          JOIN room r ON r.room_key = c.room_key JOIN account a ON a.account_key = c.account_key
          LEFT JOIN closing k ON k.account_key = c.account_key AND k.starts_at <= c.filed_at AND k.ends_at > c.filed_at
          LEFT JOIN late_leg t ON t.leg_id = l.leg_id
          LEFT JOIN voided_leg v ON v.void_id = l.leg_id
     WHERE v.void_key IS NULL";
const VOIDED: &str = "SELECT l.leg_id, a.account_number, l.room_number, l.conference_id, l.service_type, l.joined_at,
        l.left_at, l.billing_code, NULL AS own_period, FALSE AS is_late, l.charged_in, l.voided_at, l.reason
     FROM voided_leg l JOIN account a ON a.account_key = l.account_key
     WHERE l.undone_at IS NULL";

/// Conditions on the columns of each of the two; those that are wanted are added.
struct Conditions {
    room: &'static str,
    conference: &'static str,
    start: &'static str,
}

impl Voids<'_> {
    /// Legs that count, or those that were voided; by room and time.
    pub async fn listed_legs(&mut self, filter: &LegFilter, voided: bool) -> Result<Vec<ListedLeg>, StoreError> {
        let (base, names) = if voided {
            (VOIDED, Conditions { room: "l.room_number", conference: "l.conference_id", start: "l.joined_at" })
        } else {
            (LIVE, Conditions { room: "r.room_number", conference: "c.conference_id", start: "c.filed_at" })
        };
        let ids: Vec<&str> = filter.legs.iter().map(|leg| leg.as_str()).collect();
        let (mut sql, mut texts) = (base.to_owned(), Vec::new());
        let fixed = [
            ("a.account_number", filter.account.as_ref().map(|account| account.as_str())),
            (names.room, filter.room.as_ref().map(|room| room.as_str())),
            (names.conference, filter.conference.as_ref().map(|conference| conference.as_str())),
        ];
        for (column, text) in fixed {
            if let Some(text) = text {
                texts.push(text);
                let _ = write!(sql, " AND {column} = ${}", texts.len());
            }
        }
        if !ids.is_empty() {
            let numbers: Vec<String> = (1..=ids.len()).map(|number| format!("${}", texts.len() + number)).collect();
            let _ = write!(sql, " AND l.leg_id IN ({})", numbers.join(", "));
            texts.extend(ids);
        }
        let instants: Vec<i64> =
            filter.bounds.iter().flat_map(|b| [b.start.timestamp(), b.end.timestamp()]).collect();
        if !instants.is_empty() {
            let _ = write!(sql, " AND {0} >= ${1} AND {0} < ${2}", names.start, texts.len() + 1, texts.len() + 2);
        }
        sql += " ORDER BY 3, 6, 1";
        let rows = on_engine!(self.tx, |conn| {
            let mut query = sqlx::query_as::<_, Listed>(AssertSqlSafe(sql));
            for text in texts {
                query = query.bind(text.to_owned());
            }
            for seconds in instants {
                query = query.bind(seconds);
            }
            query.fetch_all(conn).await?
        });
        rows.into_iter().map(Listed::shown).collect()
    }
}

impl Listed {
    fn shown(self) -> Result<ListedLeg, StoreError> {
        let row = self.leg_id.clone();
        let table = if self.voided_at.is_some() { "voided_leg" } else { "leg" };
        let (state, charged_in) = match (self.voided_at, self.is_late) {
            (Some(_), _) => ("voided", self.charged_in),
            (None, true) => (if self.charged_in.is_some() { "charged" } else { "late" }, self.charged_in),
            (None, false) => (if self.own_period.is_some() { "charged" } else { "open" }, self.own_period),
        };
        Ok(ListedLeg {
            leg_id: self.leg_id,
            account: self.account_number,
            room: self.room_number,
            conference_id: self.conference_id,
            service_type: self.service_type,
            joined_at: instant(table, &row, "joined_at", self.joined_at)?,
            left_at: instant(table, &row, "left_at", self.left_at)?,
            billing_code: self.billing_code,
            state,
            charged_in,
            voided_at: self.voided_at.map(|at| instant("voided_leg", &row, "voided_at", at)).transpose()?,
            void_reason: self.reason,
        })
    }
}
