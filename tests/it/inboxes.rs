//! Usage that arrives by itself: in folders, in files that grow, in an object store; each leg once, whatever is
//! renamed, rotated, cut, copied again, half written or killed.

mod seen;
mod storm;

use std::collections::BTreeMap;
use std::io::Write as _;

use crate::http::Served;
use crate::support::{Program, Running, csv};

/// May 2009 is running.
const AS_OF: &str = "2009-05-20T00:00:00Z";
const START: u64 = 1_241_604_862;

const TARIFFS: &str = csv!(tariffs, "BASE,LOCAL,Local access,EUR,0.09,1,0,2009-01-01");
const ACCOUNTS: &str = csv!(accounts, "602127,MeetingOne Phoenix,EUR,Europe/Paris,fr-FR,BASE,,a@x.example");
const ROOMS: &str = csv!(rooms, "332703,602127,Mariline BALLESTER,,,true");

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
fn links_pipes_and_hostile_names_in_an_inbox_hold_nothing_up_and_are_told() {
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
