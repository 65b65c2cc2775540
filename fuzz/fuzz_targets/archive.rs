//! What an object store answers: any status, headers and body make objects, a list or an error that can be shown, and no
//! object is longer than what was asked for.
#![no_main]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::{LazyLock, Mutex, PoisonError};

use libfuzzer_sys::fuzz_target;
use statementd::archive::{Archive, StatementFolder};
use statementd::domain::StatementId;
use tokio::runtime::Runtime;

const LIMIT: u64 = 1000;
/// Others are tried again, which takes time and shows nothing new.
const STATUSES: [&str; 8] = ["200 OK", "206 Partial", "304 Same", "400 Bad", "403 No", "404 Gone", "409 Conflict", "412 Failed"];
const LONGEST_WORDS: usize = 4000;

static ANSWER: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime"));
static ARCHIVE: LazyLock<Archive> = LazyLock::new(|| {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let endpoint = format!("http://{}", listener.local_addr().expect("a port"));
    std::thread::spawn(move || store(&listener));
    let options = [
        ("aws_endpoint", endpoint.as_str()),
        ("aws_allow_http", "true"),
        ("aws_region", "x"),
        ("aws_access_key_id", "k"),
        ("aws_secret_access_key", "s"),
    ];
    let options: BTreeMap<_, _> = options.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    Archive::open("s3://bucket/prefix", &options).expect("an archive")
});

// The first byte is what is asked for, the second the status; then headers up to an empty line, and the body.
fuzz_target!(|input: &[u8]| {
    let [order, status, rest @ ..] = input else { return };
    let (headers, body) = match rest.windows(2).position(|pair| pair == b"\n\n") {
        Some(at) => (&rest[..at], &rest[at + 2..]),
        None => (&rest[..0], rest),
    };
    *ANSWER.lock().unwrap_or_else(PoisonError::into_inner) = answer(STATUSES[usize::from(*status) % 8], headers, body);
    let archive = &*ARCHIVE;
    let shown = RUNTIME.block_on(async {
        match order % 4 {
            0 => archive.get("2009-05/index.csv", LIMIT).await.map(|object| {
                assert!(object.is_none_or(|bytes| bytes.len() as u64 <= LIMIT), "a limit is a limit");
            }),
            1 => archive.list("2009-05").await.map(drop),
            2 => archive.top_level().await.map(drop),
            _ => archive.manifest(&folder()).await.map(|found| {
                if let Some((manifest, bytes)) = found {
                    assert!(!bytes.is_empty() && manifest.in_short().len() <= bytes.len() + 100);
                    let again = manifest.to_bytes().expect("a manifest that was read can be written");
                    assert_eq!(serde_json::from_slice::<statementd::archive::Manifest>(&again).ok(), Some(manifest));
                }
            }),
        }
    });
    if let Err(error) = shown {
        let words = error.to_string();
        assert!(words.chars().count() <= LONGEST_WORDS, "{} characters", words.chars().count());
        assert!(!words.contains(|c: char| c.is_control() && c != '\n'), "{words:?}");
    }
});

fn folder() -> StatementFolder {
    StatementId {
        period: "2009-05".parse().expect("a period"),
        account: "602127".parse().expect("an account"),
        revision: 1,
    }
    .into()
}

/// Well formed as HTTP: what is not is the client library's, which tries again.
fn answer(status: &str, headers: &[u8], body: &[u8]) -> Vec<u8> {
    let mut answer = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n", body.len()).into_bytes();
    let names: [&[u8]; 3] = [b"etag:", b"last-modified:", b"content-type:"];
    for line in headers.split(|byte| *byte == b'\n') {
        if names.iter().any(|name| line.to_ascii_lowercase().starts_with(name)) {
            answer.extend(line.iter().filter(|byte| (b' '..0x7f).contains(*byte)));
            answer.extend(b"\r\n");
        }
    }
    answer.extend(b"Connection: close\r\n\r\n");
    answer.extend(body);
    answer
}

/// Answers each request with what is to be answered now.
fn store(listener: &TcpListener) {
    for stream in listener.incoming().flatten() {
        let mut lines = BufReader::new(&stream);
        let mut line = String::new();
        while lines.read_line(&mut line).is_ok_and(|length| length > 2) {
            line.clear();
        }
        // Once: what says that there is more would be asked for ever.
        let mut answer = std::mem::take(&mut *ANSWER.lock().unwrap_or_else(PoisonError::into_inner));
        if answer.is_empty() {
            answer = self::answer("404 Gone", b"", b"");
        }
        let _ = (&stream).write_all(&answer);
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let _ = (&stream).read_to_end(&mut Vec::new());
    }
}
