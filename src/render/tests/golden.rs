//! The sample months as statements: `sample/*.csv` through the real rules, without a database.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::billing::{Basis, StatementBuilder};
use crate::domain::{
    Account, BillingCodeTotal, ConferenceUsage, Line, MonthTotal, Participant, Period, Room, RoomHistory, RoomTerm,
    RoomTotal, Statement, Tariff, TariffRow, Totals, UsageLeg,
};
use crate::render::{IndexFiles, IndexRow, Renderer, RoomLegs};

/// A month and the legs it charges, in the order of its lines.
pub(in crate::render) struct GoldenMonth {
    pub(in crate::render) statement: Statement,
    pub(in crate::render) participants: Vec<Participant>,
}

impl GoldenMonth {
    pub(in crate::render) fn legs_of(&self, room: &str) -> RoomLegs {
        let participants = self.participants.iter().filter(|leg| leg.room.as_str() == room).cloned().collect();
        RoomLegs { room: room.parse().unwrap(), participants, is_complete: true }
    }
}

/// May 2009, the mini-guide's own month.
pub(in crate::render) fn may() -> GoldenMonth {
    months().pop().unwrap()
}

/// A month's table of contents with these rows.
pub(in crate::render) fn index_files(renderer: &Renderer, period: Period, rows: &[IndexRow]) -> IndexFiles {
    let mut index = renderer.index(period).unwrap();
    for row in rows {
        index.add(row).unwrap();
    }
    index.finish().unwrap()
}

/// The month's rooms as a table of contents lists them.
pub(in crate::render) fn index_rows(statement: &Statement) -> Vec<IndexRow> {
    let folder = format!("{}/r{}", statement.account.number, statement.revision);
    let row = |room: Option<&RoomTotal>, totals: &Totals, file: &str| IndexRow {
        account: statement.account.number.clone(),
        company: statement.account.company.clone(),
        room: room.map(|room| room.number.clone()),
        cardholder: room.map(|room| room.cardholder.clone()),
        conferences: totals.conferences,
        accumulated_seconds: totals.accumulated_seconds,
        charge: totals.charge,
        currency: statement.account.currency,
        revision: statement.revision,
        delivery: Some("accepted".into()),
        files: ["xlsx", "html"].map(|extension| format!("{folder}/{file}.{extension}")).to_vec(),
    };
    let account = row(None, &statement.totals, "account");
    let rooms = statement.rooms.iter().map(|room| row(Some(room), &room.totals, &format!("rooms/{}", room.number)));
    std::iter::once(account).chain(rooms).collect()
}

/// Replaces a month's usage by other usage, all in one room, with totals that add up.
pub(in crate::render) fn replace_usage(month: &mut GoldenMonth, lines: Vec<Line>, participants: Vec<Participant>) {
    let mut totals = Totals::default();
    for line in &lines {
        totals.add_line(line, true).unwrap();
    }
    let statement = &mut month.statement;
    statement.totals = totals;
    for room in &mut statement.rooms {
        room.totals = if room.number == lines[0].room { totals } else { Totals::default() };
    }
    statement.billing_codes = vec![BillingCodeTotal {
        code: lines[0].billing_code.clone(),
        accumulated_seconds: totals.accumulated_seconds,
        charge: totals.charge,
    }];
    statement.lines = lines;
    month.participants = participants;
}

/// February to May 2009, each with those before it as its history.
pub(in crate::render) fn months() -> Vec<GoldenMonth> {
    let (account, tariff) = (account(), tariff());
    let rooms: Vec<RoomHistory> = rooms().into_iter().map(always).collect();
    let earlier = BTreeMap::new();
    let conferences = conferences();
    let mut history = Vec::new();
    ["2009-02", "2009-03", "2009-04", "2009-05"]
        .map(|id| {
            let period: Period = id.parse().unwrap();
            let bounds = period.bounds(account.time_zone);
            let (rooms, tariff, earlier) = (&rooms, &tariff, &earlier);
            let basis = Basis { account: &account, bounds, revision: 1, rooms, tariff, earlier };
            let mut builder = StatementBuilder::new(basis);
            let mut participants = Vec::new();
            for conference in conferences.iter().filter(|usage| bounds.contains(usage.started_at().unwrap())) {
                builder.add(conference).unwrap();
                participants.extend(participants_of(conference));
            }
            let statement = builder.finish(history.clone()).unwrap();
            history.push(MonthTotal { period, totals: statement.totals });
            GoldenMonth { statement, participants }
        })
        .into_iter()
        .collect()
}

/// A room that never was anything else.
fn always(room: Room) -> RoomHistory {
    let (starts_at, ends_at) = (DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC);
    RoomHistory { number: room.number.clone(), terms: vec![RoomTerm { starts_at, ends_at, room }] }
}

fn participants_of(conference: &ConferenceUsage) -> Vec<Participant> {
    let mut legs: Vec<_> = conference.legs.iter().collect();
    legs.sort_by_key(|leg| (&leg.service_type, leg.joined_at, &leg.leg_id));
    legs.into_iter()
        .map(|leg| Participant {
            room: conference.room.clone(),
            conference_id: conference.id.clone(),
            service_type: leg.service_type.clone(),
            joined_at: leg.joined_at,
            left_at: leg.left_at,
            caller: leg.caller.clone(),
            late_from: None,
        })
        .collect()
}

fn account() -> Account {
    let row = &rows("accounts")[0];
    Account {
        number: row["account_number"].parse().unwrap(),
        company: row["company_name"].parse().unwrap(),
        currency: row["currency"].parse().unwrap(),
        time_zone: row["time_zone"].parse().unwrap(),
        locale: row["locale"].parse().unwrap(),
        tariff: row["tariff"].parse().unwrap(),
        owner_name: Some(row["owner_name"].parse().unwrap()),
        owners: vec![row["owner_email"].parse().unwrap()],
    }
}

fn rooms() -> Vec<Room> {
    let room = |row: &BTreeMap<String, String>| Room {
        number: row["room_number"].parse().unwrap(),
        account: row["account_number"].parse().unwrap(),
        cardholder: row["cardholder"].parse().unwrap(),
        cardholder_email: row["cardholder_email"].parse().ok(),
        auto_billing_code: row["auto_billing_code"].parse().ok(),
        active: row["active"] == "true",
    };
    rows("rooms").iter().map(room).collect()
}

fn tariff() -> Tariff {
    let row = |row: BTreeMap<String, String>| TariffRow {
        tariff: row["tariff"].parse().unwrap(),
        service_type: row["service_type"].parse().unwrap(),
        label: row["label"].parse().unwrap(),
        labels: [("fr".parse().unwrap(), row["label.fr"].parse().ok())].into(),
        currency: row["currency"].parse().unwrap(),
        rate_per_minute: row["rate_per_minute"].parse().unwrap(),
        increment_seconds: row["increment_seconds"].parse().unwrap(),
        minimum_seconds: row["minimum_seconds"].parse().unwrap(),
        valid_from: row["valid_from"].parse().unwrap(),
    };
    rows("tariffs").into_iter().map(row).collect()
}

/// Ordered by room, start, id.
fn conferences() -> Vec<ConferenceUsage> {
    let mut by_id = BTreeMap::<(String, String), Vec<UsageLeg>>::new();
    for row in rows("usage") {
        let instant = |column: &str| DateTime::parse_from_rfc3339(&row[column]).unwrap().to_utc();
        by_id.entry((row["room_number"].clone(), row["conference_id"].clone())).or_default().push(UsageLeg {
            leg_id: row["leg_id"].parse().unwrap(),
            service_type: row["service_type"].parse().unwrap(),
            joined_at: instant("joined_at"),
            left_at: instant("left_at"),
            caller: row["caller"].parse().ok(),
            billing_code: row["billing_code"].parse().ok(),
            charged_here: true,
        });
    }
    let mut conferences: Vec<_> = by_id
        .into_iter()
        .map(|((room, id), mut legs)| {
            legs.sort_by_key(|leg| (leg.joined_at, leg.leg_id.clone()));
            ConferenceUsage {
                room: room.parse().unwrap(),
                id: id.parse().unwrap(),
                legs,
                late_from: None,
                assigned_code: None,
            }
        })
        .collect();
    conferences.sort_by_key(|usage| (usage.room.clone(), usage.started_at(), usage.id.clone()));
    conferences
}

fn rows(table: &str) -> Vec<BTreeMap<String, String>> {
    let path = format!("{}/sample/{table}.csv", env!("CARGO_MANIFEST_DIR"));
    csv::Reader::from_path(path).unwrap().deserialize().map(Result::unwrap).collect()
}
