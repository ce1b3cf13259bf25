//! Requests that the wallet does not even show.

use crate::world::{ACCESS_KEY, NOW, RequestDraft, World, YEAR, query};
use jose::{JwsError, base64url};
use oid4vp::{ClientIdError, RequestError, RequestUriError};
use sd_jwt::{ClaimPath, Disclosable};
use serde_json::{Value, json};
use test_case::test_case;
use testkit::certificates::{Authority, Chain, Name, Validity};
use testkit::credential::key;
use wallet::{OpenRequest, Outcome, RequestRefused, TrustError};

/// The request of the registered business, edited before it is signed.
async fn edited(edit: impl Fn(&mut RequestDraft)) -> RequestRefused {
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
async fn f4_wallet_a_claim_outside_the_scope() {
    let mut world = World::with_card().await;
    let link = world.ask("age", &["age_over_18", "portrait"]).await;
    let error = world.refused(&link).await;
    assert!(matches!(&error, RequestRefused::OverAsking { claim, .. } if claim == "portrait"));
    let history = world.wallet.vault().history().expect("history");
    assert_eq!(history[0].record.outcome, Outcome::Blocked);
    assert_eq!(history[0].record.reason.as_deref(), Some("over_asking"));
}

#[tokio::test]
async fn f4_wallet_a_claim_of_another_purpose() {
    let mut world = World::with_card().await;
    let link = world.ask("age", &["birth_date"]).await;
    assert!(matches!(world.refused(&link).await, RequestRefused::OverAsking { claim, .. } if claim == "birth_date"));
}

#[tokio::test]
async fn f4_wallet_a_card_outside_the_scope() {
    let error = edited(|draft| draft.claims["dcql_query"] = query("driving-licence", &[])).await;
    assert!(matches!(error, RequestRefused::OverAsking { .. }));
}

#[tokio::test]
async fn f4_wallet_an_alternative_outside_the_scope() {
    let error = edited(|draft| {
        let mut wide = query("person-identification", &["age_over_18", "personal_number"]);
        wide["credentials"][0]["claim_sets"] = json!([["age_over_18"], ["age_over_18", "personal_number"]]);
        draft.claims["dcql_query"] = wide;
    })
    .await;
    assert!(matches!(error, RequestRefused::OverAsking { claim, .. } if claim == "personal_number"));
}

#[tokio::test]
async fn f4_wallet_what_is_recorded_as_optional_cannot_be_made_needed() {
    let error = edited(|draft| {
        draft.claims["dcql_query"] = query("person-identification", &["age_over_18", "given_name"]);
    })
    .await;
    assert!(matches!(error, RequestRefused::OverAsking { claim, .. } if claim == "given_name"));
    let error = edited(|draft| {
        let mut wide = query("person-identification", &["age_over_18", "given_name"]);
        wide["credentials"][0]["claim_sets"] = json!([["age_over_18", "given_name"]]);
        draft.claims["dcql_query"] = wide;
    })
    .await;
    assert!(matches!(error, RequestRefused::OverAsking { claim, .. } if claim == "given_name"));
}

const CHOICE: [&str; 3] = ["age_over_18", "given_name", "birth_date"];

/// A wallet with a card, and a business for which any one of three claims is enough.
async fn with_choice() -> World {
    let mut world = World::with_card().await;
    let vct = testkit::credential::vct("person-identification");
    let mut purpose = testkit::purpose("age", &vct, &[], &CHOICE);
    purpose.credentials[0].claim_sets = CHOICE.map(|claim| vec![ledger::ClaimPath::names(&[claim])]).to_vec();
    world.register_again(purpose);
    world
}

/// A request of that business with these sets of claims.
fn choosing(world: &mut World, sets: &Value) -> RequestDraft {
    let mut draft = RequestDraft::of(world, "age", &CHOICE);
    draft.claims["dcql_query"] = query("person-identification", &CHOICE);
    draft.claims["dcql_query"]["credentials"][0]["claim_sets"] = sets.clone();
    draft
}

#[tokio::test]
async fn f4_wallet_a_choice_that_was_registered_cannot_be_taken_away() {
    let mut world = with_choice().await;
    let draft = choosing(&mut world, &json!([["age_over_18"], ["given_name"], ["birth_date"]]));
    let link = draft.publish(&world).await;
    world.wallet.open_request(&link).await.expect("opened");
    let draft = choosing(&mut world, &json!([["given_name"], ["birth_date"]]));
    let link = draft.publish(&world).await;
    let error = world.refused(&link).await;
    assert!(matches!(error, RequestRefused::OverAsking { claim, .. } if claim == "given_name"));
}

#[test_case(json!({"path": ["age_over_18"], "values": [false]}), "age_over_18" ; "for_others_alone")]
#[test_case(json!({"path": ["age_over_18", "x"]}), "age_over_18.x" ; "by_a_part_that_is_not_there")]
#[tokio::test]
async fn f4_wallet_a_choice_that_nobody_can_take(claim: Value, beyond: &str) {
    let mut world = with_choice().await;
    let mut draft = choosing(&mut world, &json!([["age_over_18"], ["given_name"], ["birth_date"]]));
    let first = &mut draft.claims["dcql_query"]["credentials"][0]["claims"][0];
    *first = claim;
    first["id"] = "age_over_18".into();
    let link = draft.publish(&world).await;
    let error = world.refused(&link).await;
    assert!(matches!(error, RequestRefused::OverAsking { claim, .. } if claim == beyond));
}

#[tokio::test]
async fn f4_wallet_of_alternatives_as_small_yes_or_no_is_offered_whatever_is_asked_first() {
    let mut world = with_choice().await;
    let draft = choosing(&mut world, &json!([["birth_date"], ["given_name"], ["age_over_18"]]));
    let link = draft.publish(&world).await;
    let open = world.wallet.open_request(&link).await.expect("opened");
    let needed = open.ask().cards[0].needed.iter().map(ToString::to_string);
    assert_eq!(needed.collect::<Vec<_>>(), ["age_over_18"]);
}

/// A wallet with a card whose issuer gave the person no choice about a name that its type knows nothing of.
async fn with_open_card() -> World {
    let world = World::new().await;
    let issuer = world.issuer("person-identification").await.making(|mut copy| {
        let names = copy.draft.claims.keys().map(|name| ClaimPath::from(name.as_str()));
        copy.draft.disclosable = Disclosable::At(names.collect());
        copy.draft.claims.insert("nickname".to_owned(), "Eri".into());
        copy.issue()
    });
    issuer.mount(&world).await;
    world.accept(&issuer.offer()).await.expect("accepted");
    world
}

/// A wallet with a card in which an address is open, but for the street in it.
async fn with_half_open_card() -> World {
    let world = World::new().await;
    let issuer = world.issuer("person-identification").await.making(|mut copy| {
        let street: &[&str] = &["address", "street"];
        let names = copy.draft.claims.keys().map(|name| ClaimPath::from(name.as_str()));
        let disclosable: Vec<ClaimPath> = names.chain([street.into()]).collect();
        let address = json!({ "street": "Main St", "country": "US" });
        copy.draft.claims.insert("address".to_owned(), address);
        copy.draft.disclosable = Disclosable::At(disclosable);
        copy.issue()
    });
    issuer.mount(&world).await;
    world.accept(&issuer.offer()).await.expect("accepted");
    world
}

#[tokio::test]
async fn a_card_with_an_open_object_that_hides_something_is_shown() {
    let mut world = with_half_open_card().await;
    let vct = testkit::credential::vct("person-identification");
    world.register_again(testkit::purpose("delivery", &vct, &["address"], &[]));
    let mut draft = RequestDraft::of(&mut world, "delivery", &["address"]);
    draft.claims["dcql_query"]["credentials"][0]["claims"][0]["path"] = json!(["address", "street"]);
    let link = draft.publish(&world).await;
    let open = world.wallet.open_request(&link).await.expect("opened");
    let card = &open.ask().cards[0];
    let company: Vec<String> = card.company().map(|path| path.to_string()).collect();
    assert_eq!(company, ["address.country"], "told, because the card leaves no choice");
    assert!(!card.withheld.contains(&"address.street".to_owned()));
    let consent = open.ask().agree(&[]).expect("agreed");
    world.wallet.share(open, &consent).await.expect("shown");
}

#[tokio::test]
async fn f4_wallet_the_open_part_of_an_object_is_asked_for_too() {
    let mut world = with_half_open_card().await;
    let link = world.ask("contract", &["family_name"]).await;
    let error = world.refused(&link).await;
    assert!(matches!(error, RequestRefused::OverAsking { claim, .. } if claim == "address.country"));
}

#[tokio::test]
async fn f4_wallet_what_a_card_cannot_withhold_is_asked_for_too() {
    let mut world = with_open_card().await;
    let vct = testkit::credential::vct("person-identification");
    world.register_again(testkit::purpose("contract", &vct, &["family_name", "nickname"], &[]));
    let link = world.ask("contract", &["family_name"]).await;
    let open = world.wallet.open_request(&link).await.expect("may ask it");
    let company =
        |open: &OpenRequest| -> Vec<String> { open.ask().cards[0].company().map(|path| path.to_string()).collect() };
    assert_eq!(company(&open), ["nickname"]);
    world.register_again(testkit::purpose("adult", &vct, &["age_over_18"], &[]));
    let link = world.ask("adult", &["age_over_18"]).await;
    let error = world.refused(&link).await;
    assert!(matches!(error, RequestRefused::OverAsking { claim, .. } if claim == "nickname"));
    let link = RequestDraft::of(&mut world, "age", &["age_over_18"])
        .without_record()
        .publish(&world)
        .await;
    let error = world.refused(&link).await;
    assert!(matches!(error, RequestRefused::NotAnonymous { claim, .. } if claim == "nickname"));
}

#[tokio::test]
async fn f4_wallet_a_purpose_that_is_not_recorded() {
    let error = edited(|draft| draft.claims["verifier_info"][1]["data"]["purpose"] = "marketing".into()).await;
    assert!(matches!(error, RequestRefused::UnknownPurpose { .. }));
}

#[tokio::test]
async fn f4_wallet_names_the_claim_also_for_a_purpose_that_is_not_recorded() {
    let mut world = World::with_card().await;
    let link = world.ask("marketing", &["age_over_18", "portrait"]).await;
    assert!(matches!(world.refused(&link).await, RequestRefused::OverAsking { claim, .. } if claim == "portrait"));
}

#[tokio::test]
async fn f4_wallet_the_record_of_another_certificate() {
    let other = Authority::new("other").certify(key(ACCESS_KEY).public(), &[Name::Dns("shop.localhost")]);
    let error = edited(|draft| {
        draft.set_client_id(&format!(
            "x509_hash:{}",
            base64url::encode(crate::world::sha256(other.leaf()))
        ));
        draft.x5c = Some(other.x5c());
    })
    .await;
    assert!(matches!(error, RequestRefused::Trust(TrustError::NotInRecord)));
}

#[tokio::test]
async fn f4_wallet_a_registration_taken_back() {
    let mut world = World::with_card().await;
    world.ledger.revoke_registration(&world.business);
    let link = world.ask("age", &["age_over_18"]).await;
    assert!(matches!(
        world.refused(&link).await,
        RequestRefused::Trust(TrustError::NotInRecord)
    ));
}

#[tokio::test]
async fn f4_wallet_a_registration_that_has_run_out() {
    let mut world = World::with_card().await;
    let hash = crate::world::sha256(world.access.leaf());
    let age = testkit::purpose(
        "age",
        &testkit::credential::vct("person-identification"),
        &["age_over_18"],
        &[],
    );
    let scope = testkit::scope(world.business.did(), "Corner Shop", &[hash], vec![age], NOW);
    world.ledger.register(&scope, &world.business);
    let link = world.ask("age", &["age_over_18"]).await;
    assert!(matches!(
        world.refused(&link).await,
        RequestRefused::Trust(TrustError::RegistrationExpired)
    ));
}

#[tokio::test]
async fn f4_wallet_a_stranger_may_ask_only_what_identifies_nobody() {
    let mut world = World::with_card().await;
    let link = RequestDraft::of(&mut world, "age", &["given_name"])
        .without_record()
        .publish(&world)
        .await;
    let error = world.refused(&link).await;
    assert!(matches!(&error, RequestRefused::NotAnonymous { claim, .. } if claim == "given_name"));
    let link = RequestDraft::of(&mut world, "age", &["age_over_18"])
        .without_record()
        .publish(&world)
        .await;
    let open = world.wallet.open_request(&link).await.expect("opened");
    assert_eq!(open.ask().who.registration, wallet::Registration::Unregistered);
    assert!(open.ask().who.name.is_none(), "a stranger has no name");
}

#[tokio::test]
async fn f4_wallet_a_foreign_anchor_is_not_registered_here() {
    let root = Authority::new("root");
    let mut world = World::with_anchors(None, Some(&root)).await;
    let issuer = world.issuer("person-identification").await;
    world.accept(&issuer.offer()).await.expect("accepted");
    let chain = root.certify(key(ACCESS_KEY).public(), &[Name::Dns("shop.localhost")]);
    let mut draft = RequestDraft::of(&mut world, "age", &["given_name"]).without_record();
    draft.set_client_id(&format!(
        "x509_hash:{}",
        base64url::encode(crate::world::sha256(chain.leaf()))
    ));
    draft.x5c = Some(chain.x5c());
    let link = draft.publish(&world).await;
    let open = world.wallet.open_request(&link).await.expect("opened");
    assert!(matches!(
        open.ask().who.registration,
        wallet::Registration::Foreign { .. }
    ));
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
