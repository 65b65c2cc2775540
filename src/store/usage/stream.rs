//! An account's usage of one period, streamed conference by conference.
//!
//! First the conferences' keys in their order, then the conferences themselves, many to a row.

use std::sync::LazyLock;

use tokio::sync::mpsc;

use crate::domain::{ConferenceUsage, PeriodBounds, RoomNumber, ServiceType, UsageLeg};
use crate::store::engine::decode::{instant, parse, parse_optional};
use crate::store::engine::lists::{list, list_sql};
use crate::store::{Key, StoreError, Usage, fetch};

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
    /// `None` if what is charged has been written down.
    LeftOut,
    /// Those of earlier periods.
    Carried,
    /// Those from before the first month that was closed, which no revision could charge.
    OlderOnly,
    /// Those of the period itself.
    Revised,
}

impl WaitingLegs {
    pub(crate) fn is_carried(self) -> bool {
        matches!(self, Self::Carried | Self::OlderOnly)
    }
}

/// Where conferences go; bounded, so that reading waits for the computation.
pub type UsageSender = mpsc::Sender<ConferenceUsage>;

/// Conferences that come as one row: each row that is handed from the engine to us wakes a thread or two.
const CONFERENCES_PER_ROW: usize = 64;

/// Control characters, which no text of ours holds; the queries contain the same ones.
const NEXT_CONFERENCE: char = '\u{1c}';
const NEXT_PART: char = '\u{1d}';
const NEXT_LEG: char = '\u{1e}';
const NEXT_COLUMN: char = '\u{1f}';
const PARTS: usize = 5;
const LEG_COLUMNS: usize = 7;

/// The conferences of a list of (position, key), in its order, as one text: room, id, the closed period that a
/// carried one belongs to, its legs, and the code that it was given. `''` stands for NULL. $2 is the period, $3 the
/// revision, $4 whether waiting legs count, $5 whether voids count that no revision has taken out yet, $6 whether
/// late legs of closed months may be carried. A voided leg is there for earlier revisions of the month that charges
/// it only, and under its own id.
fn conferences_sql(carried_from: &str, charged_here: &str) -> String {
    format!(
        "SELECT string_agg(conference, '\u{1c}' ORDER BY position) FROM (
         SELECT CAST(item.value ->> 0 AS BIGINT) AS position,
                concat_ws('\u{1d}', r.room_number, c.conference_id, {carried_from},
                    COALESCE((SELECT string_agg(concat_ws('\u{1f}', COALESCE(v.leg_id, l.leg_id), l.service_type,
                                                          l.joined_at, l.left_at,
                                                          COALESCE(l.caller, ''), COALESCE(l.billing_code, ''),
                                                          CASE WHEN {charged_here} THEN 1 ELSE 0 END), '\u{1e}')
                              FROM leg l LEFT JOIN late_leg t ON t.leg_id = l.leg_id
                                   LEFT JOIN voided_leg v ON v.void_id = l.leg_id
                              WHERE l.conference_key = c.conference_key
                                AND (v.void_key IS NULL
                                     OR (v.charged_in = $2 AND (v.charged_until > $3
                                                                OR (v.charged_until IS NULL AND NOT $5))))),
                             ''),
                    COALESCE((SELECT g.billing_code FROM code_assignment g
                              WHERE g.conference_key = c.conference_key), '')) AS conference
         FROM {{list}} CROSS JOIN conference c CROSS JOIN room r
         WHERE c.conference_key = CAST(item.value ->> 1 AS BIGINT) AND r.room_key = c.room_key) AS listed"
    )
}

/// Legs that arrived in time, and late ones that this or an earlier revision of their own period charges.
static OWN: LazyLock<String> = LazyLock::new(|| {
    conferences_sql(
        "''",
        // $6 belongs to the other query, but each parameter must be used.
        "((t.leg_id IS NULL AND $6 IS NOT NULL) OR ($4 AND t.charged_in IS NULL)
          OR COALESCE(t.charged_in = $2 AND t.charged_revision <= $3, FALSE))",
    )
});

/// Late legs of other periods that this period charges.
static CARRIED: LazyLock<String> = LazyLock::new(|| {
    conferences_sql(
        "COALESCE((SELECT MIN(o.period) FROM late_leg o WHERE o.conference_key = c.conference_key), '')",
        "(COALESCE(t.charged_in = $2 AND t.charged_revision <= $3, FALSE)
          OR COALESCE($4 AND t.charged_in IS NULL AND t.period < $2
                      AND ($6 OR NOT EXISTS (SELECT 1 FROM closing k WHERE k.account_key = c.account_key
                                             AND k.period = t.period)), FALSE))",
    )
});

impl Usage<'_> {
    /// The conferences that began in the period, ordered by room, start and id; returns when all are sent, or when
    /// the receiver has ended. Of an open month, perhaps those of some rooms only.
    pub async fn stream_conferences(
        &mut self,
        scope: UsageScope,
        rooms: Option<&[RoomNumber]>,
        out: &UsageSender,
    ) -> Result<(), StoreError> {
        let keys = self.own_keys(scope, rooms).await?;
        let counted = scope.waiting == WaitingLegs::Revised;
        self.send_conferences(&OWN, &keys, scope, counted, out).await
    }

    /// The conferences of other, closed periods whose late legs this period charges, ordered as above.
    pub async fn stream_carried_conferences(
        &mut self,
        scope: UsageScope,
        rooms: Option<&[RoomNumber]>,
        out: &UsageSender,
    ) -> Result<(), StoreError> {
        let keys = self.carried_keys(scope, rooms).await?;
        self.send_conferences(&CARRIED, &keys, scope, scope.waiting.is_carried(), out).await
    }

    /// Reads the next conferences while those before are taken.
    async fn send_conferences(
        &mut self,
        sql: &str,
        keys: &str,
        scope: UsageScope,
        with_waiting: bool,
        out: &UsageSender,
    ) -> Result<(), StoreError> {
        let keys: Vec<&str> = keys.split(',').filter(|key| !key.is_empty()).collect();
        let mut service_types = Vec::new();
        let mut read = None;
        for keys in keys.chunks(CONFERENCES_PER_ROW) {
            let next = self.conferences(sql, keys, scope, with_waiting);
            let (next, sent) = tokio::join!(next, send(read.take(), &mut service_types, out));
            if !sent? {
                return Ok(());
            }
            read = next?;
        }
        send(read, &mut service_types, out).await.map(drop)
    }

    /// One conference by its key, as the scope's statement charges it.
    pub(crate) async fn one_conference(
        &mut self,
        key: Key,
        scope: UsageScope,
        carried: bool,
    ) -> Result<Option<ConferenceUsage>, StoreError> {
        let (sql, counted) = if carried { (&CARRIED, WaitingLegs::Carried) } else { (&OWN, WaitingLegs::Revised) };
        let key = key.to_string();
        let text = self.conferences(sql, &[&key], scope, scope.waiting == counted).await?.unwrap_or_default();
        read_conference(&text, &mut Vec::new())
    }

    /// Some conferences by their keys, as the scope's statement charges them.
    pub(crate) async fn conferences_by_key(
        &mut self,
        keys: &[Key],
        scope: UsageScope,
        carried: bool,
    ) -> Result<Vec<ConferenceUsage>, StoreError> {
        let (sql, counted) = if carried { (&CARRIED, WaitingLegs::Carried) } else { (&OWN, WaitingLegs::Revised) };
        let mut found = Vec::with_capacity(keys.len());
        for keys in keys.chunks(CONFERENCES_PER_ROW) {
            let keys: Vec<String> = keys.iter().map(Key::to_string).collect();
            let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
            let text = self.conferences(sql, &keys, scope, scope.waiting == counted).await?.unwrap_or_default();
            for text in text.split(NEXT_CONFERENCE).filter(|text| !text.is_empty()) {
                found.extend(read_conference(text, &mut Vec::new())?);
            }
        }
        Ok(found)
    }

    async fn conferences(
        &mut self,
        sql: &str,
        keys: &[&str],
        scope: UsageScope,
        with_waiting: bool,
    ) -> Result<Option<String>, StoreError> {
        let (sql, keys) = (list_sql(self.tx, sql), list(keys.iter().enumerate())?);
        Ok(fetch!(
            one,
            self.tx,
            sqlx::query_scalar::<_, Option<String>>(sql)
                .bind(keys)
                .bind(scope.bounds.id.to_string())
                .bind(i64::from(scope.revision))
                .bind(with_waiting)
                .bind(scope.waiting != WaitingLegs::LeftOut)
                .bind(scope.waiting != WaitingLegs::OlderOnly)
        ))
    }
}

/// False if the receiver has ended; it has reported the reason itself.
async fn send(
    conferences: Option<String>,
    service_types: &mut Vec<ServiceType>,
    out: &UsageSender,
) -> Result<bool, StoreError> {
    let conferences = conferences.unwrap_or_default();
    for text in conferences.split(NEXT_CONFERENCE).filter(|text| !text.is_empty()) {
        if let Some(conference) = read_conference(text, service_types)?
            && out.send(conference).await.is_err()
        {
            return Ok(false);
        }
    }
    Ok(true)
}

/// `None` if no leg of it is known. `service_types`: those met so far, which all legs share.
fn read_conference(text: &str, service_types: &mut Vec<ServiceType>) -> Result<Option<ConferenceUsage>, StoreError> {
    let mut rest = text.split(NEXT_PART);
    let parts: [&str; PARTS] = std::array::from_fn(|_| rest.next().unwrap_or_default());
    let [room, row, carried_from, legs, assigned_code] = parts;
    if legs.is_empty() {
        return Ok(None);
    }
    let mut legs = legs.split(NEXT_LEG).map(|leg| read_leg(leg, service_types)).collect::<Result<Vec<_>, _>>()?;
    legs.sort_unstable_by(|a, b| (a.joined_at, &a.leg_id).cmp(&(b.joined_at, &b.leg_id)));
    Ok(Some(ConferenceUsage {
        room: parse("room", row, "room_number", room)?,
        id: parse("conference", row, "conference_id", row)?,
        legs,
        late_from: parse_optional("late_leg", row, "period", given(carried_from))?,
        assigned_code: parse_optional("code_assignment", row, "billing_code", given(assigned_code))?,
    }))
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
    let at = |column, seconds| instant("leg", row, column, parse("leg", row, column, seconds)?);
    Ok(UsageLeg {
        leg_id: parse("leg", row, "leg_id", row)?,
        service_type: shared(service_type, row, service_types)?,
        joined_at: at("joined_at", joined_at)?,
        left_at: at("left_at", left_at)?,
        // An erased caller is empty too.
        caller: parse_optional("leg", row, "caller", given(caller))?,
        billing_code: parse_optional("leg", row, "billing_code", given(billing_code))?,
        charged_here: charged_here == "1",
    })
}
