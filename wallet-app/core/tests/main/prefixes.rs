//! Who asks, by what stands before the first colon of the client id. OpenID4VP 1.0 §5.9

use crate::world::{ACCESS_KEY, RequestDraft, World, answered};
use oid4vp::{ClientIdError, RequestError};
use sd_jwt::decode_presentation;
use test_case::test_case;
use testkit::certificates::{Authority, Name};
use testkit::credential::key;
use wallet::{Registration, RequestRefused, TrustError};

async fn refused(edit: impl Fn(&mut RequestDraft)) -> RequestRefused {
    let mut world = World::with_card().await;
    let mut draft = RequestDraft::of(&mut world, "age", &["age_over_18"]);
    edit(&mut draft);
    let link = draft.publish(&world).await;
    world.refused(&link).await
}

fn rule(error: RequestRefused) -> RequestError {
    match error {
        RequestRefused::Request(error) | RequestRefused::Broken { error, .. } => error,
        other => panic!("{other:?}"),
    }
}

async fn audience(world: &World) -> String {
    let answer = answered(world).await;
    let text = answer["vp_token"]["card"][0].as_str().expect("presentation").to_owned();
    decode_presentation(&text).expect("decoded").audience.expect("audience")
}

#[tokio::test]
async fn a_business_known_by_its_host_is_answered_under_its_full_name() {
    let mut world = World::with_card().await;
    let mut draft = RequestDraft::of(&mut world, "age", &["age_over_18"]);
    draft.set_client_id("x509_san_dns:shop.localhost");
    let link = draft.publish_echoing(&world).await;
    let open = world.wallet.open_request(&link).await.expect("opened");
    assert!(matches!(open.ask().who.registration, Registration::Registered { .. }));
    world.share(&link).await.expect("shared");
    assert_eq!(audience(&world).await, "x509_san_dns:shop.localhost");
}

#[tokio::test]
async fn each_prefix_is_answered_under_its_full_name() {
    for prefix in ["x509_hash:", "decentralized_identifier:did:webvh:"] {
        let mut world = World::with_card().await;
        let draft = match prefix {
            "x509_hash:" => RequestDraft::of(&mut world, "age", &["age_over_18"]),
            _ => RequestDraft::by_did(&mut world, "age", &["age_over_18"]),
        };
        let link = draft.publish(&world).await;
        world.share(&link).await.expect("shared");
        let audience = audience(&world).await;
        assert_eq!(audience, draft.client_id);
        assert!(audience.starts_with(prefix), "{audience}");
    }
}

#[test_case("shop.localhost", "x509_san_dns:shop.localhost" ; "without the prefix in the link")]
#[test_case("x509_san_dns:shop.localhost", "shop.localhost" ; "without the prefix in the request")]
#[test_case("X509_SAN_DNS:shop.localhost", "x509_san_dns:shop.localhost" ; "capitals in the link")]
#[test_case("x509_san_dns:SHOP.localhost", "x509_san_dns:shop.localhost" ; "a capital name in the link")]
#[tokio::test]
async fn f2_wallet_prefix_confusion(in_link: &'static str, in_request: &'static str) {
    let error = refused(|draft| {
        draft.set_client_id(in_request);
        draft.client_id = in_link.to_owned();
    })
    .await;
    assert_eq!(error.code(), "invalid_request");
    assert_eq!(rule(error), RequestError::ClientIdMismatch);
}

#[test_case("shop.localhost", ClientIdError::NotPreRegistered ; "no prefix at all")]
#[test_case("x509_san_dns:x509_san_dns:shop.localhost", ClientIdError::BadDnsName ; "the prefix twice")]
#[test_case("x509_san_dns:decentralized_identifier:did:example:shop", ClientIdError::BadDnsName ; "one prefix behind another")]
#[test_case("decentralized_identifier:x509_san_dns:shop.localhost", ClientIdError::BadDid ; "a name where a did belongs")]
#[test_case("x509_hash:shop.localhost", ClientIdError::BadCertificateHash ; "a name where a hash belongs")]
#[test_case("X509_HASH:Uvo3HtuIxuhC92rShpgqcT3YXwrqRxWEviRiA0OZszk", ClientIdError::UnsupportedPrefix ; "capitals")]
#[tokio::test]
async fn f2_wallet_a_prefix_that_does_not_fit(client_id: &'static str, expected: ClientIdError) {
    let error = refused(|draft| draft.set_client_id(client_id)).await;
    assert_eq!(error.code(), "invalid_request");
    assert_eq!(rule(error), RequestError::ClientId(expected));
}

/// Each prefix is proved in its own way and in no other.
#[tokio::test]
async fn f2_wallet_proved_in_the_way_of_another_prefix() {
    let mut world = World::with_card().await;
    let mut draft = RequestDraft::by_did(&mut world, "age", &["age_over_18"]);
    draft.set_client_id("x509_san_dns:shop.localhost");
    let link = draft.publish(&world).await;
    let error = world.refused(&link).await;
    assert!(matches!(error, RequestRefused::Trust(TrustError::NotAuthenticated)));

    let mut draft = RequestDraft::of(&mut world, "age", &["age_over_18"]);
    draft.set_client_id(&format!("decentralized_identifier:{}", world.business.did()));
    let link = draft.publish(&world).await;
    let error = world.refused(&link).await;
    assert!(matches!(error, RequestRefused::Trust(TrustError::NoKeyNamed)));
}

/// Only a DNS name of the leaf is the name of a host.
#[tokio::test]
async fn f2_wallet_names_that_are_not_the_host() {
    let names: [&[Name<'_>]; 4] = [
        &[Name::Uri("https://shop.localhost")],
        &[Name::Dns("*.localhost")],
        &[Name::Dns("shop.localhost.example")],
        &[],
    ];
    for names in names {
        let root = Authority::new("shop.localhost");
        let mut world = World::with_anchors(None, Some(&root)).await;
        let chain = root.certify(key(ACCESS_KEY).public(), names);
        let mut draft = RequestDraft::of(&mut world, "age", &["age_over_18"]).without_record();
        draft.set_client_id("x509_san_dns:shop.localhost");
        draft.x5c = Some(chain.x5c());
        let link = draft.publish(&world).await;
        assert_eq!(rule(world.refused(&link).await), RequestError::DnsNameMismatch);
    }
}

#[test_case("evil.localhost" ; "another host")]
#[test_case("a.shop.localhost" ; "a host below")]
#[tokio::test]
async fn f2_wallet_the_answer_goes_to_the_host_of_the_client_id_alone(host: &'static str) {
    let mut world = World::with_card().await;
    let mut draft = RequestDraft::of(&mut world, "age", &["age_over_18"]);
    draft.set_client_id("x509_san_dns:shop.localhost");
    draft.claims["response_uri"] = format!("http://{host}:{}/response/1", world.port()).into();
    let link = draft.publish(&world).await;
    let error = world.refused(&link).await;
    assert_eq!(error.code(), "invalid_request");
    assert_eq!(rule(error), RequestError::ForeignResponseUri);
}
