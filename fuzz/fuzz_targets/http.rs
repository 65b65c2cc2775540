//! What clients send to an HTTP listener: any bytes get an answer or a closed connection, a handler never sees more than
//! it allows, and the next client is served.
#![no_main]

use std::net::SocketAddr;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::RawQuery;
use axum::routing::{get, post};
use libfuzzer_sys::fuzz_target;
use statementd::web::{Hosts, Limits, only_known_hosts, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime::Runtime;
use tokio::time::timeout;

const LONGEST_BODY: usize = 1000;
const LIMITS: Limits = Limits {
    connections: 4,
    head: Duration::from_millis(50),
    answer: Duration::from_millis(50),
    request: Duration::from_millis(100),
    body: LONGEST_BODY,
};
/// Beyond all limits together.
const WAIT: Duration = Duration::from_secs(5);

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime"));
static ADDRESS: LazyLock<SocketAddr> = LazyLock::new(|| {
    RUNTIME.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("a port");
        let hosts = Hosts::new(address, ["status.example.com"]);
        let router = Router::new()
            .route("/", get(async || "here"))
            .route("/query", get(async |RawQuery(query): RawQuery| query.unwrap_or_default().len().to_string()))
            .route("/length", post(length))
            .layer(axum::middleware::from_fn_with_state(hosts, only_known_hosts));
        tokio::spawn(serve(listener, router, LIMITS, Default::default()));
        address
    })
});

async fn length(body: Bytes) -> String {
    assert!(body.len() <= LONGEST_BODY, "a body of {} bytes got through", body.len());
    body.len().to_string()
}

fuzz_target!(|request: &[u8]| {
    let address = *ADDRESS;
    RUNTIME.block_on(async {
        let answer = ask(address, request).await;
        assert!(answer.is_empty() || answer.starts_with(b"HTTP/1."), "{:?}", String::from_utf8_lossy(&answer));
        let next = ask(address, b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await;
        assert!(next.starts_with(b"HTTP/1.1 200"), "the next client gets {:?}", String::from_utf8_lossy(&next));
    });
});

async fn ask(address: SocketAddr, request: &[u8]) -> Vec<u8> {
    let mut stream = connect(address).await.expect("a connection");
    let mut answer = Vec::new();
    // A client that is refused early may find the connection closed while it still sends.
    let _ = stream.write_all(request).await;
    let _ = stream.shutdown().await;
    let ended = timeout(WAIT, stream.read_to_end(&mut answer)).await;
    assert!(ended.is_ok(), "a connection does not end");
    answer
}

/// From another loopback address each time: thousands of connections a second use up the ports of one.
async fn connect(address: SocketAddr) -> std::io::Result<TcpStream> {
    static CLIENTS: AtomicU32 = AtomicU32::new(0);
    let client = CLIENTS.fetch_add(1, Ordering::Relaxed) % (1 << 16);
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from(([127, 1 + (client >> 14) as u8, (client >> 7) as u8 & 0x7f, 1 + (client as u8 & 0x7f)], 0)))?;
    socket.connect(address).await
}
