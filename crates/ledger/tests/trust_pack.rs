//! Trust packs: signatures, succession, and what is refused.

use jose::{PrivateJwk, Signer, SigningKey};
use ledger::{Governance, Mode, PackContent, QuorumTextError, TrustPack, TrustPackError, UnverifiedTrustPack};
use serde_json::{Value, json};
use test_case::test_case;
use testkit::Ledger;

const NOW: u64 = 1_763_640_000;

fn key(seed: u8) -> SigningKey {
    SigningKey::new(&PrivateJwk::from_ed25519_seed(&[seed; 32])).unwrap()
}

fn governance(keys: &[u8], next: &[u8], threshold: u64) -> Governance {
    let keys = keys.iter().map(|seed| key(*seed).public_jwk().clone()).collect();
    let next = next.iter().map(|seed| key(*seed).public_jwk().thumbprint()).collect();
    Governance::new(keys, next, threshold).unwrap()
}

fn content() -> PackContent {
    let content = Ledger::new(NOW).pack_content().clone();
    PackContent {
        governance: governance(&[1, 2, 3], &[4, 5], 2),
        ..content
    }
}

fn signed(content: &PackContent, seeds: &[u8]) -> UnverifiedTrustPack {
    let keys: Vec<SigningKey> = seeds.iter().map(|seed| key(*seed)).collect();
    let signers: Vec<&dyn Signer> = keys.iter().map(|key| key as &dyn Signer).collect();
    UnverifiedTrustPack::parse(&content.sign(&signers).unwrap()).unwrap()
}

fn first() -> TrustPack {
    signed(&content(), &[1, 2]).verify(None, NOW).unwrap()
}

/// A pack after the first one, changed and signed by these keys.
fn next(change: impl FnOnce(&mut PackContent), seeds: &[u8]) -> Result<TrustPack, TrustPackError> {
    let mut content = PackContent {
        version: 2,
        ..content()
    };
    change(&mut content);
    signed(&content, seeds).verify(Some(&first()), NOW)
}

#[test]
fn a_pack_says_what_a_client_needs() {
    let ledger = Ledger::new(NOW);
    let pack = ledger.trust_pack();
    assert_eq!(
        (pack.name(), pack.mode(), pack.version()),
        ("Holdfast test", Mode::Test, 1)
    );
    assert_eq!(pack.origin(), testkit::ledger::ORIGIN);
    assert_eq!(pack.mirrors().len(), 1);
    assert_eq!(pack.policy().witnesses().len(), 4);
    assert_eq!(
        pack.sha256(),
        ledger.policy(1).trust_pack.sha256,
        "the policy entry anchors the pack"
    );
}

#[test_case(&[1] => Err(TrustPackError::OwnThreshold) ; "one_of_two")]
#[test_case(&[1, 1] => Err(TrustPackError::OwnThreshold) ; "one_key_twice")]
#[test_case(&[1, 9] => Err(TrustPackError::OwnThreshold) ; "a_key_that_is_not_listed")]
#[test_case(&[1, 4] => Err(TrustPackError::OwnThreshold) ; "a_key_of_later")]
#[test_case(&[2, 3] => Ok(()) ; "two_of_three")]
#[test_case(&[9, 3, 1] => Ok(()) ; "another_signature_does_no_harm")]
fn threshold(seeds: &[u8]) -> Result<(), TrustPackError> {
    signed(&content(), seeds).verify(None, NOW).map(|_| ())
}

#[test]
fn an_expired_pack_is_refused() {
    let content = content();
    let expires = content.expires;
    assert_eq!(
        signed(&content, &[1, 2]).verify(None, expires),
        Err(TrustPackError::Expired)
    );
    assert!(signed(&content, &[1, 2]).verify(None, expires - 1).is_ok());
}

#[test]
fn the_next_pack_may_bring_announced_keys() {
    let pack = next(
        |content| content.governance = governance(&[1, 4, 5], &[6], 2),
        &[1, 2, 4],
    )
    .unwrap();
    assert_eq!(pack.version(), 2);
}

#[test]
fn the_pack_that_is_held_passes_again() {
    assert!(signed(&content(), &[2, 3]).verify(Some(&first()), NOW).is_ok());
}

#[test]
fn the_next_pack_needs_the_keys_before() {
    let refused = next(|content| content.governance = governance(&[4, 5], &[6], 2), &[4, 5]);
    assert_eq!(refused, Err(TrustPackError::PreviousThreshold));
}

#[test]
fn the_next_pack_needs_its_own_keys() {
    let refused = next(|content| content.governance = governance(&[4, 5], &[6], 2), &[1, 2, 4]);
    assert_eq!(refused, Err(TrustPackError::OwnThreshold));
}

#[test]
fn a_key_that_was_not_announced_is_refused() {
    let refused = next(|content| content.governance = governance(&[1, 2, 8], &[6], 2), &[1, 2]);
    assert_eq!(refused, Err(TrustPackError::KeyNotAnnounced));
}

#[test_case(1 ; "the_same")]
#[test_case(3 ; "one_left_out")]
fn the_next_version_is_one_higher(version: u64) {
    let refused = next(
        |content| (content.version, content.expires) = (version, content.expires + 1),
        &[1, 2],
    );
    assert_eq!(refused, Err(TrustPackError::Version));
}

#[test_case(|content| content.mode = Mode::Live ; "mode")]
#[test_case(|content| content.name = "Another".to_owned() ; "name")]
fn test_is_never_mixed_with_live(change: fn(&mut PackContent)) {
    assert_eq!(next(change, &[1, 2]), Err(TrustPackError::OtherEcosystem));
}

#[test]
fn a_changed_pack_has_no_signature() {
    let mut file: Value = serde_json::from_slice(&content().sign(&[&key(1), &key(2)]).unwrap()).unwrap();
    file["pack"]["name"] = json!("Changed");
    let pack = UnverifiedTrustPack::parse(file.to_string().as_bytes()).unwrap();
    assert_eq!(pack.verify(None, NOW), Err(TrustPackError::OwnThreshold));
}

#[test]
fn the_log_key_is_that_of_the_policy_text() {
    let mut content = content();
    content.log_key = content.mirrors[0].clone();
    let file = content.sign(&[&key(1), &key(2)]).unwrap();
    assert_eq!(UnverifiedTrustPack::parse(&file).unwrap_err(), TrustPackError::LogKey);
}

#[test]
fn a_quorum_without_mirror_is_refused() {
    let mut content = content();
    content.policy = content.policy.replace("quorum quorum", "quorum witnesses");
    let file = content.sign(&[&key(1), &key(2)]).unwrap();
    let refused = UnverifiedTrustPack::parse(&file).unwrap_err();
    assert_eq!(refused, TrustPackError::Quorum(QuorumTextError::MirrorNotNeeded));
}

#[test]
fn members_that_the_schema_does_not_name_are_refused() {
    let file = content().sign(&[&key(1), &key(2)]).unwrap();
    let mut value: Value = serde_json::from_slice(&file).unwrap();
    value["pack"]["successor"] = json!("x");
    assert!(matches!(
        UnverifiedTrustPack::parse(value.to_string().as_bytes()),
        Err(TrustPackError::Content(_))
    ));
    let mut value: Value = serde_json::from_slice(&file).unwrap();
    value["signatures"][0]["alg"] = json!("none");
    assert_eq!(
        UnverifiedTrustPack::parse(value.to_string().as_bytes()).unwrap_err(),
        TrustPackError::Signature
    );
}
