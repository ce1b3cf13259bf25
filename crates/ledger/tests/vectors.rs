//! Our own vectors: fixed bytes, which no later version may read differently.
//!
//! `log.json` is a whole log with what each entry does; `bundles.json` are bundles at its end.

use ledger::{
    Alarm, Entry, Family, Leaf, OrganisationRecord, PolicyRecord, Records, Replayed, Replica, UnverifiedBundle,
    UnverifiedTrustPack, map_key,
};
use serde_json::Value;

const NOW: u64 = 1_763_640_060;

fn vectors(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn log() -> Value {
    vectors(include_str!("vectors/log.json"))
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap()
}

fn bytes(value: &Value, name: &str) -> Vec<u8> {
    hex::decode(text(value, name)).unwrap()
}

fn replay(log: &Value) -> Replica {
    let mut replica = Replica::new(text(log, "origin"));
    for entry in log["entries"].as_array().unwrap() {
        replica.push(&bytes(entry, "leaf"), &bytes(entry, "payload")).unwrap();
    }
    replica
}

#[test]
fn leaf_vectors() {
    let log = log();
    let entries = log["entries"].as_array().unwrap();
    for entry in entries {
        let leaf = Leaf::parse(&bytes(entry, "leaf")).unwrap();
        assert_eq!(leaf.encode(), bytes(entry, "leaf"));
        assert_eq!(leaf.to_be_signed(text(&log, "origin")), bytes(entry, "to_be_signed"));
        assert_eq!(leaf.hash().as_slice(), bytes(entry, "leaf_hash"));
        assert!(Entry::parse(0, &bytes(entry, "leaf"), &bytes(entry, "payload")).is_ok());
    }
    println!("COUNT: leaf vectors: {}", entries.len());
    assert_eq!(entries.len(), 17);
}

#[test]
fn state_vectors() {
    let log = log();
    let mut replica = Replica::new(text(&log, "origin"));
    let mut rejected = 0;
    for entry in log["entries"].as_array().unwrap() {
        let outcome = match replica.push(&bytes(entry, "leaf"), &bytes(entry, "payload")).unwrap() {
            Replayed::Applied(_) => "applied".to_owned(),
            Replayed::Alarm(Alarm::Rejected(rejection)) => {
                rejected += 1;
                format!("{rejection:?}").split([' ', '(']).next().unwrap().to_owned()
            }
            Replayed::Alarm(alarm) => panic!("{alarm}"),
        };
        assert_eq!(outcome, text(entry, "outcome"), "{}", text(entry, "name"));
        assert_eq!(replica.root().as_slice(), bytes(entry, "log_root"));
        assert_eq!(replica.map_root().as_slice(), bytes(entry, "map_root"));
    }
    assert_eq!(rejected, 3);
}

#[test]
fn map_key_and_record_vectors() {
    let log = log();
    let replica = replay(&log);
    let organisations = log["organisations"].as_array().unwrap();
    for organisation in organisations {
        let did = text(organisation, "did");
        let record = OrganisationRecord::parse(&bytes(organisation, "record")).unwrap();
        assert_eq!(
            map_key(Family::Organisation, did).as_slice(),
            bytes(organisation, "key")
        );
        assert_eq!(record.encode(), bytes(organisation, "record"));
        assert_eq!(Some(&record), replica.organisation(did));
    }
    let policy = &log["policy"];
    let record = PolicyRecord::parse(&bytes(policy, "record")).unwrap();
    assert_eq!(
        map_key(Family::Policy, text(&log, "origin")).as_slice(),
        bytes(policy, "key")
    );
    assert_eq!(record.encode(), bytes(policy, "record"));
    assert_eq!(record, replica.policy().unwrap().record);
    println!("COUNT: record vectors: {}", organisations.len() + 1);
    assert_eq!(organisations.len(), 3);
}

#[test]
fn bundle_vectors() {
    let file = vectors(include_str!("vectors/bundles.json"));
    let pack = UnverifiedTrustPack::parse(text(&file, "trust_pack").as_bytes()).unwrap();
    let pack = pack.verify(None, NOW).unwrap();
    let replica = replay(&log());
    let note = tlog::UnverifiedCheckpoint::parse(text(&file, "note").as_bytes()).unwrap();
    let bundles = file["bundles"].as_array().unwrap();
    for vector in bundles {
        let did = text(vector, "did");
        let bundle = UnverifiedBundle::parse(&bytes(vector, "bundle"))
            .unwrap()
            .verify(&pack, did)
            .unwrap();
        assert_eq!(bundle.record(), replica.organisation(did), "{}", text(vector, "name"));
        assert_eq!(bundle.time(), file["time"].as_u64().unwrap());
        assert_eq!(bundle.note(), text(&file, "note"));
        let blobs: Vec<Vec<u8>> = bundle
            .accreditation()
            .iter()
            .map(|accreditation| accreditation.encode().unwrap())
            .collect();
        let snapshot: Vec<Vec<u8>> = bundle
            .status_snapshot()
            .iter()
            .map(|blob| blob.encode().unwrap())
            .collect();
        let blobs: Vec<&[u8]> = blobs.iter().chain(&snapshot).map(Vec::as_slice).collect();
        assert_eq!(
            replica.bundle(&note, did, &blobs).unwrap(),
            bytes(vector, "bundle"),
            "the same bytes again"
        );
    }
    println!("COUNT: bundle vectors: {}", bundles.len());
    assert_eq!(bundles.len(), 3);
}

proptest::proptest! {
    /// Whatever a reader takes is the only encoding of it: no two texts for one leaf or record.
    #[test]
    fn a_changed_byte_is_refused_or_means_something_else(at: proptest::sample::Index, byte: u8, which: proptest::sample::Index) {
        let log = log();
        let entries = log["entries"].as_array().unwrap();
        let mut leaf = bytes(which.get(entries), "leaf");
        let place = at.index(leaf.len());
        leaf[place] = byte;
        if let Ok(parsed) = Leaf::parse(&leaf) {
            proptest::prop_assert_eq!(parsed.encode(), leaf);
        }
        let organisations = log["organisations"].as_array().unwrap();
        let mut record = bytes(which.get(organisations), "record");
        let place = at.index(record.len());
        record[place] = byte;
        if let Ok(parsed) = OrganisationRecord::parse(&record) {
            proptest::prop_assert_eq!(parsed.encode(), record);
        }
    }

    /// A bundle with any byte changed proves nothing about the agency, or the same.
    #[test]
    fn a_changed_bundle_proves_nothing_else(at: proptest::sample::Index, byte: u8) {
        let file = vectors(include_str!("vectors/bundles.json"));
        let pack = UnverifiedTrustPack::parse(text(&file, "trust_pack").as_bytes()).unwrap().verify(None, NOW).unwrap();
        let vector = &file["bundles"][0];
        let did = text(vector, "did");
        let sound = bytes(vector, "bundle");
        let expected = UnverifiedBundle::parse(&sound).unwrap().verify(&pack, did).unwrap();
        let mut changed = sound.clone();
        let place = at.index(changed.len());
        changed[place] = byte;
        let Ok(bundle) = UnverifiedBundle::parse(&changed) else { return Ok(()) };
        if let Ok(bundle) = bundle.verify(&pack, did) {
            proptest::prop_assert_eq!(bundle.record(), expected.record());
            proptest::prop_assert!(bundle.time() <= expected.time());
        }
    }
}
