//! What is written while daemons are killed again and again is stored once.
//!
//! `tests/soak/intake` runs it with 10,000 files and 200 kills: `STATEMENTD_TEST_INTAKE=10000,200`.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::{bridge, conference, daemon, event, events, installed, legs};
use crate::support::object_stores::ObjectStore;
use crate::support::{Program, Running, postgres};

/// What writes while daemons read: a folder of conferences, and a log.
struct Storm {
    inbox: PathBuf,
    log: PathBuf,
    conferences: u64,
    lines: u64,
    rotations: u64,
}

impl Storm {
    fn new(folder: &Path, conferences: u64) -> Self {
        let (inbox, log) = (folder.join("storm"), folder.join("cel"));
        for folder in [&inbox, &log] {
            std::fs::create_dir_all(folder).unwrap();
        }
        Self { inbox, log: log.join("Master.csv"), conferences, lines: conferences * 4, rotations: 0 }
    }

    fn configuration(&self) -> String {
        let log = self.log.parent().unwrap().display();
        format!(
            "{}{}",
            bridge("b", &format!("{}/*.cdr.xml*", self.inbox.display()), ""),
            events(&format!("{log}/Master*"))
        )
    }

    /// Writes the `step`th part of all.
    fn write(&mut self, step: u64, steps: u64) {
        let part = |all: u64| all * step / steps..all * (step + 1) / steps;
        for number in part(self.conferences) {
            self.write_conference(number);
        }
        for place in part(self.lines) {
            self.write_event(place);
        }
        match step % 3 {
            0 => self.rotate_by_name(),
            1 => self.rotate_by_copy(),
            _ => {}
        }
    }

    fn write_conference(&self, number: u64) {
        let (name, text) = conference(number);
        let path = self.inbox.join(&name);
        let mut file = std::fs::File::create(&path).unwrap();
        let (begin, end) = text.as_bytes().split_at(text.len() / 3);
        file.write_all(begin).unwrap();
        file.sync_data().unwrap();
        file.write_all(end).unwrap();
        drop(file);
        match number % 7 {
            0 => std::fs::rename(&path, self.inbox.join(format!("old-{name}"))).unwrap(),
            3 => drop(std::fs::copy(&path, self.inbox.join(format!("copy-{name}"))).unwrap()),
            _ => {}
        }
    }

    fn write_event(&self, place: u64) {
        let line = event(place);
        let (begin, end) = line.as_bytes().split_at(line.len() / 2);
        let mut log = std::fs::OpenOptions::new().create(true).append(true).open(&self.log).unwrap();
        log.write_all(begin).unwrap();
        log.write_all(end).unwrap();
    }

    fn next_name(&mut self) -> PathBuf {
        self.rotations += 1;
        self.log.with_file_name(format!("Master.csv.{}", self.rotations))
    }

    fn rotate_by_name(&mut self) {
        let name = self.next_name();
        std::fs::rename(&self.log, name).unwrap();
    }

    fn rotate_by_copy(&mut self) {
        let name = self.next_name();
        std::fs::copy(&self.log, name).unwrap();
        std::fs::File::create(&self.log).unwrap();
    }

    fn finish(&self) {
        for place in self.lines..self.lines + 8 {
            self.write_event(place);
        }
    }

    /// What one undisturbed command makes of the same files.
    fn quiet_legs(&self) -> BTreeMap<String, String> {
        let program = installed(Program::with(&self.configuration()));
        let names = |folder: &Path| {
            let mut files: Vec<PathBuf> =
                std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
            files.sort();
            files
        };
        for (reader, folder) in [("b", self.inbox.as_path()), ("events", self.log.parent().unwrap())] {
            let files: Vec<String> = names(folder).iter().map(|file| file.display().to_string()).collect();
            for files in files.chunks(500) {
                let files: Vec<&str> = files.iter().map(String::as_str).collect();
                program.ok(&[&["import", "usage", "--reader", reader], files.as_slice()].concat());
            }
        }
        legs(&program)
    }
}

/// How many conferences are written, and how often a daemon is killed.
fn size() -> (u64, u64) {
    let size = std::env::var("STATEMENTD_TEST_INTAKE").unwrap_or_default();
    let size = size.split_once(',').map(|(files, kills)| (files.parse().unwrap(), kills.parse().unwrap()));
    size.unwrap_or((40, 6))
}

/// Daemons that are killed again and again read what is written meanwhile.
fn weather(program: &Program, storm: &mut Storm, daemons: usize) {
    let (_, kills) = size();
    let mut running: Vec<Running> = (0..daemons).map(|_| daemon(program)).collect();
    for step in 0..kills {
        let before = legs(program).len();
        storm.write(step, kills);
        let victim = usize::try_from(step).unwrap() % daemons;
        if step % 2 == 0 {
            running[victim].until("something more is stored", || legs(program).len() > before);
        }
        let killed = running.remove(victim);
        killed.signal("KILL");
        killed.wait();
        running.insert(victim, daemon(program));
    }
    storm.finish();
    let wanted = storm.quiet_legs();
    let all = usize::try_from(storm.conferences * 3).unwrap();
    assert!(wanted.len() > all, "{} legs", wanted.len());
    running[0].until("everything is stored", || legs(program).len() >= wanted.len());
    for daemon in running {
        daemon.signal("TERM");
        assert_eq!(daemon.wait(), Some(0));
    }
    assert_eq!(legs(program), wanted);
    let rejected = program.json(&["import", "rejects", "list", "--json"]);
    assert_eq!(rejected, serde_json::json!([]), "nothing was ever read by halves");
}

#[test]
fn what_is_written_into_a_storm_of_kills_and_rotations_is_stored_once_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let mut storm = Storm::new(folder.path(), size().0);
    let program = installed(Program::with(&storm.configuration()));
    weather(&program, &mut storm, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_into_a_storm_of_kills_and_rotations_is_stored_once_by_two_daemons() {
    let database = postgres::new_database().await;
    let folder = tempfile::tempdir().unwrap();
    let mut storm = Storm::new(folder.path(), size().0);
    let configuration = format!("database.lease = \"2s\"\n{}", storm.configuration());
    let program = installed(Program::on(&database, &configuration));
    tokio::task::spawn_blocking(move || weather(&program, &mut storm, 2)).await.unwrap();
}

#[test]
fn objects_of_a_store_are_taken_once_and_put_away() {
    let server = ObjectStore::s3();
    let options: Vec<String> = server.options().iter().map(|(name, value)| format!("{name} = {value:?}")).collect();
    let more = format!("after = \"move:done\"\noptions = {{ {} }}", options.join(", "));
    let program = installed(Program::with(&bridge("b", "s3://statements/cdr/*.cdr.xml*", &more)));
    let (files, kills) = (size().0, size().1.min(20));
    let put = |prefix: &str, numbers: std::ops::Range<u64>| {
        for number in numbers {
            let (name, text) = conference(number);
            server.put(&format!("cdr/{prefix}{name}"), text.as_bytes());
        }
    };
    for step in 0..kills {
        let before = legs(&program).len();
        put("", files * step / kills..files * (step + 1) / kills);
        let mut running = daemon(&program);
        running.until("some more are stored", || legs(&program).len() > before);
        running.signal("KILL");
        running.wait();
    }
    put("again-", 0..files / 2);
    let mut running = daemon(&program);
    let all = usize::try_from(files * 3).unwrap();
    running.until("all are stored", || legs(&program).len() == all);
    let source = || program.json(&["intake", "list", "--json"])[0].clone();
    running.until("none waits", || source()["waiting"] == 0 && source()["files"].as_u64() >= Some(files + files / 2));
    let (stored, rejected) = (source()["stored"].as_u64(), source()["rejected"].as_u64());
    assert_eq!((stored, rejected), (Some(files * 3), Some(0)), "counts are committed with the rows");
}
