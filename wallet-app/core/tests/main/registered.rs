//! Registration certificates in requests: the ledger decides, and one that is not theirs is a reason to refuse.

use crate::world::{NOW, RequestDraft, World, YEAR};
use did::identity::{OldKey, Organisation};
use jose::{JwsHeader, PrivateJwk, base64url, sign_compact};
use serde_json::{Value, json};
use test_case::test_case;
use testkit::credential::{key, signer, vct};
use wallet::{Outcome, RequestRefused};

/// What the registrar says of the business: all of its scope for the purpose `age`.
fn payload(world: &World) -> Value {
    json!({
        "sub": world.business.did().as_str(),
        "iat": NOW,
        "exp": NOW + YEAR,
        "credentials": [{
            "format": "dc+sd-jwt",
            "meta": {"vct_values": [vct("person-identification")]},
            "claim": [{"path": ["age_over_18"]}, {"path": ["given_name"]}],
        }],
    })
}

fn key_of(organisation: &Organisation) -> PrivateJwk {
    organisation.assertion_key().expect("key").1.clone()
}

fn signed(payload: &Value, key: &PrivateJwk) -> String {
    let header = JwsHeader::new(jose::Algorithm::Es256).with_typ("rc-wrp+jwt");
    sign_compact(&header, payload.to_string().as_bytes(), &signer(key)).expect("signed")
}

/// The newest policy, and the record of whoever is said to be a registrar.
fn proof_of(world: &mut World, registrar: &str) -> Vec<u8> {
    let bundles = [world.ledger.policy_bundle(), world.ledger.bundle(registrar)];
    ledger::encode_bundles(bundles.iter().map(Vec::as_slice))
}

fn registrars_proof(world: &mut World) -> Vec<u8> {
    let registrar = world.ledger.registrar().did().to_string();
    proof_of(world, &registrar)
}

/// A request for an age with this certificate and this proof of who signed it.
fn draft(world: &mut World, claims: &[&str], certificate: &str, proof: Option<&[u8]>) -> RequestDraft {
    let mut draft = RequestDraft::of(world, "age", claims);
    let info = draft.claims["verifier_info"].as_array_mut().expect("array");
    info.push(json!({"format": "registration_cert", "data": certificate}));
    if let Some(proof) = proof {
        info.push(json!({"format": "holdfast-registrar+cbor", "data": base64url::encode(proof)}));
    }
    draft
}

/// A request with this certificate, and the proof that the registrar is one.
async fn asked(world: &mut World, claims: &[&str], certificate: &str) -> String {
    let registrar = world.ledger.registrar().did().to_string();
    asked_by(world, &registrar, claims, certificate).await
}

/// The same with the newest record of whoever is said to be a registrar.
async fn asked_by(world: &mut World, registrar: &str, claims: &[&str], certificate: &str) -> String {
    let proof = proof_of(world, registrar);
    draft(world, claims, certificate, Some(&proof)).publish(world).await
}

/// What is refused, with the line of the history about it.
async fn refused(world: &World, link: &str) -> &'static str {
    let error = world.refused(link).await;
    let noted = world.wallet.vault().history().expect("history").remove(0).record;
    assert_eq!(
        (noted.outcome, noted.reason.as_deref()),
        (Outcome::Blocked, Some(error.code()))
    );
    if let RequestRefused::Registration { who, .. } = &error {
        assert_eq!(noted.party_id.as_deref(), Some(world.business.did().as_str()));
        assert_eq!(who.names().text("en"), "Corner Shop");
    }
    error.code()
}

#[tokio::test]
async fn with_its_certificate_a_business_asks_what_it_may_by_the_ledger() {
    let mut world = World::with_card().await;
    let certificate = signed(&payload(&world), &key_of(world.ledger.registrar()));
    let link = asked(&mut world, &["age_over_18"], &certificate).await;
    world.share(&link).await.expect("shared");
}

#[tokio::test]
async fn f20_wallet_a_certificate_that_says_more_than_the_ledger_gives_nothing() {
    let mut world = World::with_card().await;
    let mut wider = payload(&world);
    let claims = wider["credentials"][0]["claim"].as_array_mut().expect("array");
    claims.push(json!({"path": ["portrait"]}));
    let certificate = signed(&wider, &key_of(world.ledger.registrar()));
    let link = asked(&mut world, &["age_over_18", "portrait"], &certificate).await;
    let error = world.refused(&link).await;
    assert!(matches!(error, RequestRefused::OverAsking { claim, .. } if claim == "portrait"));
    let link = asked(&mut world, &["age_over_18"], &certificate).await;
    world.wallet.open_request(&link).await.expect("what the ledger allows");
}

#[tokio::test]
async fn f20_wallet_what_the_ledger_does_not_allow_either_can_be_reported() {
    let mut world = World::with_card().await;
    let certificate = signed(&payload(&world), &key_of(world.ledger.registrar()));
    let link = asked(&mut world, &["age_over_18", "portrait"], &certificate).await;
    let error = world.refused(&link).await;
    assert_eq!(error.code(), "over_asking");
    assert!(error.unanswerable().expect("kept").reportable().is_some());
}

#[tokio::test]
async fn f20_wallet_a_certificate_that_does_not_hold_keeps_nobody_from_a_report() {
    let mut world = World::with_card().await;
    let link = asked(&mut world, &["age_over_18", "portrait"], "e30.e30.AA").await;
    let error = world.refused(&link).await;
    assert_eq!(error.code(), "over_asking");
    assert!(error.unanswerable().expect("kept").reportable().is_some());
}

#[test_case("exp", json!(NOW) => "registration_certificate_expired" ; "that is over")]
#[test_case("sub", json!("did:webvh:QmX:other.example") => "registration_certificate_of_another" ; "of another business")]
#[test_case("credentials", json!([]) => "registration_certificate_narrower" ; "that does not allow it")]
#[test_case("credentials", json!(7) => "registration_certificate_forged" ; "that is malformed")]
#[tokio::test]
async fn f20_wallet_a_certificate(name: &'static str, value: Value) -> &'static str {
    let mut world = World::with_card().await;
    let mut payload = payload(&world);
    payload[name] = value;
    let certificate = signed(&payload, &key_of(world.ledger.registrar()));
    let link = asked(&mut world, &["age_over_18"], &certificate).await;
    refused(&world, &link).await
}

#[tokio::test]
async fn f20_wallet_a_certificate_that_is_altered() {
    let mut world = World::with_card().await;
    let registrar = key_of(world.ledger.registrar());
    let good = signed(&payload(&world), &registrar);
    let mut longer = payload(&world);
    longer["exp"] = json!(NOW + 2 * YEAR);
    let longer = signed(&longer, &registrar);
    let (header, rest) = good.split_once('.').expect("jws");
    let signature = rest.rsplit('.').next().expect("jws");
    let altered = format!("{header}.{}.{signature}", longer.split('.').nth(1).expect("jws"));
    for certificate in [altered.as_str(), "e30.e30.AA", ""] {
        let link = asked(&mut world, &["age_over_18"], certificate).await;
        assert_eq!(refused(&world, &link).await, "registration_certificate_forged");
    }
}

#[tokio::test]
async fn f20_wallet_a_certificate_by_the_key_of_a_chain_that_it_brings() {
    let mut world = World::with_card().await;
    let own = testkit::certificates::Authority::new("registrar");
    let chain = own.certify(
        key(8).public(),
        &[testkit::certificates::Name::Dns("registrar.localhost")],
    );
    let header = JwsHeader::new(jose::Algorithm::Es256)
        .with_typ("rc-wrp+jwt")
        .with_x5c(chain.x5c());
    let text = payload(&world).to_string();
    let certificate = sign_compact(&header, text.as_bytes(), &signer(&key(8))).expect("signed");
    let link = asked(&mut world, &["age_over_18"], &certificate).await;
    assert_eq!(refused(&world, &link).await, "registration_certificate_forged");
}

#[tokio::test]
async fn f20_wallet_a_certificate_by_somebody_recorded_who_is_no_registrar() {
    let mut world = World::with_card().await;
    let certificate = signed(&payload(&world), &key_of(&world.agency));
    let agency = world.agency.did().to_string();
    let link = asked_by(&mut world, &agency, &["age_over_18"], &certificate).await;
    assert_eq!(refused(&world, &link).await, "registration_certificate_forged");
}

/// What a second registrar signed holds until this becomes of it.
async fn signed_before(change: fn(&mut World, &mut Organisation)) {
    let mut world = World::with_card().await;
    let mut second = world.ledger.second_registrar();
    let certificate = signed(&payload(&world), &key_of(&second));
    let did = second.did().to_string();
    let link = asked_by(&mut world, &did, &["age_over_18"], &certificate).await;
    world
        .wallet
        .open_request(&link)
        .await
        .expect("a second registrar is one too");
    change(&mut world, &mut second);
    let link = asked_by(&mut world, &did, &["age_over_18"], &certificate).await;
    assert_eq!(refused(&world, &link).await, "registration_certificate_forged");
}

#[tokio::test]
async fn f20_wallet_a_certificate_by_a_key_that_the_registrar_gave_up() {
    signed_before(|world, second| world.ledger.rotate(second, OldKey::TakeOut)).await;
}

#[tokio::test]
async fn f20_wallet_a_certificate_by_a_registrar_that_was_deactivated() {
    signed_before(|world, second| world.ledger.deactivate(second)).await;
}

#[tokio::test]
async fn f20_wallet_without_a_proof_of_who_signed_it_nothing_can_be_checked() {
    let mut world = World::with_card().await;
    let certificate = signed(&payload(&world), &key_of(world.ledger.registrar()));
    let link = draft(&mut world, &["age_over_18"], &certificate, None)
        .publish(&world)
        .await;
    assert_eq!(refused(&world, &link).await, "ledger_record_incomplete");
    let registrar = world.ledger.registrar().did().to_string();
    let record = world.ledger.bundle(&registrar);
    let alone = ledger::encode_bundles([record.as_slice()].into_iter());
    let link = draft(&mut world, &["age_over_18"], &certificate, Some(&alone))
        .publish(&world)
        .await;
    assert_eq!(refused(&world, &link).await, "ledger_proof_invalid");
}

/// What was true of the registrar once says nothing of now.
#[tokio::test]
async fn f20_wallet_a_proof_of_the_registrar_that_is_too_old() {
    let mut world = World::with_card().await;
    let certificate = signed(&payload(&world), &key_of(world.ledger.registrar()));
    let old = registrars_proof(&mut world);
    let later = NOW + 3 * 24 * 3600;
    world.ledger.set_now(later);
    world.clock.set(later);
    let mut draft = draft(&mut world, &["age_over_18"], &certificate, Some(&old));
    draft.claims["iat"] = json!(later);
    draft.claims["exp"] = json!(later + 300);
    let link = draft.publish(&world).await;
    assert_eq!(refused(&world, &link).await, "ledger_stale");
}

/// Of strangers nobody says anything with which a certificate could agree; they may ask what anybody may.
#[tokio::test]
async fn f20_wallet_a_stranger_gains_nothing_by_a_certificate() {
    let mut world = World::with_card().await;
    let certificate = signed(&payload(&world), &key_of(world.ledger.registrar()));
    let proof = registrars_proof(&mut world);
    let mut draft = draft(&mut world, &["given_name"], &certificate, Some(&proof));
    draft.claims["verifier_info"].as_array_mut().expect("array").remove(0);
    let link = draft.publish(&world).await;
    assert!(matches!(
        world.refused(&link).await,
        RequestRefused::NotAnonymous { .. }
    ));
}
