//! What is too large to attach: a link to exactly that file, where the archive has links; else a sentence.

use std::io::{Read, Write};

use mail_parser::{Message, MessageParser};
use statementd::archive::Archive;
use statementd::archive::LARGEST_MANIFEST;
use statementd::mail::Transport;

use super::fault_server::FaultServer;
use super::fixture::{CLOSING_DAY, Fixture, Plan, smtp};
use crate::support::object_stores::ObjectStore;

const WORKBOOK: &str = "2009-05/600000/r1/account.xlsx";

/// One delivery of a statement in an archive on S3.
async fn on_s3(store: &ObjectStore, server: &FaultServer) -> Fixture {
    let archive = Archive::open(&store.url, &store.options()).unwrap();
    let root = tempfile::tempdir().unwrap();
    Fixture::published_in(archive, root, &Plan::one_owner(), Transport::Smtp(smtp(server.port))).await
}

/// Sends the one message there is, which brings no file.
async fn sent_without_files(fixture: &Fixture, server: &FaultServer) -> Vec<u8> {
    assert_eq!(fixture.round().await.accepted, 1);
    let stored = server.stored().remove(0).bytes;
    assert_eq!(parsed(&stored).attachment_count(), 0);
    stored
}

fn parsed(bytes: &[u8]) -> Message<'_> {
    MessageParser::default().parse(bytes).unwrap()
}

/// The link: on a line of its own in the text, and of the button in the HTML.
fn link_in(bytes: &[u8]) -> String {
    let message = parsed(bytes);
    let (text, html) = (message.body_text(0).unwrap(), message.body_html(0).unwrap());
    assert!(text.contains("trop volumineux") && text.contains("10 juin 2009"), "until when: {text}");
    let link = text.lines().find(|line| line.starts_with("http://")).expect(&text).trim().to_owned();
    assert!(html.replace("&amp;", "&").contains(&format!("href=\"{link}\"")), "{html}");
    link
}

/// What the link returns to someone who has nothing else.
fn download(link: &str) -> Vec<u8> {
    let (host, path) = link.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = std::net::TcpStream::connect(host).unwrap();
    write!(stream, "GET /{path} HTTP/1.0\r\nHost: {host}\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let head = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    assert!(answer[..head].split(|byte| *byte == b' ').nth(1) == Some(b"200"), "{:?}", answer[..head].escape_ascii());
    answer.split_off(head + 4)
}

#[tokio::test]
async fn attachments_beyond_the_limit_become_a_signed_link_to_the_workbook() {
    let store = ObjectStore::s3();
    let server = FaultServer::sound().await;
    let fixture = on_s3(&store, &server).await.with_rules(|rules| rules.max_attachment = 100);
    let link = link_in(&sent_without_files(&fixture, &server).await);
    assert!(link.contains("X-Amz-Signature=") && link.contains("X-Amz-Expires=604800"), "{link}");
    let archived = fixture.context.archive.get(WORKBOOK, LARGEST_MANIFEST).await.unwrap().unwrap();
    let downloaded = tokio::task::spawn_blocking(move || download(&link)).await.unwrap();
    assert!(downloaded == archived, "{} bytes of {}", downloaded.len(), archived.len());
}

#[tokio::test]
async fn a_message_beyond_the_server_s_size_brings_a_link() {
    let store = ObjectStore::s3();
    let server = FaultServer::offering(vec!["SIZE 16000"], |_, _| None).await;
    let fixture = on_s3(&store, &server).await;
    let message = sent_without_files(&fixture, &server).await;
    assert!(message.len() <= 16_000, "{} bytes", message.len());
    link_in(&message);
}

#[tokio::test]
async fn an_archive_without_links_says_how_to_get_the_files() {
    let server = FaultServer::offering(vec!["SIZE 16000"], |_, _| None).await;
    let fixture = Fixture::published(&Plan::one_owner(), Transport::Smtp(smtp(server.port))).await;
    let of_the_server = sent_without_files(&fixture, &server).await;
    assert!(of_the_server.len() <= 16_000, "{} bytes", of_the_server.len());

    let server = FaultServer::sound().await;
    let fixture = Fixture::published(&Plan::one_owner(), Transport::Smtp(smtp(server.port))).await;
    let fixture = fixture.with_rules(|rules| rules.max_attachment = 100);
    for bytes in [of_the_server, sent_without_files(&fixture, &server).await] {
        let text = parsed(&bytes).body_text(0).unwrap().into_owned();
        assert!(text.contains("trop volumineux") && text.contains("sur simple demande"), "{text}");
        assert!(!text.contains("X-Amz"), "{text}");
    }
}

#[tokio::test]
async fn a_message_that_no_server_takes_even_without_files_bounces_with_the_reason() {
    let server = FaultServer::offering(vec!["SIZE 900"], |_, _| None).await;
    let fixture = Fixture::published(&Plan::one_owner(), Transport::Smtp(smtp(server.port))).await;
    assert_eq!(fixture.round().await.bounced, 1);
    assert!(fixture.delivery().await.last_answer.unwrap().starts_with("the server takes 900 bytes at most"));
}

#[tokio::test]
async fn mail_that_was_under_way_when_its_month_left_the_archive_is_held() {
    let server = FaultServer::sound().await;
    let mut fixture = Fixture::published(&Plan::one_owner(), Transport::Smtp(smtp(server.port))).await;
    let store = &fixture.context.store;
    let claimed = store.claim_deliveries(CLOSING_DAY.parse().unwrap(), 1).await.unwrap();
    assert_eq!(claimed.len(), 1);
    let mut tx = store.write().await.unwrap();
    let due = tx.retention().statements_past_retention(0).await.unwrap().remove(0);
    assert!(tx.retention().expire_statement(&due, CLOSING_DAY.parse().unwrap()).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(fixture.states().await, [("sending", 1)].into(), "no one takes it from the process that sends it");

    fixture.rounds_until_quiet().await;
    let delivery = fixture.delivery().await;
    assert_eq!((delivery.state.as_str(), server.stored().len()), ("held", 0));
    assert!(delivery.last_answer.unwrap().starts_with("the month has left the archive"));
}
