//! Start, answer, stop.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use service::config::Common;
use service::{CancellationToken, Ops, ServeError, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

async fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
}

async fn settings() -> Common {
    let text = format!(
        "data_dir = \"/nonexistent\"\nlisten = \"{}\"\nops_listen = \"{}\"\npublic_url = \"https://a.example\"\n",
        free_address().await,
        free_address().await
    );
    service::config::load::<toml::Table>(&text, None, []).unwrap().common
}

async fn fetch(address: SocketAddr, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    stream
        .write_all(format!("GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").as_bytes())
        .await?;
    let mut text = String::new();
    stream.read_to_string(&mut text).await?;
    Ok(text)
}

async fn fetch_when_up(address: SocketAddr, path: &str) -> String {
    for _ in 0..100 {
        if let Ok(text) = fetch(address, path).await {
            return text;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the service did not come up");
}

fn routes() -> Router {
    Router::new().route("/hello", get(async || "hello")).route(
        "/slow",
        get(async || {
            tokio::time::sleep(Duration::from_millis(300)).await;
            "finished"
        }),
    )
}

#[tokio::test]
async fn both_listeners_answer_and_readiness_follows_the_conditions() {
    let common = settings().await;
    let (ops, stop) = (Ops::new(), CancellationToken::new());
    let ledger = ops.condition("ledger");
    let running = tokio::spawn({
        let (common, ops, stop) = (common.clone(), ops.clone(), stop.clone());
        async move { serve(&common, routes(), &ops, stop).await }
    });
    assert!(fetch_when_up(common.listen, "/hello").await.ends_with("hello"));
    assert!(
        fetch(common.ops_listen, "/livez")
            .await
            .unwrap()
            .starts_with("HTTP/1.1 200")
    );
    let waiting = fetch(common.ops_listen, "/readyz").await.unwrap();
    assert!(
        waiting.starts_with("HTTP/1.1 503") && waiting.contains("ledger"),
        "{waiting}"
    );
    ledger.set(true);
    assert!(
        fetch(common.ops_listen, "/readyz")
            .await
            .unwrap()
            .starts_with("HTTP/1.1 200")
    );
    assert!(
        fetch(common.ops_listen, "/metrics")
            .await
            .unwrap()
            .contains("http_requests_total")
    );
    // L10: neither health nor metrics on the public listener.
    for path in ["/livez", "/readyz", "/metrics"] {
        assert!(
            fetch(common.listen, path).await.unwrap().starts_with("HTTP/1.1 404"),
            "{path}"
        );
    }
    stop.cancel();
    running.await.unwrap().unwrap();
    assert!(fetch(common.listen, "/hello").await.is_err());
}

#[tokio::test]
async fn a_request_at_work_finishes_after_the_stop() {
    let common = settings().await;
    let stop = CancellationToken::new();
    let running = tokio::spawn({
        let (common, stop) = (common.clone(), stop.clone());
        async move { serve(&common, routes(), &Ops::new(), stop).await }
    });
    fetch_when_up(common.listen, "/hello").await;
    let slow = tokio::spawn(fetch(common.listen, "/slow"));
    tokio::time::sleep(Duration::from_millis(100)).await;
    stop.cancel();
    assert!(slow.await.unwrap().unwrap().ends_with("finished"));
    running.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_taken_address_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut common = settings().await;
    common.listen = taken.local_addr().unwrap();
    let error = serve(&common, routes(), &Ops::new(), CancellationToken::new())
        .await
        .unwrap_err();
    assert!(
        matches!(&error, ServeError::Bind(bind) if bind.address == common.listen),
        "{error}"
    );
}
