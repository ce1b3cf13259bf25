//! The registration certificate in requests: with a proof of the registrar that signed it, or not at all.

use did::identity::{OldKey, Organisation};
use http::{Method, StatusCode};
use jose::VerifyingKey;
use ledger::UnverifiedBundle;
use oid4vp::{PresentationRequest, UnverifiedRegistration};
use serde_json::json;
use service::Clock;
use test_case::test_case;
use testkit::certificates::Name;

use crate::added::{Added, by_registrar, provisioning, registration_by};
use crate::k_split::with_a_mirror;
use crate::site::{Reply, Site};
use crate::world::{LEDGER, MIRROR, NOW, Options, World};

const DAY: u64 = 86_400;

/// A business that may ask.
async fn with_business() -> (World, Added) {
    with_business_in(provisioning()).await
}

async fn with_business_in(options: Options) -> (World, Added) {
    let mut world = World::with(options).await;
    let added = world.add("corner-shop").await;
    (world, added)
}

/// It is given a registration that somebody signed as a registrar, until this time.
async fn give(world: &World, added: &Added, signer: &Organisation, until: u64) {
    let (_, key) = signer.assertion_key().unwrap();
    let names = [Name::Dns("registrar.example"), Name::Uri(signer.did().as_str())];
    let registration = registration_by(key, &names, added.organisation.did().as_str(), until);
    let access = world.folder.path().join("businesses/corner-shop/access.pem");
    let body = json!({
        "access_certificate_chain": [std::fs::read_to_string(access).unwrap()],
        "registration_certificate": registration,
    });
    let path = "/api/v1/businesses/corner-shop/certificates";
    let (status, problem) = world.call(by_registrar(Method::PUT, path, &body)).await;
    assert_eq!(status, StatusCode::NO_CONTENT, "{problem}");
}

/// Where a source gives the bundle of an object, which is the policy, or of an organisation.
fn at(source: &str, of: &str) -> String {
    match of {
        "object" => format!("{source}/bundle/object"),
        did => format!("{source}/bundle?{did}"),
    }
}

/// The ledger is read, with its policy and the record of whoever signed.
async fn read(world: &mut World, signer: &str) {
    world.publish();
    let policy = world.ledger.policy_bundle();
    let record = world.ledger.bundle(signer);
    world.site.set(&at(LEDGER, "object"), Reply::Body(policy));
    world.site.set(&at(LEDGER, signer), Reply::Body(record));
    world.refresher.round().await;
}

async fn request(world: &World, added: &Added) -> PresentationRequest {
    let opened = world.open_of(&added.token).await;
    world.request_of(&opened, added.organisation.did().as_str()).await
}

/// Whether a request brings it; the proof comes with it or neither does.
async fn is_sent(world: &World, added: &Added) -> bool {
    let request = request(world, added).await;
    let sent = request.dangerous_registration().is_some();
    assert_eq!(request.registrar().is_some(), sent);
    sent
}

#[tokio::test]
async fn a_request_brings_the_registration_with_a_proof_of_who_signed_it() {
    let (mut world, added) = with_business().await;
    give(&world, &added, world.ledger.registrar(), NOW + DAY).await;
    assert!(!is_sent(&world, &added).await, "who signed it was not read yet");
    let registrar = world.ledger.registrar().did().to_string();
    for _ in 0..2 {
        read(&mut world, &registrar).await;
        let request = request(&world, &added).await;
        let proof = UnverifiedBundle::parse_set(request.registrar().unwrap()).unwrap();
        let Ok([policy, record]) = <[UnverifiedBundle; 2]>::try_from(proof) else {
            panic!("two bundles")
        };
        let view = world.app.trust.view();
        let policy = policy.verify_policy(view.pack()).unwrap().policy().unwrap();
        assert!(policy.registrars.iter().any(|named| named.as_str() == registrar));
        let record = record.verify(view.pack(), &registrar).unwrap();
        let keys = record.record().unwrap().assertion_keys();
        let keys: Vec<VerifyingKey> = keys.map(|(_, key)| VerifyingKey::new(key).unwrap()).collect();
        let certificate = UnverifiedRegistration::parse(request.dangerous_registration().unwrap()).unwrap();
        let did = added.organisation.did().as_str();
        let verified = certificate.verify(&keys, did, world.clock.now()).unwrap();
        assert_eq!(verified.expires(), NOW + DAY);
        world.restart().await;
    }
}

#[tokio::test]
async fn f20_verifier_a_registration_by_a_key_that_was_given_up_is_not_sent() {
    let (mut world, added) = with_business().await;
    let mut second = world.ledger.second_registrar();
    give(&world, &added, &second, NOW + DAY).await;
    read(&mut world, second.did().as_str()).await;
    assert!(is_sent(&world, &added).await);
    world.ledger.rotate(&mut second, OldKey::TakeOut);
    read(&mut world, second.did().as_str()).await;
    assert!(!is_sent(&world, &added).await);
}

#[tokio::test]
async fn f20_verifier_a_registration_by_somebody_who_is_no_registrar_is_not_sent() {
    let (mut world, added) = with_business().await;
    give(&world, &added, &world.agency, NOW + DAY).await;
    let agency = world.agency.did().to_string();
    read(&mut world, &agency).await;
    assert!(!is_sent(&world, &added).await);
}

#[tokio::test]
async fn f20_verifier_a_registration_that_has_run_out_is_not_sent() {
    let (mut world, added) = with_business().await;
    give(&world, &added, world.ledger.registrar(), NOW + 60).await;
    let registrar = world.ledger.registrar().did().to_string();
    read(&mut world, &registrar).await;
    assert!(is_sent(&world, &added).await);
    world.clock.advance(60);
    assert!(!is_sent(&world, &added).await);
}

/// Policy and record each come from whichever source has them: the log fails, and the mirror has the newest.
#[test_case(|site, _, _| site.set(&at(LEDGER, "object"), Reply::Status(503)) ; "that gives no policy")]
#[test_case(|site, _, older| site.set(&at(LEDGER, "object"), Reply::Body(older)) ; "whose policy does not name it yet")]
#[test_case(|site, did, _| site.set(&at(LEDGER, did), Reply::Status(503)) ; "that does not give its record")]
#[tokio::test]
async fn a_registrar_is_read_from_the_mirror_beside_a_log(fails: fn(&Site, &str, Vec<u8>)) {
    let options = Options {
        provisioning: true,
        ..with_a_mirror()
    };
    let (mut world, added) = with_business_in(options).await;
    let older = world.ledger.policy_bundle();
    let second = world.ledger.second_registrar();
    let did = second.did().as_str();
    give(&world, &added, &second, NOW + DAY).await;
    read(&mut world, did).await;
    for of in ["object", did] {
        world.site.copy(&at(LEDGER, of), &at(MIRROR, of));
    }
    fails(&world.site, did, older);
    world.refresher.round().await;
    assert!(is_sent(&world, &added).await);
}

/// The log has the policy that takes it back, the mirror the one before: wallets would find the older one stale.
#[tokio::test]
async fn f20_verifier_a_registrar_by_an_older_policy_is_none() {
    let options = Options {
        provisioning: true,
        ..with_a_mirror()
    };
    let (mut world, added) = with_business_in(options).await;
    let second = world.ledger.second_registrar();
    let did = second.did().as_str();
    give(&world, &added, &second, NOW + DAY).await;
    read(&mut world, did).await;
    assert!(is_sent(&world, &added).await);
    for of in ["object", did] {
        world.site.copy(&at(LEDGER, of), &at(MIRROR, of));
    }
    let policy = world.ledger.policy(3);
    let leaf = world.ledger.policy_leaf(&policy);
    world.ledger.write(&leaf);
    read(&mut world, did).await;
    assert!(!is_sent(&world, &added).await);
}

/// Of a registrar that cannot be read any more nothing old is shown.
#[tokio::test]
async fn a_registration_whose_signer_cannot_be_read_is_not_sent() {
    let (mut world, added) = with_business().await;
    give(&world, &added, world.ledger.registrar(), NOW + DAY).await;
    let registrar = world.ledger.registrar().did().to_string();
    read(&mut world, &registrar).await;
    assert!(is_sent(&world, &added).await);
    world.site.set(&at(LEDGER, "object"), Reply::Status(503));
    world.refresher.round().await;
    assert!(!is_sent(&world, &added).await);
}
