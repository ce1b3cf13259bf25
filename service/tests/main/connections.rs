//! L2: slow and silent connections.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::get;
use service::{CancellationToken, ConnectionLimits, Listener};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn start(limits: ConnectionLimits) -> (SocketAddr, CancellationToken) {
    let listener = Listener::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let token = stop.clone();
    tokio::spawn(async move {
        listener
            .serve(Router::new().route("/", get(async || "ok")), &limits, token)
            .await
    });
    (address, stop)
}

#[tokio::test]
async fn l2_an_unfinished_head_is_cut_off() {
    let (address, _stop) = start(ConnectionLimits {
        header_timeout_ms: 200,
        ..ConnectionLimits::default()
    })
    .await;
    for sent in [&b""[..], b"G", b"GET / HTTP/1.1\r\nhost: a\r\n"] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(sent).await.unwrap();
        let started = Instant::now();
        let mut rest = Vec::new();
        let ended = tokio::time::timeout(Duration::from_secs(3), stream.read_to_end(&mut rest)).await;
        assert!(ended.is_ok(), "still open after {:?}", started.elapsed());
        assert!(!rest.starts_with(b"HTTP/1.1 200"));
    }
}

#[tokio::test]
async fn l2_connections_over_the_limit_wait_until_one_ends() {
    let limits = ConnectionLimits {
        open: 1,
        header_timeout_ms: 300,
        ..ConnectionLimits::default()
    };
    let (address, _stop) = start(limits).await;
    let _silent = TcpStream::connect(address).await.unwrap();
    let mut second = TcpStream::connect(address).await.unwrap();
    second
        .write_all(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        .await
        .unwrap();
    let mut text = String::new();
    tokio::time::timeout(Duration::from_secs(5), second.read_to_string(&mut text))
        .await
        .unwrap()
        .unwrap();
    assert!(text.ends_with("ok"), "{text}");
}

#[tokio::test]
async fn an_oversized_head_is_refused() {
    let (address, _stop) = start(ConnectionLimits::default()).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!("GET / HTTP/1.1\r\nhost: a\r\nx: {}\r\n\r\n", "a".repeat(200_000));
    let _ = stream.write_all(head.as_bytes()).await;
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes).await;
    assert!(
        !bytes.starts_with(b"HTTP/1.1 200"),
        "{:?}",
        String::from_utf8_lossy(&bytes)
    );
}
