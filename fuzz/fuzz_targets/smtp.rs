//! What a mail server says: an answer of any bytes ends the conversation or moves it on, its words can be shown, and a
//! message counts as accepted only if all of it went out before a yes came.
#![no_main]

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use statementd::domain::Tls;
use statementd::mail::{Failure, MailSender, Message, SmtpSettings, Transport, Waits};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::time::timeout;

/// The server's next words come when it was spoken to, or after this.
const IMPATIENCE: Duration = Duration::from_millis(2);
/// Longer than any words of the server take here.
const WAIT: Duration = Duration::from_millis(200);
const LONGEST_WORDS: usize = 700;
const BODY: &str = "Subject: x\r\n\r\n.dot\r\nend\r\n";

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime"));
static LISTENER: LazyLock<TcpListener> =
    LazyLock::new(|| RUNTIME.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port"));

// The first byte says who comes; behind it, what the server says each time it is spoken to, with a NUL in between.
fuzz_target!(|input: &[u8]| {
    let [kind, script @ ..] = input else { return };
    let port = LISTENER.local_addr().expect("a port").port();
    let settings = settings(port, kind & 1 == 1);
    RUNTIME.block_on(async {
        let client = async {
            if kind & 2 == 2 {
                MailSender::rehearse_one(&Transport::Smtp(settings), &message()).await.map(|()| None)
            } else {
                converse(settings).await.map(Some)
            }
        };
        let (heard, said) = tokio::join!(server(script), client);
        match said {
            Ok(None) => {}
            Ok(Some(words)) => {
                assert!(heard.windows(BODY.len()).any(|part| part.ends_with(b"end\r\n")), "the body went out");
                assert!(heard.windows(5).any(|part| part == b"\r\n.\r\n"), "and its end");
                assert!(words.starts_with('2'), "{words:?} is no yes");
                check(&words);
            }
            Err(failure) => check(&failure.to_string()),
        }
    });
});

/// Two messages, the second announced with the first.
async fn converse(settings: SmtpSettings) -> Result<String, Failure> {
    let mut sender = MailSender::new(Arc::new(Transport::Smtp(settings)));
    sender.prepare().await?;
    sender.announce(&message()).await?;
    let next = message();
    let words = sender.hand_over(message(), Some(&next)).await?;
    if let Some(Err(failure)) = sender.announced().await {
        check(&failure.to_string());
    }
    sender.finish().await;
    Ok(words)
}

fn check(words: &str) {
    assert!(words.chars().count() <= LONGEST_WORDS, "{} characters", words.chars().count());
    assert!(!words.contains(char::is_control), "{words:?}");
}

/// Speaks as the script says, and returns what it has heard.
async fn server(script: &[u8]) -> Vec<u8> {
    let (mut stream, _) = LISTENER.accept().await.expect("a client comes");
    let mut heard = Vec::new();
    for words in script.split(|byte| *byte == 0) {
        if stream.write_all(words).await.is_err() {
            break;
        }
        match timeout(IMPATIENCE, stream.read_buf(&mut heard)).await {
            Ok(Ok(0) | Err(_)) => break,
            _ => {}
        }
    }
    let _ = stream.shutdown().await;
    let _ = timeout(WAIT, stream.read_to_end(&mut heard)).await;
    // Thousands of connections a second: none may stay behind and take up a port.
    let _ = stream.set_zero_linger();
    heard
}

fn message() -> Message {
    Message {
        sender: "billing@operator.example".parse().expect("an address"),
        recipient: "owner@example.org".parse().expect("an address"),
        file_stem: "x".into(),
        bytes: BODY.into(),
    }
}

fn settings(port: u16, with_password: bool) -> SmtpSettings {
    SmtpSettings {
        host: "127.0.0.1".parse().expect("a host"),
        port,
        tls: Tls::None,
        username: with_password.then(|| "user".into()),
        password: with_password.then(|| "secret".to_owned().into()),
        ca_file: None,
        helo: Some("fuzz.example".into()),
        waits: Waits { connect: WAIT, command: WAIT, data: WAIT, block: WAIT, after_dot: WAIT },
    }
}
