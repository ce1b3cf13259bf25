//! What a bundle proves, and what is refused.

use ledger::{BundleError, KeyLookup, ListContent, Records, SnapshotTree, TrustPack, UnverifiedBundle, VerifiedBundle};
use testkit::{Cosignatures, Ledger, purpose, scope};
use tlog::{InclusionError, QuorumError};

const NOW: u64 = 1_763_640_000;
const PID: &str = "urn:holdfast:vct:person-identification:1";

fn verify(bytes: &[u8], pack: &TrustPack, did: &str) -> Result<VerifiedBundle, BundleError> {
    UnverifiedBundle::parse(bytes)?.verify(pack, did)
}

/// A ledger with one accredited agency, and the agency's DID.
fn with_agency() -> (Ledger, String) {
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

/// The parts of a bundle, changed and written again.
struct Parts {
    ledger: Ledger,
    did: String,
    note: tlog::UnverifiedCheckpoint,
    leaf: Vec<u8>,
    payload: Vec<u8>,
    inclusion: Vec<tlog::Hash>,
    proof: ledger::MapProof,
    record: Option<Vec<u8>>,
    blobs: Vec<Vec<u8>>,
}

impl Parts {
    fn new() -> Self {
        let (mut ledger, did) = with_agency();
        let note = ledger.publish();
        let (leaf, payload) = ledger.entries().last().unwrap().clone();
        let size = ledger.replica().size();
        let inclusion = tlog::prove_inclusion(size - 1, size, ledger.replica().tree()).unwrap();
        let proof = proof_of(&ledger, &did);
        let record = Some(ledger.record(&did).encode());
        Self {
            ledger,
            did,
            note,
            leaf,
            payload,
            inclusion,
            proof,
            record,
            blobs: Vec::new(),
        }
    }

    fn verify(&self) -> Result<VerifiedBundle, BundleError> {
        let blobs: Vec<&[u8]> = self.blobs.iter().map(Vec::as_slice).collect();
        let parts = ledger::BundleParts {
            note: &self.note,
            map_head_leaf: &self.leaf,
            map_head_payload: &self.payload,
            inclusion: &self.inclusion,
            map_proof: &self.proof,
            record: self.record.as_deref(),
            blobs: &blobs,
        };
        verify(&parts.encode().unwrap(), &self.ledger.trust_pack(), &self.did)
    }

    /// Another leaf at the end of the tree, signed by everybody: only the bundle's own rules are left.
    fn with_last_leaf(mut self, leaf: Vec<u8>, payload: Vec<u8>) -> Self {
        let mut tree = tlog::Tree::default();
        let (_, before) = self.ledger.entries().split_last().unwrap();
        for (entry, _) in before {
            tree.append(tlog::leaf_hash(entry));
        }
        tree.append(tlog::leaf_hash(&leaf));
        let checkpoint = tlog::Checkpoint::new(testkit::ledger::ORIGIN.parse().unwrap(), tree.size(), tree.root());
        let mut lines = vec![self.ledger.log_signer().sign(&checkpoint).unwrap()];
        lines.extend(self.ledger.cosign(&checkpoint, &Cosignatures::all(NOW)));
        self.note = tlog::UnverifiedCheckpoint::new(checkpoint, lines);
        self.inclusion = tlog::prove_inclusion(tree.size() - 1, tree.size(), &tree).unwrap();
        (self.leaf, self.payload) = (leaf, payload);
        self
    }
}

/// A map proof made apart from the replica: every record again into a map of our own.
fn proof_of(ledger: &Ledger, did: &str) -> ledger::MapProof {
    use ledger::{Family, Map, MapNodes, MemoryNodes, map_key};
    use sha2::{Digest, Sha256};
    let mut nodes = MemoryNodes::default();
    let mut map = Map::empty();
    let policy = ledger.replica().policy().unwrap();
    let mut records = vec![(map_key(Family::Policy, &policy.record.origin), policy.record.encode())];
    let organisations = ledger.replica().organisations();
    records.extend(organisations.map(|record| (map_key(Family::Organisation, record.did()), record.encode())));
    for (key, record) in records {
        let change = map.insert(&nodes, &key, &Sha256::digest(&record).into()).unwrap();
        nodes.replace(&change);
        map = change.map();
    }
    assert_eq!(map.root(), ledger.replica().map_root());
    assert!(nodes.node(&map.root()).is_some());
    map.prove(&nodes, &map_key(Family::Organisation, did)).unwrap().1
}

#[test]
fn the_parts_make_a_sound_bundle() {
    assert!(Parts::new().verify().is_ok());
}

#[test]
fn k16_an_inclusion_proof_that_is_wrong_is_refused() {
    let mut parts = Parts::new();
    parts.inclusion[0] = [1; 32].into();
    assert_eq!(
        parts.verify(),
        Err(BundleError::Inclusion(InclusionError::RootMismatch))
    );
}

#[test]
fn k16_an_inclusion_proof_that_is_too_long_is_refused() {
    let mut parts = Parts::new();
    let expected = parts.inclusion.len();
    parts.inclusion.push([1; 32].into());
    let error = InclusionError::Length {
        expected,
        found: expected + 1,
    };
    assert_eq!(parts.verify(), Err(BundleError::Inclusion(error)));
}

#[test]
fn k16_an_inclusion_proof_for_another_size_is_refused() {
    let mut parts = Parts::new();
    let expected = parts.inclusion.len();
    parts.inclusion.pop();
    let error = InclusionError::Length {
        expected,
        found: expected - 1,
    };
    assert_eq!(parts.verify(), Err(BundleError::Inclusion(error)));
}

#[test]
fn a_map_proof_of_another_key_is_refused() {
    let mut parts = Parts::new();
    parts.proof = proof_of(&parts.ledger, parts.ledger.registrar().did().as_str());
    assert_eq!(parts.verify(), Err(BundleError::MapProof(ledger::MapProofError::Root)));
}

#[test]
fn an_older_record_is_refused() {
    let mut parts = Parts::new();
    let old = parts.record.clone();
    let agency = parts.ledger.create("second.localhost");
    parts.ledger.accredit(&agency, "Second", &[PID]);
    parts.did = agency.did().to_string();
    parts.record = Some(parts.ledger.record(&parts.did).encode());
    assert!(
        matches!(parts.verify(), Err(BundleError::MapProof(_))),
        "a record that the older map does not have"
    );
    parts.did = ledger::OrganisationRecord::parse(&old.clone().unwrap())
        .unwrap()
        .did()
        .to_owned();
    parts.record = old;
    assert!(parts.verify().is_ok());
}

#[test]
fn a_record_with_a_changed_byte_is_refused() {
    let mut parts = Parts::new();
    let record = parts.record.as_mut().unwrap();
    let last = record.len() - 1;
    record[last] ^= 1;
    assert_eq!(parts.verify(), Err(BundleError::MapProof(ledger::MapProofError::Root)));
    parts.record.as_mut().unwrap().push(0);
    assert_eq!(
        parts.verify(),
        Err(BundleError::Record(ledger::cbor::CborError::TrailingBytes))
    );
}

#[test]
fn a_record_left_out_is_not_absence() {
    let mut parts = Parts::new();
    parts.record = None;
    assert_eq!(
        parts.verify(),
        Err(BundleError::MapProof(ledger::MapProofError::NotAbsent))
    );
}

#[test]
fn a_blob_that_the_record_does_not_name_is_refused() {
    let mut parts = Parts::new();
    parts.blobs.push(b"{}".to_vec());
    assert_eq!(parts.verify(), Err(BundleError::BlobNotNamed));
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
fn a_checkpoint_that_does_not_end_in_a_map_head_is_refused() {
    let parts = Parts::new();
    let (leaf, payload) = parts.ledger.entries()[1].clone();
    assert_eq!(
        parts.with_last_leaf(leaf, payload).verify(),
        Err(BundleError::NotAMapHead)
    );
}

#[test]
fn a_map_head_with_another_payload_is_refused() {
    let mut parts = Parts::new();
    parts.payload[3] ^= 1;
    assert_eq!(parts.verify(), Err(BundleError::MapHeadPayload));
}

#[test]
fn a_map_head_of_another_size_is_refused() {
    let parts = Parts::new();
    let mut head = ledger::MapHead::parse(&parts.payload).unwrap();
    head.size -= 1;
    let submission = parts.ledger.map_head_leaf(&head);
    let (leaf, payload) = (submission.leaf().encode(), submission.payload().to_vec());
    assert_eq!(
        parts.with_last_leaf(leaf, payload).verify(),
        Err(BundleError::MapHeadSize)
    );
}

#[test]
fn a_bundle_is_read_strictly() {
    let (mut ledger, did) = with_agency();
    let bytes = ledger.bundle(&did);
    let refused = |bytes: &[u8]| UnverifiedBundle::parse(bytes).unwrap_err();
    assert_eq!(
        refused(&bytes[..bytes.len() - 1]),
        BundleError::Cbor(ledger::cbor::CborError::Truncated)
    );
    let mut longer = bytes.clone();
    longer.push(0);
    assert_eq!(
        refused(&longer),
        BundleError::Cbor(ledger::cbor::CborError::TrailingBytes)
    );
    let mut version = bytes.clone();
    version[1] = 2;
    assert_eq!(
        refused(&version),
        BundleError::Cbor(ledger::cbor::CborError::UnexpectedValue)
    );
    assert_eq!(refused(&vec![0; 1024 * 1024 + 1]), BundleError::TooLong);
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
