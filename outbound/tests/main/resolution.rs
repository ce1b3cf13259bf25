//! What a name resolves to decides.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use outbound::{Client, Limits, OutboundError, Policy, Resolve, Resolving};

use crate::server::{Server, http};

/// Answers every name with the same addresses and counts the questions.
struct Fixed(Vec<IpAddr>, AtomicUsize);

impl Resolve for Fixed {
    fn resolve(&self, _name: &str) -> Resolving {
        self.1.fetch_add(1, Ordering::SeqCst);
        let addresses = self.0.clone();
        Box::pin(async move { Ok(addresses) })
    }
}

fn fixed(addresses: &[&str]) -> Arc<Fixed> {
    Arc::new(Fixed(
        addresses.iter().map(|text| text.parse().unwrap()).collect(),
        AtomicUsize::new(0),
    ))
}

fn public(resolver: Arc<Fixed>) -> Client {
    // A root of our own, so that the test also runs where the system has none.
    Client::builder(Policy::Public)
        .resolver(resolver)
        .root_certificates(include_bytes!("root.pem"))
        .unwrap()
        .build()
        .unwrap()
}

#[tokio::test]
async fn e5_a_name_with_one_private_address_is_blocked() {
    for addresses in [
        &["127.0.0.1"][..],
        &["10.0.0.1"],
        &["169.254.169.254"],
        &["100.64.0.9"],
        &["::1"],
        &["fd00::7"],
        &["::ffff:127.0.0.1"],
        &["93.184.216.34", "10.0.0.1"],
        &["2606:2800::1", "fe80::1"],
    ] {
        let client = public(fixed(addresses));
        let got = client
            .get(&"https://agency.example/x".parse().unwrap(), &Limits::METADATA)
            .await;
        assert!(matches!(got, Err(OutboundError::Blocked)), "{addresses:?}: {got:?}");
        assert_eq!(client.blocked_total(), 1, "{addresses:?}");
    }
}

#[tokio::test]
async fn e5_no_connection_is_opened_to_a_blocked_address() {
    let server = Server::start(http("200 OK", "", b"")).await;
    let client = public(fixed(&["127.0.0.1"]));
    let url = format!("https://agency.example:{}/", server.port).parse().unwrap();
    let got = client.get(&url, &Limits::METADATA).await;
    assert!(matches!(got, Err(OutboundError::Blocked)), "{got:?}");
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn e5_an_address_written_out_is_blocked_and_counted() {
    let client = public(fixed(&[]));
    for text in [
        "https://2130706433/",
        "https://0x7f000001/",
        "https://127.1/",
        "https://[::ffff:7f00:1]/",
    ] {
        let got = client.get(&text.parse().unwrap(), &Limits::METADATA).await;
        assert!(matches!(got, Err(OutboundError::Blocked)), "{text}: {got:?}");
    }
    assert_eq!(client.blocked_total(), 4);
}

#[tokio::test]
async fn a_name_without_addresses_does_not_resolve() {
    let got = public(fixed(&[]))
        .get(&"https://agency.example/".parse().unwrap(), &Limits::METADATA)
        .await;
    assert!(matches!(got, Err(OutboundError::Unresolved)), "{got:?}");
}

#[tokio::test]
async fn localhost_names_never_reach_the_resolver() {
    let server = Server::start(http("200 OK", "content-type: application/json\r\n", b"{}")).await;
    let resolver = fixed(&["10.0.0.1"]);
    let client = Client::builder(Policy::Development {
        ports: vec![server.port],
    })
    .resolver(Arc::clone(&resolver) as Arc<dyn Resolve>)
    .build()
    .unwrap();
    assert!(client.get(&server.url("/"), &Limits::METADATA).await.is_ok());
    assert_eq!(resolver.1.load(Ordering::SeqCst), 0);
}
