//! Names to addresses, checked between lookup and connection.

use std::error::Error;
use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::policy::{Policy, is_localhost};

/// The future of a lookup.
pub type Resolving = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Looks up all A and AAAA records of a name.
pub trait Resolve: Send + Sync {
    /// All addresses of the name. Nothing may be left out: the client refuses a
    /// name as soon as one of its addresses is not allowed.
    fn resolve(&self, name: &str) -> Resolving;
}

/// The resolver of the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve(&self, name: &str) -> Resolving {
        let name = name.to_owned();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// Why a lookup gave nothing to connect to; found again in the source chain of
/// the client's error.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LookupError {
    #[error("an address of this name is not allowed")]
    Blocked,
    #[error("the name does not resolve")]
    Unresolved,
}

/// The only place where a connection gets its addresses from. Lookup, check and
/// connection belong to one call, so a second answer of the name server
/// (rebinding) is checked like the first.
#[derive(Clone)]
pub(crate) struct CheckedResolver {
    pub(crate) inner: Arc<dyn Resolve>,
    pub(crate) policy: Arc<Policy>,
    pub(crate) blocked: Arc<AtomicU64>,
}

impl CheckedResolver {
    async fn lookup(&self, name: &str) -> Result<Vec<IpAddr>, LookupError> {
        if is_localhost(name) && matches!(*self.policy, Policy::Development { .. }) {
            return Ok(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]);
        }
        let found = self.inner.resolve(name).await.map_err(|_| LookupError::Unresolved)?;
        if found.is_empty() {
            return Err(LookupError::Unresolved);
        }
        if found.iter().any(|&address| !self.policy.allows(name, address)) {
            self.blocked.fetch_add(1, Ordering::Relaxed);
            tracing::warn!("an outbound request was blocked: the name resolves to an address that is not allowed");
            return Err(LookupError::Blocked);
        }
        Ok(found)
    }
}

impl reqwest::dns::Resolve for CheckedResolver {
    fn resolve(&self, name: reqwest::dns::Name) -> reqwest::dns::Resolving {
        let this = self.clone();
        Box::pin(async move {
            let found = this
                .lookup(name.as_str())
                .await
                .map_err(|e| Box::new(e) as Box<dyn Error + Send + Sync>)?;
            let addresses = found.into_iter().map(|ip| SocketAddr::new(ip, 0));
            Ok(Box::new(addresses) as reqwest::dns::Addrs)
        })
    }
}
