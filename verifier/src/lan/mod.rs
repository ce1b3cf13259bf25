//! The pages for phones in the same network: a browser opens the camera only
//! over https, and nobody issues certificates for such addresses, so the service
//! has an authority of its own that a phone can be told to trust.

mod addresses;
mod authority;
mod help;
mod leaf;

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use serde::Deserialize;
use service::config::Common;
use service::{BindError, CancellationToken, Clock, Listener};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;

use addresses::Reachable;
use authority::LocalAuthority;
use help::Help;
use leaf::Leaf;

/// Where phones in the same network reach the pages, under `[lan]`; used with
/// `serve --lan` alone.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(default)]
pub struct LanSettings {
    /// The pages, over https.
    pub listen: SocketAddr,
    /// How to trust the authority, over http.
    pub help_listen: SocketAddr,
}

impl Default for LanSettings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv6Addr::UNSPECIFIED, 8444)),
            help_listen: SocketAddr::from((Ipv6Addr::UNSPECIFIED, 8445)),
        }
    }
}

/// The listeners for the local network, bound and not yet serving.
pub struct Lan {
    pages: Listener,
    help: Listener,
    leaf: Arc<Leaf>,
    steps: Help,
    fingerprint: String,
}

/// How often it is looked whether the machine has other addresses now, or the
/// certificate is to be renewed.
const LOOK: Duration = Duration::from_secs(60);

impl Lan {
    /// Opens or makes the authority below the data folder, certifies the
    /// addresses of this machine and binds both listeners.
    ///
    /// # Errors
    /// The reason in one line.
    pub async fn open(data_dir: &Path, settings: LanSettings, clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        let authority = LocalAuthority::open(&data_dir.join("lan"), clock.now()).context("the local authority")?;
        let (certificate, fingerprint) = (authority.certificate().to_vec(), authority.fingerprint());
        let pages = bind(settings.listen).await?;
        let help = bind(settings.help_listen).await?;
        let address = pages.local_addr()?;
        let leaf = Leaf::new(authority, address, clock).context("the certificate for the local network")?;
        let leaf = Arc::new(leaf);
        Ok(Self {
            pages,
            help,
            steps: Help::new(Arc::clone(&leaf), address.port(), certificate, fingerprint.clone()),
            fingerprint,
            leaf,
        })
    }

    /// Where the pages are, over https.
    ///
    /// # Errors
    /// The error of the operating system.
    pub fn pages_address(&self) -> io::Result<SocketAddr> {
        self.pages.local_addr()
    }

    /// Where the steps to trust them are, over http.
    ///
    /// # Errors
    /// The error of the operating system.
    pub fn help_address(&self) -> io::Result<SocketAddr> {
        self.help.local_addr()
    }

    /// Says which address is for whom.
    pub(crate) fn announce(&self, common: &Common) -> anyhow::Result<()> {
        let (pages, help) = (self.pages_address()?.port(), self.help_address()?.port());
        for host in self.leaf.reachable().hosts() {
            println!("on a phone of the desk   https://{host}:{pages}/scan");
            println!("to trust it, first       http://{host}:{help}/");
        }
        println!("its fingerprint          {}", self.fingerprint);
        println!("wallets are sent to      {}", common.base_url());
        Ok(())
    }

    /// Serves until stopped.
    ///
    /// # Errors
    /// TLS cannot be set up.
    pub async fn serve(self, routes: Router, common: &Common, stop: CancellationToken) -> anyhow::Result<()> {
        let acceptor = acceptor(&self.leaf)?;
        let handshake = move |stream| acceptor.accept(stream);
        let renewing = async {
            loop {
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = tokio::time::sleep(LOOK) => {
                        if let Err(error) = self.leaf.renew() {
                            tracing::error!(?error, "the certificate for the local network was not renewed");
                        }
                    }
                }
            }
        };
        tokio::join!(
            self.pages
                .serve_over(routes, &common.connections, stop.clone(), handshake),
            self.help.serve(self.steps.router(), &common.connections, stop.clone()),
            renewing
        );
        Ok(())
    }
}

/// All interfaces are those of both families where there are both.
async fn bind(address: SocketAddr) -> Result<Listener, BindError> {
    let bound = Listener::bind(address).await;
    if bound.is_ok() || address.ip() != Ipv6Addr::UNSPECIFIED {
        return bound;
    }
    match Listener::bind(SocketAddr::from((Ipv4Addr::UNSPECIFIED, address.port()))).await {
        Ok(listener) => Ok(listener),
        Err(_) => bound,
    }
}

/// TLS 1.3 with whatever certificate is the newest.
fn acceptor(leaf: &Arc<Leaf>) -> anyhow::Result<TlsAcceptor> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(Arc::clone(leaf) as Arc<_>);
    Ok(TlsAcceptor::from(Arc::new(config)))
}
