//! The data of 0.1.0, or of an earlier schema of this version, are used: shown the same, read byte for byte, and
//! continued.
//!
//! `fixtures/*/make` say how the databases and archives came about.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

use flate2::read::{GzDecoder, ZlibDecoder};
use serde_json::Value;
use sqlx::postgres::PgConnection;
use sqlx::{Connection, SqliteConnection};
use statementd::store::{StatementFilter, Store};

use crate::support::{AFTER_MAY, Program, csv, postgres};

/// What was there before.
struct Earlier {
    folder: &'static str,
    /// When its `status.json` was made.
    as_of: &'static str,
    /// Its configuration.
    settings: &'static str,
}

const V0_1_0: Earlier =
    Earlier { folder: "v0.1.0", as_of: "2009-05-05T06:00:00Z", settings: "schedule.close = \"0 0 6 1 * *\"" };

const SCHEMA_0015: Earlier =
    Earlier { folder: "schema-0015", as_of: "2009-05-05T08:00:00Z", settings: REVISING_WITH_AN_INBOX };

const REVISING_WITH_AN_INBOX: &str = "billing.late_usage = \"revise\"
[[intake]]
name = \"bridge\"
reader = \"statementd\"
from = \"spool/*.csv\"";

impl Earlier {
    fn file(&self, name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures").join(self.folder).join(name)
    }

    fn said(&self, name: &str) -> Value {
        serde_json::from_slice(&std::fs::read(self.file(name)).unwrap()).unwrap()
    }

    fn on_sqlite(&self) -> Program {
        let program = Program::with(self.settings);
        self.unpack(&program);
        program
    }

    async fn on_postgres(&self) -> Program {
        let url = postgres::new_database().await;
        let mut connection = PgConnection::connect(&url).await.unwrap();
        self.fill(&mut connection).await;
        connection.close().await.unwrap();
        let program = Program::on(&url, self.settings);
        self.unpack(&program);
        program
    }

    /// Puts the archive into the program's folder, and with it the database on SQLite.
    fn unpack(&self, program: &Program) {
        let archive = self.file("sqlite.tar.gz");
        let unpacked = Command::new("tar").arg("-xzf").arg(archive).arg("-C").arg(program.path("")).status().unwrap();
        assert!(unpacked.success());
        // The state of the inbox, for fixtures that have one.
        std::fs::create_dir(program.path("spool")).unwrap();
    }

    /// The database, into an empty one.
    async fn fill(&self, connection: &mut PgConnection) {
        let mut sql = String::new();
        let dump = std::fs::File::open(self.file("postgres.sql.gz")).unwrap();
        GzDecoder::new(dump).read_to_string(&mut sql).unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut *connection).await.unwrap();
        // The dump empties it.
        sqlx::query("SET search_path TO public").execute(connection).await.unwrap();
    }
}

/// Whether `now` says everything that `before` said, in the same order; it may say more of each thing.
fn says_all_of(now: &Value, before: &Value) -> bool {
    match (now, before) {
        (Value::Object(now), Value::Object(before)) => {
            before.iter().all(|(key, before)| now.get(key).is_some_and(|now| says_all_of(now, before)))
        }
        (Value::Array(now), Value::Array(before)) => {
            now.len() == before.len() && now.iter().zip(before).all(|(now, before)| says_all_of(now, before))
        }
        _ => now == before,
    }
}

fn everything_shows_as_before(earlier: &Earlier, program: &Program) {
    let listings: [(&str, &[&str]); 3] = [
        ("status.json", &["status", "--json", "--as-of", earlier.as_of]),
        ("mail.json", &["mail", "list", "--json"]),
        ("archive.json", &["archive", "list", "--json"]),
    ];
    for (name, arguments) in listings {
        let (now, before) = (program.json(arguments), earlier.said(name));
        assert!(says_all_of(&now, &before), "{name}\nnow {now:#}\nbefore {before:#}");
    }
    program.ok(&["archive", "verify"]);
    program.ok(&["check", "--deep"]);
}

#[test]
fn everything_shows_as_before_on_sqlite() {
    for earlier in [V0_1_0, SCHEMA_0015] {
        everything_shows_as_before(&earlier, &earlier.on_sqlite());
    }
}

#[tokio::test]
async fn everything_shows_as_before_on_postgres() {
    for earlier in [V0_1_0, SCHEMA_0015] {
        everything_shows_as_before(&earlier, &earlier.on_postgres().await);
    }
}

fn the_next_month_closes(program: &Program) {
    let close = &["close", "--json", "--period", "2009-05", "--as-of", AFTER_MAY];
    let closed = program.json(close);
    assert_eq!((&closed["closed"], &closed["parked"][0]["account"]), (&1.into(), &"700001".into()), "{closed:#}");
    let may = std::fs::read(program.archive().join("2009-05/602127/r1/account.json")).unwrap();
    let may: Value = serde_json::from_slice(&may).unwrap();
    // The usage of March that came after it was closed for the second time.
    let late: Vec<_> = may["lines"].as_array().unwrap().iter().filter(|line| !line["late_from"].is_null()).collect();
    assert_eq!(late.len(), 1);
    assert_eq!((&late[0]["late_from"], &late[0]["conference_id"]), (&"2009-03".into(), &"L".into()));
    let rate = csv!(tariffs, "BASE-EUR,FAX,Fax,EUR,0.20,1,0,2009-01-01");
    program.ok(&["import", "tariffs", &program.write("fax.csv", rate)]);
    let closed = program.json(close);
    assert_eq!(closed["parked"], serde_json::json!([]), "{closed:#}");
    assert!(program.archive().join("2009-04/700001/r1/manifest.json").exists());
    program.ok(&["archive", "verify"]);
    program.ok(&["check", "--deep"]);
    let mail = program.json(&["mail", "list", "--json", "--state", "held"]);
    assert_eq!(mail.as_array().unwrap().len(), 1, "what 0.1.0 held is still held: {mail:#}");
}

#[test]
fn the_next_month_closes_on_sqlite() {
    the_next_month_closes(&V0_1_0.on_sqlite());
}

#[tokio::test]
async fn the_next_month_closes_on_postgres() {
    the_next_month_closes(&V0_1_0.on_postgres().await);
}

/// Each thing that `fixtures/schema-0015/make` left under way.
fn what_was_under_way_goes_on(program: &Program) {
    let rate = csv!(tariffs, "BASE-EUR,FAX,Fax,EUR,0.20,1,0,2009-01-01");
    program.ok(&["import", "tariffs", &program.write("fax.csv", rate)]);
    let closed = program.json(&["close", "--json", "--period", "2009-05", "--as-of", AFTER_MAY]);
    assert_eq!(closed["parked"], serde_json::json!([]), "{closed:#}");
    // The late leg of March, on top of the revision that a void had made.
    assert!(program.archive().join("2009-03/602127/r3/manifest.json").exists(), "{closed:#}");
    let read = |key: &str| -> Value {
        serde_json::from_slice(&std::fs::read(program.archive().join(key)).unwrap()).unwrap()
    };
    let (march, april) = (read("2009-03/700002/r1/account.json"), read("2009-04/700002/r1/account.json"));
    assert_eq!((&march["account"]["currency"], &april["account"]["currency"]), (&"BGN".into(), &"EUR".into()));
    // What came through the inbox before.
    let may = read("2009-05/602127/r1/account.json");
    assert!(may["lines"].as_array().unwrap().iter().any(|line| line["conference_id"] == "B"), "{may:#}");
    let waiting = program.run(&["import", "rejects", "list", "--json"]).stdout;
    assert!(waiting.contains("room 999") && !waiting.contains("room 998"), "one was dismissed: {waiting}");
    let bounced = program.json(&["mail", "list", "--json", "--state", "bounced"]);
    let id = bounced[0]["message_id"].as_str().unwrap();
    program.ok(&["mail", "dismiss", "--message-id", id]);
    program.ok(&["archive", "verify"]);
    program.ok(&["check", "--deep"]);
}

#[test]
fn what_was_under_way_goes_on_on_sqlite() {
    what_was_under_way_goes_on(&SCHEMA_0015.on_sqlite());
}

#[tokio::test]
async fn what_was_under_way_goes_on_on_postgres() {
    what_was_under_way_goes_on(&SCHEMA_0015.on_postgres().await);
}

#[tokio::test]
async fn frozen_documents_are_read_byte_for_byte() {
    const SQL: &str = "SELECT d.document FROM statement_document d JOIN statement s USING (statement_key)
             ORDER BY s.period, s.account_key, s.revision";
    let program = V0_1_0.on_sqlite();
    let path = program.path("statementd.db").display().to_string();
    let mut connection = SqliteConnection::connect(&format!("sqlite://{path}")).await.unwrap();
    let documents: Vec<Vec<u8>> = sqlx::query_scalar(SQL).fetch_all(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    let store = Store::open(&format!("sqlite://{path}")).await.unwrap();
    store.migrate().await.unwrap();
    let mut tx = store.read().await.unwrap();
    let rows = tx.statements().statement_rows(&StatementFilter::default()).await.unwrap();
    assert_eq!((rows.len(), documents.len()), (4, 4));
    for (row, document) in rows.iter().zip(documents) {
        let mut frozen = String::new();
        ZlibDecoder::new(document.as_slice()).read_to_string(&mut frozen).unwrap();
        let read = tx.statements().statement(row.key).await.unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), frozen);
    }
}

#[test]
fn restore_makes_lost_month_pages_again_and_refuses_files_that_would_differ_naming_0_1_0() {
    let program = Program::with("brand.name = \"Another Name\"");
    V0_1_0.unpack(&program);
    let pages = ["2009-03/index.csv", "2009-03/index.html", "2009-03/manifest.json"];
    let statement_page = "2009-02/602127/r1/account.html";
    for key in pages.iter().chain([&statement_page]) {
        std::fs::remove_file(program.archive().join(key)).unwrap();
    }
    let report = program.json(&["archive", "restore", "--json"]);
    // The upgrade lets all tables of contents be made anew by the next round; those that are lost count as restored.
    assert_eq!(report["restored"], serde_json::json!(pages), "{report:#}");
    for key in pages {
        assert!(program.archive().join(key).exists(), "{key}");
    }
    assert_eq!(report["refused"][0]["key"], statement_page, "{report:#}");
    let why = report["refused"][0]["why"].as_str().unwrap();
    assert!(why.contains("statementd 0.1.0 made it"), "{why}");
    assert!(!program.archive().join(statement_page).exists());
}

const HEADER: &str = csv!(heading usage);
const OLD_CONFLICT: &str = "belongs to a leg that was stored before with other content";

/// Rows that 0.1.0 refused, beside R-1 of the fixture: (file, line, reason, record, whether it was settled).
const OLD_REJECTIONS: [(&str, i64, &str, &[u8], bool); 6] = [
    ("monday/cdr.csv", 2, "room 998 is unknown", b"S-1,S,998,WEB,2009-05-04T10:00:00Z,2009-05-04T10:10:00Z,,", false),
    (
        "tuesday/cdr.csv",
        2,
        "room 998 is unknown",
        b"S-1,S,998,WEB,2009-05-04T10:00:00Z,2009-05-04T10:10:00Z,,",
        false,
    ),
    ("tuesday/cdr.csv", 9, "has 2 fields where the header has 8", b"TOTAL,2 records", false),
    ("tuesday/cdr.csv", 3, OLD_CONFLICT, b"G-1,G,332703,WEB,2009-05-04T10:00:00Z,2009-05-04T10:59:00Z,,", false),
    ("tuesday/cdr.csv", 4, "is not UTF-8", b"\xff-1,S,332703,WEB,2009-05-04T10:00:00Z,2009-05-04T10:10:00Z,,", false),
    ("tuesday/cdr.csv", 5, "room 997 is unknown", b"M-1,S,997,WEB,2009-05-04T10:00:00Z,2009-05-04T10:10:00Z,,", true),
];

/// The waiting rows by key; `-` for a row that does not say what it is about.
fn waiting(program: &Program) -> Vec<String> {
    let listed = program.json(&["import", "rejects", "list", "--json"]);
    let key = |row: &Value| row["key"].as_str().unwrap_or("-").to_owned();
    let mut keys: Vec<String> = listed.as_array().unwrap().iter().map(key).collect();
    keys.sort_unstable();
    keys
}

/// After [`OLD_REJECTIONS`] were put into its database.
fn rows_that_wait_are_records_now(program: &Program) {
    assert_eq!(waiting(program), ["-", "G-1", "R-1", "S-1", "TOTAL"], "what came twice waits once");
    let again = format!("{HEADER}\nS-1,S,998,WEB,2009-05-04T10:00:00Z,2009-05-04T10:10:00Z,,\n");
    program.run(&["import", "usage", &program.write("wednesday.csv", again)]);
    assert_eq!(waiting(program), ["-", "G-1", "R-1", "S-1", "TOTAL"], "refused again, it is the same row");
    let rooms = csv!(rooms, "998,602127,New,,,true", "999,602127,New,,,true");
    program.ok(&["import", "rooms", &program.write("rooms.csv", rooms)]);
    let retried = program.json(&["import", "retry", "--json"]);
    assert_eq!((&retried["stored"], &retried["rejected"]), (&2.into(), &3.into()), "{retried}");
    assert_eq!(retried["late"], 1, "R-1 is of April, which has closed");
    assert_eq!(waiting(program), ["-", "G-1", "TOTAL"]);
    program.ok(&["usage", "void", "G-1", "--reason", "the other one is right"]);
    assert_eq!(program.json(&["import", "retry", "--json"])["stored"], 1);
    let dismissed = program.json(&["import", "rejects", "dismiss", "--file", "tuesday/cdr.csv", "--json"]);
    assert_eq!(dismissed["dismissed"], 2, "{dismissed}");
    assert!(waiting(program).is_empty());
    program.ok(&["check", "--deep"]);
}

macro_rules! put_old_rejections {
    ($connection:expr) => {
        for (file, line, reason, record, is_settled) in OLD_REJECTIONS {
            sqlx::query(
                "INSERT INTO rejected_row (kind, file, line, reason, header, record, rejected_at, resolved_at)
                 VALUES ('usage', $1, $2, $3, $4, $5, 1241500000, $6)",
            )
            .bind(file)
            .bind(line)
            .bind(reason)
            .bind(HEADER.as_bytes())
            .bind(record)
            .bind(is_settled.then_some(1_241_600_000_i64))
            .execute(&mut $connection)
            .await
            .unwrap();
        }
        $connection.close().await.unwrap();
    };
}

#[tokio::test]
async fn rows_that_wait_are_records_now_on_sqlite() {
    let program = V0_1_0.on_sqlite();
    let url = format!("sqlite://{}", program.path("statementd.db").display());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    put_old_rejections!(connection);
    rows_that_wait_are_records_now(&program);
}

#[tokio::test]
async fn rows_that_wait_are_records_now_on_postgres() {
    let url = postgres::new_database().await;
    let mut connection = PgConnection::connect(&url).await.unwrap();
    V0_1_0.fill(&mut connection).await;
    put_old_rejections!(connection);
    let program = Program::on(&url, "");
    V0_1_0.unpack(&program);
    rows_that_wait_are_records_now(&program);
}
