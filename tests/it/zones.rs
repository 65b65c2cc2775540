//! An account that moves to another time zone, seen from its closed months.

use serde_json::Value;
use statementd::app::{App, Trigger};
use statementd::clock::Clock;
use statementd::config::{Config, Sources};
use statementd::intake::Kind;
use statementd::jobs::{self, Selection};
use tempfile::TempDir;

use crate::support::sample;

async fn app_at(folder: &TempDir, now: &str) -> App {
    let at = |name: &str| folder.path().join(name).display().to_string();
    let sources = Sources::isolated()
        .with("database.url", format!("sqlite://{}", at("statementd.db")))
        .with("archive.url", format!("file:{}", at("archive")))
        .with("mail.transport", "off");
    App::open(Config::load(&sources).unwrap(), Clock::Fixed(now.parse().unwrap()), true).await.unwrap()
}

async fn import(app: &App, kind: Kind, path: &str) {
    let (store, clock) = (&app.context.store, app.context.clock);
    let report = jobs::import_file(store, clock, app.limits(), (kind, path.as_ref()), &|_| {}).await.unwrap();
    assert_eq!(report.rejected, 0);
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
    for (kind, name) in
        [(Kind::Tariffs, "tariffs"), (Kind::Accounts, "accounts"), (Kind::Rooms, "rooms"), (Kind::Usage, "usage")]
    {
        import(&app, kind, &sample(&format!("{name}.csv"))).await;
    }
    let accounts = std::fs::read_to_string(sample("accounts.csv")).unwrap();
    let moved = folder.path().join("moved.csv");
    std::fs::write(&moved, accounts.replace("Europe/Paris", "America/New_York")).unwrap();
    import(&app, Kind::Accounts, moved.to_str().unwrap()).await;
    app.close().await;

    let app = app_at(&folder, "2009-06-05T06:00:00Z").await;
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
