//! The pages for phones in the same network: whoever trusts the authority gets
//! them, nobody else does.

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use service::{CancellationToken, Clock};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use verifier::{Lan, LanSettings};

use crate::world::{World, common};

struct Served {
    pages: SocketAddr,
    help: SocketAddr,
    stop: CancellationToken,
    served: JoinHandle<anyhow::Result<()>>,
}

async fn serve(world: &World, folder: &TempDir) -> Served {
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let settings = LanSettings {
        listen: any,
        help_listen: any,
    };
    let clock = Arc::new(service::SystemClock) as Arc<dyn Clock>;
    let lan = Lan::open(folder.path(), settings, clock).await.unwrap();
    let (pages, help) = (lan.pages_address().unwrap(), lan.help_address().unwrap());
    let (routes, common, stop) = (world.router.clone(), common(folder), CancellationToken::new());
    let until = stop.clone();
    let served = tokio::spawn(async move { lan.serve(routes, &common, until).await });
    Served {
        pages,
        help,
        stop,
        served,
    }
}

impl Served {
    async fn end(self) {
        self.stop.cancel();
        self.served.await.unwrap().unwrap();
    }
}

async fn get(mut stream: impl AsyncRead + AsyncWrite + Unpin, path: &str) -> Vec<u8> {
    let request = format!("GET {path} HTTP/1.1\r\nHost: desk.local\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    answer
}

/// The certificate, as a phone gets it from the page that explains.
async fn authority(help: SocketAddr) -> Vec<u8> {
    let answer = get(TcpStream::connect(help).await.unwrap(), "/holdfast-authority.crt").await;
    let head = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap();
    answer[head + 4..].to_vec()
}

/// Over https, trusting this authority or nobody.
async fn get_trusting(authority: Option<Vec<u8>>, address: SocketAddr, host: &'static str) -> std::io::Result<String> {
    let mut roots = RootCertStore::empty();
    if let Some(authority) = authority {
        roots.add(CertificateDer::from(authority)).unwrap();
    }
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(address).await?;
    let stream = TlsConnector::from(Arc::new(config))
        .connect(ServerName::try_from(host).unwrap(), stream)
        .await?;
    Ok(String::from_utf8_lossy(&get(stream, "/scan").await).into_owned())
}

fn key_file(folder: &Path) -> std::path::PathBuf {
    folder.join("lan/authority-key.pem")
}

#[tokio::test]
async fn who_trusts_the_authority_gets_the_reader_and_nobody_else() {
    let (world, folder) = (World::new().await, TempDir::new().unwrap());
    let served = serve(&world, &folder).await;
    let authority = authority(served.help).await;

    let page = get_trusting(Some(authority.clone()), served.pages, "127.0.0.1")
        .await
        .unwrap();
    assert!(
        page.contains("'wasm-unsafe-eval'") && page.contains("camera=(self)"),
        "{page}"
    );

    let refused = get_trusting(None, served.pages, "127.0.0.1").await.unwrap_err();
    assert!(refused.to_string().contains("UnknownIssuer"), "{refused}");
    let elsewhere = get_trusting(Some(authority), served.pages, "bank.example")
        .await
        .unwrap_err();
    assert!(elsewhere.to_string().contains("not valid for name"), "{elsewhere}");
    served.end().await;
}

#[tokio::test]
async fn the_authority_stays_and_its_key_is_the_owners_alone() {
    let (world, folder) = (World::new().await, TempDir::new().unwrap());
    let first = serve(&world, &folder).await;
    let made = authority(first.help).await;
    first.end().await;
    let mode = std::fs::metadata(key_file(folder.path())).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let second = serve(&world, &folder).await;
    assert_eq!(authority(second.help).await, made);
    second.end().await;
}

#[tokio::test]
async fn k18_a_key_that_others_may_read_is_not_used() {
    let (world, folder) = (World::new().await, TempDir::new().unwrap());
    serve(&world, &folder).await.end().await;
    std::fs::set_permissions(key_file(folder.path()), std::fs::Permissions::from_mode(0o644)).unwrap();
    let clock = Arc::new(service::SystemClock) as Arc<dyn Clock>;
    let refused = Lan::open(folder.path(), LanSettings::default(), clock).await;
    assert!(format!("{:#}", refused.err().unwrap()).contains("0600"));
}

#[tokio::test]
async fn the_steps_name_address_and_fingerprint() {
    let (world, folder) = (World::new().await, TempDir::new().unwrap());
    let served = serve(&world, &folder).await;
    let page = get(TcpStream::connect(served.help).await.unwrap(), "/").await;
    let page = String::from_utf8(page).unwrap();
    let digest = Sha256::digest(authority(served.help).await);
    let fingerprint: Vec<String> = digest.iter().map(|byte| format!("{byte:02X}")).collect();
    let in_one_line = page.replace("<wbr>", "");
    assert!(in_one_line.contains(&fingerprint.join(":")), "{page}");
    assert!(page.contains(&format!(":{}/scan", served.pages.port())), "{page}");
    assert!(page.contains("content-security-policy: default-src 'none'"), "{page}");
    let picture = get(TcpStream::connect(served.help).await.unwrap(), "/address.svg").await;
    assert!(String::from_utf8(picture).unwrap().contains("<svg"));
    for (path, content_type) in [
        ("/style.css", "content-type: text/css"),
        ("/mark.svg", "content-type: image/svg+xml"),
        ("/assets/source-sans-3-latin.woff2", "content-type: font/woff2"),
    ] {
        let file = get(TcpStream::connect(served.help).await.unwrap(), path).await;
        let file = String::from_utf8_lossy(&file);
        assert!(
            file.starts_with("HTTP/1.1 200") && file.contains(content_type),
            "{path}"
        );
    }
    served.end().await;
}
