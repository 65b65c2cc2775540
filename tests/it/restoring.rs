//! A database from a backup meets an archive that has gone on, or one that has stayed behind: no month is mailed twice.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::{AFTER_MAY, Program, csv, files_below, mail_ids, postgres};

const USAGE: &str = csv!(usage);
const REVISE: &str = "billing.late_usage = \"revise\"";

/// A program with its months up to March closed and mailed, and a backup from then.
struct Backed {
    program: Program,
    url: String,
    backup: PathBuf,
}

impl Backed {
    async fn on_each_engine() -> [Self; 2] {
        let on_sqlite = Program::new();
        let url = format!("sqlite://{}", on_sqlite.path("statementd.db").display());
        let server = postgres::new_database().await;
        [Self::new(on_sqlite, url), Self::new(Program::on(&server, ""), server)]
    }

    fn new(program: Program, url: String) -> Self {
        program.import_sample();
        Self::backed_up(program, url)
    }

    /// The usage of April and May is not there yet.
    async fn before_april_on_each_engine() -> [Self; 2] {
        let on_sqlite = Program::new();
        let url = format!("sqlite://{}", on_sqlite.path("statementd.db").display());
        let server = postgres::new_database().await;
        let on_postgres = Program::on(&server, "");
        [(on_sqlite, url), (on_postgres, server)].map(|(program, url)| {
            for kind in ["tariffs", "accounts", "rooms"] {
                program.ok(&["import", kind, &sample(&format!("{kind}.csv"))]);
            }
            program.ok(&["import", "usage", &usage_of(&program, &["2009-02", "2009-03"])]);
            Self::backed_up(program, url)
        })
    }

    fn backed_up(program: Program, url: String) -> Self {
        close(&program, "2009-03");
        let backup = program.path("backup");
        if url.starts_with("sqlite:") {
            program.ok(&["backup", "backup"]);
        } else {
            let dump = ["--format=custom", "--file", &backup.display().to_string(), "--dbname", &url];
            postgres::run(Command::new(postgres::programs().join("pg_dump")).args(dump));
        }
        Self { program, url, backup }
    }

    /// Replaces the database by the backup; what was mailed so far is moved away.
    async fn restore(&mut self) {
        if self.url.starts_with("sqlite:") {
            for name in ["statementd.db", "statementd.db-wal", "statementd.db-shm"] {
                let _ = std::fs::remove_file(self.program.path(name));
            }
            std::fs::copy(&self.backup, self.program.path("statementd.db")).unwrap();
        } else {
            let empty = postgres::new_database().await;
            let arguments = ["--exit-on-error", "--dbname", &empty, &self.backup.display().to_string()];
            postgres::run(Command::new(postgres::programs().join("pg_restore")).args(arguments));
            let file = self.program.path("statementd.toml");
            let text = std::fs::read_to_string(&file).unwrap().replace(&self.url, &empty);
            std::fs::write(&file, text).unwrap();
            self.url = empty;
        }
        std::fs::rename(self.program.mail(), self.program.path("mail.before")).unwrap();
    }
}

fn sample(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sample").join(name).display().to_string()
}

/// A file with the sample's usage of these months.
fn usage_of(program: &Program, months: &[&str]) -> String {
    let all = std::fs::read_to_string(sample("usage.csv")).unwrap();
    let header = all.lines().next().unwrap();
    let rows = all.lines().skip(1).filter(|row| months.iter().any(|month| row.contains(&format!(",{month}-"))));
    let text: Vec<_> = std::iter::once(header).chain(rows).collect();
    program.write(&format!("usage-{}.csv", months.join("-")), text.join("\n") + "\n")
}

fn close(program: &Program, period: &str) {
    program.run(&["close", "--period", period, "--as-of", AFTER_MAY]);
}

fn of_month(program: &Program, period: &str) -> Vec<Value> {
    let list = program.json(&["mail", "list", "--json", "--period", period]);
    list.as_array().unwrap().clone()
}

fn copy_folder(from: &Path, to: &Path) {
    for (name, bytes) in files_below(from) {
        let file = to.join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, bytes).unwrap();
    }
}

#[tokio::test]
async fn a_month_that_closed_after_the_backup_is_adopted_and_not_mailed_again() {
    for mut backed in Backed::on_each_engine().await {
        close(&backed.program, "2009-04");
        let sent = of_month(&backed.program, "2009-04").len();
        assert!(sent > 0);
        let archived = files_below(&backed.program.archive().join("2009-04/602127"));
        backed.restore().await;
        let program = &backed.program;
        close(program, "2009-05");

        let april = of_month(program, "2009-04");
        assert_eq!(april.len(), sent);
        assert!(april.iter().all(|delivery| delivery["state"] == "held"), "{april:?}");
        assert!(april[0]["last_answer"].as_str().unwrap().contains("restored from a backup"), "{april:?}");
        assert_eq!(files_below(&program.archive().join("2009-04/602127")), archived);
        let may = of_month(program, "2009-05");
        assert!(!may.is_empty() && may.iter().all(|delivery| delivery["state"] == "accepted"), "{may:?}");
        assert_eq!(mail_ids(&program.mail()).len(), may.len(), "May alone is mailed");
        let log = program.json(&["log", "--json", "--period", "2009-04"]);
        assert!(log.as_array().unwrap().iter().any(|entry| entry["action"] == "adopted"), "{log}");
        program.ok(&["archive", "verify"]);
        program.ok(&["check", "--deep"]);

        program.ok(&["mail", "release", "--period", "2009-04"]);
        program.ok(&["mail", "send"]);
        assert_eq!(mail_ids(&program.mail()).len(), may.len() + sent, "it is sent once a person says so");
    }
}

#[tokio::test]
async fn a_month_whose_usage_came_after_the_backup_is_not_closed_without_it() {
    for mut backed in Backed::before_april_on_each_engine().await {
        let april = usage_of(&backed.program, &["2009-04"]);
        backed.program.ok(&["import", "usage", &april]);
        close(&backed.program, "2009-04");
        let sent = of_month(&backed.program, "2009-04").len();
        backed.restore().await;
        let program = &backed.program;
        let closed = program.json(&["close", "--json", "--period", "2009-04", "--as-of", AFTER_MAY]);
        assert_eq!((&closed["closed"], &closed["empty"]), (&0.into(), &0.into()), "{closed:#}");
        assert!(closed["parked"].to_string().contains("import the usage and master data"), "{closed:#}");

        let imported = program.ok(&["import", "usage", &april]);
        assert!(!imported.contains("late"), "{imported}");
        close(program, "2009-04");
        let april = of_month(program, "2009-04");
        assert_eq!(april.len(), sent);
        assert!(april.iter().all(|delivery| delivery["state"] == "held"), "{april:?}");
        program.ok(&["archive", "verify"]);
    }
}

#[tokio::test]
async fn another_statement_in_the_archive_is_left_there_and_both_are_named() {
    for mut backed in Backed::on_each_engine().await {
        close(&backed.program, "2009-04");
        let archived = files_below(&backed.program.archive().join("2009-04/602127/r1"));
        backed.restore().await;
        let program = &backed.program;
        let tariffs =
            program.write("other.csv", csv!(tariffs, "BASE-EUR,LOCAL,Local access,EUR,0.77,1,0,2009-04-01"));
        program.ok(&["import", "tariffs", &tariffs]);
        close(program, "2009-04");
        let status = program.json(&["status", "--json", "--as-of", AFTER_MAY]);
        let failed = status["periods"].as_array().unwrap().iter().find(|row| row["state"] == "parked").unwrap();
        let reason = failed["reason"].as_str().unwrap();
        assert_eq!(reason.matches("conferences, ").count(), 2, "{reason}");
        assert!(reason.contains("2009-04/602127"), "{reason}");
        assert_eq!(files_below(&program.archive().join("2009-04/602127/r1")), archived);
        assert!(mail_ids(&program.mail()).is_empty());
    }
}

#[tokio::test]
async fn an_archive_older_than_the_database_is_made_whole_and_nothing_is_mailed_again() {
    for backed in Backed::on_each_engine().await {
        let program = &backed.program;
        copy_folder(&program.archive(), &program.path("archive.old"));
        close(program, "2009-04");
        let archived = files_below(&program.archive().join("2009-04/602127"));
        std::fs::remove_dir_all(program.archive()).unwrap();
        std::fs::rename(program.path("archive.old"), program.archive()).unwrap();
        std::fs::rename(program.mail(), program.path("mail.before")).unwrap();

        program.ok(&["archive", "restore"]);
        assert_eq!(files_below(&program.archive().join("2009-04/602127")), archived);
        program.ok(&["archive", "verify"]);
        close(program, "2009-05");
        let may = of_month(program, "2009-05").len();
        assert_eq!(mail_ids(&program.mail()).len(), may, "May alone is mailed");
    }
}

/// A folder in the way of revision 2; revision 3 goes out; then the folder is moved away.
#[tokio::test]
async fn a_revision_that_comes_behind_a_newer_one_is_archived_and_not_mailed() {
    for program in [Program::with(REVISE), Program::on(&postgres::new_database().await, REVISE)] {
        program.import_sample();
        close(&program, "2009-05");
        let second = program.archive().join("2009-05/602127/r2");
        copy_folder(&program.archive().join("2009-04/602127/r1"), &second);
        for leg in ["L-1", "L-2"] {
            let row = format!("{leg},{leg},332703,LOCAL,2009-05-20T10:00:00Z,2009-05-20T10:10:00Z,,");
            program.ok(&["import", "usage", &program.write("late.csv", format!("{USAGE}{row}\n"))]);
            close(&program, "2009-05");
        }
        let sent = of_month(&program, "2009-05");
        let of = |revision: i64, list: &[Value]| -> Vec<String> {
            let of_it = list.iter().filter(|delivery| delivery["revision"] == revision);
            of_it.map(|delivery| delivery["state"].as_str().unwrap().to_owned()).collect()
        };
        assert!(!of(3, &sent).is_empty() && of(3, &sent).iter().all(|state| state == "accepted"), "{sent:?}");
        assert!(of(2, &sent).iter().all(|state| state == "queued"), "{sent:?}");

        std::fs::remove_dir_all(&second).unwrap();
        close(&program, "2009-05");
        assert!(second.join("manifest.json").exists());
        let late = of_month(&program, "2009-05");
        assert!(!of(2, &late).is_empty() && of(2, &late).iter().all(|state| state == "held"), "{late:?}");
        let status = program.json(&["status", "--json", "--as-of", AFTER_MAY]);
        assert_eq!(status["undelivered"].as_array().unwrap().len(), 0, "they are no longer needed: {status:#}");
        program.ok(&["archive", "verify"]);
    }
}
