//! Offers and the way from an offer to a card.

use crate::world::{Issuer, NOW, World};
use oid4vci::metadata::IssuerMetadataError;
use oid4vci::wallet::{TokenFailure, TokenStepError};
use oid4vci::{OfferError, OfferLinkError, TokenErrorCode, UrlError};
use serde_json::json;
use testkit::Cosignatures;
use wallet::{CardIssuer, IssuanceError, Outcome};
use wiremock::ResponseTemplate;

#[tokio::test]
async fn a_card_is_two_batches_from_one_offer() {
    let world = World::new().await;
    let issuer = world.issuer("person-identification").await;
    let offer = world.wallet.open_offer(&issuer.offer()).await.expect("opened");
    assert_eq!(offer.offered_by().name, "City Office");
    assert!(offer.offered_by().publicly_recorded);
    let accepted = world.wallet.accept_offer(offer, None).await.expect("accepted");
    assert_eq!(accepted.len(), 1);
    let cards = world.wallet.vault().cards().expect("cards");
    let [card] = cards.as_slice() else { panic!("one card") };
    assert_eq!((card.unused.online, card.unused.offline), (3, 3));
    assert_eq!(card.claims["given_name"], "Erika");
    assert!(matches!(&card.issuer, CardIssuer::Ledger { name, .. } if name == "City Office"));
    assert_eq!(world.notified().await, ["credential_accepted", "credential_accepted"]);
}

#[tokio::test]
async fn an_offer_that_was_used_is_gone() {
    let world = World::new().await;
    let reference: String = url::form_urlencoded::byte_serialize(world.url("agency", "/offers/1").as_bytes()).collect();
    let link = format!("openid-credential-offer://?credential_offer_uri={reference}");
    let error = world.accept(&link).await.expect_err("nothing answers there");
    assert!(matches!(error, IssuanceError::Gone));
    assert_eq!(error.code(), "offer_gone");
}

#[tokio::test]
async fn an_offer_by_reference_is_fetched() {
    let world = World::new().await;
    let issuer = world.issuer("residence").await;
    let ids = ["residence".to_owned(), "residence.offline".to_owned()];
    let answer = ResponseTemplate::new(200).set_body_json(issuer.offer_json(&ids));
    world.answer("/offers/1", answer).await;
    let reference: String = url::form_urlencoded::byte_serialize(world.url("agency", "/offers/1").as_bytes()).collect();
    let link = format!("openid-credential-offer://?credential_offer_uri={reference}");
    assert_eq!(world.accept(&link).await.expect("accepted").len(), 1);
}

#[tokio::test]
async fn tokens_and_proofs_are_bound_to_fresh_keys() {
    let world = World::with_card().await;
    let requests = world.sent("POST", "/credential").await;
    let mut keys = std::collections::HashSet::new();
    for request in &requests {
        assert!(
            request.headers["authorization"]
                .to_str()
                .expect("text")
                .starts_with("DPoP ")
        );
        assert!(request.headers.contains_key("dpop"));
        let body: serde_json::Value = serde_json::from_slice(&request.body).expect("json");
        for proof in body["proofs"]["jwt"].as_array().expect("proofs") {
            let proof = jose::UnverifiedJws::parse(proof.as_str().expect("text")).expect("proof");
            assert!(
                keys.insert(proof.header().jwk().expect("key").thumbprint()),
                "one key, one copy"
            );
        }
    }
    assert_eq!((requests.len(), keys.len()), (2, 6));
}

#[tokio::test]
async fn i1_wallet_an_unknown_issuer() {
    let world = World::new().await;
    let mut issuer = Issuer::of(&world, "person-identification");
    issuer.url = world.url("stranger", "");
    issuer.mount(&world).await;
    let error = world.accept(&issuer.offer()).await.expect_err("refused");
    assert!(matches!(error, IssuanceError::UnknownIssuer));
    assert_eq!(
        world.sent("GET", "/.well-known/openid-credential-issuer").await.len(),
        0,
        "nothing is asked of it"
    );
}

#[tokio::test]
async fn i1_wallet_http_to_somewhere_else() {
    let world = World::new().await;
    let mut issuer = Issuer::of(&world, "person-identification");
    issuer.url = "http://agency.example".to_owned();
    let error = world.accept(&issuer.offer()).await.expect_err("refused");
    assert!(matches!(
        error,
        IssuanceError::Link(OfferLinkError::Offer(OfferError::Issuer(UrlError::Scheme)))
    ));
    assert_eq!(error.code(), "offer_not_https");
    world.nobody_else_asked().await;
}

#[tokio::test]
async fn i1_wallet_a_bare_address() {
    let world = World::new().await;
    let mut issuer = Issuer::of(&world, "person-identification");
    issuer.url = "https://192.0.2.7".to_owned();
    let error = world.accept(&issuer.offer()).await.expect_err("refused");
    assert!(matches!(error, IssuanceError::HostIsAddress));
    world.nobody_else_asked().await;
}

#[tokio::test]
async fn i1_wallet_metadata_that_is_none() {
    let world = World::new().await;
    let issuer = world.issuer("person-identification").await;
    let html = ResponseTemplate::new(200).set_body_raw("<html>", "text/html");
    world.answer("/.well-known/openid-credential-issuer", html).await;
    let error = world.accept(&issuer.offer()).await.expect_err("refused");
    assert!(
        matches!(error, IssuanceError::Outbound(outbound::OutboundError::ContentType)),
        "{error:?}"
    );
    assert_eq!(world.sent("POST", "/token").await.len(), 0);
}

#[tokio::test]
async fn e11_wallet_metadata_of_another_issuer() {
    let world = World::new().await;
    let issuer = world.issuer("person-identification").await;
    let mut metadata = issuer.metadata();
    metadata["credential_issuer"] = world.url("evil", "").into();
    world
        .answer(
            "/.well-known/openid-credential-issuer",
            ResponseTemplate::new(200).set_body_json(metadata),
        )
        .await;
    let error = world.accept(&issuer.offer()).await.expect_err("refused");
    assert!(matches!(
        error,
        IssuanceError::Metadata(IssuerMetadataError::OtherIssuer)
    ));
    assert_eq!(world.sent("POST", "/token").await.len(), 0, "no code is sent");
}

#[tokio::test]
async fn a7_wallet_metadata_with_a_name_twice() {
    let world = World::new().await;
    let issuer = world.issuer("person-identification").await;
    let text = issuer
        .metadata()
        .to_string()
        .replacen('{', "{\"credential_endpoint\":\"https://evil.example\",", 1);
    let answer = ResponseTemplate::new(200).set_body_raw(text, "application/json");
    world.answer("/.well-known/openid-credential-issuer", answer).await;
    let error = world.accept(&issuer.offer()).await.expect_err("refused");
    assert!(matches!(error, IssuanceError::Metadata(IssuerMetadataError::Json(_))));
    assert_eq!(world.sent("POST", "/token").await.len(), 0, "no code is sent");
}

#[tokio::test]
async fn i3_wallet_a_transaction_code_of_the_wrong_length_never_leaves() {
    let world = World::new().await;
    let issuer = world.issuer("person-identification").await;
    let mut offer = issuer.offer_json(&["person-identification".to_owned()]);
    offer["grants"]["urn:ietf:params:oauth:grant-type:pre-authorized_code"]["tx_code"] = json!({"length": 6});
    let encoded: String = url::form_urlencoded::byte_serialize(offer.to_string().as_bytes()).collect();
    let link = format!("openid-credential-offer://?credential_offer={encoded}");
    for (typed, code) in [(None, "tx_code_needed"), (Some("123"), "tx_code_malformed")] {
        let offer = world.wallet.open_offer(&link).await.expect("opened");
        let error = world.wallet.accept_offer(offer, typed).await.expect_err("refused");
        assert!(matches!(
            error,
            IssuanceError::TokenStep(TokenStepError::TxCodeMissing | TokenStepError::TxCodeInput(_))
        ));
        assert_eq!(error.code(), code);
    }
    assert_eq!(world.sent("POST", "/token").await.len(), 0);
    let offer = world.wallet.open_offer(&link).await.expect("opened");
    world
        .wallet
        .accept_offer(offer, Some("123456"))
        .await
        .expect("accepted");
}

#[tokio::test]
async fn a_refused_code_stores_nothing_and_is_remembered() {
    let world = World::new().await;
    let issuer = world.issuer("person-identification").await;
    let refusal = ResponseTemplate::new(400).set_body_json(json!({"error": "invalid_grant"}));
    world.answer("/token", refusal).await;
    let error = world.accept(&issuer.offer()).await.expect_err("refused");
    assert!(matches!(
        error,
        IssuanceError::Token(TokenFailure::Refused(TokenErrorCode::InvalidGrant))
    ));
    assert!(world.wallet.vault().cards().expect("cards").is_empty());
    let history = world.wallet.vault().history().expect("history");
    assert_eq!(history[0].record.outcome, Outcome::NotStored);
    assert_eq!(history[0].record.reason.as_deref(), Some("invalid_grant"));
}

#[tokio::test]
async fn k15_wallet_an_agency_without_quorum_is_asked_for_nothing() {
    let mut world = World::new().await;
    let did = world.agency.did().to_string();
    let bundle = world.ledger.bundle_with(&did, &Cosignatures::without_quorum(NOW));
    world
        .answer_cbor(
            "/ledger/bundles/accredited",
            ledger::encode_bundles([bundle.as_slice()].into_iter()),
        )
        .await;
    let issuer = world.issuer("person-identification").await;
    let error = world.accept(&issuer.offer()).await.expect_err("refused");
    assert!(matches!(&error, IssuanceError::Trust(reason) if reason.is_could_not_check()));
    assert_eq!(error.code(), "no_quorum");
    assert_eq!(
        world.sent("GET", "/.well-known/openid-credential-issuer").await.len(),
        0
    );
}

#[tokio::test]
async fn an_address_outside_the_ports_of_the_run_is_never_reached() {
    let world = World::new().await;
    let mut issuer = Issuer::of(&world, "person-identification");
    issuer.mount(&world).await;
    let mut metadata = issuer.metadata();
    metadata["credential_endpoint"] = "http://agency.localhost:1/credential".into();
    world
        .answer(
            "/.well-known/openid-credential-issuer",
            ResponseTemplate::new(200).set_body_json(metadata),
        )
        .await;
    issuer.kind = "person-identification".to_owned();
    let error = world.accept(&issuer.offer()).await.expect_err("refused");
    assert_eq!(error.code(), "address_not_allowed");
    assert_eq!(world.wallet.blocked_requests(), 1);
}

#[tokio::test]
async fn k15_wallet_a_quorum_lost_while_the_card_was_on_its_way() {
    let mut world = World::new().await;
    let good = world.ledger.accredited_bundles();
    let did = world.agency.did().to_string();
    let bundle = world.ledger.bundle_with(&did, &Cosignatures::without_quorum(NOW));
    let issuer = world.issuer("person-identification").await;
    world
        .answer_cbor(
            "/ledger/bundles/accredited",
            ledger::encode_bundles([bundle.as_slice()].into_iter()),
        )
        .await;
    let once = ResponseTemplate::new(200).set_body_raw(good, "application/cbor");
    let mock = crate::world::on("GET", "/ledger/bundles/accredited")
        .respond_with(once)
        .up_to_n_times(1);
    mock.with_priority(world.next_priority()).mount(&world.server).await;
    let error = world.not_stored(&issuer).await;
    assert_eq!(error.code(), "no_quorum");
}

/// The issuer's metadata, signed under this `kid` with this key.
async fn signed_metadata(world: &World, issuer: &Issuer, kid: &str, key: &jose::PrivateJwk) {
    let metadata = issuer.metadata();
    let parameters = metadata.as_object().expect("object");
    let signer = jose::SigningKey::new(key).expect("key");
    let header = jose::JwsHeader::new(jose::Algorithm::Es256).with_kid(kid);
    let signed = oid4vci::metadata::sign_issuer_metadata(parameters, &issuer.did, header, &signer, NOW, NOW + 60);
    let answer = ResponseTemplate::new(200).set_body_raw(signed.expect("signed"), "application/jwt");
    world.answer("/.well-known/openid-credential-issuer", answer).await;
}

#[tokio::test]
async fn signed_metadata_counts_by_the_agencys_key_alone() {
    let world = World::new().await;
    let issuer = world.issuer("person-identification").await;
    signed_metadata(&world, &issuer, &issuer.kid, &issuer.key).await;
    let offer = world.wallet.open_offer(&issuer.offer()).await.expect("opened");
    assert_eq!(offer.cards().len(), 1);
    let asked = world.sent("GET", "/.well-known/openid-credential-issuer").await;
    let accept = asked[0].headers["accept"].to_str().expect("text");
    assert_eq!(accept, "application/jwt, application/json;q=0.5");

    let stranger = testkit::credential::key(99);
    signed_metadata(&world, &issuer, &issuer.kid, &stranger).await;
    let error = world.accept(&issuer.offer()).await.expect_err("forged");
    assert!(matches!(error, IssuanceError::SignedMetadata(_)), "{error:?}");
    assert_eq!(error.code(), "issuer_metadata_invalid");
    signed_metadata(&world, &issuer, &format!("{}#other", issuer.did), &stranger).await;
    let error = world
        .accept(&issuer.offer())
        .await
        .expect_err("by a key that is not the agency's");
    assert!(matches!(error, IssuanceError::Trust(_)), "{error:?}");
    assert_eq!(world.sent("POST", "/token").await.len(), 0);
}
