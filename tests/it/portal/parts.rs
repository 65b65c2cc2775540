//! Large frozen statements have their lines in parts: what pages show of them is what the whole statement says, as with
//! the documents of before, which have all lines in one piece.

use std::collections::BTreeSet;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use sqlx::{Connection, PgConnection, SqliteConnection};
use statementd::billing::shown_sha256;
use statementd::domain::{
    Amount, Changes, CodesNow, Line, LineChange, Period, RoomNumber, RoomTotal, Statement, Totals, code_shares,
};
use statementd::jobs::{CodeOrder, CodeOutcome, Months, assign_codes};
use statementd::store::{FrozenStatement, StatementKey, Store};

use super::live::World;
use crate::support::database::{Database, on_each_engine};

on_each_engine!(
    pages_show_of_parts_what_the_whole_statement_says,
    parts_leave_with_their_document_and_a_missing_one_is_told,
    codes_given_to_a_large_closed_month_add_up_as_its_lines_do,
    parts_go_along_to_another_database,
);

const PERIOD: &str = "2009-04";
/// Around the sizes at which statements are taken apart, and a part is full.
const SIZES: [usize; 8] = [0, 1, 499, 1_999, 2_000, 2_001, 2_500, 3_777];

struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }
}

async fn closed_world(database: Database) -> World {
    let mut world = World::new(database).await;
    world.close(PERIOD).await;
    world
}

fn period() -> Period {
    PERIOD.parse().unwrap()
}

/// The sample's month with so many lines instead of its own, in rooms of very different sizes; rooms without any too.
fn random_statement(sample: &Statement, lines: usize, seed: u64) -> Statement {
    let mut random = Random(seed);
    let rooms = 1 + random.below(40);
    let mut made: Vec<Line> =
        (0..lines).map(|number| random_line(&mut random, &sample.lines[0], rooms, number)).collect();
    made.sort_by(|a, b| {
        (&a.room, a.started_at, &a.conference_id, &a.service_type).cmp(&(
            &b.room,
            b.started_at,
            &b.conference_id,
            &b.service_type,
        ))
    });
    let mut statement = Statement { lines: made, ..sample.clone() };
    statement.rooms = (0..rooms + 3)
        .map(|room| {
            let number: RoomNumber = format!("{}", 1000 + room).parse().unwrap();
            RoomTotal { totals: totals(statement.lines_of(&number)), number, ..sample.rooms[0].clone() }
        })
        .collect();
    statement.totals = totals(&statement.lines);
    statement
}

fn random_line(random: &mut Random, like: &Line, rooms: usize, number: usize) -> Line {
    // Half of all are in one room, which then is in several parts.
    let room = if random.below(2) == 0 { 0 } else { random.below(rooms) };
    let code = ["A", "B", ""][random.below(3)];
    let quantity = 1 + random.below(4) as u64;
    Line {
        room: format!("{}", 1000 + room).parse().unwrap(),
        conference_id: format!("C{}", number / 2).parse().unwrap(),
        service_type: ["LOCAL", "WEB"][number % 2].parse().unwrap(),
        quantity,
        billing_code: code.parse().ok(),
        accumulated_seconds: 60 * quantity,
        charge: Amount(i64::try_from(random.below(900)).unwrap()),
        late_from: (random.below(10) == 0).then(|| "2009-03".parse().unwrap()),
        ..like.clone()
    }
}

fn totals(lines: &[Line]) -> Totals {
    let mut totals = Totals::default();
    for line in lines {
        totals.add_line(line, true).unwrap();
    }
    totals
}

async fn sample_statement(world: &World) -> Statement {
    let mut tx = world.context.store.read().await.unwrap();
    tx.statements().current_statement(world.access.account_key(), period()).await.unwrap().unwrap()
}

/// Makes it the current revision.
async fn freeze(world: &World, statement: &Statement) -> StatementKey {
    let frozen = FrozenStatement::of(statement, shown_sha256(statement)).unwrap();
    let mut tx = world.context.store.write().await.unwrap();
    let key = tx.closings().insert_statement(world.access.account_key(), &frozen).await.unwrap();
    tx.commit().await.unwrap();
    key
}

async fn execute(url: &str, sql: &str, document: Option<&[u8]>) {
    let sql = sqlx::AssertSqlSafe(sql.to_owned());
    if url.starts_with("sqlite") {
        let mut connection = SqliteConnection::connect(url).await.unwrap();
        sqlx::query("PRAGMA foreign_keys = ON").execute(&mut connection).await.unwrap();
        sqlx::query(sql).bind(document).execute(&mut connection).await.unwrap();
    } else {
        let mut connection = PgConnection::connect(url).await.unwrap();
        sqlx::query(sql).bind(document).execute(&mut connection).await.unwrap();
    }
}

async fn parts(url: &str) -> i64 {
    const SQL: &str = "SELECT COUNT(*) FROM statement_part";
    if url.starts_with("sqlite") {
        let mut connection = SqliteConnection::connect(url).await.unwrap();
        sqlx::query_scalar(SQL).fetch_one(&mut connection).await.unwrap()
    } else {
        sqlx::query_scalar(SQL).fetch_one(&mut PgConnection::connect(url).await.unwrap()).await.unwrap()
    }
}

/// As it was stored before there were parts.
async fn put_back_whole(world: &World, statement: &Statement) {
    let mut packer = ZlibEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(&serde_json::to_vec(statement).unwrap()).unwrap();
    let newest = "statement_key = (SELECT MAX(statement_key) FROM statement_document)";
    execute(&world.database.url, &format!("DELETE FROM statement_part WHERE {newest}"), None).await;
    let sql = format!("UPDATE statement_document SET document = $1 WHERE {newest}");
    execute(&world.database.url, &sql, Some(&packer.finish().unwrap())).await;
}

async fn pages_show(world: &World, expected: &Statement, when: &str) {
    let months = Months::default();
    let shares = code_shares(&expected.lines, &CodesNow::default());
    // Rooms first: nothing of the account's page is cached yet.
    for room in expected.rooms.iter().rev() {
        let page = world.month(&months, period(), Some(&room.number)).await;
        assert_eq!(page.statement.lines_of(&room.number), expected.lines_of(&room.number), "{when}: {}", room.number);
        assert_eq!(page.statement.rooms.iter().find(|it| it.number == room.number), Some(room), "{when}");
        assert_eq!(*page.shares, shares, "{when}");
        assert_eq!(page.statement.services, expected.services, "{when}");
    }
    let page = world.month(&months, period(), None).await;
    assert_eq!((&page.statement.rooms, page.statement.totals), (&expected.rooms, expected.totals), "{when}");
    assert_eq!(page.statement.billing_codes, expected.billing_codes, "{when}");
    assert_eq!(*page.shares, shares, "{when}");
}

async fn pages_show_of_parts_what_the_whole_statement_says(database: Database) {
    let world = closed_world(database).await;
    let sample = sample_statement(&world).await;
    for (seed, size) in SIZES.into_iter().enumerate() {
        let mut statement = random_statement(&sample, size, seed as u64);
        statement.revision = 2 + u32::try_from(seed).unwrap();
        let changed = statement.lines.iter().map(|line| LineChange { before: None, after: Some(line.clone()) });
        statement.changes = Some(Changes {
            since_revision: statement.revision - 1,
            totals_before: Totals::default(),
            rooms: Vec::new(),
            lines: changed.collect(),
        });
        let before = parts(&world.database.url).await;
        let key = freeze(&world, &statement).await;
        let made = parts(&world.database.url).await - before;
        assert_eq!(made, if size > 2_000 { 2 * i64::try_from(size.div_ceil(500)).unwrap() } else { 0 }, "{size}");
        let read = world.context.store.read().await.unwrap().statements().statement(key).await.unwrap();
        assert_eq!((&read.lines, &read.changes), (&statement.lines, &statement.changes), "{size}");
        pages_show(&world, &statement, &format!("{size} lines in parts")).await;
        put_back_whole(&world, &statement).await;
        pages_show(&world, &statement, &format!("{size} lines in one piece")).await;
    }
}

async fn parts_leave_with_their_document_and_a_missing_one_is_told(database: Database) {
    let world = closed_world(database).await;
    let mut statement = random_statement(&sample_statement(&world).await, 2_600, 7);
    statement.revision = 2;
    let key = freeze(&world, &statement).await;
    assert_eq!(parts(&world.database.url).await, 6);
    execute(&world.database.url, "DELETE FROM statement_part WHERE part = 3", None).await;
    let error = world.context.store.read().await.unwrap().statements().statement(key).await.unwrap_err().to_string();
    assert!(error.contains("statement_part") && error.contains("lacks parts"), "{error}");
    let room = &statement.lines[1_600].room;
    let error = Months::default().get(&world.context, &world.access, period(), Some(room)).await.unwrap_err();
    assert!(error.to_string().contains("lacks parts"), "{error}");
    execute(&world.database.url, "DELETE FROM statement_document", None).await;
    assert_eq!(parts(&world.database.url).await, 0);
}

async fn codes_given_to_a_large_closed_month_add_up_as_its_lines_do(database: Database) {
    let world = closed_world(database).await;
    let months = Months::default();
    let sample = sample_statement(&world).await;
    // The sample's own lines, which have usage, among many others.
    let mut statement = random_statement(&sample, 2_300, 11);
    statement.lines.extend(sample.lines.iter().cloned());
    statement.rooms.extend(sample.rooms.iter().cloned());
    statement.totals = totals(&statement.lines);
    statement.revision = 2;
    let key = freeze(&world, &statement).await;
    for (number, line) in sample.lines.iter().step_by(3).enumerate() {
        let seen = world.month(&months, period(), None).await.seen;
        let conferences = vec![(line.room.clone(), line.conference_id.clone())];
        let order = CodeOrder { conferences, code: format!("CODE{number}").parse().ok(), seen, is_meant: true };
        let outcome = assign_codes(&world.context, &world.viewer, &world.access, &order).await.unwrap();
        assert!(matches!(outcome, CodeOutcome::Changed(Some(_))), "{outcome:?}");
        for room in [None, Some(&line.room)] {
            let page = world.month(&months, period(), room).await;
            assert!(page.codes.differs(line), "{number}");
            assert_eq!(*page.shares, code_shares(&statement.lines, &page.codes), "{number}");
        }
    }
    let mut tx = world.context.store.read().await.unwrap();
    let rooms: BTreeSet<&RoomNumber> = sample.lines.iter().map(|line| &line.room).collect();
    assert_eq!(tx.statements().lines_of_rooms(key, &rooms).await.unwrap(), sample.lines);
}

async fn parts_go_along_to_another_database(database: Database) {
    let world = closed_world(database).await;
    let mut statement = random_statement(&sample_statement(&world).await, 2_600, 3);
    statement.revision = 2;
    let key = freeze(&world, &statement).await;
    let url = format!("sqlite://{}/copied.db", world.database.folder().display());
    let target = Store::open(&url).await.unwrap();
    target.migrate().await.unwrap();
    // Those that closed and published are done.
    for table in ["claim", "worker"] {
        execute(&world.database.url, &format!("DELETE FROM {table}"), None).await;
    }
    let copied = world.context.store.copy_to(&target, &mut |_| ()).await.unwrap();
    assert!(copied.iter().any(|table| (table.table, table.rows) == ("statement_part", 6)), "{copied:?}");
    let there = target.read().await.unwrap().statements().statement(key).await.unwrap();
    assert_eq!(there.lines, statement.lines);
}
