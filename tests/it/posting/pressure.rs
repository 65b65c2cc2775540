//! Posts when something is wrong: guessed tokens, a writer that is behind, a database that is away, several at once.

use super::{AS_OF, Bridge, TOKEN, bridge, channel, configuration, installed, listening};
use crate::support::crashing_postgres::CrashingPostgres;
use crate::support::{Pauses, Program, Running, free_port};

const XML: &str = "Content-Type: text/xml\r\n";

fn known() -> String {
    format!("{XML}Authorization: Bearer {TOKEN}\r\n")
}

fn assert_is_told_to_come_again(answer: &str, status: &str) {
    assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
    let seconds =
        answer.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("retry-after: ").map(str::to_owned));
    assert!(seconds.is_some_and(|seconds| seconds.trim().parse::<u64>().unwrap() > 0), "{answer}");
}

#[test]
fn a_network_that_guesses_tokens_has_to_wait_whatever_it_sends() {
    let bridge = bridge();
    let wrong = format!("{XML}Authorization: Bearer another-token-of-some-length\r\n");
    let statuses: Vec<u16> = (0..31).map(|_| bridge.post("/intake/fs", &wrong, "<cdr/>").0).collect();
    assert_eq!((statuses[0], statuses[29]), (401, 401));
    assert_is_told_to_come_again(&bridge.answer("/intake/fs", &wrong, "<cdr/>"), "429");
    assert_is_told_to_come_again(&bridge.answer("/intake/fs", &known(), &channel("L1", "332703")), "429");
}

#[test]
fn a_bridge_that_posts_goes_on_beside_one_that_has_an_old_token() {
    let bridge = bridge();
    assert_eq!(bridge.post("/intake/fs", &known(), &channel("L1", "332703")).0, 200);
    let wrong = format!("{XML}Authorization: Bearer another-token-of-some-length\r\n");
    let statuses: Vec<u16> = (0..40).map(|_| bridge.post("/intake/fs", &wrong, "<cdr/>").0).collect();
    assert_eq!(statuses[39], 429);
    assert_eq!(bridge.post("/intake/fs", &known(), &channel("L2", "332703")).0, 200);
}

#[test]
fn who_waits_for_too_long_is_told_to_come_again_and_finds_what_is_stored_by_then() {
    let (pauses, port) = (Pauses::at("before-posts-are-committed"), free_port());
    let program = installed(Program::with(&configuration(port)));
    let running = Running::new(pauses.command(&program, &["run", "--as-of", AS_OF]));
    let mut bridge = listening(program, running, port);
    let first = bridge.answer("/intake/fs", &known(), &channel("L1", "332703"));
    assert_is_told_to_come_again(&first, "503");
    pauses.until(&mut bridge.running, "before-posts-are-committed");
    pauses.resume("before-posts-are-committed");
    let again = bridge.counts("/intake/fs", "text/xml", &channel("L1", "332703"));
    assert_eq!((&again["stored"], &again["duplicates"]), (&0.into(), &1.into()), "{again}");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_database_is_away_nothing_is_answered_as_stored() {
    let mut server = CrashingPostgres::start().await;
    let port = free_port();
    let program = Program::on(&server.url(), &configuration(port));
    let (bridge, mut server) = tokio::task::spawn_blocking(move || {
        let program = installed(program);
        let running = program.start(&["run", "--as-of", AS_OF]);
        let bridge = listening(program, running, port);
        assert_eq!(bridge.post("/intake/fs", &known(), &channel("L1", "332703")).0, 200);
        server.end();
        let answer = bridge.answer("/intake/fs", &known(), &channel("L2", "332703"));
        assert_is_told_to_come_again(&answer, "503");
        (bridge, server)
    })
    .await
    .unwrap();
    server.come_back().await;
    tokio::task::spawn_blocking(move || until_taken(bridge, "L2")).await.unwrap();
}

/// A sender that sends again until it is answered.
fn until_taken(mut bridge: Bridge, leg: &str) {
    let (port, document) = (bridge.port, channel(leg, "332703"));
    let Bridge { program, running, .. } = &mut bridge;
    running.until("the post is taken", || {
        let again = super::post_to(port, "/intake/fs", &known(), &document);
        again.starts_with("HTTP/1.1 200")
    });
    assert!(program.ok(&["usage", "list", "--room", "332703"]).contains(leg));
}

#[test]
fn a_cloud_event_is_taken_alone_and_in_a_batch_and_again_is_a_duplicate() {
    let bridge = bridge();
    let sample =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("config/readers/samples/twilio/event-stream.json");
    let batch = std::fs::read_to_string(sample).unwrap().replace("2026-05-06", "2009-05-06");
    let events: Vec<serde_json::Value> = serde_json::from_str(&batch).unwrap();
    let post = |event: &serde_json::Value| {
        bridge.counts("/intake/twilio", "application/cloudevents+json", &event.to_string())["stored"]
            .as_u64()
            .unwrap()
    };
    let stored: u64 = events.iter().map(post).sum();
    let again = bridge.counts("/intake/twilio", "application/cloudevents-batch+json", &batch);
    assert_eq!((stored, again["duplicates"].as_u64()), (1, Some(1)));
    let charset =
        bridge.counts("/intake/twilio", "application/cloudevents+json; charset=utf-8", &events[0].to_string());
    assert_eq!(charset["stored"], 0, "{charset}");
}

#[test]
fn many_that_post_at_once_are_all_stored_each_once() {
    let bridge = bridge();
    let port = bridge.port;
    let send = move |sender: u32| {
        let answer =
            |leg: u32| super::post_to(port, "/intake/fs", &known(), &channel(&format!("{sender}-{leg}"), "332703"));
        (0..10).filter(|leg| answer(*leg).contains("\"stored\":1")).count()
    };
    let stored: usize = std::thread::scope(|scope| {
        let senders: Vec<_> = (0..32).map(|sender| scope.spawn(move || send(sender))).collect();
        senders.into_iter().map(|sender| sender.join().unwrap()).sum()
    });
    assert_eq!(stored, 320);
    let source = &bridge.program.json(&["intake", "list", "--json"])[0];
    assert_eq!((&source["stored"], &source["files"]), (&320.into(), &320.into()), "{source}");
}
