//! Usage that arrives by itself: in folders, in files that grow, in an object store; each leg once, whatever is renamed,
//! rotated, cut, copied again, half written or killed.
//!
//! `tests/soak/intake` runs the storm with 10,000 files and 200 kills: `STATEMENTD_TEST_INTAKE=10000,200`.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::http::Served;
use crate::support::object_stores::ObjectStore;
use crate::support::{Program, Running, postgres};

/// May 2009 is running.
const AS_OF: &str = "2009-05-20T00:00:00Z";
const START: u64 = 1_241_604_862;

const TARIFFS: &str =
    "tariff,service_type,label,currency,rate_per_minute,increment_seconds,minimum_seconds,valid_from
BASE,LOCAL,Local access,EUR,0.09,1,0,2009-01-01
";
const ACCOUNTS: &str = "account_number,company_name,currency,time_zone,locale,tariff,owner_name,owner_email
602127,MeetingOne Phoenix,EUR,Europe/Paris,fr-FR,BASE,,a@x.example
";
const ROOMS: &str = "room_number,account_number,cardholder,cardholder_email,auto_billing_code,active
332703,602127,Mariline BALLESTER,,,true
";

fn installed(program: Program) -> Program {
    for (kind, text) in [("tariffs", TARIFFS), ("accounts", ACCOUNTS), ("rooms", ROOMS)] {
        program.ok(&["import", kind, &program.write(&format!("{kind}.csv"), text)]);
    }
    program
}

fn daemon(program: &Program) -> Running {
    program.start(&["run", "--as-of", AS_OF])
}

/// Every leg that is stored: id, and when it began and ended.
fn legs(program: &Program) -> BTreeMap<String, String> {
    let run = program.run(&["usage", "list", "--room", "332703", "--json"]);
    let Ok(listed) = serde_json::from_str::<serde_json::Value>(&run.stdout) else { return BTreeMap::new() };
    let legs = listed.as_array().unwrap().iter();
    legs.map(|leg| (leg["leg_id"].as_str().unwrap().to_owned(), leg.to_string())).collect()
}

fn bridge(name: &str, from: &str, more: &str) -> String {
    format!(
        "[[intake]]\nname = \"{name}\"\nreader = \"freeswitch-conference\"\ndefault = \"LOCAL\"\nfrom = \"{from}\"\n\
         settle = \"1s\"\n{more}\n"
    )
}

fn events(from: &str) -> String {
    let columns = EVENTS.map(|name| format!("{name:?}")).join(", ");
    format!(
        "[[intake]]\nname = \"events\"\nreader = \"asterisk-cel\"\ndefault = \"LOCAL\"\nfrom = \"{from}\"\nfollow = true\n\
         columns = [{columns}]\n"
    )
}

/// The conference `number`: its file's name, and what FreeSWITCH writes.
fn conference(number: u64) -> (String, String) {
    let begun = START + number * 60;
    let member = |member: u64| {
        format!(
            "<member type=\"caller\">\n<join_time type=\"UNIX-epoch\">{}</join_time>\n\
             <leave_time type=\"UNIX-epoch\">{}</leave_time>\n<flags>\n<is_ghost>false</is_ghost>\n</flags>\n\
             <caller_profile>\n<caller_id_number>33199000101</caller_id_number>\n\
             <destination_number>33199001000</destination_number>\n<uuid>{number:08x}-{member}</uuid>\n\
             </caller_profile>\n</member>\n",
            begun + member,
            begun + 600 + member
        )
    };
    let members: String = (0..3).map(member).collect();
    let name = format!("{number:08x}-3a1d-4c39-b7c5-2d1f6a0e9b10.cdr.xml");
    (
        name,
        format!(
            "<cdr>\n<conference>\n<name>332703-x</name>\n<members>\n{members}</members>\n</conference>\n</cdr>\n"
        ),
    )
}

const EVENTS: [&str; 6] = ["eventtype", "eventtime", "appname", "appdata", "uniqueid", "eventextra"];

/// The line of the log at `place`: enters and exits, overlapping.
fn event(place: u64) -> String {
    let (channel, is_exit) =
        if place < 4 { (place, false) } else { ((place - 4) / 2 + (place % 2) * 4, place.is_multiple_of(2)) };
    let what = if is_exit { "BRIDGE_EXIT" } else { "BRIDGE_ENTER" };
    let time = START + 100_000 + place;
    format!("{what},{time}.25,ConfBridge,332703,pbx-{channel},\"{{\"\"bridge_id\"\":\"\"E{}\"\"}}\"\n", channel / 100)
}

#[test]
fn a_file_is_taken_once_it_is_whole_and_once_whatever_becomes_of_it() {
    let program = Program::new();
    let inbox = program.path("inbox");
    std::fs::create_dir(&inbox).unwrap();
    let program = installed(Program::with(&bridge("b", &format!("{}/*.cdr.xml*", inbox.display()), "")));
    let (name, text) = conference(1);
    let put = |name: &str, text: &[u8]| std::fs::write(inbox.join(name), text).unwrap();
    put(&name, &text.as_bytes()[..text.len() / 2]);
    put("notes.txt", b"nothing of ours");
    let mut running = daemon(&program);
    let source = |program: &Program| program.json(&["intake", "list", "--json"])[0].clone();
    running.until("the half is known to be one", || source(&program)["untaken"][0]["state"] == "incomplete");
    assert!(legs(&program).is_empty());
    put(&name, text.as_bytes());
    running.until("the whole file is taken", || legs(&program).len() == 3);

    // Renamed, copied again, compressed later.
    std::fs::rename(inbox.join(&name), inbox.join(format!("done-{name}"))).unwrap();
    std::fs::copy(inbox.join(format!("done-{name}")), inbox.join(&name)).unwrap();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(text.as_bytes()).unwrap();
    put(&format!("{name}.gz"), &packed.finish().unwrap());
    running.until("all of them are read", || source(&program)["duplicates"] == 9);
    let listed = source(&program);
    assert_eq!(
        (&listed["stored"], &listed["rejected"], &listed["files"]),
        (&3.into(), &0.into(), &4.into()),
        "{listed}"
    );
    assert_eq!(legs(&program).len(), 3);
    running.signal("TERM");
    assert_eq!(running.wait(), Some(0));
}

#[test]
fn what_was_taken_is_moved_or_deleted_and_never_over_another_file() {
    let program = Program::new();
    let (inbox, spool) = (program.path("inbox"), program.path("spool"));
    for folder in [&inbox, &spool, &inbox.join("done")] {
        std::fs::create_dir(folder).unwrap();
    }
    let program = installed(Program::with(&format!(
        "{}{}",
        bridge("moves", &format!("{}/", inbox.display()), "after = \"move:done\""),
        bridge("deletes", &format!("{}/", spool.display()), "after = \"delete\"")
    )));
    let ((one, first), (two, second)) = (conference(1), conference(2));
    std::fs::write(inbox.join("done").join(&one), "there before").unwrap();
    std::fs::write(inbox.join(&one), first).unwrap();
    std::fs::write(spool.join(&two), second).unwrap();
    std::fs::write(spool.join("half.cdr.xml"), "<cdr>").unwrap();
    let mut running = daemon(&program);
    running.until("both are put away", || !inbox.join(&one).exists() && !spool.join(&two).exists());
    assert_eq!(legs(&program).len(), 6);
    assert_eq!(std::fs::read_to_string(inbox.join("done").join(&one)).unwrap(), "there before");
    assert!(inbox.join("done").join(format!("{one}.1")).exists());
    assert!(spool.join("half.cdr.xml").exists(), "what was not taken stays");
}

#[test]
fn a_file_of_another_system_is_told_as_what_it_is_and_stays_where_it_is() {
    let program = Program::new();
    let inbox = program.path("inbox");
    std::fs::create_dir(&inbox).unwrap();
    let program = installed(Program::with(&bridge("b", &format!("{}/", inbox.display()), "after = \"delete\"")));
    let (name, text) = conference(1);
    std::fs::write(inbox.join(&name), text).unwrap();
    let channel = inbox.join(format!("a_{name}"));
    std::fs::write(&channel, "<cdr><channel_data/><variables><uuid>L1</uuid></variables></cdr>").unwrap();
    let mut running = daemon(&program);
    running.until("the right file is taken", || !inbox.join(&name).exists());
    let untaken = || program.json(&["intake", "list", "--json"])[0]["untaken"].clone();
    running.until("the wrong file is told", || untaken()[0]["state"] == "refused");
    assert!(
        untaken()[0]["reason"].as_str().unwrap().contains("the reader for it is freeswitch-cdr-xml"),
        "{}",
        untaken()
    );
    assert!(channel.exists());
    let check = program.run(&["check"]);
    assert!(
        check.stdout.contains("freeswitch-cdr-xml") || check.stderr.contains("freeswitch-cdr-xml"),
        "{}",
        check.stdout
    );
    let run = program.run(&["import", "usage", "--reader", "b", &channel.display().to_string()]);
    assert!(run.stdout.contains("freeswitch-cdr-xml") || run.stderr.contains("freeswitch-cdr-xml"), "{}", run.stdout);
}

#[test]
fn links_pipes_and_hostile_names_in_an_inbox_hold_nobody_up_and_are_told() {
    let program = Program::new();
    let inbox = program.path("inbox");
    std::fs::create_dir(&inbox).unwrap();
    let program = installed(Program::with(&bridge("b", &format!("{}/", inbox.display()), "")));
    let ((one, first), (two, second)) = (conference(1), conference(2));
    let secret = program.write(&one, first);
    std::os::unix::fs::symlink(&secret, inbox.join(&one)).unwrap();
    std::os::unix::fs::symlink("/dev/zero", inbox.join("zero.cdr.xml")).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(inbox.join("pipe.cdr.xml")).status().unwrap().success());
    std::fs::create_dir(inbox.join("folder.cdr.xml")).unwrap();
    std::fs::write(inbox.join("a\nDear administrator: all is well.cdr.xml"), "<cdr>").unwrap();
    std::fs::write(inbox.join(&two), second).unwrap();
    let mut running = daemon(&program);
    running.until("the file between them is taken", || legs(&program).len() == 3);
    let untaken = || program.json(&["intake", "list", "--json"])[0]["untaken"].clone();
    running.until("the link and the name are told", || untaken().as_array().is_some_and(|files| files.len() == 2));
    let told = untaken().to_string();
    assert!(told.contains(&one) && !told.contains("\\n"), "{told}");
    assert_eq!(legs(&program).len(), 3, "what a link leads to is not read");
}

#[test]
fn silence_and_a_file_that_never_completes_are_told_in_status_on_the_page_and_in_metrics() {
    let program = Program::new();
    let inbox = program.path("inbox");
    std::fs::create_dir(&inbox).unwrap();
    let program = Program::with(&bridge("b", &format!("{}/", inbox.display()), "expect_every = \"24h\""));
    let program = installed(program);
    std::fs::write(inbox.join("9a3c4b6e-1111-4e0f-8a55-0a0b0c0d0e0f.cdr.xml"), "<cdr><conference>").unwrap();
    let mut running = daemon(&program);
    let untaken = || program.json(&["intake", "list", "--json"])[0]["untaken"].clone();
    running.until("the half is known", || untaken()[0]["state"] == "incomplete");
    running.signal("TERM");
    running.wait();
    let told = |as_of: &str| {
        let status = program.json(&["status", "--json", "--as-of", as_of]);
        let items = status["attention"]["items"].as_array().unwrap().clone();
        items.into_iter().filter(|item| item["topic"] == "source").map(|item| item.to_string()).collect::<String>()
    };
    assert_eq!(told("2009-05-20T00:30:00Z"), "", "it may still be written");
    let after_an_hour = told("2009-05-20T01:30:00Z");
    assert!(
        after_an_hour.contains("has not been whole since") && !after_an_hour.contains("silent"),
        "{after_an_hour}"
    );
    let next_day = "2009-05-21T01:30:00Z";
    assert!(told(next_day).contains("beyond expect_every"), "{}", told(next_day));
    let mut served = Served::start(&program, "", &["--as-of", next_day]);
    served.until("/", |page| page.body.contains("beyond expect_every") && page.body.contains("has not been whole"));
    let metrics = served.get("/metrics").body;
    assert!(metrics.contains("statementd_attention{topic=\"source\"}"), "{metrics}");
    assert!(!metrics.contains("statementd_attention{topic=\"source\"} 0"), "{metrics}");
}

#[test]
fn a_beginning_without_an_end_is_told_after_the_longest_leg() {
    let program = Program::new();
    let log = program.write("Master.csv", [event(0), event(1), event(4)].concat());
    let program = installed(Program::with(&events(&log)));
    let mut running = daemon(&program);
    running.until("the pair is stored", || legs(&program).len() == 1);
    assert_eq!(program.json(&["intake", "list", "--json"])[0]["open_legs"], 1);
    drop(running);
    let mut running = program.start(&["run", "--as-of", "2009-05-21T01:00:00Z"]);
    running.until_logged("Legs have no end");
    let rejects = program.json(&["import", "rejects", "list", "--json"]);
    assert_eq!(rejects.as_array().unwrap().len(), 1, "{rejects}");
    assert!(rejects[0]["reason"].as_str().unwrap().contains("longest_leg"), "{rejects}");
}

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

    /// What one command makes of the same files when nobody disturbs it.
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
