//! Usage that bridges post: who may post, what is answered, and that nothing is answered before it is stored.

mod pressure;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use crate::support::{Program, Running, csv, free_port};

/// May 2009 is running.
const AS_OF: &str = "2009-05-20T00:00:00Z";
const TOKEN: &str = "a-token-of-24-characters";
const MASTER: [(&str, &str); 3] = [
    (
        "tariffs",
        csv!(tariffs, "BASE,LOCAL,Local access,EUR,0.09,1,0,2009-01-01", "BASE,WEB,Web,EUR,0.01,1,0,2009-01-01"),
    ),
    ("accounts", csv!(accounts, "602127,MeetingOne,EUR,Europe/Paris,fr-FR,BASE,,a@x.example")),
    ("rooms", csv!(rooms, "332703,602127,M,,,true")),
];

struct Bridge {
    program: Program,
    running: Running,
    port: u16,
}

/// A source that has the name of its preset.
fn preset(name: &str) -> String {
    format!(
        "[[intake]]\nname = \"{name}\"\nreader = \"{name}\"\ndefault = \"LOCAL\"\nfrom = \"http\"\ntoken = \"{TOKEN}\"\n"
    )
}

fn bridge() -> Bridge {
    let port = free_port();
    let program = installed(Program::with(&configuration(port)));
    let running = program.start(&["run", "--as-of", AS_OF]);
    listening(program, running, port)
}

fn configuration(port: u16) -> String {
    format!(
        "http.intake_listen = \"127.0.0.1:{port}\"\n\
         [[intake]]\nname = \"fs\"\nreader = \"freeswitch-cdr-xml\"\ndefault = \"LOCAL\"\nfrom = \"http\"\ntoken = \"{TOKEN}\"\n\
         [[intake]]\nname = \"cms\"\nreader = \"cisco-meeting-server\"\ndefault = \"LOCAL\"\nfrom = \"http\"\ntoken = \"{TOKEN}\"\n{}",
        ["freeswitch-cdr-json", "jitsi", "twilio"].map(preset).concat()
    )
}

fn installed(program: Program) -> Program {
    for (kind, text) in MASTER {
        program.ok(&["import", kind, &program.write(&format!("{kind}.csv"), text)]);
    }
    program
}

fn listening(program: Program, mut running: Running, port: u16) -> Bridge {
    running.until_logged("Usage can be posted");
    Bridge { program, running, port }
}

impl Bridge {
    /// Status and body of the answer.
    fn post(&self, path: &str, headers: &str, body: &str) -> (u16, String) {
        let answer = self.answer(path, headers, body);
        let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
        (status, answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default())
    }

    fn answer(&self, path: &str, headers: &str, body: &str) -> String {
        post_to(self.port, path, headers, body)
    }

    fn counts(&self, path: &str, kind: &str, body: &str) -> serde_json::Value {
        let headers = format!("Authorization: Bearer {TOKEN}\r\nContent-Type: {kind}\r\n");
        let (status, body) = self.post(path, &headers, body);
        assert_eq!(status, 200, "{body}");
        serde_json::from_str(&body).unwrap()
    }
}

/// The whole answer.
fn post_to(port: u16, path: &str, headers: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let length = body.len();
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    answer
}

fn channel(uuid: &str, room: &str) -> String {
    format!(
        "<cdr><variables><uuid>{uuid}</uuid><last_app>conference</last_app><conference_uuid>C1</conference_uuid>\
         <conference_name>{room}-x</conference_name><answer_epoch>1241604862</answer_epoch><end_epoch>1241605462</end_epoch>\
         </variables></cdr>"
    )
}

#[test]
fn a_posted_document_is_stored_before_it_is_answered_and_again_it_is_a_duplicate() {
    let bridge = bridge();
    let counts = bridge.counts("/intake/fs", "text/xml", &channel("L1", "332703"));
    assert_eq!((&counts["stored"], &counts["duplicates"]), (&1.into(), &0.into()), "{counts}");
    bridge.running.signal("KILL");
    assert!(
        bridge.program.ok(&["usage", "list", "--room", "332703"]).contains("L1"),
        "it was answered, so it is there"
    );
}

#[test]
fn the_same_body_again_is_a_duplicate_in_whatever_form_and_what_cannot_be_used_is_kept() {
    let bridge = bridge();
    let document = channel("L1", "332703");
    assert_eq!(bridge.counts("/intake/fs", "text/xml", &document)["stored"], 1);
    let encoded = document.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat();
    let form = "application/x-www-form-urlencoded";
    assert_eq!(bridge.counts("/intake/fs?uuid=a_L1", form, &format!("cdr={encoded}"))["duplicates"], 1);
    let counts = bridge.counts("/intake/fs", "text/xml", &channel("L2", "999"));
    assert_eq!((&counts["stored"], &counts["rejected"]), (&0.into(), &1.into()), "the room is unknown: {counts}");
    let counts = bridge.counts("/intake/fs", "text/xml", "<cdr><variables>");
    assert_eq!(counts["rejected"], 1, "what cannot be read is kept: {counts}");
    let rejects = bridge.program.json(&["import", "rejects", "list", "--json"]);
    assert_eq!(rejects.as_array().unwrap().len(), 2, "{rejects}");
    let sources = bridge.program.json(&["intake", "list", "--json"]);
    assert_eq!((&sources[0]["stored"], &sources[0]["rejected"]), (&1.into(), &2.into()), "{sources}");
}

#[test]
fn events_of_a_leg_come_in_posts_of_their_own() {
    let bridge = bridge();
    let event = |kind: &str, time: &str, inner: &str| {
        let body = format!(
            "<records><record type=\"{kind}\" time=\"{time}\"><callLeg id=\"L1\">{inner}</callLeg></record></records>"
        );
        bridge.counts("/intake/cms", "text/xml", &body)
    };
    event("callLegStart", "2009-05-06T10:00:00Z", "<localAddress>332703@y</localAddress>");
    event("callLegUpdate", "2009-05-06T10:00:02Z", "<state>connected</state><call>C9</call>");
    let end = || event("callLegEnd", "2009-05-06T10:10:00Z", "<durationSeconds>598</durationSeconds>");
    let waiting = || bridge.program.json(&["intake", "list", "--json"])[1]["open_legs"].clone();
    assert_eq!(waiting(), 1, "the leg is still on");
    assert_eq!((end()["stored"].as_u64(), end()["duplicates"].as_u64()), (Some(1), Some(1)));
    assert_eq!(waiting(), 0, "what is known of a leg that has ended waits for nothing");
}

#[test]
fn bodies_as_mod_json_cdr_jitsi_and_twilio_send_them_are_stored_and_again_are_duplicates() {
    let bridge = bridge();
    let sample = |name: &str| {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("config/readers/samples").join(name);
        // In the month that is running.
        std::fs::read_to_string(path).unwrap().replace("2026-05-06", "2009-05-06").replace("162582", "124162")
    };
    let json = sample("freeswitch-cdr-json/a.cdr.json");
    let encoded = json.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat();
    for (path, kind, body, legs) in [
        ("freeswitch-cdr-json?uuid=a_1", "application/json", json, 1),
        ("jitsi/events/room/destroyed", "application/json", sample("jitsi/events.jsonl"), 2),
        ("twilio", "application/cloudevents-batch+json", sample("twilio/event-stream.json"), 1),
    ] {
        let path = format!("/intake/{path}");
        let first = bridge.counts(&path, kind, &body);
        assert_eq!((&first["stored"], &first["rejected"]), (&legs.into(), &0.into()), "{path}: {first}");
        let again = bridge.counts(&path, kind, &body);
        assert_eq!((&again["stored"], &again["duplicates"]), (&0.into(), &legs.into()), "{path}: {again}");
    }
    let form =
        bridge.counts("/intake/freeswitch-cdr-json", "application/x-www-form-urlencoded", &format!("cdr={encoded}"));
    assert_eq!(form["duplicates"], 1, "{form}");
    let strange = bridge.counts("/intake/jitsi", "application/json", &sample("twilio/participants.jsonl"));
    assert_eq!((&strange["stored"], &strange["rejected"]), (&0.into(), &1.into()), "{strange}");
    let rejects = bridge.program.json(&["import", "rejects", "list", "--json"]);
    assert!(rejects.to_string().contains("the reader for it is twilio"), "{rejects}");
}

#[test]
fn who_does_not_know_the_token_learns_nothing_and_what_is_too_long_is_not_read() {
    let bridge = bridge();
    let xml = "Content-Type: text/xml\r\n";
    let (unknown, said) = bridge.post("/intake/nobody", xml, "<cdr/>");
    assert_eq!((unknown, said.clone()), (401, bridge.post("/intake/fs", xml, "<cdr/>").1), "{said}");
    let wrong = format!("{xml}Authorization: Bearer another-token-of-some-length\r\n");
    assert_eq!(bridge.post("/intake/fs", &wrong, "<cdr/>").0, 401);
    // FreeSWITCH's way: user:token in Basic.
    let basic = format!("{xml}Authorization: Basic ZnM6YS10b2tlbi1vZi0yNC1jaGFyYWN0ZXJz\r\n");
    assert_eq!(bridge.post("/intake/fs", &basic, &channel("L1", "332703")).0, 200);
    let known = format!("Authorization: Bearer {TOKEN}\r\n");
    assert_eq!(bridge.post("/intake/fs", &format!("{known}Content-Type: image/png\r\n"), "x").0, 415);
    let mut stream = TcpStream::connect(("127.0.0.1", bridge.port)).unwrap();
    write!(stream, "POST /intake/fs HTTP/1.1\r\nHost: localhost\r\n{known}{xml}Content-Length: 99999999\r\n\r\n")
        .unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 413");
}
