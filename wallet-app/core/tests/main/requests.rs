//! Requests that the wallet does not even show.

use crate::world::{ACCESS_KEY, NOW, RequestDraft, World, YEAR};
use jose::{JwsError, base64url};
use oid4vp::{ClientIdError, RequestError, RequestUriError};
use serde_json::{Value, json};
use test_case::test_case;
use testkit::certificates::{Authority, Chain, Name, Validity};
use testkit::credential::key;
use wallet::{RequestRefused, TrustError};

/// The request of the registered business, edited before it is signed.
pub(crate) async fn edited(edit: impl Fn(&mut RequestDraft)) -> RequestRefused {
    let mut world = World::with_card().await;
    let mut draft = RequestDraft::of(&mut world, "age", &["age_over_18"]);
    edit(&mut draft);
    let link = draft.publish(&world).await;
    world.refused(&link).await
}

/// The text of a request edited after it was signed, or signed by hand.
async fn texted(make: impl Fn(&RequestDraft) -> String) -> RequestRefused {
    let mut world = World::with_card().await;
    let draft = RequestDraft::of(&mut world, "age", &["age_over_18"]);
    let link = draft.publish_text(&world, &make(&draft)).await;
    world.refused(&link).await
}

pub(crate) fn request_error(error: &RequestRefused) -> &RequestError {
    match error {
        RequestRefused::Request(error) | RequestRefused::Broken { error, .. } => error,
        other => panic!("{other:?}"),
    }
}

fn jws_error(error: &RequestRefused) -> JwsError {
    match request_error(error) {
        RequestError::Jws(error) => *error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a1_wallet_request_alg_none() {
    let error = texted(|draft| {
        let header = base64url::encode(r#"{"alg":"none","typ":"oauth-authz-req+jwt"}"#);
        format!("{header}.{}.", base64url::encode(draft.claims.to_string()))
    })
    .await;
    assert_eq!(jws_error(&error), JwsError::AlgorithmNotAllowed);
    assert_eq!(error.code(), "invalid_request");
}

#[tokio::test]
async fn a1_wallet_request_without_signature() {
    let error = texted(|draft| {
        let text = draft.sign();
        format!("{}.", text.rsplit_once('.').expect("jws").0)
    })
    .await;
    assert_eq!(jws_error(&error), JwsError::EmptySignature);
}

#[tokio::test]
async fn a2_wallet_request_hs256() {
    let error = texted(|draft| {
        let header = base64url::encode(r#"{"alg":"HS256","typ":"oauth-authz-req+jwt"}"#);
        let input = format!("{header}.{}", base64url::encode(draft.claims.to_string()));
        let mac = testkit::mac(draft.key.public(), &input);
        format!("{input}.{}", base64url::encode(mac))
    })
    .await;
    assert_eq!(jws_error(&error), JwsError::AlgorithmNotAllowed);
}

#[tokio::test]
async fn a3_wallet_request_signed_by_a_key_it_brings() {
    let error = texted(|draft| {
        let header = draft.header().with_jwk(key(5).public().clone());
        let payload = draft.claims.to_string();
        jose::sign_compact(&header, payload.as_bytes(), &testkit::credential::signer(&key(5))).expect("signed")
    })
    .await;
    assert!(matches!(jws_error(&error), JwsError::Signature(_)));
}

#[test_case("crit", json!(["exp"]) => JwsError::CriticalHeader ; "what nobody knows")]
#[test_case("b64", json!(false) => JwsError::UnencodedPayload ; "a payload as it is")]
#[tokio::test]
async fn a4_wallet_request_with_critical_headers(name: &'static str, value: Value) -> JwsError {
    let error = texted(|draft| {
        let header = draft.header().with_other(name, value.clone());
        let payload = draft.claims.to_string();
        jose::sign_compact(&header, payload.as_bytes(), &testkit::credential::signer(&draft.key)).expect("signed")
    })
    .await;
    jws_error(&error)
}

#[test_case("JWT" ; "a plain token")]
#[test_case("kb+jwt" ; "a key binding")]
#[test_case("statuslist+jwt" ; "a status list")]
#[tokio::test]
async fn a5_wallet_request_of_another_typ(typ: &'static str) {
    let error = edited(|draft| draft.typ = typ.to_owned()).await;
    assert_eq!(jws_error(&error), JwsError::WrongType);
}

#[test_case("exp", json!("soon") ; "text")]
#[test_case("exp", json!(1.5) ; "a fraction")]
#[test_case("iat", json!(-5) ; "negative")]
#[test_case("nbf", json!(9_223_372_036_854_775_808_u64) ; "2 to the 63")]
#[test_case("exp", json!(null) ; "null")]
#[tokio::test]
async fn a6_wallet_request_dates_of_the_wrong_kind(name: &'static str, value: Value) {
    let error = edited(|draft| draft.claims[name] = value.clone()).await;
    assert!(matches!(request_error(&error), RequestError::BadTime(found) if *found == name));
}

#[tokio::test]
async fn a7_wallet_request_with_a_name_twice() {
    let error = texted(|draft| {
        let payload = draft.claims.to_string().replacen('{', "{\"nonce\":\"other\",", 1);
        jose::sign_compact(
            &draft.header(),
            payload.as_bytes(),
            &testkit::credential::signer(&draft.key),
        )
        .expect("signed")
    })
    .await;
    assert!(matches!(request_error(&error), RequestError::Json(_)));
}

#[tokio::test]
async fn a9_wallet_request_signature_of_zeros() {
    let error = texted(|draft| {
        let text = draft.sign();
        format!(
            "{}.{}",
            text.rsplit_once('.').expect("jws").0,
            base64url::encode([0; 64])
        )
    })
    .await;
    assert!(matches!(jws_error(&error), JwsError::Signature(_)));
}

#[tokio::test]
async fn f1_wallet_an_unsigned_request() {
    let world = World::with_card().await;
    let error = world
        .refused("openid4vp://?client_id=redirect_uri:https%3A%2F%2Fx.example&nonce=n")
        .await;
    assert!(matches!(
        error,
        RequestRefused::Link(RequestUriError::MissingRequestUri)
    ));
    assert_eq!(error.code(), "invalid_request");
}

#[test_case("redirect_uri:https://shop.localhost", ClientIdError::CannotBeSigned ; "a prefix that cannot be signed")]
#[test_case("verifier_attestation:shop.localhost", ClientIdError::UnsupportedPrefix ; "an attestation")]
#[test_case("openid_federation:https://shop.localhost", ClientIdError::UnsupportedPrefix ; "a federation")]
#[test_case("invalid_scheme:shop.localhost", ClientIdError::UnsupportedPrefix ; "a prefix that nobody knows")]
#[test_case("origin:https://shop.localhost", ClientIdError::ReservedOrigin ; "the reserved prefix")]
#[test_case("shop", ClientIdError::NotPreRegistered ; "no prefix")]
#[tokio::test]
async fn f1_wallet_a_client_id_of_another_kind(client_id: &'static str, expected: ClientIdError) {
    let error = edited(|draft| draft.set_client_id(client_id)).await;
    assert!(matches!(request_error(&error), RequestError::ClientId(found) if *found == expected));
    assert_eq!(error.code(), "invalid_request");
    assert!(
        error.into_untold().is_none(),
        "nobody was authenticated, so nobody is told"
    );
}

#[tokio::test]
async fn f2_wallet_the_hash_of_another_certificate() {
    let other = format!("x509_hash:{}", base64url::encode([7; 32]));
    let error = edited(|draft| draft.set_client_id(&other)).await;
    assert!(matches!(request_error(&error), RequestError::CertificateHashMismatch));
}

#[tokio::test]
async fn f2_wallet_a_name_that_the_certificate_does_not_have() {
    let root = Authority::new("root");
    let mut world = World::with_anchors(None, Some(&root)).await;
    let chain = root.certify(key(ACCESS_KEY).public(), &[Name::Dns("shop.localhost")]);
    let mut draft = RequestDraft::of(&mut world, "age", &["age_over_18"]).without_record();
    draft.set_client_id("x509_san_dns:bank.localhost");
    draft.x5c = Some(chain.x5c());
    let link = draft.publish(&world).await;
    let error = world.refused(&link).await;
    assert!(matches!(request_error(&error), RequestError::DnsNameMismatch));
}

#[tokio::test]
async fn f2_wallet_another_client_id_in_the_link() {
    let error = edited(|draft| draft.client_id = "x509_hash:other".to_owned()).await;
    assert!(matches!(request_error(&error), RequestError::ClientIdMismatch));
}

#[test_case(true, true => "invalid_request" ; "query and scope")]
#[test_case(false, false => "invalid_request" ; "neither")]
#[tokio::test]
async fn f3_wallet(with_query: bool, with_scope: bool) -> &'static str {
    let error = edited(|draft| {
        let claims = draft.claims.as_object_mut().expect("object");
        if !with_query {
            claims.remove("dcql_query");
        }
        if with_scope {
            claims.insert("scope".into(), "age".into());
        }
    })
    .await;
    assert!(matches!(
        request_error(&error),
        RequestError::QueryAndScope | RequestError::NoQuery
    ));
    error.code()
}

#[tokio::test]
async fn f3_wallet_an_unknown_request_uri_method() {
    let mut world = World::with_card().await;
    let link = world.ask("age", &["age_over_18"]).await + "&request_uri_method=put";
    let error = world.refused(&link).await;
    assert!(matches!(error, RequestRefused::Link(RequestUriError::BadMethod)));
    assert_eq!(error.code(), "invalid_request_uri_method");
}

#[tokio::test]
async fn e1_wallet_request_with_a_self_signed_leaf() {
    let chain = Chain::self_signed(&key(ACCESS_KEY), &[Name::Dns("shop.localhost")]);
    let error = edited(|draft| {
        draft.claims.as_object_mut().expect("object").remove("verifier_info");
        draft.set_client_id(&format!(
            "x509_hash:{}",
            base64url::encode(crate::world::sha256(chain.leaf()))
        ));
        draft.x5c = Some(chain.x5c());
    })
    .await;
    assert!(matches!(
        error,
        RequestRefused::Trust(TrustError::Chain(jose::x5c::ChainError::SelfSignedLeaf))
    ));
}

#[tokio::test]
async fn e3_wallet_an_access_certificate_that_has_run_out() {
    let expired = Authority::new("access").certify_with(
        key(ACCESS_KEY).public(),
        &[Name::Dns("shop.localhost")],
        Validity::Expired,
        &[],
    );
    let error = edited(|draft| {
        draft.claims.as_object_mut().expect("object").remove("verifier_info");
        draft.set_client_id(&format!(
            "x509_hash:{}",
            base64url::encode(crate::world::sha256(expired.leaf()))
        ));
        draft.x5c = Some(expired.x5c());
    })
    .await;
    assert!(matches!(
        error,
        RequestRefused::Trust(TrustError::Chain(jose::x5c::ChainError::Expired))
    ));
}

#[tokio::test]
async fn e3_wallet_an_access_certificate_that_was_taken_out_of_the_record() {
    let mut world = World::with_card().await;
    let next = Authority::new("other").certify(key(ACCESS_KEY).public(), &[Name::Dns("shop.localhost")]);
    let person = testkit::credential::vct("person-identification");
    let age = testkit::purpose("age", &person, &["age_over_18"], &[]);
    let listed = crate::world::sha256(next.leaf());
    let scope = testkit::scope(world.business.did(), "Corner Shop", &[listed], vec![age], NOW + YEAR);
    world.ledger.register(&scope, &world.business);
    let link = world.ask("age", &["age_over_18"]).await;
    assert!(matches!(
        world.refused(&link).await,
        RequestRefused::Trust(TrustError::NotInRecord)
    ));
}

#[tokio::test]
async fn f10_wallet_an_expired_request() {
    let error = edited(|draft| draft.claims["exp"] = (NOW - 1).into()).await;
    assert_eq!(error.code(), "request_expired");
}

#[tokio::test]
async fn f10_wallet_a_request_for_another_audience() {
    let error = edited(|draft| draft.claims["aud"] = "https://wallet.example".into()).await;
    assert!(matches!(request_error(&error), RequestError::WrongAudience));
    assert_eq!(error.code(), "request_gone");
}

/// `{"type":"payment","credential_ids":["card"],"amount":"1"}` and its like, none of which is known.
#[test_case(json!(["eyJ0eXBlIjoicGF5bWVudCIsImNyZWRlbnRpYWxfaWRzIjpbImNhcmQiXSwiYW1vdW50IjoiMSJ9"]) ; "an unknown type")]
#[test_case(json!(["e30"]) ; "no type")]
#[test_case(json!([]) ; "none at all")]
#[test_case(json!("e30") ; "no array")]
#[test_case(json!(null) ; "null")]
#[tokio::test]
async fn f11_wallet_transaction_data(data: Value) {
    let mut world = World::with_card().await;
    let mut draft = RequestDraft::of(&mut world, "age", &["age_over_18"]);
    draft.claims["transaction_data"] = data;
    let link = draft.publish(&world).await;
    let error = world.refused(&link).await;
    assert_eq!(error.code(), "invalid_transaction_data");
    let untold = error.into_untold().expect("from somebody authenticated");
    world.wallet.tell_asker(untold).await.expect("told");
    let sent = world.sent("POST", "/response/1").await;
    assert_eq!(
        String::from_utf8_lossy(&sent[0].body),
        "error=invalid_transaction_data&state=s-0123456789012345678901234567"
    );
    assert_eq!((sent.len(), world.unused()), (1, 3));
}

#[tokio::test]
async fn e6_wallet_a_redirect_is_not_followed() {
    let mut world = World::with_card().await;
    let link = world.ask("age", &["age_over_18"]).await;
    let elsewhere = world.url("evil", "/elsewhere");
    let redirect = wiremock::ResponseTemplate::new(307).insert_header("location", elsewhere.as_str());
    world.answer("/request/1", redirect).await;
    let error = world.refused(&link).await;
    assert!(matches!(
        error,
        RequestRefused::Outbound(outbound::OutboundError::Redirect)
    ));
    assert_eq!(world.sent("GET", "/elsewhere").await.len(), 0);
}

#[test_case(404; "expired")]
#[test_case(409; "answered")]
#[test_case(410; "gone")]
#[tokio::test]
async fn f10_wallet_a_request_that_is_over(status: u16) {
    let mut world = World::with_card().await;
    let link = world.ask("age", &["age_over_18"]).await;
    world
        .answer("/request/1", wiremock::ResponseTemplate::new(status))
        .await;
    let error = world.refused(&link).await;
    assert!(matches!(error, RequestRefused::Gone));
    assert_eq!(error.code(), "request_gone");
}

#[tokio::test]
async fn f8_wallet_no_matching_card() {
    let mut world = World::with_card().await;
    let link = world.ask("home", &["locality"]).await;
    assert!(matches!(world.refused(&link).await, RequestRefused::NoMatchingCard(_)));
}
