//! Bundles put together from changed parts: each rule of verification, broken alone.

use ledger::{BundleError, Records, VerifiedBundle};
use testkit::{Cosignatures, Ledger};
use tlog::InclusionError;

use crate::bundle::{NOW, PID, verify, with_agency};

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
pub(crate) fn proof_of(ledger: &Ledger, did: &str) -> ledger::MapProof {
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
    assert_eq!(parts.verify(), Err(BundleError::Record(cbor::CborError::TrailingBytes)));
}

/// A record is read before it is proved: what it costs to read is bounded.
#[test]
fn a_record_with_more_keys_than_a_document_may_have_is_refused_unread() {
    use cbor::{CborError, Writer};
    let mut parts = Parts::new();
    let point = jose::PrivateJwk::generate_p256(&mut |out: &mut [u8]| out.fill(7))
        .public()
        .sec1_compressed()
        .unwrap();
    let mut record = Writer::new();
    record.array(10).uint(1).text(&parts.did);
    record.array(6).uint(1).bytes(&[0; 32]).array(2).uint(0).uint(0);
    record.array(0).boolean(false).array(2).bytes(&[0; 32]).uint(1);
    record.array(17);
    for key in 10..27 {
        record
            .array(4)
            .text(&format!("key-{key}"))
            .uint(1)
            .int(-7)
            .bytes(&point);
    }
    record.array(0).null().null().null().null().array(0);
    parts.record = Some(record.into_bytes());
    assert_eq!(parts.verify(), Err(BundleError::Record(CborError::UnexpectedLength)));
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
