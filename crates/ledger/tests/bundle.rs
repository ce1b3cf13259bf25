//! What a bundle proves, and what is refused.

use ledger::{BundleError, KeyLookup, ListContent, SnapshotTree, TrustPack, UnverifiedBundle, VerifiedBundle};
use testkit::{Cosignatures, Ledger, purpose, scope};
use tlog::QuorumError;

use crate::tampered::proof_of;

pub(crate) const NOW: u64 = 1_763_640_000;
pub(crate) const PID: &str = "urn:holdfast:vct:person-identification:1";

pub(crate) fn verify(bytes: &[u8], pack: &TrustPack, did: &str) -> Result<VerifiedBundle, BundleError> {
    UnverifiedBundle::parse(bytes)?.verify(pack, did)
}

/// A ledger with one accredited agency, and the agency's DID.
pub(crate) fn with_agency() -> (Ledger, String) {
    let mut ledger = Ledger::new(NOW);
    let agency = ledger.create("agency.localhost%3A9100");
    ledger.accredit(&agency, "Office of Residents", &[PID]);
    (ledger, agency.did().to_string())
}

#[test]
fn a_bundle_says_everything_about_an_agency() {
    let mut ledger = Ledger::new(NOW);
    let agency = ledger.create("agency.localhost%3A9100");
    ledger.accredit(&agency, "Office of Residents", &[PID]);
    let list = ListContent {
        uri: "https://agency.example/status/1",
        bits: 2,
        bytes: &[0x24; 1000],
    };
    ledger.snapshot(&agency, &[(list, b"a token")]);
    let did = agency.did().to_string();
    let bundle = verify(&ledger.bundle(&did), &ledger.trust_pack(), &did).unwrap();

    let record = bundle.record().unwrap();
    assert_eq!((record.did(), bundle.time(), bundle.size()), (did.as_str(), NOW, 6));
    assert!(record.accreditation(PID, NOW).is_some());
    assert!(
        record.accreditation(PID, NOW + 400 * 24 * 3600).is_none(),
        "accredited for a year"
    );
    assert!(record.accreditation("urn:other", NOW).is_none());
    assert_eq!(bundle.accreditation().unwrap().name.text("en"), "Office of Residents");
    assert_eq!(bundle.status_snapshot().unwrap().lists.len(), 1);
    let (kid, key) = agency.assertion_key().unwrap();
    match record.assertion_key(&kid.to_string()) {
        KeyLookup::Current(listed) => assert!(listed.same_key(key.public())),
        other => panic!("{other:?}"),
    }
    assert_eq!(
        record.ledger_key(&kid.to_string()),
        KeyLookup::Never,
        "a credential key does not write to the ledger"
    );
    assert_eq!(record.assertion_key("did:webvh:other#assert-1"), KeyLookup::Never);

    let tree = SnapshotTree::new(&[list]).unwrap();
    let proof = tree.prove(list.uri, 5).unwrap();
    assert_eq!(proof.verify(record.status_snapshot().unwrap(), list.uri, 5), Ok(1));
}

#[test]
fn a_bundle_says_what_a_business_may_ask() {
    let mut ledger = Ledger::new(NOW);
    let shop = ledger.create("shop.localhost%3A9200");
    let wanted = scope(
        shop.did(),
        "Shop",
        &[[7; 32]],
        vec![purpose("age", PID, &["age_over_18"], &[])],
        NOW + 1000,
    );
    ledger.register(&wanted, &shop);
    let did = shop.did().to_string();
    let bundle = verify(&ledger.bundle(&did), &ledger.trust_pack(), &did).unwrap();
    assert_eq!(
        bundle.record().unwrap().relying_party().unwrap().certificates,
        [[7; 32]]
    );
    assert_eq!(bundle.scope(), Some(wanted));
}

#[test]
fn absence_is_proved() {
    let (mut ledger, _) = with_agency();
    let did = "did:webvh:QmNobody:nobody.example";
    let bundle = verify(&ledger.bundle(did), &ledger.trust_pack(), did).unwrap();
    assert_eq!(bundle.record(), None);
}

#[test]
fn a_proof_of_absence_is_not_one_for_an_organisation_that_is_there() {
    let (mut ledger, did) = with_agency();
    let absent = ledger.bundle("did:webvh:QmNobody:nobody.example");
    let refused = verify(&absent, &ledger.trust_pack(), &did).unwrap_err();
    assert!(matches!(refused, BundleError::MapProof(_)), "{refused:?}");
}

#[test]
fn k16_the_bundle_of_another_did_is_refused() {
    let (mut ledger, did) = with_agency();
    let other = ledger.create("other.localhost");
    let bytes = ledger.bundle(&did);
    let refused = verify(&bytes, &ledger.trust_pack(), other.did().as_str());
    assert_eq!(refused, Err(BundleError::OtherSubject));
}

#[test]
fn k15_a_checkpoint_without_quorum_is_refused() {
    let (mut ledger, did) = with_agency();
    let bytes = ledger.bundle_with(&did, &Cosignatures::without_quorum(NOW));
    assert_eq!(
        verify(&bytes, &ledger.trust_pack(), &did),
        Err(BundleError::Quorum(QuorumError::NotReached))
    );
}

#[test]
fn k15_a_checkpoint_without_a_mirror_is_refused() {
    let (mut ledger, did) = with_agency();
    let bytes = ledger.bundle_with(&did, &Cosignatures::without_mirror(NOW));
    assert_eq!(
        verify(&bytes, &ledger.trust_pack(), &did),
        Err(BundleError::Quorum(QuorumError::NotReached))
    );
}

#[test]
fn k15_unknown_witnesses_are_ignored() {
    let (mut ledger, did) = with_agency();
    let mut note = ledger.publish_with(&Cosignatures::without_quorum(NOW));
    let stranger = tlog::Cosigner::from_seed("stranger.example".parse().unwrap(), &[99; 32]).unwrap();
    let checkpoint = note.dangerous_checkpoint().clone();
    let mut lines = note.signatures().to_vec();
    lines.push(stranger.cosign(&checkpoint, NOW).unwrap());
    note = tlog::UnverifiedCheckpoint::new(checkpoint, lines);
    let bytes = ledger.replica().bundle(&note, &did, &[]).unwrap();
    assert_eq!(
        verify(&bytes, &ledger.trust_pack(), &did),
        Err(BundleError::Quorum(QuorumError::NotReached))
    );
    let mut lines = ledger.publish().signatures().to_vec();
    lines.push(stranger.cosign(note.dangerous_checkpoint(), NOW).unwrap());
    note = tlog::UnverifiedCheckpoint::new(note.dangerous_checkpoint().clone(), lines);
    let bytes = ledger.replica().bundle(&note, &did, &[]).unwrap();
    let bundle = verify(&bytes, &ledger.trust_pack(), &did).unwrap();
    assert!(!bundle.note().contains("stranger.example"));
}

#[test]
fn k15_a_forged_cosignature_is_refused() {
    let (mut ledger, did) = with_agency();
    let note = ledger.publish();
    let mut lines = note.signatures().to_vec();
    let forged = &lines[2];
    let (name, id) = (forged.key_name().clone(), forged.key_id());
    lines[2] = tlog::SignatureLine::new(name, id, [NOW.to_be_bytes().as_slice(), &[1; 64]].concat());
    let note = tlog::UnverifiedCheckpoint::new(note.dangerous_checkpoint().clone(), lines);
    let bytes = ledger.replica().bundle(&note, &did, &[]).unwrap();
    let refused = verify(&bytes, &ledger.trust_pack(), &did).unwrap_err();
    assert!(
        matches!(refused, BundleError::Quorum(QuorumError::Cosignature { .. })),
        "{refused:?}"
    );
}

#[test]
fn the_signed_note_is_rebuilt_exactly() {
    let (mut ledger, did) = with_agency();
    let note = ledger.publish().to_string();
    let bundle = verify(&ledger.bundle(&did), &ledger.trust_pack(), &did).unwrap();
    assert_eq!(bundle.note(), note);
}

#[test]
fn a_bundle_of_another_log_is_refused() {
    let (mut ledger, did) = with_agency();
    let mut content = ledger.pack_content().clone();
    let other = tlog::LogSigner::from_seed(content.origin.parse().unwrap(), &[77; 32]).unwrap();
    content.policy = content
        .policy
        .replace(&content.log_key, &other.verifier_key().to_string());
    content.log_key = other.verifier_key().to_string();
    let file = content.sign(&[ledger.governance()]).unwrap();
    let pack = ledger::UnverifiedTrustPack::parse(&file)
        .unwrap()
        .verify(None, NOW)
        .unwrap();
    assert_eq!(
        verify(&ledger.bundle(&did), &pack, &did),
        Err(BundleError::Quorum(QuorumError::LogSignature))
    );
}

#[test]
fn the_did_line_can_be_carried() {
    let (mut ledger, did) = with_agency();
    let note = ledger.publish();
    let line = ledger.entries().iter().find(|(_, payload)| {
        payload.starts_with(b"{")
            && payload.windows(9).any(|window| window == b"versionId")
            && String::from_utf8_lossy(payload).contains(&did)
    });
    let line = line.unwrap().1.clone();
    let bytes = ledger.replica().bundle(&note, &did, &[&line]).unwrap();
    assert_eq!(
        verify(&bytes, &ledger.trust_pack(), &did).unwrap().did_line(),
        Some(line.as_slice())
    );
}

#[test]
fn a_bundle_is_read_strictly() {
    let (mut ledger, did) = with_agency();
    let bytes = ledger.bundle(&did);
    let refused = |bytes: &[u8]| UnverifiedBundle::parse(bytes).unwrap_err();
    assert_eq!(
        refused(&bytes[..bytes.len() - 1]),
        BundleError::Cbor(cbor::CborError::Truncated)
    );
    let mut longer = bytes.clone();
    longer.push(0);
    assert_eq!(refused(&longer), BundleError::Cbor(cbor::CborError::TrailingBytes));
    let mut version = bytes.clone();
    version[1] = 2;
    assert_eq!(refused(&version), BundleError::Cbor(cbor::CborError::UnexpectedValue));
    assert_eq!(refused(&vec![0; 1024 * 1024 + 1]), BundleError::TooLong);
}

/// What codes without a network leave for a bundle: near 2 KB at 10^6 entries. The test log is
/// short, so the two paths are lengthened by what the map of 10^6 organisations and the tree of
/// 10^6 entries would add: log2(10^6) siblings of 33 bytes, half as many tree nodes on average.
#[test]
fn a_bundle_stays_near_two_kilobytes() {
    let mut ledger = Ledger::new(NOW);
    let agency = ledger.create("agency.example");
    ledger.accredit(&agency, "Office of Residents", &[PID]);
    ledger.snapshot(
        &agency,
        &[(
            ListContent {
                uri: "https://agency.example/1",
                bits: 1,
                bytes: &[0; 16],
            },
            b"token",
        )],
    );
    let did = agency.did().to_string();
    let bytes = ledger.lean_bundle(&did);
    let siblings = proof_of(&ledger, &did).siblings().len();
    let size = ledger.replica().size();
    let nodes = tlog::prove_inclusion(size - 1, size, ledger.replica().tree())
        .unwrap()
        .len();
    let record = ledger.record(&did).encode().len();
    let paths = 33 * siblings + 32 * nodes;
    let large = bytes.len() - paths + 33 * 21 + 32 * 10;
    println!(
        "record {record}, checkpoint, map head and frame {}, at 10^6 {large}",
        bytes.len() - paths - record
    );
    assert!(large < 2200, "{large}");
}

#[test]
fn a_set_holds_every_accredited_agency() {
    let (mut ledger, first) = with_agency();
    let second = ledger.create("second.localhost");
    ledger.accredit(&second, "Second", &[PID]);
    ledger.create("unaccredited.localhost");
    let set = UnverifiedBundle::parse_set(&ledger.accredited_bundles()).unwrap();
    let pack = ledger.trust_pack();
    let mut dids = Vec::new();
    for bundle in set {
        let did = bundle.dangerous_claimed_subject().unwrap();
        assert!(bundle.verify(&pack, &did).unwrap().accreditation().is_some());
        dids.push(did);
    }
    dids.sort();
    let mut expected = vec![first, second.did().to_string()];
    expected.sort();
    assert_eq!(dids, expected);
}

proptest::proptest! {
    #[test]
    fn parsing_never_panics(bytes: Vec<u8>) {
        let _ = UnverifiedBundle::parse(&bytes);
        let _ = UnverifiedBundle::parse_set(&bytes);
        let _ = ledger::OrganisationRecord::parse(&bytes);
        let _ = ledger::Submission::parse(&bytes);
        let _ = ledger::Leaf::parse(&bytes);
    }
}
