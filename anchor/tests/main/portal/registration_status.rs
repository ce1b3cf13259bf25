//! Whether a registration certificate still counts, as a wallet finds out that knows no ledger.

use anchor::portal::Role;
use jose::UnverifiedJws;
use jose::x5c::UnverifiedChain;
use serde_json::Value;
use service::Clock;
use status_list::{Status, StatusReference, UnverifiedToken};
use url::Url;

use super::review::decide;
use super::{Office, hand_in, id, registered};

/// The certificate that the verifier of a business was given last.
fn certificate(office: &Office, business: &str) -> UnverifiedJws {
    let given = office.verifier.told(|told| told.certificates[business].clone());
    UnverifiedJws::parse(given["registration_certificate"].as_str().unwrap()).unwrap()
}

/// Where it says that its status stands.
fn place(certificate: &UnverifiedJws) -> StatusReference {
    let claims: Value = serde_json::from_slice(certificate.dangerous_unverified_payload()).unwrap();
    StatusReference::from_claim(&claims["status"]).unwrap()
}

/// What the list says of it, signed by whoever signed the certificate.
async fn status(office: &Office, certificate: &UnverifiedJws) -> Status {
    let (place, now) = (place(certificate), office.world.clock.now());
    let listed = office.browser().get(Url::parse(&place.uri).unwrap().path()).await;
    let kind = listed.headers["content-type"].to_str().unwrap();
    assert_eq!((listed.status, kind), (200, "application/statuslist+jwt"));
    let chain = UnverifiedChain::parse(certificate.header().x5c().unwrap()).unwrap();
    let leaf = *chain.dangerous_leaf_sha256();
    let signer = chain.verify_listed(&[leaf], now).unwrap();
    let token = UnverifiedToken::parse(listed.html()).unwrap();
    let list = token.verify(signer.verifying_key(), &place.uri, now).unwrap();
    list.look_up(&place).unwrap()
}

#[tokio::test]
async fn f20_anchor_a_certificate_counts_as_long_as_what_it_says_is_registered() {
    let office = Office::open().await;
    let (mut shop, path, _) = registered(&office).await;
    let first = certificate(&office, id(&path));
    assert_eq!(status(&office, &first).await, Status::Valid);
    let next = shop.submit(&path, &format!("{path}/change"), &[]).await;
    let next = next.location().to_owned();
    assert_eq!(
        status(&office, &first).await,
        Status::Valid,
        "a change that is not handed in"
    );
    hand_in(&mut shop, &next).await;
    let second = certificate(&office, id(&path));
    assert_ne!(place(&second), place(&first));
    assert_eq!(status(&office, &first).await, Status::Invalid, "another took its place");
    assert_eq!(status(&office, &second).await, Status::Valid);

    let mut ada = office.operator("ada", Role::Reviewer).await;
    let mut bob = office.operator("bob", Role::Approver).await;
    decide(&mut ada, &next, "suspend").await;
    assert_eq!(status(&office, &second).await, Status::Suspended);
    decide(&mut bob, &next, "lift").await;
    assert_eq!(status(&office, &second).await, Status::Valid);
    // What is signed again for the same registration has the same place.
    assert_eq!(place(&certificate(&office, id(&path))), place(&second));

    let ended = shop
        .submit(&next, &format!("{next}/end"), &[("words", "We close.")])
        .await;
    assert_eq!(ended.location(), next);
    assert_eq!(status(&office, &second).await, Status::Invalid);
}

#[tokio::test]
async fn many_readers_of_the_list_cost_one_signature() {
    let office = Office::open().await;
    let (mut shop, path, _) = registered(&office).await;
    let list = async || {
        office
            .browser()
            .get("/portal/registrations.jwt")
            .await
            .html()
            .to_owned()
    };
    let later = |seconds: u64| office.world.clock.set(office.world.clock.now() + seconds);
    let first = list().await;
    later(149);
    assert_eq!(list().await, first);
    later(1);
    let second = list().await;
    assert_ne!(second, first, "half its time is over");
    shop.submit(&path, &format!("{path}/end"), &[("words", "We close.")])
        .await;
    assert_ne!(list().await, second, "a certificate counts no longer");
}
