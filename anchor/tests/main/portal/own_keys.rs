//! Organisations with keys of their own: a file shows nothing of who hands it in, so that people look at it.

use anchor::portal::Role;
use jose::{PublicJwk, base64url};
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256};
use service::Clock;

use super::browser::Browser;
use super::review::{decide, desk};
use super::{Office, ask, begin, business_file, hand_in, hand_over, id, registered};
use crate::world::agency;

/// An application for yes or no alone, for checks at a verifier of its own.
pub(super) async fn own(shop: &mut Browser) -> String {
    let path = begin(shop, "business").await;
    ask(shop, &path, &[("age_over_18", "needed")]).await;
    let fields = [
        ("name_en", "Corner Shop"),
        ("mail", "privacy@shop.example"),
        ("days", "100"),
        ("hosting", "own"),
    ];
    let saved = shop.submit(&path, &format!("{path}/about"), &fields).await;
    assert_eq!(saved.location(), path);
    path
}

/// It is handed in, its host is proved, and two operators approve it.
async fn approved(office: &Office, shop: &mut Browser, path: &str) {
    hand_in(shop, path).await;
    office.prove(shop, path).await;
    let mut ada = office.operator("ada", Role::Approver).await;
    let mut bob = office.operator("bob", Role::Approver).await;
    decide(&mut ada, path, "approve").await;
    decide(&mut bob, path, "approve").await;
}

#[tokio::test]
async fn h17_anchor_keys_of_its_own_take_people() {
    let office = Office::open().await;
    let mut shop = office.applicant("Corner Shop").await;
    let path = own(&mut shop).await;
    let organisation = office.organisation("bank");
    let did = organisation.did().as_str();
    let sent = hand_over(&mut shop, &path, &business_file(&organisation.lines()[0]), "").await;
    assert_eq!(sent.location(), path);
    hand_in(&mut shop, &path).await;
    office.portal.carry_out().await.unwrap();
    assert!(shop.get(&path).await.text().contains("Handed in"));
    assert!(office.bundle(did).await.record().is_none());
    office.prove(&mut shop, &path).await;
    let mut ada = office.operator("ada", Role::Approver).await;
    let mut bob = office.operator("bob", Role::Approver).await;
    decide(&mut ada, &path, "approve").await;
    decide(&mut bob, &path, "approve").await;
    assert!(office.may_ask(did).await);
    // The same keys once more are those that people have looked at.
    let next = shop.submit(&path, &format!("{path}/change"), &[]).await;
    let next = next.location().to_owned();
    hand_in(&mut shop, &next).await;
    assert!(shop.get(&next).await.text().contains("Registered"));
}

#[tokio::test]
async fn h17_anchor_nobody_applies_with_what_the_ledger_has_of_another() {
    let office = Office::open().await;
    // One is on the ledger without the portal, the other came by it.
    let elsewhere = agency(1);
    let (status, code) = office.world.post_code(&office.world.create(&elsewhere)).await;
    assert_eq!((status, code.as_str()), (200, ""));
    let (_, hosted, _) = registered(&office).await;
    let line = office
        .verifier
        .told(|told| told.businesses[id(&hosted)]["application"]["did_log_line"].clone());
    let mut other = office.applicant("Corner Shop").await;
    let path = own(&mut other).await;
    for line in [elsewhere.lines()[0].as_str(), line.as_str().unwrap()] {
        let refused = hand_over(&mut other, &path, &business_file(line), "").await;
        assert_eq!(refused.problem(), (422, "invalid_content".to_owned()));
        assert!(!other.get(&path).await.text().contains("We have a file of"));
    }
}

#[tokio::test]
async fn operators_see_the_keys_that_they_decide_on() {
    let office = Office::open().await;
    let mut shop = office.applicant("Corner Shop").await;
    let path = own(&mut shop).await;
    let organisation = office.organisation("bank");
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let csr = CertificateParams::default().serialize_request(&key).unwrap();
    let file = business_file(&organisation.lines()[0]);
    let sent = hand_over(&mut shop, &path, &file, &csr.pem().unwrap()).await;
    assert_eq!(sent.location(), path);
    hand_in(&mut shop, &path).await;
    let mut ada = office.operator("ada", Role::Approver).await;
    let text = ada.get(&desk(&path)).await.text();
    let jwk = PublicJwk::from_p256_sec1(key.public_key_raw()).unwrap();
    for shown in [
        organisation.did().as_str(),
        &did::webvh::WebvhDid::try_from(organisation.did().clone())
            .unwrap()
            .port()
            .map(|port| format!("bank.localhost:{port}"))
            .unwrap(),
        &base64url::encode([7_u8; 32]),
        &base64url::encode(jwk.thumbprint()),
    ] {
        assert!(text.contains(shown), "{shown}: {text}");
    }
}

#[tokio::test]
async fn a_renewal_does_not_cut_off_who_has_not_fetched_it_yet() {
    let office = Office::open().await;
    let mut shop = office.applicant("Corner Shop").await;
    let path = own(&mut shop).await;
    let organisation = office.organisation("bank");
    let did = organisation.did().as_str();
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let csr = CertificateParams::default().serialize_request(&key).unwrap();
    let file = business_file(&organisation.lines()[0]);
    hand_over(&mut shop, &path, &file, &csr.pem().unwrap()).await;
    approved(&office, &mut shop, &path).await;
    let first = office.bundle(did).await.scope().unwrap().access_certificates;
    assert_eq!(first.len(), 2, "that of the file, and that of the registrar");
    office.world.clock.set(office.world.clock.now() + 60);
    let next = shop.submit(&path, &format!("{path}/change"), &[]).await;
    let next = next.location().to_owned();
    hand_in(&mut shop, &next).await;
    assert!(shop.get(&next).await.text().contains("Registered"));
    let second = office.bundle(did).await.scope().unwrap().access_certificates;
    assert_eq!(second.len(), 3);
    assert!(first.iter().all(|hash| second.contains(hash)));
}

/// Two came with the same file: whoever is on the ledger first has it.
#[tokio::test]
async fn h17_anchor_what_came_onto_the_ledger_meanwhile_is_not_written_over() {
    let office = Office::open().await;
    let mut shop = office.applicant("Corner Shop").await;
    let path = own(&mut shop).await;
    let elsewhere = office.organisation("agency");
    let sent = hand_over(&mut shop, &path, &business_file(&elsewhere.lines()[0]), "").await;
    assert_eq!(sent.location(), path);
    hand_in(&mut shop, &path).await;
    office.prove(&mut shop, &path).await;
    assert_eq!(office.world.post_code(&office.world.create(&elsewhere)).await.0, 200);
    let mut ada = office.operator("ada", Role::Approver).await;
    let mut bob = office.operator("bob", Role::Approver).await;
    decide(&mut ada, &path, "approve").await;
    decide(&mut bob, &path, "approve").await;
    assert!(!office.may_ask(elsewhere.did().as_str()).await);
}

/// What whoever hosts the checks itself downloads is what its program reads: every setting is one, and says the same.
#[tokio::test]
async fn the_settings_to_download_are_those_of_the_verifier() {
    let office = Office::open().await;
    let mut shop = office.applicant("Corner Shop").await;
    let path = own(&mut shop).await;
    let organisation = office.organisation("bank");
    hand_over(&mut shop, &path, &business_file(&organisation.lines()[0]), "").await;
    approved(&office, &mut shop, &path).await;
    let downloaded = shop.get(&format!("/portal/checks/{}/verifier.toml", id(&path))).await;
    let settings: toml::Table = downloaded.html().parse().unwrap();
    let known: toml::Table = include_str!("../../../../verifier/src/default.toml").parse().unwrap();
    for key in settings.keys() {
        assert!(key == "profile" || known.contains_key(key), "{key}");
    }
    // Its DID names the host, and this log is one of a development.
    let did: did::webvh::WebvhDid = organisation.did().as_str().parse().unwrap();
    let host = format!("http://{}:{}", did.host(), did.port().unwrap());
    assert_eq!(settings["public_url"].as_str(), Some(host.as_str()));
    assert_eq!(settings["profile"].as_str(), Some("development"));
    let ledger = office.world.url.as_str().trim_end_matches('/');
    assert_eq!(settings["ledger_url"].as_str(), Some(ledger));
}
