//! Landmarks and the landmark file: what they prove, and what is refused.

use cbor::{CborError, Writer};
use ledger::{
    AccreditedOrganisation, BundleError, Hash, LANDMARK_FILE_CAP, LandmarkError, LandmarkFileError, LandmarkFileParts,
    ListContent, MakeLandmarkError, MapProof, MapProofError, UnverifiedBundle, UnverifiedLandmark,
    UnverifiedLandmarkFile, VerifiedLandmarkFile, hour_of,
};
use proptest::prelude::*;
use testkit::{Cosignatures, Ledger};
use tlog::{LogSigner, QuorumError, UnverifiedCheckpoint};

use crate::bundle::{NOW, PID};
use crate::tampered::proof_of;

fn verify(bytes: &[u8], ledger: &Ledger) -> Result<VerifiedLandmarkFile, LandmarkFileError> {
    UnverifiedLandmarkFile::parse(bytes)?.verify(&ledger.trust_pack())
}

/// Two agencies, one with status lists, and an organisation that is not accredited.
fn with_agencies() -> (Ledger, Vec<String>) {
    let mut ledger = Ledger::new(NOW);
    let first = ledger.create("first.example");
    let second = ledger.create("second.example");
    ledger.create("shop.example");
    ledger.accredit(&first, "First", &[PID]);
    ledger.accredit(&second, "Second", &[PID]);
    let list = ListContent {
        uri: "https://first.example/status/1",
        bits: 1,
        bytes: &[0; 100],
    };
    ledger.snapshot(&first, &[(list, b"a token")]);
    let mut dids = vec![first.did().to_string(), second.did().to_string()];
    dids.sort();
    (ledger, dids)
}

/// The parts of a landmark file, changed and written again, by another hand than the library's.
struct Parts {
    ledger: Ledger,
    landmark: UnverifiedLandmark,
    leaf: Vec<u8>,
    payload: Vec<u8>,
    inclusion: Vec<Hash>,
    organisations: Vec<(MapProof, Vec<u8>, Vec<Vec<u8>>)>,
}

impl Parts {
    fn new() -> Self {
        let (mut ledger, dids) = with_agencies();
        let (landmark, _) = ledger.landmark();
        Self::of(ledger, landmark, &dids)
    }

    fn of(ledger: Ledger, landmark: UnverifiedLandmark, dids: &[String]) -> Self {
        let size = ledger.replica().size();
        let (leaf, payload) = ledger.entries().last().unwrap().clone();
        let inclusion = tlog::prove_inclusion(size - 1, size, ledger.replica().tree()).unwrap();
        let organisations = dids.iter().map(|did| {
            let record = ledger.record(did);
            let named = [
                record.accreditation_entry().map(|entry| entry.payload().hash),
                record.status_snapshot().map(|entry| entry.payload.hash),
            ];
            let payload = |hash: &Hash| {
                let mut payloads = ledger.entries().iter().map(|(_, payload)| payload.clone());
                payloads.find(|payload| ledger::BlobRef::of(payload).hash == *hash)
            };
            let blobs = named.iter().flatten().filter_map(payload).collect();
            (proof_of(&ledger, did), record.encode(), blobs)
        });
        let organisations = organisations.collect();
        Self {
            landmark,
            leaf,
            payload,
            inclusion: inclusion.iter().map(|hash| *hash.as_bytes()).collect(),
            organisations,
            ledger,
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.array(6).uint(1);
        self.landmark.write(&mut writer);
        writer.bytes(&self.leaf).bytes(&self.payload);
        writer
            .bytes(self.inclusion.as_flattened())
            .array(self.organisations.len());
        for (proof, record, blobs) in &self.organisations {
            writer.array(3).array(3).null();
            writer.bytes(proof.bits()).bytes(proof.siblings().as_flattened());
            writer.bytes(record).array(blobs.len());
            for blob in blobs {
                writer.bytes(blob);
            }
        }
        writer.into_bytes()
    }

    fn verify(&self) -> Result<VerifiedLandmarkFile, LandmarkFileError> {
        verify(&self.bytes(), &self.ledger)
    }
}

#[test]
fn a_landmark_file_is_written_as_the_page_says() {
    let mut parts = Parts::new();
    let (_, file) = parts.ledger.landmark();
    assert_eq!(parts.bytes(), file);
}

#[test]
fn a_landmark_file_holds_every_accredited_organisation_and_nobody_else() {
    let (mut ledger, dids) = with_agencies();
    let (landmark, file) = ledger.landmark();
    let file = verify(&file, &ledger).unwrap();
    assert_eq!(file.dids().collect::<Vec<_>>(), dids);
    assert_eq!((file.len(), file.is_empty()), (2, false));
    assert_eq!((file.hour(), file.time()), (NOW / 3600, NOW));
    assert_eq!(file.size(), ledger.replica().size());
    assert_eq!(file.landmark().to_unverified(), landmark);
    for (did, bundle) in file.iter() {
        assert_eq!(bundle.record(), Some(ledger.record(did)));
        assert!(bundle.accreditation().is_some());
        let has_lists = ledger.record(did).status_snapshot().is_some();
        assert_eq!(bundle.status_snapshot().is_some(), has_lists);
    }
    assert!(file.bundle(ledger.registrar().did().as_str()).is_none());
}

#[test]
fn a_bundle_out_of_the_file_is_an_ordinary_one() {
    let (mut ledger, dids) = with_agencies();
    let note = ledger.publish();
    let (_, file) = ledger.landmark_of(&note);
    let file = verify(&file, &ledger).unwrap();
    for did in &dids {
        let lean = file.bundle_bytes(did, false).unwrap();
        assert_eq!(lean, ledger.replica().bundle(&note, did, &[]).unwrap());
        let full = file.bundle_bytes(did, true).unwrap();
        let bundle = UnverifiedBundle::parse(&full).unwrap();
        assert_eq!(
            bundle.verify(&ledger.trust_pack(), did).unwrap(),
            file.bundle(did).unwrap()
        );
    }
    assert_eq!(file.bundle_bytes("did:webvh:none:nobody.example", true), None);
}

#[test]
fn an_accreditation_that_was_revoked_or_has_run_out_is_not_in_the_file() {
    let mut ledger = Ledger::new(NOW);
    let (revoked, expired) = (ledger.create("revoked.example"), ledger.create("expired.example"));
    ledger.accredit(&revoked, "Revoked", &[PID]);
    ledger.accredit(&expired, "Expired", &[PID]);
    ledger.revoke_accreditation(&revoked);
    let (_, file) = ledger.landmark();
    assert_eq!(
        verify(&file, &ledger).unwrap().dids().collect::<Vec<_>>(),
        [expired.did().as_str()]
    );
    let pack = ledger.trust_pack();
    ledger.set_now(NOW + 366 * 24 * 3600);
    ledger.create("later.example");
    let (_, file) = ledger.landmark();
    let file = UnverifiedLandmarkFile::parse(&file).unwrap().verify(&pack).unwrap();
    assert!(file.is_empty());
}

#[test]
fn the_file_is_the_same_whatever_order_its_parts_come_in() {
    let mut parts = Parts::new();
    let (_, file) = parts.ledger.landmark();
    let organisations = parts.organisations.iter().rev().map(|(map_proof, record, blobs)| {
        let parsed = ledger::OrganisationRecord::parse(record).unwrap();
        AccreditedOrganisation {
            did: parsed.did().to_owned(),
            map_proof: map_proof.clone(),
            record: record.clone(),
            blobs: blobs.clone(),
        }
    });
    let inclusion: Vec<tlog::Hash> = parts.inclusion.iter().map(|hash| (*hash).into()).collect();
    let mut made = LandmarkFileParts {
        landmark: &parts.landmark,
        map_head_leaf: &parts.leaf,
        map_head_payload: &parts.payload,
        inclusion: &inclusion,
        organisations: organisations.collect(),
    };
    assert_eq!(made.clone().encode(), Ok(file));
    made.organisations.push(made.organisations[0].clone());
    assert_eq!(made.encode(), Err(MakeLandmarkError::Twice));
}

#[test]
fn organisations_out_of_order_or_twice_are_refused() {
    let mut parts = Parts::new();
    parts.organisations.reverse();
    assert_eq!(parts.verify(), Err(LandmarkFileError::Order));
    parts.organisations[0] = parts.organisations[1].clone();
    assert_eq!(parts.verify(), Err(LandmarkFileError::Order));
}

#[test]
fn an_organisation_that_is_not_accredited_is_refused() {
    let (mut ledger, mut dids) = with_agencies();
    let (landmark, _) = ledger.landmark();
    dids.push(ledger.registrar().did().to_string());
    dids.sort();
    let parts = Parts::of(ledger, landmark, &dids);
    assert_eq!(parts.verify(), Err(LandmarkFileError::NotAccredited));
}

#[test]
fn a_record_that_the_map_does_not_have_is_refused() {
    let mut parts = Parts::new();
    let proof = parts.organisations[1].0.clone();
    parts.organisations[0].0 = proof;
    let refused = BundleError::MapProof(MapProofError::Root);
    assert_eq!(parts.verify(), Err(LandmarkFileError::Bundle(refused)));
}

#[test]
fn an_older_record_in_the_file_is_refused() {
    let mut ledger = Ledger::new(NOW);
    let agency = ledger.create("agency.example");
    ledger.accredit(&agency, "Agency", &[PID, "urn:another"]);
    let did = agency.did().to_string();
    let older = ledger.record(&did).encode();
    ledger.accredit(&agency, "Agency", &[PID]);
    let (landmark, _) = ledger.landmark();
    let mut parts = Parts::of(ledger, landmark, &[did]);
    assert!(parts.verify().is_ok());
    parts.organisations[0].1 = older;
    let refused = BundleError::MapProof(MapProofError::Root);
    assert_eq!(parts.verify(), Err(LandmarkFileError::Bundle(refused)));
}

#[test]
fn a_payload_that_no_record_names_is_refused() {
    let mut parts = Parts::new();
    parts.organisations[1].2.push(b"other".to_vec());
    assert_eq!(
        parts.verify(),
        Err(LandmarkFileError::Bundle(BundleError::BlobNotNamed))
    );
}

#[test]
fn a_landmark_file_without_quorum_or_of_another_log_is_refused() {
    let (mut ledger, _) = with_agencies();
    let note = ledger.publish_with(&Cosignatures::without_mirror(NOW));
    let (_, file) = ledger.landmark_of(&note);
    let refused = LandmarkFileError::Bundle(BundleError::Quorum(QuorumError::NotReached));
    assert_eq!(verify(&file, &ledger), Err(refused));

    let checkpoint = note.dangerous_checkpoint().clone();
    let foreign = LogSigner::from_seed(testkit::ledger::ORIGIN.parse().unwrap(), &[99; 32]).unwrap();
    let mut lines = vec![foreign.sign(&checkpoint).unwrap()];
    lines.extend(ledger.cosign(&checkpoint, &Cosignatures::all(NOW)));
    let (landmark, file) = ledger.landmark_of(&UnverifiedCheckpoint::new(checkpoint, lines));
    let refused = LandmarkFileError::Bundle(BundleError::Quorum(QuorumError::LogSignature));
    assert_eq!(verify(&file, &ledger), Err(refused));
    let alone = landmark.without_cosignatures().verify(&ledger.trust_pack());
    assert!(matches!(alone, Err(LandmarkError::Quorum(_))), "{alone:?}");
}

#[test]
fn a_file_whose_map_head_is_another_is_refused() {
    let mut parts = Parts::new();
    let (leaf, payload) = parts.ledger.entries()[0].clone();
    (parts.leaf, parts.payload) = (leaf, payload);
    assert_eq!(parts.verify(), Err(LandmarkFileError::Bundle(BundleError::NotAMapHead)));
    let mut parts = Parts::new();
    parts.inclusion[0] = [1; 32];
    let refused = parts.verify().unwrap_err();
    assert!(
        matches!(refused, LandmarkFileError::Bundle(BundleError::Inclusion(_))),
        "{refused:?}"
    );
}

#[test]
fn a_file_that_is_too_long_or_of_too_many_is_refused() {
    let long = vec![0; LANDMARK_FILE_CAP + 1];
    assert_eq!(UnverifiedLandmarkFile::parse(&long), Err(LandmarkFileError::TooLong));
    let parts = Parts::new();
    let mut writer = Writer::new();
    writer.array(6).uint(1);
    parts.landmark.write(&mut writer);
    writer.bytes(&parts.leaf).bytes(&parts.payload).bytes(&[]);
    writer.array(10_001).bytes(&[0; 20_000]);
    let refused = UnverifiedLandmarkFile::parse(&writer.into_bytes());
    assert_eq!(refused, Err(LandmarkFileError::Cbor(CborError::UnexpectedLength)));
    let trailing = [parts.bytes(), vec![0]].concat();
    let refused = UnverifiedLandmarkFile::parse(&trailing);
    assert_eq!(refused, Err(LandmarkFileError::Cbor(CborError::TrailingBytes)));
}

#[test]
fn a_changed_byte_changes_nothing_that_is_believed() {
    let (mut ledger, _) = with_agencies();
    let (_, bytes) = ledger.landmark();
    let sound = verify(&bytes, &ledger).unwrap();
    for at in (0..bytes.len()).step_by(5) {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        // A cosignature that names nobody is ignored: nothing else may pass.
        if let Ok(file) = verify(&changed, &ledger) {
            assert_eq!(file.map_head(), sound.map_head(), "byte {at}");
            let records = |file: &VerifiedLandmarkFile| {
                let bundles = file
                    .iter()
                    .map(|(did, bundle)| (did.to_owned(), bundle.record().cloned()));
                bundles.collect::<Vec<_>>()
            };
            assert_eq!(records(&file), records(&sound), "byte {at}");
        }
    }
}

#[test]
fn a_landmark_verifies_alone_and_with_its_cosignatures() {
    let (mut ledger, _) = with_agencies();
    let (landmark, _) = ledger.landmark();
    assert_eq!(UnverifiedLandmark::parse(&landmark.encode()), Ok(landmark.clone()));
    let verified = landmark.clone().verify(&ledger.trust_pack()).unwrap();
    assert_eq!(verified.quorum_time(), Some(NOW));
    assert_eq!(
        (verified.size(), verified.root()),
        (ledger.replica().size(), ledger.replica().root())
    );
    let alone = landmark.clone().without_cosignatures();
    assert!(alone.encode().len() < 110);
    let alone = alone.verify(&ledger.trust_pack()).unwrap();
    assert_eq!((alone.quorum_time(), alone.checkpoint()), (None, verified.checkpoint()));

    let note = ledger.publish_with(&Cosignatures::without_quorum(NOW));
    let (few, _) = ledger.landmark_of(&note);
    let by_log = few.clone().verify_to_compare(&ledger.trust_pack()).unwrap();
    assert_eq!(by_log.quorum_time(), None);
    assert_eq!(by_log.to_unverified(), few.clone().without_cosignatures());
    let refused = few.verify(&ledger.trust_pack());
    assert_eq!(refused, Err(LandmarkError::Quorum(QuorumError::NotReached)));
}

#[test]
fn a_list_has_two_landmarks_at_most() {
    let (mut ledger, _) = with_agencies();
    let (landmark, _) = ledger.landmark();
    let two = vec![landmark.clone(), landmark.clone()];
    assert_eq!(
        UnverifiedLandmark::parse_list(&UnverifiedLandmark::encode_list(&two)),
        Ok(two)
    );
    let three = UnverifiedLandmark::encode_list(&[landmark.clone(), landmark.clone(), landmark]);
    let refused = UnverifiedLandmark::parse_list(&three);
    assert_eq!(refused, Err(LandmarkError::Cbor(CborError::UnexpectedLength)));
    assert_eq!(UnverifiedLandmark::parse(&[0; 9000]), Err(LandmarkError::TooLong));
    assert_eq!(
        UnverifiedLandmark::parse_list(&[0; 17_000]),
        Err(LandmarkError::TooLong)
    );
}

#[test]
fn an_hour_begins_on_the_full_hour() {
    assert_eq!((hour_of(0), hour_of(3599), hour_of(3600)), (0, 0, 1));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    /// Whatever becomes of the organisations, the file says of each what the map says.
    #[test]
    fn the_file_says_what_the_map_says(fates in proptest::collection::vec(0..3_u8, 0..6)) {
        let mut ledger = Ledger::new(NOW);
        for (number, fate) in fates.iter().enumerate() {
            let organisation = ledger.create(&format!("organisation{number}.example"));
            if *fate > 0 {
                ledger.accredit(&organisation, "Agency", &[PID]);
            }
            if *fate > 1 {
                ledger.revoke_accreditation(&organisation);
            }
        }
        let note = ledger.publish();
        let (_, bytes) = ledger.landmark_of(&note);
        let file = verify(&bytes, &ledger).unwrap();
        prop_assert_eq!(file.len(), fates.iter().filter(|fate| **fate == 1).count());
        for record in ledger.replica().organisations() {
            let (in_file, did) = (file.bundle_bytes(record.did(), false), record.did());
            let expected = ledger.replica().bundle(&note, did, &[]).unwrap();
            prop_assert_eq!(in_file, record.is_accredited(NOW).then_some(expected));
        }
    }
}
