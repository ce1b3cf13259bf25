//! Trust packs: signatures, succession, and what is refused.

use jose::{PrivateJwk, Signer, SigningKey};
use ledger::{
    BundleError, Governance, Mode, PackContent, Predecessor, PreviousLogKey, QuorumTextError, TrustPack,
    TrustPackError, UnverifiedBundle, UnverifiedTrustPack,
};
use serde_json::{Value, json};
use test_case::test_case;
use testkit::Ledger;
use tlog::LogSigner;

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

fn log_signer(origin: &str, seed: u8) -> LogSigner {
    LogSigner::from_seed(origin.parse().unwrap(), &[seed; 32]).unwrap()
}

/// Gives a pack another log key, in the policy text too.
fn with_log_key(content: &mut PackContent, signer: &LogSigner) {
    let key = signer.verifier_key().to_string();
    content.policy = content.policy.replace(&content.log_key, &key);
    content.log_key = key;
}

/// The next pack has log key 50; the one before counts until then.
fn rotated(content: &mut PackContent, until: u64) {
    let vkey = content.log_key.clone();
    let signer = log_signer(&content.origin, 50);
    with_log_key(content, &signer);
    content.previous_log_key = Some(PreviousLogKey { until, vkey });
}

const DAYS_90: u64 = 90 * 24 * 3600;

#[test]
fn another_log_key_names_the_one_before() {
    let signer = log_signer(testkit::ledger::ORIGIN, 50);
    let refused = next(|content| with_log_key(content, &signer), &[1, 2]);
    assert_eq!(refused, Err(TrustPackError::LogKeyReplaced));
    let pack = next(|content| rotated(content, NOW + DAYS_90), &[1, 2]).unwrap();
    let (previous, until) = pack.previous_log_key().unwrap();
    assert_eq!((previous, until), (first().log_key(), NOW + DAYS_90));
    assert_eq!(pack.log_keys().len(), 2);
}

#[test]
fn the_key_before_counts_for_90_days_at_most() {
    let refused = next(|content| rotated(content, NOW + DAYS_90 + 1), &[1, 2]);
    assert_eq!(refused, Err(TrustPackError::PreviousLogKeyTooLong));
}

#[test]
fn the_key_before_is_another_key_of_this_log() {
    for (origin, seed) in [(testkit::ledger::ORIGIN, 50), ("other.example", 51)] {
        let mut content = content();
        rotated(&mut content, NOW);
        content.previous_log_key = Some(PreviousLogKey {
            until: NOW,
            vkey: log_signer(origin, seed).verifier_key().to_string(),
        });
        let keys: Vec<SigningKey> = [1, 2].map(key).into();
        let signers: Vec<&dyn Signer> = keys.iter().map(|key| key as &dyn Signer).collect();
        let refused = UnverifiedTrustPack::parse(&content.sign(&signers).unwrap());
        assert_eq!(refused, Err(TrustPackError::PreviousLogKey), "{origin}");
    }
}

/// A ledger whose readers hold the pack that names a newer log key; the log still signs with its first.
fn read_by_newer_pack(until: u64) -> Result<(), BundleError> {
    let mut ledger = Ledger::new(NOW);
    let agency = ledger.create("agency.localhost");
    let did = agency.did().to_string();
    let bytes = ledger.bundle(&did);
    let mut content = ledger.pack_content().clone();
    rotated(&mut content, until);
    let file = content.sign(&[ledger.governance()]).unwrap();
    let pack = UnverifiedTrustPack::parse(&file).unwrap().verify(None, NOW).unwrap();
    UnverifiedBundle::parse(&bytes).unwrap().verify(&pack, &did).map(|_| ())
}

#[test]
fn a_bundle_by_the_key_before_counts_until_the_pack_says_otherwise() {
    assert_eq!(read_by_newer_pack(NOW + 1), Ok(()));
    assert_eq!(read_by_newer_pack(NOW), Err(BundleError::LogKeyRetired));
}

#[test]
fn a_landmark_by_either_key_verifies() {
    let mut ledger = Ledger::new(NOW);
    let note = ledger.publish();
    let mut content = ledger.pack_content().clone();
    rotated(&mut content, NOW + 1);
    let file = content.sign(&[ledger.governance()]).unwrap();
    let pack = UnverifiedTrustPack::parse(&file).unwrap().verify(None, NOW).unwrap();
    let old = ledger::UnverifiedLandmark::from_note(&note).unwrap();
    assert!(old.clone().verify(&pack).is_ok());
    assert!(old.without_cosignatures().verify(&pack).is_ok());
    let checkpoint = note.dangerous_checkpoint().clone();
    let line = log_signer(testkit::ledger::ORIGIN, 50).sign(&checkpoint).unwrap();
    let new = tlog::UnverifiedCheckpoint::new(checkpoint, vec![line]);
    let new = ledger::UnverifiedLandmark::from_note(&new).unwrap();
    assert!(new.clone().verify(&pack).is_ok());
    assert!(
        new.verify(&ledger.trust_pack()).is_err(),
        "the pack before knows nothing of it"
    );
}

/// The next pack is that of another log, which names the first as the one before.
fn successor(change: impl FnOnce(&mut Predecessor)) -> Result<TrustPack, TrustPackError> {
    next(
        |content| {
            let mut predecessor = Predecessor {
                log_key: content.log_key.clone(),
                origin: content.origin.clone(),
                root: [3; 32],
                size: 10,
            };
            change(&mut predecessor);
            content.predecessor = Some(predecessor);
            with_log_key(content, &log_signer("next.example", 60));
            content.origin = "next.example".to_owned();
        },
        &[1, 2],
    )
}

#[test]
fn a_pack_may_name_a_log_that_goes_on_for_this_one() {
    let pack = successor(|_| ()).unwrap();
    assert_eq!(pack.origin(), "next.example");
    assert_eq!(pack.predecessor().unwrap().size, 10);
}

#[test]
fn a_log_that_goes_on_for_another_is_another_ecosystem() {
    let refused = successor(|log| {
        log.origin = "third.example".to_owned();
        log.log_key = log_signer("third.example", 61).verifier_key().to_string();
    });
    assert_eq!(refused, Err(TrustPackError::OtherEcosystem));
    let refused = successor(|log| log.log_key = log_signer(&log.origin, 62).verifier_key().to_string());
    assert_eq!(refused, Err(TrustPackError::OtherEcosystem));
}
