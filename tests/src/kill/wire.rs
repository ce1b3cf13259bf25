//! Between wallet and shop: passes every byte on, and keeps what the wallet posts.
//!
//! It works on connections, not on requests, so that a shop that is killed looks
//! to the wallet as it would without somebody in between: no answer.

use std::sync::{Arc, Mutex};

use anyhow::Result;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A request with a body that went by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Posted {
    /// Its path.
    pub(super) path: String,
    /// Its body.
    pub(super) body: Vec<u8>,
}

/// The eavesdropper; ends when dropped.
#[derive(Debug)]
pub(super) struct Wire {
    seen: Arc<Mutex<Vec<Posted>>>,
    task: JoinHandle<()>,
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Wire {
    /// Listens on `port` and passes everything on to `target`.
    ///
    /// # Errors
    /// The port is taken.
    pub(super) async fn start(port: u16, target: u16) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        let seen = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&seen);
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass_on(client, target, Arc::clone(&kept)));
            }
        });
        Ok(Self { seen, task })
    }

    /// What was posted so far, in order.
    pub(super) fn seen(&self) -> Vec<Posted> {
        self.seen.lock().map(|seen| seen.clone()).unwrap_or_default()
    }
}

/// When either side ends, both do.
async fn pass_on(mut client: TcpStream, target: u16, seen: Arc<Mutex<Vec<Posted>>>) {
    let Ok(mut server) = TcpStream::connect(("127.0.0.1", target)).await else {
        return;
    };
    let (mut from_client, mut to_client) = client.split();
    let (mut from_server, mut to_server) = server.split();
    tokio::select! {
        _ = upstream(&mut from_client, &mut to_server, &seen) => {}
        _ = tokio::io::copy(&mut from_server, &mut to_client) => {}
    }
}

async fn upstream(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    seen: &Mutex<Vec<Posted>>,
) -> std::io::Result<()> {
    let (mut buffer, mut pending) = ([0; 16 * 1024], Vec::new());
    loop {
        let count = from.read(&mut buffer).await?;
        let Some(bytes) = buffer.get(..count).filter(|bytes| !bytes.is_empty()) else {
            return Ok(());
        };
        pending.extend_from_slice(bytes);
        while let Some((posted, length)) = first_request(&pending) {
            pending.drain(..length);
            if let Ok(mut seen) = seen.lock() {
                seen.push(posted);
            }
        }
        to.write_all(bytes).await?;
    }
}

/// The first whole request of HTTP/1.1 in these bytes, and how long it is.
fn first_request(bytes: &[u8]) -> Option<(Posted, usize)> {
    const END: &[u8] = b"\r\n\r\n";
    let head = bytes.windows(END.len()).position(|window| window == END)?;
    let text = std::str::from_utf8(bytes.get(..head)?).ok()?;
    let mut lines = text.split("\r\n");
    let path = lines.next()?.split(' ').nth(1)?.to_owned();
    let length = lines
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map_or(Some(0), |(_, value)| value.trim().parse().ok())?;
    let start = head + END.len();
    let body = bytes.get(start..start + length)?.to_vec();
    Some((Posted { path, body }, start + length))
}

#[cfg(test)]
mod tests {
    use super::first_request;

    #[test]
    fn requests_are_cut_out_of_a_stream() {
        let bytes = b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabcGET /b HTTP/1.1\r\n\r\n";
        let (first, length) = first_request(bytes).unwrap();
        assert_eq!((first.path.as_str(), first.body.as_slice()), ("/a", &b"abc"[..]));
        let (second, rest) = first_request(&bytes[length..]).unwrap();
        assert_eq!((second.path.as_str(), second.body.len()), ("/b", 0));
        assert_eq!(length + rest, bytes.len());
        for cut in 0..length {
            assert!(first_request(&bytes[..cut]).is_none());
        }
    }
}
