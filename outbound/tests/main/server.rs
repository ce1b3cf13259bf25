//! A raw server on loopback that answers each connection with given bytes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use outbound::{Client, Policy};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

/// What the server does once the request head has been read.
#[derive(Clone)]
pub(crate) enum Answer {
    /// Writes this and closes.
    Bytes(Vec<u8>),
    /// Writes a head, then this byte again and again, with a pause in milliseconds.
    Endless(u8, u64),
    /// Says nothing.
    Silence,
}

pub(crate) struct Server {
    pub(crate) port: u16,
    connections: Arc<AtomicUsize>,
}

impl Server {
    pub(crate) async fn start(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let connections = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&connections);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counter.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(stream, answer.clone()));
            }
        });
        Self { port, connections }
    }

    pub(crate) fn url(&self, path: &str) -> Url {
        format!("http://agency.localhost:{}{path}", self.port).parse().unwrap()
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(Policy::Development { ports: vec![self.port] }).unwrap()
    }
}

pub(crate) fn http(status: &str, headers: &str, body: &[u8]) -> Answer {
    let mut bytes = format!(
        "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n",
        body.len()
    )
    .into_bytes();
    bytes.extend_from_slice(body);
    Answer::Bytes(bytes)
}

async fn serve(mut stream: TcpStream, answer: Answer) {
    let mut head = Vec::new();
    while !head.windows(4).any(|window| window == b"\r\n\r\n") {
        let mut buffer = [0; 1024];
        match stream.read(&mut buffer).await {
            Ok(read) if read > 0 => head.extend_from_slice(&buffer[..read]),
            _ => return,
        }
    }
    match answer {
        Answer::Bytes(bytes) => {
            let _ = stream.write_all(&bytes).await;
        }
        Answer::Endless(byte, pause) => {
            let _ = stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n")
                .await;
            let chunk = if pause == 0 { vec![byte; 4096] } else { vec![byte] };
            while stream.write_all(&chunk).await.is_ok() {
                tokio::time::sleep(std::time::Duration::from_millis(pause)).await;
            }
        }
        Answer::Silence => tokio::time::sleep(std::time::Duration::from_secs(60)).await,
    }
}
