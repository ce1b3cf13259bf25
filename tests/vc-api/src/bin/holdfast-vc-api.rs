//! `holdfast-vc-api`: answers the public W3C test suites, on loopback. It prints the `localConfig.cjs` that they read,
//! and serves until it is stopped: `docs/vc-api.md`.

use std::net::SocketAddr;

use anyhow::{Result, ensure};
use clap::Parser;
use service::{ConnectionLimits, Listener, SystemClock};
use vc_api::{Adapter, manifest, router};

#[derive(Parser)]
#[command(about = "Answers the public W3C test suites for credentials, on loopback, with keys made at its start")]
struct Arguments {
    /// The address on this device; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:40443")]
    listen: SocketAddr,
    /// The URL under which it is asked, where TLS ends in front of it; without a slash at its end
    #[arg(long)]
    base: Option<String>,
}

#[tokio::main]
async fn main() -> Result<()> {
    let Arguments { listen, base } = Arguments::parse();
    ensure!(
        listen.ip().is_loopback(),
        "it signs for everybody who asks, and so listens on loopback only"
    );
    let listener = Listener::bind(listen).await?;
    let port = listener.local_addr()?.port();
    let base = base.unwrap_or_else(|| format!("http://localhost:{port}"));
    let adapter = Adapter::new(&mut service::random::fill, &base)?;
    print!("{}", manifest(&base, &adapter));
    let stop = service::stop_on_signal()?;
    let routes = router(adapter, SystemClock);
    listener.serve(routes, &ConnectionLimits::default(), stop).await;
    Ok(())
}
