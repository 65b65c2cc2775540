//! Imports: what is stored, what is refused and why, and that importing again, also after a crash, changes nothing.

mod whole_files;

use std::path::Path;

use statementd::clock::Clock;
use statementd::domain::Period;
use statementd::intake::{Kind, Limits};
use statementd::jobs::{ImportReport, JobError, RetryReport, import_file, retry_rejected};
use statementd::store::RejectedRow;

use crate::support::database::{Database, on_each_engine};
use crate::support::{AFTER_MAY, csv};

on_each_engine!(
    the_same_file_again_changes_nothing,
    master_data_is_updated_by_its_key,
    a_leg_id_with_other_content_is_rejected_wherever_its_first_row_stood,
    every_bad_row_is_refused_for_its_own_reason_and_the_good_ones_are_stored,
    bad_master_data_is_refused_for_its_own_reason,
    columns_are_found_by_name_and_others_may_stand_between_them,
    a_header_that_is_not_right_refuses_the_whole_file,
    what_comes_before_a_record_without_end_is_kept_and_the_error_names_its_line,
    rejected_rows_are_written_beside_the_file_and_can_be_corrected_and_imported,
    a_list_of_rejected_rows_goes_away_when_none_is_left,
    a_folder_that_cannot_be_written_to_costs_no_row,
    retrying_takes_kinds_in_the_order_in_which_they_refer_to_each_other,
);

const TARIFFS: &str =
    csv!(tariffs, "BASE,WEB,Web call,EUR,0.06,1,0,2009-01-01", "BASE,LOCAL,Local access,EUR,0.09,60,30,2009-01-01");
const ACCOUNTS: &str = csv!(
    accounts,
    "602127,MeetingOne Phoenix,EUR,Europe/Paris,fr-FR,BASE,Service comptabilité,a@x.example; b@y.example",
    "700001,Ohne Namen GmbH,EUR,Europe/Berlin,de-DE,BASE,,buch@ohne.example"
);
const ROOMS: &str =
    csv!(rooms, "332703,602127,Mariline BALLESTER,mariline@x.example,,true", "341207,602127,Accueil,,ACCUEIL,true");
const USAGE: &str = csv!(heading usage);

/// Files, and the database that they go into.
struct Place(Database);

impl Place {
    /// A database with two accounts and two rooms.
    async fn new(database: Database) -> Self {
        let place = Self(database);
        for (kind, text) in [(Kind::Tariffs, TARIFFS), (Kind::Accounts, ACCOUNTS), (Kind::Rooms, ROOMS)] {
            let report = place.import(kind, &format!("{kind}.csv"), text).await;
            assert_eq!(report.rejected, 0, "{kind}");
        }
        place
    }

    async fn try_import(&self, kind: Kind, path: &Path) -> Result<ImportReport, JobError> {
        let clock = Clock::Fixed(AFTER_MAY.parse().unwrap());
        import_file(&self.0.store, clock, Limits::default(), (kind, path), &|_| ()).await
    }

    async fn import(&self, kind: Kind, name: &str, content: impl AsRef<[u8]>) -> ImportReport {
        self.try_import(kind, &self.0.write(name, content)).await.unwrap()
    }

    async fn import_usage(&self, name: &str, rows: &[&str]) -> ImportReport {
        self.import(Kind::Usage, name, format!("{USAGE}\n{}\n", rows.join("\n"))).await
    }

    async fn retry(&self) -> RetryReport {
        let clock = Clock::Fixed("2009-06-06T06:00:00Z".parse().unwrap());
        retry_rejected(&self.0.store, clock, Limits::default()).await.unwrap()
    }

    async fn waiting(&self, kind: Kind) -> Vec<RejectedRow> {
        self.0.store.read().await.unwrap().rejects().rejected_rows(kind.as_str(), 0, 1000).await.unwrap()
    }
}

/// (stored, duplicates, late, rejected)
fn counts(report: &ImportReport) -> (u64, u64, u64, u64) {
    assert_eq!(report.rows, report.stored + report.duplicates + report.rejected);
    (report.stored, report.duplicates, report.late, report.rejected)
}

fn refused_whole(result: Result<ImportReport, JobError>) -> String {
    let error = result.unwrap_err();
    assert!(matches!(error, JobError::File(_)), "{error}");
    error.to_string()
}

async fn the_same_file_again_changes_nothing(database: Database) {
    let place = Place::new(database).await;
    for (kind, text, rows) in [(Kind::Tariffs, TARIFFS, 2), (Kind::Accounts, ACCOUNTS, 2), (Kind::Rooms, ROOMS, 2)] {
        let again = place.import(kind, "again.csv", text).await;
        assert_eq!(counts(&again), (0, rows, 0, 0), "{kind}");
    }
    let rows = [
        "L1,C1,332703,WEB,2009-05-06T10:00:00Z,2009-05-06T11:00:00Z,+33491000004,0042",
        "L2,C1,332703,LOCAL,2009-05-06T10:00:30+02:00,2009-05-06T10:20:00+02:00,,",
    ];
    assert_eq!(counts(&place.import_usage("usage.csv", &rows).await), (2, 0, 0, 0));
    assert_eq!(counts(&place.import_usage("usage.csv", &rows).await), (0, 2, 0, 0));
}

async fn master_data_is_updated_by_its_key(database: Database) {
    let place = Place::new(database).await;
    let changed = ROOMS.replace("332703,602127,Mariline BALLESTER", "332703,700001,Mariline MARTIN");
    assert_eq!(counts(&place.import(Kind::Rooms, "rooms.csv", changed).await), (1, 1, 0, 0));
    let mut tx = place.0.store.read().await.unwrap();
    let account = tx.accounts().account_key(&"700001".parse().unwrap()).await.unwrap().unwrap();
    let period: Period = "2009-05".parse().unwrap();
    let rooms = tx.rooms().room_histories(account, None).await.unwrap();
    assert_eq!(rooms.len(), 1);
    for (room, known) in [("332703", &rooms[..]), ("999999", &[])] {
        let only = tx.rooms().room_histories(account, Some(&[room.parse().unwrap()])).await.unwrap();
        assert_eq!(only, known, "{room} without reading the others");
    }
    let cardholders = rooms[0].terms.iter().map(|term| term.room.cardholder.as_str());
    assert_eq!(cardholders.collect::<Vec<_>>(), ["Mariline BALLESTER", "Mariline MARTIN"]);
    let owner = tx.accounts().account_key(&"602127".parse().unwrap()).await.unwrap().unwrap();
    let owners = tx.accounts().account_in(owner, period).await.unwrap().owners;
    assert_eq!(owners.iter().map(|owner| owner.as_str()).collect::<Vec<_>>(), ["a@x.example", "b@y.example"]);
}

async fn a_leg_id_with_other_content_is_rejected_wherever_its_first_row_stood(database: Database) {
    let place = Place::new(database).await;
    let first = "L1,C1,332703,WEB,2009-05-06T10:00:00Z,2009-05-06T11:00:00Z,,";
    let other = "L1,C1,332703,WEB,2009-05-06T10:00:00Z,2009-05-06T12:00:00Z,,";
    assert_eq!(counts(&place.import_usage("one.csv", &[first, other, first]).await), (1, 1, 0, 1));
    assert_eq!(counts(&place.import_usage("two.csv", &[other]).await), (0, 0, 0, 1));
    let waiting = place.waiting(Kind::Usage).await;
    let shown: Vec<_> = waiting.iter().map(|row| (row.line, row.column_name.as_deref())).collect();
    assert_eq!(shown, [(3, Some("leg_id"))], "the same record in another file is the same rejection");
    assert_eq!(place.retry().await.rejected, 1, "the first content stays");
}

async fn every_bad_row_is_refused_for_its_own_reason_and_the_good_ones_are_stored(database: Database) {
    let place = Place::new(database).await;
    let leg = |id: &str, joined: &str, left: &str| format!("{id},C,332703,WEB,{joined},{left},,");
    let noon = "2009-05-06T12:00:00Z";
    let cases: Vec<(String, Option<&str>, &str)> = vec![
        (leg("", noon, noon), Some("leg_id"), "is empty"),
        ("1,,332703,WEB,2009-05-06T12:00:00Z,2009-05-06T12:00:00Z,,".into(), Some("conference_id"), "is empty"),
        (
            "2,C,999999,WEB,2009-05-06T12:00:00Z,2009-05-06T12:00:00Z,,".into(),
            Some("room_number"),
            "room 999999 is unknown",
        ),
        ("3,C,../..,WEB,2009-05-06T12:00:00Z,2009-05-06T12:00:00Z,,".into(), Some("room_number"), "must be 1 to 32"),
        (
            "4,C,332703,FAX,2009-05-06T12:00:00Z,2009-05-06T12:00:00Z,,".into(),
            Some("service_type"),
            "no tariff prices",
        ),
        (leg("5", noon, "2009-05-06T11:59:59Z"), Some("left_at"), "is before joined_at"),
        (leg("6", noon, "2009-05-07T12:00:01Z"), Some("left_at"), "makes the leg 86401 s long: the limit is 86400 s"),
        (leg("7", "2009-05-06T12:00:00", noon), Some("joined_at"), "RFC 3339"),
        (leg("8", "2009-02-29T12:00:00Z", noon), Some("joined_at"), "RFC 3339"),
        (leg("9", "1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"), Some("joined_at"), "before the year 2000"),
        (format!("{}\u{7}", leg("10", noon, noon)), Some("billing_code"), "control character (U+0007)"),
        (format!("{}\"a\nb\"", leg("11", noon, noon)), Some("billing_code"), "line break"),
        (format!("{},x", leg("12", noon, noon)), None, "has 9 fields where the header has 8"),
        ("13,C,332703".into(), None, "has 3 fields where the header has 8"),
    ];
    let mut content = format!("{USAGE}\n{}\n", leg("good-1", noon, noon));
    let mut expected = Vec::new();
    let mut line = 3;
    for (row, column, reason) in &cases {
        expected.push((line, *column, *reason));
        line += 1 + i64::try_from(row.matches('\n').count()).unwrap();
        content += row;
        content += "\n";
    }
    let mut content = content.into_bytes();
    content.extend(b"14,C,332703,WEB,2009-05-06T12:00:00Z,2009-05-06T12:00:00Z,\xff,\n");
    expected.push((line, Some("caller"), "is not UTF-8 (from byte 1 on)"));
    content.extend(leg("good-2", "2009-05-06T12:00:00.999Z", "2009-05-06T12:00:00.1Z").into_bytes());

    let report = place.import(Kind::Usage, "usage.csv", content).await;
    assert_eq!(counts(&report), (2, 0, 0, 15));
    let waiting = place.waiting(Kind::Usage).await;
    assert_eq!(waiting.len(), expected.len());
    for (row, (line, column, reason)) in waiting.iter().zip(expected) {
        assert_eq!((row.line, row.column_name.as_deref()), (line, column), "{}", row.reason);
        assert!(row.reason.contains(reason), "{}", row.reason);
    }
}

async fn bad_master_data_is_refused_for_its_own_reason(database: Database) {
    let place = Place::new(database).await;
    let tariffs = [
        ("rate_per_minute", ["B,WEB,Web,EUR,-0.06,1,0,2009-01-01", "B,WEB,Web,EUR,\"0,06\",1,0,2009-01-01"]),
        ("rate_per_minute", ["B,WEB,Web,EUR,1e-3,1,0,2009-01-01", "B,WEB,Web,EUR,2000000000,1,0,2009-01-01"]),
        ("increment_seconds", ["B,WEB,Web,EUR,0.06,0,0,2009-01-01", "B,WEB,Web,EUR,0.06,86401,0,2009-01-01"]),
        ("minimum_seconds", ["B,WEB,Web,EUR,0.06,1,-1,2009-01-01", "B,WEB,Web,EUR,0.06,1,,2009-01-01"]),
        ("valid_from", ["B,WEB,Web,EUR,0.06,1,0,2009-02-30", "B,WEB,Web,EUR,0.06,1,0,2009-1-1"]),
        ("currency", ["B,WEB,Web,EURO,0.06,1,0,2009-01-01", "B,WEB,Web,XAU,0.06,1,0,2009-01-01"]),
    ];
    let accounts = [
        ("time_zone", ["1,X,EUR,Europe/Pariss,fr-FR,B,,a@x.example", "1,X,EUR,,fr-FR,B,,a@x.example"]),
        ("locale", ["1,X,EUR,Europe/Paris,french,B,,a@x.example", "1,X,EUR,Europe/Paris,,B,,a@x.example"]),
        ("owner_email", ["1,X,EUR,Europe/Paris,fr-FR,B,,a@x.example;b", "1,X,EUR,Europe/Paris,fr-FR,B,,"]),
        (
            "account_number",
            ["a/b,X,EUR,Europe/Paris,fr-FR,B,,a@x.example", ",X,EUR,Europe/Paris,fr-FR,B,,a@x.example"],
        ),
    ];
    let rooms = [
        ("account_number", ["1,999999,Leo,,,true", "1,,Leo,,,true"]),
        ("active", ["1,602127,Leo,,,maybe", "1,602127,Leo,,,"]),
        ("cardholder_email", ["1,602127,Leo,leo,,true", "1,602127,Leo,a@x.example;b@x.example,,true"]),
    ];
    let header = |text: &str| text.lines().next().unwrap().to_owned();
    for (kind, header, cases) in [
        (Kind::Tariffs, header(TARIFFS), &tariffs[..]),
        (Kind::Accounts, header(ACCOUNTS), &accounts[..]),
        (Kind::Rooms, header(ROOMS), &rooms[..]),
    ] {
        let rows: Vec<(&str, &str)> =
            cases.iter().flat_map(|(column, rows)| rows.iter().map(|row| (*column, *row))).collect();
        let text = rows.iter().map(|(_, row)| *row).collect::<Vec<_>>().join("\n");
        let report = place.import(kind, "bad.csv", format!("{header}\n{text}\n")).await;
        assert_eq!(counts(&report), (0, 0, 0, rows.len() as u64), "{kind}");
        for (waiting, (column, row)) in place.waiting(kind).await.iter().zip(&rows) {
            assert_eq!(waiting.column_name.as_deref(), Some(*column), "{kind} {row}: {}", waiting.reason);
        }
    }
}

async fn columns_are_found_by_name_and_others_may_stand_between_them(database: Database) {
    let place = Place::new(database).await;
    let report = place
        .import(
            Kind::Rooms,
            "rooms.csv",
            "\u{feff}active,remarks, cardholder ,room_number,auto_billing_code,cardholder_email,account_number\r\n\
             YES,\u{7}anything,Leo,320026,,,602127\r\n",
        )
        .await;
    assert_eq!(counts(&report), (1, 0, 0, 0));
}

async fn a_header_that_is_not_right_refuses_the_whole_file(database: Database) {
    let place = Place::new(database).await;
    for (name, content, expected) in [
        ("empty.csv", String::new(), "is empty: a file of usage begins with a header (leg_id,"),
        ("short.csv", "leg_id,conference_id\nL1,C1\n".into(), "lacks room_number, service_type"),
        ("excel.csv", USAGE.replace(',', ";"), "separated by semicolons"),
        ("twice.csv", format!("{USAGE},caller\n"), "names column caller twice"),
        ("headless.csv", "L1,C1,332703,WEB,2009-05-06T10:00:00Z,2009-05-06T11:00:00Z,,\n".into(), "lacks leg_id"),
    ] {
        let error = refused_whole(place.try_import(Kind::Usage, &place.0.write(name, content)).await);
        assert!(error.contains(expected) && error.contains(name), "{error}");
    }
    let missing = refused_whole(place.try_import(Kind::Usage, Path::new("/no/such/file.csv")).await);
    assert!(missing.contains("/no/such/file.csv"), "{missing}");
    assert!(place.waiting(Kind::Usage).await.is_empty());
}

async fn what_comes_before_a_record_without_end_is_kept_and_the_error_names_its_line(database: Database) {
    let place = Place::new(database).await;
    let good = "L1,C1,332703,WEB,2009-05-06T10:00:00Z,2009-05-06T11:00:00Z,,";
    let endless = format!("{USAGE}\n{good}\nL2,\"{}\n", "x".repeat(2 * 1024 * 1024));
    let error = refused_whole(place.try_import(Kind::Usage, &place.0.write("cut.csv", endless)).await);
    assert!(error.contains("line 3") && error.contains("longer than 1024 KiB"), "{error}");
    assert_eq!(counts(&place.import_usage("mended.csv", &[good]).await), (0, 1, 0, 0));
}

async fn rejected_rows_are_written_beside_the_file_and_can_be_corrected_and_imported(database: Database) {
    let place = Place::new(database).await;
    let rows = [
        "L1,C1,332703,WEB,2009-05-06T10:00:00Z,2009-05-06T11:00:00Z,,\"Marketing, été\"",
        "L2,C1,332703,WEB,2009-05-06T10:00:00Z,2009-05-06T09:00:00Z,,\"Marketing, été\"",
    ];
    let report = place.import_usage("usage.csv", &rows).await;
    assert_eq!(counts(&report), (1, 0, 0, 1));
    let rejects = report.rejects_file.unwrap();
    assert_eq!(rejects, place.0.folder().join("usage.csv.rejected.csv"));
    let text = std::fs::read_to_string(&rejects).unwrap();
    let file = place.0.folder().join("usage.csv");
    let expected = format!(
        "\u{feff}rejected_file,rejected_line,rejected_column,rejected_reason,{USAGE}\r\n\
         {},3,left_at,is before joined_at,{}\r\n",
        file.display(),
        rows[1]
    );
    assert_eq!(text, expected);

    let mended = text.replace("T09:00:00Z", "T12:00:00Z");
    let report = place.import(Kind::Usage, "mended.csv", mended).await;
    assert_eq!(counts(&report), (1, 0, 0, 0));
    assert!(place.waiting(Kind::Usage).await.is_empty(), "the mended row settles the one that waited");
}

async fn a_list_of_rejected_rows_goes_away_when_none_is_left(database: Database) {
    let place = Place::new(database).await;
    let row = "L1,C1,999999,WEB,2009-05-06T10:00:00Z,2009-05-06T11:00:00Z,,";
    let rejects = place.import_usage("usage.csv", &[row]).await.rejects_file.unwrap();
    assert!(rejects.exists());
    place.import(Kind::Rooms, "new.csv", ROOMS.replace("341207", "999999")).await;
    let report = place.import_usage("usage.csv", &[row]).await;
    assert_eq!((counts(&report), report.rejects_file), ((1, 0, 0, 0), None));
    assert!(!rejects.exists());
    assert!(place.waiting(Kind::Usage).await.is_empty(), "a row that is stored no longer waits");
}

async fn a_folder_that_cannot_be_written_to_costs_no_row(database: Database) {
    let place = Place::new(database).await;
    // A folder is where the list would go: works for root as well.
    std::fs::create_dir(place.0.folder().join("usage.csv.rejected.csv")).unwrap();
    let row = "L1,C1,999999,WEB,2009-05-06T10:00:00Z,2009-05-06T11:00:00Z,,";
    let report = place.import_usage("usage.csv", &[row]).await;
    assert_eq!((counts(&report), report.rejects_file), ((0, 0, 0, 1), None));
    assert_eq!(place.waiting(Kind::Usage).await.len(), 1);
    let left = std::fs::read_dir(place.0.folder())
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().ends_with(".partial"));
    assert_eq!(left.count(), 0, "nothing half made stays");
}

async fn retrying_takes_kinds_in_the_order_in_which_they_refer_to_each_other(database: Database) {
    let place = Place(database);
    let leg = "L1,C1,332703,WEB,2009-05-06T10:00:00Z,2009-05-06T11:00:00Z,,";
    let bad = "L2,C1,332703,WEB,2009-05-06T10:00:00Z,2009-05-06T09:00:00Z,,";
    assert_eq!(counts(&place.import_usage("usage.csv", &[leg, bad]).await), (0, 0, 0, 2));
    assert_eq!(counts(&place.import(Kind::Rooms, "rooms.csv", ROOMS).await), (0, 0, 0, 2));
    let nothing_yet = place.retry().await;
    assert_eq!((nothing_yet.rows, nothing_yet.stored, nothing_yet.rejected), (4, 0, 4));
    place.import(Kind::Tariffs, "tariffs.csv", TARIFFS).await;
    place.import(Kind::Accounts, "accounts.csv", ACCOUNTS).await;

    let retried = place.retry().await;
    assert_eq!((retried.rows, retried.stored, retried.duplicates, retried.rejected), (4, 3, 0, 1));
    let waiting = place.waiting(Kind::Usage).await;
    assert_eq!(waiting.len(), 1);
    assert_eq!(waiting[0].reason, "is before joined_at", "the newer reason");
    assert!(place.waiting(Kind::Rooms).await.is_empty());
    assert_eq!(counts(&place.import_usage("usage.csv", &[leg, bad]).await), (0, 1, 0, 1));
}
