//! What readers and posts cost: legs per second of processor time, and posts per second with their waiting times.
//!
//! `cargo bench --bench intake` runs both parts; `-- readers` or `-- posts` one of them.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::pedantic,
    reason = "a bench that cannot go on has failed"
)]

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use statementd::intake::readers::{Output, Reader, ReaderSettings, Source, UsageRecord};

const START: u64 = 1_241_604_862;
const CONFERENCES: u64 = 20_000;
const LEGS_EACH: u64 = 10;
const TOKEN: &str = "a-token-of-24-characters";

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let is_wanted = |part: &str| wanted.is_empty() || wanted.iter().any(|name| name == part);
    if is_wanted("readers") {
        readers();
    }
    if is_wanted("posts") {
        posts();
    }
}

fn readers() {
    let folder = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    for number in 0..CONFERENCES {
        let path = folder.path().join(format!("{number:08x}-3a1d-4c39-b7c5-2d1f6a0e9b10.cdr.xml"));
        std::fs::write(&path, conference(number)).unwrap();
        files.push(path);
    }
    let single = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        vec![path]
    };
    let named = |reader: &str| ReaderSettings { reader: reader.into(), ..ReaderSettings::default() };
    let map =
        [("leg_id", "{id}"), ("conference_id", "{c}"), ("room", "{r}"), ("joined_at", "{t}"), ("left_at", "{l}")];
    let mapped = |reader: &str| ReaderSettings {
        map: map.map(|(target, text)| (target.to_owned(), text.to_owned())).into(),
        times: Some("epoch".into()),
        ..named(reader)
    };
    let cel = ReaderSettings {
        columns: ["eventtype", "eventtime", "appname", "appdata", "uniqueid", "eventextra"].map(str::to_owned).into(),
        ..named("asterisk-cel")
    };
    for (name, settings, files) in [
        ("freeswitch-conference", named("freeswitch-conference"), files),
        ("asterisk-cel", cel, single("cel.csv", events())),
        ("json lines", mapped("json"), single("legs.jsonl", json_lines())),
        ("delimited", mapped("delimited"), single("legs.csv", table())),
    ] {
        let reader = Reader::new(&settings).unwrap();
        let mut rows = 0_u64;
        let (begun, since) = (cpu(), Instant::now());
        for file in files {
            let mut take = |_: &UsageRecord| {
                rows += 1;
                Ok(())
            };
            reader.read(&Source::of_path(&file), &mut Output::new(&mut take)).unwrap();
        }
        let (spent, clock) = (cpu() - begun, since.elapsed());
        let per_second = rows as f64 / spent.as_secs_f64();
        println!(
            "{name:24} {rows:>8} legs  {spent:>8.2?} CPU  {clock:>8.2?}  {per_second:>10.0} legs per CPU second"
        );
    }
}

fn conference(number: u64) -> String {
    let mut members = String::new();
    for member in 0..LEGS_EACH {
        let joined = START + number + member;
        write!(
            members,
            "<member type=\"caller\">\n<join_time type=\"UNIX-epoch\">{joined}</join_time>\n<leave_time type=\"UNIX-epoch\">\
             {}</leave_time>\n<flags>\n<is_moderator>false</is_moderator>\n<end_conference>false</end_conference>\n\
             <was_kicked>false</was_kicked>\n<is_ghost>false</is_ghost>\n</flags>\n<caller_profile>\n<username></username>\n\
             <dialplan>XML</dialplan>\n<caller_id_name>Jo</caller_id_name>\n<caller_id_number>33199000101</caller_id_number>\n\
             <ani>33199000101</ani>\n<network_addr>192.0.2.1</network_addr>\n<destination_number>33199001000</destination_number>\n\
             <uuid>{number:08x}-7a1c-4d0b-9c11-{member:012x}</uuid>\n<source>mod_sofia</source>\n<context>default</context>\n\
             </caller_profile>\n</member>\n",
            joined + 600
        )
        .unwrap();
    }
    format!("<cdr>\n<conference>\n<name>332703-x</name>\n<members>\n{members}</members>\n</conference>\n</cdr>\n")
}

fn events() -> String {
    let mut text = String::new();
    for number in 0..CONFERENCES * LEGS_EACH {
        for (event, time) in [("BRIDGE_ENTER", START + number), ("BRIDGE_EXIT", START + number + 600)] {
            let bridge = number / LEGS_EACH;
            writeln!(
                text,
                "{event},{time}.25,ConfBridge,\"332703,public_bridge\",pbx1-1241604842.{number},\"{{\"\"bridge_id\"\":\"\"{bridge:08x}-6a60-4c36-9d9a-\
                 7a1f6a5d2b11\"\",\"\"bridge_technology\"\":\"\"softmix\"\"}}\""
            )
            .unwrap();
        }
    }
    text.replace(".25,ConfBridge", ".251020,ConfBridge")
}

fn json_lines() -> String {
    let line = |number: u64| {
        format!(
            "{{\"id\":\"L{number}\",\"c\":\"C{}\",\"r\":\"332703\",\"t\":{},\"l\":{},\"status\":\"complete\"}}\n",
            number / LEGS_EACH,
            START + number,
            START + number + 600
        )
    };
    (0..CONFERENCES * LEGS_EACH).map(line).collect()
}

fn table() -> String {
    let line = |number: u64| {
        format!("L{number},C{},332703,{},{}\n", number / LEGS_EACH, START + number, START + number + 600)
    };
    std::iter::once("id,c,r,t,l\n".to_owned()).chain((0..CONFERENCES * LEGS_EACH).map(line)).collect()
}

/// Processor time of this process.
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    // utime and stime, in hundredths of a second.
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    Duration::from_millis(ticks * 10)
}

const POSTS: usize = 20_000;
const SENDERS: usize = 64;

fn posts() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let configuration = format!(
        "database.url = \"sqlite://{}\"\narchive.url = \"file:{}\"\nmail.dir = \"{}\"\nhttp.listen = \"127.0.0.1:19464\"\n\
         [[intake]]\nname = \"b\"\nreader = \"freeswitch-cdr-xml\"\ndefault = \"LOCAL\"\nfrom = \"http\"\ntoken = \"{TOKEN}\"\n",
        at("db"),
        at("archive"),
        at("mail")
    );
    std::fs::write(at("c.toml"), configuration).unwrap();
    let program = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_statementd"));
        command
            .env_clear()
            .args(["--config", &at("c.toml")])
            .args(arguments)
            .stderr(Stdio::null())
            .stdout(Stdio::null());
        command
    };
    for (kind, text) in [
        (
            "tariffs",
            "tariff,service_type,label,currency,rate_per_minute,increment_seconds,minimum_seconds,valid_from\nB,LOCAL,L,EUR,0.09,1,0,2009-01-01\n",
        ),
        (
            "accounts",
            "account_number,company_name,currency,time_zone,locale,tariff,owner_name,owner_email\n1,M,EUR,Europe/Paris,fr-FR,B,,a@x.example\n",
        ),
        (
            "rooms",
            "room_number,account_number,cardholder,cardholder_email,auto_billing_code,active\n332703,1,M,,,true\n",
        ),
    ] {
        std::fs::write(at(kind), text).unwrap();
        assert!(program(&["import", kind, &at(kind)]).status().unwrap().success(), "{kind}");
    }
    let mut daemon = program(&["run", "--as-of", "2009-05-20T00:00:00Z"]).spawn().unwrap();
    while TcpStream::connect("127.0.0.1:19464").is_err() {
        std::thread::sleep(Duration::from_millis(50));
    }
    let begun = Instant::now();
    let senders: Vec<_> = (0..SENDERS).map(|sender| std::thread::spawn(move || send(sender))).collect();
    let mut times: Vec<Duration> = senders.into_iter().flat_map(|sender| sender.join().unwrap()).collect();
    let spent = begun.elapsed();
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", daemon.id())).unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    let cpu = (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0;
    times.sort();
    let (per_second, p99) = (times.len() as f64 / spent.as_secs_f64(), times[times.len() * 99 / 100]);
    let per_cpu = times.len() as f64 / cpu;
    println!(
        "{} posts in {spent:.2?}: {per_second:.0} posts/s, p99 {p99:.0?}, {per_cpu:.0} posts per CPU second of the daemon",
        times.len()
    );
    daemon.kill().unwrap();
    daemon.wait().unwrap();
}

fn send(sender: usize) -> Vec<Duration> {
    let mut stream = TcpStream::connect("127.0.0.1:19464").unwrap();
    stream.set_nodelay(true).unwrap();
    let mut times = Vec::new();
    for number in 0..POSTS / SENDERS {
        let body = format!(
            "<cdr><variables><uuid>{sender}-{number}</uuid><last_app>conference</last_app><conference_uuid>C{sender}-{}</conference_uuid>\
             <conference_name>332703-x</conference_name><answer_epoch>{}</answer_epoch><end_epoch>{}</end_epoch>{}</variables></cdr>",
            number / 10,
            START + number as u64,
            START + number as u64 + 600,
            "<sip_call_id>0123456789abcdef</sip_call_id>".repeat(40)
        );
        let since = Instant::now();
        write!(
            stream,
            "POST /intake/b HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = [0; 1024];
        let length = stream.read(&mut answer).unwrap();
        let answer = String::from_utf8_lossy(&answer[..length]);
        assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\"stored\":1"), "{answer}");
        times.push(since.elapsed());
    }
    times
}
