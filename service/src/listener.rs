//! The accept loop. `axum::serve` has no header timeout, so this is our own.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use serde::Deserialize;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::client::ClientAddress;

/// Pause after `accept` failed, for example because file descriptors ran out.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Largest request head in bytes.
const LARGEST_HEAD: usize = 32 * 1024;

/// Bounds for connections, under `[connections]` in the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ConnectionLimits {
    /// Most open connections; more wait in the queue of the operating system. 4096.
    pub open: usize,
    /// Longest time until a request head is complete, in milliseconds; also
    /// ends idle connections. 10 s.
    pub header_timeout_ms: u64,
    /// How long open requests may go on after the stop signal, in milliseconds; 5 s.
    pub drain_ms: u64,
    /// Reverse proxies whose `X-Forwarded-For` says who is calling; none.
    pub trusted_proxies: Vec<IpAddr>,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            open: 4096,
            header_timeout_ms: 10_000,
            drain_ms: 5_000,
            trusted_proxies: Vec::new(),
        }
    }
}

/// A bound listener that serves HTTP/1.1. TLS and HTTP/2 are the business of
/// the reverse proxy in front of it.
#[derive(Debug)]
pub struct Listener(TcpListener);

/// A listener could not be bound.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}")]
pub struct BindError {
    /// The address asked for.
    pub address: SocketAddr,
    /// The cause.
    #[source]
    pub source: io::Error,
}

impl Listener {
    /// Binds the address; port 0 takes a free one.
    ///
    /// # Errors
    /// [`BindError`] if the address is taken or not ours.
    pub async fn bind(address: SocketAddr) -> Result<Self, BindError> {
        TcpListener::bind(address)
            .await
            .map(Self)
            .map_err(|source| BindError { address, source })
    }

    /// The address it is bound to.
    ///
    /// # Errors
    /// The error of the operating system.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }

    /// Serves until stopped, then lets open requests finish for a bounded time.
    pub async fn serve(self, routes: Router, limits: &ConnectionLimits, stop: CancellationToken) {
        self.serve_over(routes, limits, stop, |stream| std::future::ready(Ok(stream)))
            .await;
    }

    /// The same over what a handshake makes of each connection, for example TLS.
    /// It has as long as a request head.
    pub async fn serve_over<H, F, C>(
        self,
        routes: Router,
        limits: &ConnectionLimits,
        stop: CancellationToken,
        handshake: H,
    ) where
        H: Fn(TcpStream) -> F,
        F: Future<Output = io::Result<C>> + Send + 'static,
        C: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let permits = Arc::new(Semaphore::new(limits.open));
        let graceful = GracefulShutdown::new();
        let patience = Duration::from_millis(limits.header_timeout_ms);
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(patience)
            .max_buf_size(LARGEST_HEAD);
        let proxies: Arc<[IpAddr]> = limits.trusted_proxies.as_slice().into();
        while let Some((stream, peer, permit)) = self.next(&permits, &stop).await {
            let proxies = Arc::clone(&proxies);
            let routes = routes.clone().map_request(move |mut request: Request<Incoming>| {
                let client = ClientAddress::of(peer, request.headers(), &proxies);
                request.extensions_mut().insert(client);
                request
            });
            let shaken = tokio::time::timeout(patience, handshake(stream));
            let (http, watcher) = (http.clone(), graceful.watcher());
            tokio::spawn(async move {
                let served = async {
                    let connection =
                        http.serve_connection(TokioIo::new(shaken.await??), TowerToHyperService::new(routes));
                    Ok::<_, Box<dyn std::error::Error + Send + Sync>>(watcher.watch(connection).await?)
                };
                if let Err(error) = served.await {
                    tracing::debug!(%error, "connection ended");
                }
                drop(permit);
            });
        }
        drop(self);
        let drained = tokio::time::timeout(Duration::from_millis(limits.drain_ms), graceful.shutdown()).await;
        if drained.is_err() {
            tracing::warn!("requests were still open at the end of the drain time");
        }
    }

    /// The next connection, or `None` once stopped.
    async fn next(
        &self,
        permits: &Arc<Semaphore>,
        stop: &CancellationToken,
    ) -> Option<(TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit)> {
        let accept = async {
            let permit = Arc::clone(permits).acquire_owned().await.ok()?;
            loop {
                match self.0.accept().await {
                    Ok((stream, peer)) => {
                        // Small answers must not wait for more bytes.
                        let _ = stream.set_nodelay(true);
                        return Some((stream, peer, permit));
                    }
                    Err(error) => {
                        tracing::warn!(%error, "accept failed");
                        tokio::time::sleep(ACCEPT_PAUSE).await;
                    }
                }
            }
        };
        tokio::select! {
            () = stop.cancelled() => None,
            accepted = accept => accepted,
        }
    }
}
