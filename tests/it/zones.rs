//! Accounts that move to another time zone, and newer time zone data.

use serde_json::Value;
use statementd::app::{self, App, Trigger};
use statementd::clock::Clock;
use statementd::config::Sources;
use statementd::intake::Kind;
use statementd::jobs::{self, Selection};
use tempfile::TempDir;

use crate::support::{AFTER_MAY, Program, csv, sample};

async fn app_at(folder: &TempDir, now: &str) -> App {
    let at = |name: &str| folder.path().join(name).display().to_string();
    let sources = Sources::isolated()
        .with("database.url", format!("sqlite://{}", at("statementd.db")))
        .with("archive.url", format!("file:{}", at("archive")))
        .with("mail.transport", "off");
    App::open(app::load(&sources).unwrap(), Clock::Fixed(now.parse().unwrap()), true).await.unwrap()
}

async fn import(app: &App, kind: Kind, path: &str) {
    let (store, clock) = (&app.context.store, app.context.clock);
    let report = jobs::import_file(store, clock, app.limits(), (kind, path.as_ref()), &|_| {}).await.unwrap();
    assert_eq!(report.rejected, 0, "{:?}", report.reasons);
}

fn period(folder: &TempDir, period: &str) -> Value {
    let path = folder.path().join(format!("archive/{period}/602127/r1/account.json"));
    let statement: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    statement["period"].clone()
}

#[tokio::test]
async fn a_change_of_zone_counts_from_the_next_month_and_leaves_neither_gap_nor_overlap() {
    let folder = TempDir::new().unwrap();
    let app = app_at(&folder, "2009-04-15T12:00:00Z").await;
    for (kind, name) in [(Kind::Tariffs, "tariffs"), (Kind::Accounts, "accounts"), (Kind::Rooms, "rooms")] {
        import(&app, kind, &sample(&format!("{name}.csv"))).await;
    }
    // A time after the usage, since usage of the future is refused.
    let usage = std::fs::read_to_string(sample("usage.csv")).unwrap();
    let is_past =
        |row: &&str| row.split(',').nth(4).is_some_and(|joined| joined < "2009-04-15" || joined == "joined_at");
    let so_far = folder.path().join("so-far.csv");
    std::fs::write(&so_far, usage.lines().filter(is_past).collect::<Vec<_>>().join("\n")).unwrap();
    import(&app, Kind::Usage, so_far.to_str().unwrap()).await;
    let accounts = std::fs::read_to_string(sample("accounts.csv")).unwrap();
    let moved = folder.path().join("moved.csv");
    std::fs::write(&moved, accounts.replace("Europe/Paris", "America/New_York")).unwrap();
    import(&app, Kind::Accounts, moved.to_str().unwrap()).await;
    app.close().await;

    let app = app_at(&folder, AFTER_MAY).await;
    import(&app, Kind::Usage, &sample("usage.csv")).await;
    let rule = app.due_rule(Trigger::Command);
    let report = jobs::close_due(&app.context, &rule, &Selection::default(), &|| true).await.unwrap();
    assert_eq!((report.closed, report.parked.len()), (4, 0));
    jobs::publish_pending(&app.context, &|| true).await.unwrap();
    assert_eq!(jobs::check_deeply(&app.context).await.unwrap(), []);
    app.close().await;

    assert_eq!(period(&folder, "2009-04")["end"], "2009-05-01T00:00:00+02:00", "April ends as it began, in Paris");
    assert_eq!(period(&folder, "2009-05")["start"], "2009-04-30T18:00:00-04:00", "the same instant, in New York");
    assert_eq!(period(&folder, "2009-05")["end"], "2009-06-01T00:00:00-04:00");
}

/// What the program carries is of 2025: since then clocks have changed their rules in Morocco and in Canada.
#[test]
fn months_begin_by_the_systems_rules_where_these_are_newer() {
    let program = Program::new();
    let tariffs = csv!(tariffs, "BASE,LOCAL,Local,EUR,0.09,1,0,2009-01-01");
    let accounts = csv!(
        accounts,
        "700001,Casa,EUR,Africa/Casablanca,fr-MA,BASE,O,o@one.example",
        "700002,Van,EUR,America/Vancouver,en-CA,BASE,O,o@two.example",
        "700003,Edm,EUR,America/Edmonton,en-CA,BASE,O,o@three.example"
    );
    let rooms = csv!(rooms, "400001,700001,Ann,,,true", "400002,700002,Bob,,,true", "400003,700003,Cy,,,true");
    let usage = csv!(
        usage,
        "L1,C1,400001,LOCAL,2026-09-30T23:30:00Z,2026-09-30T23:45:00Z,,",
        "L2,C2,400002,LOCAL,2026-11-10T16:00:00Z,2026-11-10T16:30:00Z,,",
        "L3,C3,400003,LOCAL,2026-11-10T16:00:00Z,2026-11-10T16:30:00Z,,"
    );
    for (kind, text) in [("tariffs", tariffs), ("accounts", accounts), ("rooms", rooms), ("usage", usage)] {
        program.ok(&["import", kind, &program.write(&format!("{kind}.csv"), text)]);
    }
    program.ok(&["close", "--period", "2026-11", "--as-of", "2026-12-05T00:00:00Z"]);
    let statement = |folder: &str| -> Value {
        let path = program.archive().join(folder).join("account.json");
        serde_json::from_slice(&std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
            .unwrap()
    };
    let casablanca = statement("2026-09/700001/r1");
    assert_eq!(casablanca["period"]["end"], "2026-10-01T00:00:00+00:00");
    assert_eq!(casablanca["lines"][0]["started_at"], "2026-09-30T23:30:00+00:00");
    let vancouver = statement("2026-11/700002/r1");
    assert_eq!(vancouver["period"]["end"], "2026-12-01T00:00:00-07:00");
    assert_eq!(vancouver["lines"][0]["started_at"], "2026-11-10T09:00:00-07:00");
    assert_eq!(statement("2026-11/700003/r1")["lines"][0]["started_at"], "2026-11-10T10:00:00-06:00");

    let status = program.json(&["status", "--json", "--as-of", "2026-12-05T00:00:00Z"]);
    let version = status["time_zone_data"]["version"].as_str().unwrap().to_owned();
    assert!(version.as_str() > "2026e", "tests/run installs the newest tzdata: {version}");
    assert_eq!(status["time_zone_data"]["is_old"], false);
    let manifest = program.archive().join("2026-11/700002/r1/manifest.json");
    let manifest: Value = serde_json::from_slice(&std::fs::read(manifest).unwrap()).unwrap();
    assert_eq!(manifest["time_zone_data"], version.as_str());

    // Without newer data the program's own are used, and are reported as old.
    let mut check = program.command(&["check", "--json"]);
    let check = check.env("TZDIR", "/nowhere").output().unwrap();
    let check: Value = serde_json::from_slice(&check.stdout).unwrap();
    let line = check.as_array().unwrap().iter().find(|line| line["part"] == "time zones").unwrap();
    assert!(line["detail"].as_str().unwrap().contains("2025b (program), older than a year"), "{line}");

    // What was frozen keeps its offsets, whatever data there are.
    std::fs::remove_file(program.archive().join("2026-11/700002/r1/account.html")).unwrap();
    let mut restore = program.command(&["archive", "restore", "--json"]);
    let restored = restore.env("TZDIR", "/nowhere").output().unwrap();
    let restored: Value = serde_json::from_slice(&restored.stdout).unwrap();
    assert_eq!(restored["refused"], serde_json::json!([]), "{restored:#}");
    assert_eq!(restored["restored"].as_array().unwrap().len(), 1, "{restored:#}");
}
