//! What is read of an answer, and how much of it: sizes, kinds, redirects, encryption.

use crate::requests::request_error;
use crate::world::{Issuer, METADATA, RequestDraft, World};
use flate2::Compression;
use flate2::write::GzEncoder;
use jose::jwe::{self, ContentEncryption, JweError};
use jose::{OverBudget, Work, sign_compact};
use oid4vci::metadata::IssuerMetadataError;
use oid4vci::wallet::{CredentialFailure, ResponseFormError};
use oid4vp::{DcqlError, RequestError};
use outbound::OutboundError;
use serde_json::json;
use std::io::Write as _;
use std::time::{Duration, Instant};
use testkit::credential::{key, signer};
use testkit::jwe::{OTHER_ALGORITHMS, with_algorithm};
use wallet::{CardStatus, IssuanceError, RequestRefused, StatusError};
use wiremock::ResponseTemplate;

/// Good JSON made into such as nobody reads to its end.
pub(crate) fn beyond_limits(good: &str) -> Vec<String> {
    let with = |value: &str| good.replacen('{', &format!("{{\"x\":{value},"), 1);
    vec![
        with(&format!("{}{}", "[".repeat(10_000), "]".repeat(10_000))),
        with(&format!("[{}0]", "0,".repeat(66_000))),
        with("NaN"),
        with(r#""\ud800""#),
        format!("\u{feff}{good}"),
        format!("{good}{{}}"),
    ]
}

#[tokio::test]
async fn a8_wallet_a_request_beyond_the_limits_of_json() {
    let mut world = World::with_card().await;
    let draft = RequestDraft::of(&mut world, "age", &["age_over_18"]);
    for payload in beyond_limits(&draft.claims.to_string()) {
        let text = sign_compact(&draft.header(), payload.as_bytes(), &signer(&draft.key)).expect("signed");
        let link = draft.publish_text(&world, &text).await;
        let error = world.refused(&link).await;
        assert!(
            matches!(request_error(&error), RequestError::Json(_) | RequestError::Jws(_)),
            "{error:?}"
        );
        assert_eq!(error.code(), "invalid_request");
    }
    let link = draft.publish_text(&world, &"a".repeat(10 * 1024 * 1024)).await;
    let error = world.refused(&link).await;
    assert!(matches!(
        error,
        RequestRefused::Outbound(OutboundError::TooLarge { .. })
    ));
}

#[tokio::test]
async fn a8_wallet_a_query_that_costs_too_much() {
    let mut world = World::with_card().await;
    let mut draft = RequestDraft::of(&mut world, "age", &["age_over_18"]);
    let claim = |place: usize| json!({"id": format!("c{place}"), "path": ["age_over_18"]});
    draft.claims["dcql_query"]["credentials"][0]["claims"] = (0..800).map(claim).collect();
    let link = draft.publish(&world).await;
    let error = world.refused(&link).await;
    assert!(
        matches!(
            request_error(&error),
            RequestError::Dcql(DcqlError::OverBudget(OverBudget(Work::Comparisons)))
        ),
        "{error:?}"
    );
    assert_eq!(error.code(), "invalid_request");
}

/// Refuses the metadata that is mounted: nothing more is asked of the issuer, and nothing stored.
async fn metadata_refused(world: &World, issuer: &Issuer) -> IssuanceError {
    let error = world.accept(&issuer.offer()).await.expect_err("refused");
    assert_eq!(world.sent("POST", "/token").await.len(), 0, "no code is sent");
    assert!(world.wallet.cards().expect("cards").is_empty());
    error
}

fn outbound_error(error: IssuanceError) -> OutboundError {
    match error {
        IssuanceError::Outbound(error) => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a8_wallet_metadata_beyond_the_limits_of_json() {
    let world = World::new().await;
    let issuer = world.issuer("person-identification").await;
    for text in beyond_limits(&issuer.metadata().to_string()) {
        let answer = ResponseTemplate::new(200).set_body_raw(text, "application/json");
        world.answer(METADATA, answer).await;
        let error = metadata_refused(&world, &issuer).await;
        assert!(
            matches!(error, IssuanceError::Metadata(IssuerMetadataError::Json(_))),
            "{error:?}"
        );
        assert_eq!(error.code(), "issuer_metadata_invalid");
    }
}

/// The issuer encrypts, and wants to be encrypted to.
async fn encrypting(world: &World, issuer: &Issuer) {
    let key = key(40).with_kid("2026").public().clone().for_encryption();
    let mut metadata = issuer.metadata();
    metadata["credential_request_encryption"] = json!({
        "jwks": { "keys": [key.expect("key").to_value()] },
        "enc_values_supported": ["A128GCM"],
        "encryption_required": true,
    });
    metadata["credential_response_encryption"] = json!({
        "alg_values_supported": ["ECDH-ES"],
        "enc_values_supported": ["A128GCM"],
        "encryption_required": true,
    });
    let answer = ResponseTemplate::new(200).set_body_json(metadata);
    world.answer(METADATA, answer).await;
}

#[tokio::test]
async fn a11_wallet_a_password_with_two_thousand_million_rounds() {
    let world = World::new().await;
    let issuer = world.issuer("person-identification").await;
    encrypting(&world, &issuer).await;
    let message = jwe::encrypt(b"{}", key(41).public(), ContentEncryption::A128Gcm, None, None).expect("sealed");
    let started = Instant::now();
    for alg in OTHER_ALGORITHMS {
        let answer = with_algorithm(&message, alg);
        let answer = ResponseTemplate::new(200).set_body_raw(answer, "application/jwt");
        world.answer("/credential", answer).await;
        let error = world.accept(&issuer.offer()).await.expect_err("refused");
        assert!(
            matches!(
                error,
                IssuanceError::Credential(CredentialFailure::Form(ResponseFormError::Jwe(
                    JweError::AlgorithmNotAllowed
                )))
            ),
            "{error:?}"
        );
        assert_eq!(error.code(), "issuer_failed");
    }
    assert!(started.elapsed() < Duration::from_secs(30), "no round is computed");
    assert!(world.wallet.cards().expect("cards").is_empty());
    assert_eq!(world.wallet.vault().holder_keys().expect("keys"), 0);
}

fn redirect(to: &str) -> ResponseTemplate {
    ResponseTemplate::new(302).insert_header("location", to)
}

#[tokio::test]
async fn e7_wallet_redirects_without_end() {
    let world = World::new().await;
    let issuer = world.issuer("person-identification").await;
    world.answer(METADATA, redirect(&world.url("agency", METADATA))).await;
    let error = metadata_refused(&world, &issuer).await;
    assert_eq!(error.code(), "issuer_unreachable");
    assert!(matches!(outbound_error(error), OutboundError::Redirect));
    assert_eq!(
        world.sent("GET", METADATA).await.len(),
        4,
        "the first, and three redirects"
    );
}

#[tokio::test]
async fn e7_wallet_a_redirect_is_checked_like_the_first_address() {
    let world = World::new().await;
    let issuer = world.issuer("person-identification").await;
    let here = format!("http://127.0.0.1:{}/elsewhere", world.port());
    let other_protocol = world.url("agency", "/elsewhere").replacen("http", "ftp", 1);
    for to in [here.as_str(), "https://10.0.0.1/elsewhere", &other_protocol] {
        world.answer(METADATA, redirect(to)).await;
        let error = metadata_refused(&world, &issuer).await;
        assert_eq!(error.code(), "address_not_allowed");
    }
    assert_eq!(world.wallet.blocked_requests(), 2, "another protocol is none of ours");
    assert_eq!(world.sent("GET", "/elsewhere").await.len(), 0);
}

pub(crate) fn packed(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes.as_ref()).expect("written");
    encoder.finish().expect("packed")
}

#[tokio::test]
async fn e8_wallet_metadata_that_is_too_long_packed_or_of_another_kind() {
    let world = World::new().await;
    let issuer = world.issuer("person-identification").await;
    let good = issuer.metadata().to_string();
    let long = format!("{good}{}", " ".repeat(256 * 1024));
    let answer = |body: Vec<u8>, kind: &str| ResponseTemplate::new(200).set_body_raw(body, kind);
    let json = "application/json";

    world.answer(METADATA, answer(long.into_bytes(), json)).await;
    let error = outbound_error(metadata_refused(&world, &issuer).await);
    assert!(matches!(error, OutboundError::TooLarge { limit: 262_144 }), "{error:?}");

    let gzip = answer(packed(&good), json).insert_header("content-encoding", "gzip");
    world.answer(METADATA, gzip).await;
    let error = outbound_error(metadata_refused(&world, &issuer).await);
    assert!(matches!(error, OutboundError::ContentEncoding), "{error:?}");

    world.answer(METADATA, answer(good.into_bytes(), "text/html")).await;
    let error = outbound_error(metadata_refused(&world, &issuer).await);
    assert!(matches!(error, OutboundError::ContentType), "{error:?}");
}

/// Why the only list was not taken; of the card nothing is known.
async fn list_refused(answer: ResponseTemplate) -> StatusError {
    let world = World::with_card().await;
    world.answer("/lists/1", answer).await;
    let mut refreshed = world.wallet.refresh_status().await.expect("refreshed");
    assert_eq!((refreshed.lists, refreshed.failures.len()), (0, 1));
    assert_eq!(world.card_status(), CardStatus::Unknown);
    let error = refreshed.failures.remove(0);
    assert_eq!(error.code(), "status_unavailable");
    error
}

#[tokio::test]
async fn e8_wallet_a_status_list_without_end() {
    let body = vec![b'a'; 16 * 1024 * 1024 + 1];
    let answer = ResponseTemplate::new(200).set_body_raw(body, "application/statuslist+jwt");
    let error = list_refused(answer).await;
    assert!(matches!(error, StatusError::Outbound(OutboundError::TooLarge { .. })));
}

#[tokio::test]
async fn e8_wallet_a_status_list_that_takes_its_time() {
    let started = Instant::now();
    let answer = ResponseTemplate::new(200).set_delay(Duration::from_secs(120));
    let error = list_refused(answer).await;
    assert!(matches!(error, StatusError::Outbound(OutboundError::Timeout)));
    assert!(started.elapsed() < Duration::from_secs(50));
}
