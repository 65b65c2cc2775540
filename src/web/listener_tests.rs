//! Each limit over real connections, with limits small enough to be met.

use std::time::Duration;

use axum::Extension;
use axum::routing::{get, post};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;

/// Longer than anything here takes.
const LONG: Duration = Duration::from_mins(2);
const SHORT: Duration = Duration::from_millis(50);

const LIMITS: Limits = Limits { connections: 4, head: LONG, answer: LONG, request: LONG, body: 1000 };

/// Pieces of an answer that take longer together than [`TIME`], and less each.
const DROPS: u32 = 6;
const TIME: Duration = Duration::from_secs(2);

fn endless() -> Body {
    Body::from_stream(futures_util::stream::repeat(Ok::<_, Infallible>(vec![0_u8; 65_536])))
}

fn drops() -> Body {
    Body::from_stream(futures_util::stream::unfold(0, async |sent| {
        tokio::time::sleep(TIME / (DROPS - 2)).await;
        (sent < DROPS).then(|| (Ok::<_, Infallible>("drop "), sent + 1))
    }))
}

struct Served {
    address: SocketAddr,
    stop: CancellationToken,
    task: tokio::task::JoinHandle<()>,
}

async fn served(limits: Limits) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let never = async || std::future::pending::<&str>().await;
    let router = Router::new()
        .route("/", get(async || "here"))
        .route("/length", post(async |body: axum::body::Bytes| body.len().to_string()))
        .route("/never", get(never))
        .route("/endless", get(async || endless()));
    let router = router
        .route("/drops", get(async || drops()))
        .route("/drops-of-any-length", get(async || (Extension(OfAnyLength), drops())))
        .route("/endless-of-any-length", get(async || (Extension(OfAnyLength), endless())));
    let stop = CancellationToken::new();
    let task = tokio::spawn(serve(listener, router, limits, stop.clone()));
    Served { address, stop, task }
}

impl Served {
    async fn send(&self, text: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        stream
    }

    async fn ask(&self, text: &str) -> String {
        rest(self.send(text).await).await
    }
}

/// Everything until the other side ends the connection, in whatever way.
async fn rest(mut stream: TcpStream) -> String {
    let mut all = Vec::new();
    let _ = timeout(LONG, stream.read_to_end(&mut all)).await.expect("the connection ends");
    String::from_utf8_lossy(&all).into_owned()
}

#[tokio::test]
async fn half_a_head_ends_with_its_time() {
    let served = served(Limits { head: SHORT, ..LIMITS }).await;
    served.ask("GET / HT").await;
    served.ask("").await;
}

#[tokio::test]
async fn connections_that_ask_nothing_give_way_to_one_that_does() {
    let served = served(LIMITS).await;
    let mut silent = Vec::new();
    for _ in 0..100 {
        silent.push(served.send("GET / HTTP/1.1\r\nHost: a").await);
    }
    assert!(served.ask("GET / HTTP/1.0\r\n\r\n").await.ends_with("here"));
}

#[tokio::test]
async fn bodies_that_come_drop_by_drop_give_way_to_whole_requests() {
    let served = served(LIMITS).await;
    let mut slow = Vec::new();
    for _ in 0..100 {
        slow.push(served.send("POST /length HTTP/1.1\r\nContent-Length: 8\r\n\r\nhalf").await);
        assert!(served.ask("GET / HTTP/1.0\r\n\r\n").await.ends_with("here"));
    }
}

#[tokio::test]
async fn connections_that_are_being_answered_keep_their_places_for_their_time_only() {
    let served = served(Limits { answer: SHORT, ..LIMITS }).await;
    let mut busy = Vec::new();
    for _ in 0..4 {
        busy.push(served.send("GET /never HTTP/1.1\r\n\r\n").await);
    }
    assert!(served.ask("GET / HTTP/1.0\r\n\r\n").await.ends_with("here"));
    for stream in busy {
        assert!(rest(stream).await.starts_with("HTTP/1.1 503 "));
    }
}

#[tokio::test]
async fn a_reader_that_does_not_read_is_cut() {
    let served = served(Limits { connections: 1, request: SHORT, ..LIMITS }).await;
    let mut slow = served.send("GET /endless HTTP/1.1\r\n\r\n").await;
    slow.read_exact(&mut [0; 10]).await.unwrap();
    assert!(served.ask("GET / HTTP/1.0\r\n\r\n").await.ends_with("here"));
}

#[tokio::test]
async fn an_answer_of_any_length_goes_on_while_it_is_taken_and_others_end_with_their_time() {
    let served = served(Limits { request: TIME, ..LIMITS }).await;
    let (cut, whole) = tokio::join!(
        served.ask("GET /drops HTTP/1.0\r\n\r\n"),
        served.ask("GET /drops-of-any-length HTTP/1.0\r\n\r\n")
    );
    assert_eq!(whole.matches("drop ").count(), DROPS as usize, "{whole}");
    assert!(cut.matches("drop ").count() < DROPS as usize, "{cut}");
}

#[tokio::test]
async fn a_reader_that_does_not_read_is_cut_from_an_answer_of_any_length() {
    let served = served(Limits { connections: 1, request: SHORT, ..LIMITS }).await;
    let mut slow = served.send("GET /endless-of-any-length HTTP/1.1\r\n\r\n").await;
    slow.read_exact(&mut [0; 10]).await.unwrap();
    assert!(served.ask("GET / HTTP/1.0\r\n\r\n").await.ends_with("here"));
}

#[tokio::test]
async fn bodies_have_a_length() {
    let served = served(LIMITS).await;
    let with = |length: usize, sent: usize| {
        let body = "x".repeat(sent);
        format!("POST /length HTTP/1.1\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}")
    };
    assert!(served.ask(&with(1000, 1000)).await.ends_with("1000"));
    // Refused before any of it has come.
    assert!(served.ask(&with(1001, 0)).await.starts_with("HTTP/1.1 413 "));
    let chunks = format!("{:x}\r\n{}\r\n", 600, "x".repeat(600)).repeat(2);
    let chunked = format!("POST /length HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}");
    assert!(served.ask(&chunked).await.starts_with("HTTP/1.1 413 "));
}

#[tokio::test]
async fn a_body_that_does_not_come_ends_with_its_time() {
    let served = served(Limits { answer: SHORT, ..LIMITS }).await;
    let half = "POST /length HTTP/1.1\r\nContent-Length: 100\r\n\r\nhalf";
    assert!(served.ask(half).await.starts_with("HTTP/1.1 503 "));
}

#[tokio::test]
async fn heads_have_a_length() {
    let served = served(LIMITS).await;
    let with = |length: usize| format!("GET / HTTP/1.0\r\nx: {}\r\n\r\n", "x".repeat(length));
    assert!(served.ask(&with(LONGEST_HEAD / 2)).await.ends_with("here"));
    let answer = served.ask(&with(LONGEST_HEAD * 4)).await;
    assert!(!answer.contains("here"), "{answer}");
}

#[tokio::test]
async fn an_end_lets_answers_finish_and_nothing_else() {
    let served = served(LIMITS).await;
    let mut silent = served.send("GET / HTTP/1.1\r\nHos").await;
    let mut asked = served.send("POST /length HTTP/1.1\r\nContent-Length: 8\r\nExpect: 100-continue\r\n\r\n").await;
    // The answer to Expect says that the handler is at work.
    let mut go_on = [0; 25];
    asked.read_exact(&mut go_on).await.unwrap();
    served.stop.cancel();
    let _ = silent.read(&mut [0]).await;
    asked.write_all(b"finished").await.unwrap();
    assert!(rest(asked).await.ends_with('8'));
    timeout(LONG, served.task).await.expect("it ends").unwrap();
    assert!(TcpStream::connect(served.address).await.is_err());
}
