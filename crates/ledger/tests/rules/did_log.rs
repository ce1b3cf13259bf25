//! DID kinds.

use did::identity::{OldKey, Organisation};
use did::webvh::{Change, Genesis, LogError, LogState, NextKeys, UnverifiedLogEntry, next_key_hash};
use jose::{PrivateJwk, SigningKey};
use ledger::{KeyLookup, Kind, Rejection, RejectionClass};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use testkit::Ledger;
use testkit::ledger::newest_line;

use super::{NOW, with_agency, with_organisation};

pub(crate) fn ed25519(seed: u8) -> PrivateJwk {
    PrivateJwk::from_ed25519_seed(&[seed; 32])
}

pub(crate) fn method(id: &str, key: &PrivateJwk) -> Value {
    json!({"id": id, "type": "JsonWebKey", "controller": "x", "publicKeyJwk": key.public().to_value()})
}

/// A document with these keys under `capabilityInvocation`.
pub(crate) fn document(keys: &[(&str, u8)]) -> Map<String, Value> {
    let methods: Vec<Value> = keys.iter().map(|(id, seed)| method(id, &ed25519(*seed))).collect();
    let names: Vec<&str> = keys.iter().map(|(id, _)| *id).collect();
    let json = json!({"verificationMethod": methods, "capabilityInvocation": names});
    json.as_object().unwrap().clone()
}

/// A DID of our own making: lines that [`Organisation`] would not write.
pub(crate) struct Handmade {
    pub(crate) state: LogState,
    pub(crate) line: String,
}

impl Handmade {
    pub(crate) fn new(document: Map<String, Value>) -> Self {
        let (update, next) = (ed25519(100), ed25519(101));
        let (update_key, next_key) = (update.public(), next.public());
        let genesis = Genesis {
            location: "hand.localhost",
            document,
            update_key,
            next_key,
            time: NOW,
        };
        let (line, verified) = genesis.sign(&SigningKey::new(&update).unwrap()).unwrap();
        Self {
            state: verified.into_parts().0,
            line,
        }
    }

    pub(crate) fn did(&self) -> String {
        self.state.did().to_string()
    }

    /// The line after the first one.
    pub(crate) fn change(&self, document: Map<String, Value>) -> String {
        self.signed_change(document).0
    }

    /// The line after the newest one, and the state after it.
    pub(crate) fn signed_change(&self, mut document: Map<String, Value>) -> (String, LogState) {
        document.insert("id".to_owned(), json!(self.did()));
        // Each update key is used once: the seed follows from the version.
        let number = u8::try_from(self.state.version_id().number()).unwrap();
        let (update, next) = (ed25519(100 + number), ed25519(101 + number));
        let change = Change {
            document: Value::Object(document),
            update_key: update.public(),
            next: NextKeys::Promise(next.public()),
            time: NOW + 1,
        };
        let (line, verified) = change.sign(&self.state, &SigningKey::new(&update).unwrap()).unwrap();
        (line, verified.into_parts().0)
    }

    /// The second line, which promises no key and ends nothing, hashed and signed again: `Change` makes none.
    pub(crate) fn unpromised_change(&self) -> String {
        let mut line: Value = serde_json::from_str(&self.change(document(&[("#a", 1)]))).unwrap();
        line.as_object_mut().unwrap().remove("proof");
        line["parameters"]["nextKeyHashes"] = json!([]);
        line["versionId"] = json!(self.state.version_id().to_string());
        line["versionId"] = json!(format!("2-{}", multihash(&line)));
        let update = SigningKey::new(&ed25519(101)).unwrap();
        line["proof"] = json!([did::data_integrity::sign(&line, NOW, &update).unwrap()]);
        line.to_string()
    }

    pub(crate) fn create(&self, ledger: &mut Ledger) -> Result<ledger::Change, Rejection> {
        let leaf = ledger.next_leaf(Kind::DidCreate, &self.did(), self.line.clone().into_bytes());
        ledger.try_write(&ledger.signed_by_registrar(leaf))
    }

    pub(crate) fn write(&self, ledger: &mut Ledger, kind: Kind, line: String) -> Result<ledger::Change, Rejection> {
        let leaf = ledger.next_leaf(kind, &self.did(), line.into_bytes());
        ledger.try_write(&leaf.proved_by_payload())
    }
}

/// did:webvh 1.0, "SCID Generation and Verification" and "Entry Hash Generation and Verification".
fn multihash(value: &Value) -> String {
    let digest = Sha256::digest(serde_jcs::to_vec(value).unwrap());
    bs58::encode([&[0x12, 0x20], digest.as_slice()].concat()).into_string()
}

/// The first line with other parameters, signed again: `Genesis` always makes sound ones.
pub(crate) fn genesis_with(parameters: Value) -> (String, String) {
    let update = ed25519(100);
    let multikey = did::multikey::encode(update.public()).unwrap();
    let mut own = json!({"method": "did:webvh:1.0", "scid": "{SCID}", "updateKeys": [multikey]});
    own.as_object_mut()
        .unwrap()
        .extend(parameters.as_object().unwrap().clone());
    let entry = json!({
        "versionId": "{SCID}", "versionTime": "2025-11-20T12:00:00Z", "parameters": own,
        "state": {"id": "did:webvh:{SCID}:hand.localhost"},
    });
    let scid = multihash(&entry);
    let mut entry: Value = serde_json::from_str(&entry.to_string().replace("{SCID}", &scid)).unwrap();
    entry["versionId"] = json!(format!("1-{}", multihash(&entry)));
    let proof = did::data_integrity::sign(&entry, NOW, &SigningKey::new(&update).unwrap()).unwrap();
    entry["proof"] = json!([proof]);
    (format!("did:webvh:{scid}:hand.localhost"), entry.to_string())
}

fn create_with(parameters: Value) -> Rejection {
    let mut ledger = Ledger::new(NOW);
    let (did, line) = genesis_with(parameters);
    LogState::genesis(UnverifiedLogEntry::parse(line.as_bytes()).unwrap()).expect("a sound did:webvh line");
    let leaf = ledger.next_leaf(Kind::DidCreate, &did, line.into_bytes());
    ledger.try_write(&ledger.signed_by_registrar(leaf)).unwrap_err()
}

pub(crate) fn promised() -> String {
    next_key_hash(ed25519(101).public()).unwrap()
}

#[test]
fn did_line_feed() {
    let mut ledger = Ledger::new(NOW);
    let handmade = Handmade::new(document(&[]));
    let leaf = ledger.next_leaf(
        Kind::DidCreate,
        &handmade.did(),
        format!("{}\n", handmade.line).into_bytes(),
    );
    assert_eq!(
        ledger.try_write(&ledger.signed_by_registrar(leaf)),
        Err(Rejection::DidLineFeed)
    );
}

#[test]
fn did_line() {
    let (mut ledger, agency) = with_organisation();
    // A line that another key signed: not promised by the line before.
    let thief = Organisation::create("agency.localhost%3A9100", NOW, &mut ledger.random()).unwrap();
    let mut stolen: Value = serde_json::from_slice(&newest_line(&agency)).unwrap();
    stolen["proof"] = serde_json::from_slice::<Value>(&newest_line(&thief)).unwrap()["proof"].clone();
    let leaf = ledger.next_leaf(Kind::DidUpdate, agency.did().as_str(), stolen.to_string().into_bytes());
    let refused = ledger.try_write(&leaf.proved_by_payload()).unwrap_err();
    assert_eq!(refused, Rejection::DidLine(LogError::VersionNumber));
}

#[test]
fn a_line_by_a_key_that_was_not_promised_is_unauthorised() {
    let mut ledger = Ledger::new(NOW);
    let handmade = Handmade::new(document(&[("#a", 1)]));
    handmade.create(&mut ledger).unwrap();
    let mut line: Value = serde_json::from_str(&handmade.change(document(&[("#a", 1)]))).unwrap();
    line.as_object_mut().unwrap().remove("proof");
    let thief = ed25519(150);
    let proof = did::data_integrity::sign(&line, NOW, &SigningKey::new(&thief).unwrap()).unwrap();
    line["proof"] = json!([proof]);
    let refused = handmade
        .write(&mut ledger, Kind::DidUpdate, line.to_string())
        .unwrap_err();
    assert_eq!(refused, Rejection::DidLine(LogError::Unauthorized));
    assert_eq!(refused.class(), RejectionClass::Unauthorised);
}

#[test]
fn did_differs() {
    let (mut ledger, agency) = with_organisation();
    let other = Organisation::create("other.localhost", NOW, &mut ledger.random()).unwrap();
    let leaf = ledger.next_leaf(Kind::DidUpdate, agency.did().as_str(), newest_line(&other));
    assert_eq!(ledger.try_write(&leaf.proved_by_payload()), Err(Rejection::DidDiffers));
}

#[test]
fn did_not_portable() {
    let refused = create_with(json!({"nextKeyHashes": [promised()]}));
    assert_eq!(refused, Rejection::DidNotPortable);
}

#[test]
fn did_witnesses() {
    let witness = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";
    let rule = json!({"threshold": 1, "witnesses": [{"id": witness}]});
    let refused = create_with(json!({"portable": true, "nextKeyHashes": [promised()], "witness": rule}));
    assert_eq!(refused, Rejection::DidWitnesses);
}

#[test]
fn did_not_pre_rotated() {
    assert_eq!(create_with(json!({"portable": true})), Rejection::DidNotPreRotated);
    assert_eq!(
        create_with(json!({"portable": true, "nextKeyHashes": []})),
        Rejection::DidNotPreRotated
    );
}

#[test]
fn every_line_but_a_deactivation_promises_a_key() {
    let mut ledger = Ledger::new(NOW);
    let handmade = Handmade::new(document(&[("#a", 1)]));
    handmade.create(&mut ledger).unwrap();
    let line = handmade.unpromised_change();
    let parsed = UnverifiedLogEntry::parse(line.as_bytes()).unwrap();
    handmade.state.next(parsed).expect("a sound did:webvh line");
    let refused = handmade.write(&mut ledger, Kind::DidUpdate, line);
    assert_eq!(refused, Err(Rejection::DidNotPreRotated));
    assert_eq!(ledger.record(&handmade.did()).did_state().version_number(), 1);
}

#[test]
fn a_creation_does_not_deactivate() {
    let parameters = json!({"portable": true, "nextKeyHashes": [], "deactivated": true});
    assert_eq!(create_with(parameters.clone()), Rejection::DidKindDiffers);
    // Called what it is, it has nothing to end.
    let mut ledger = Ledger::new(NOW);
    let (did, line) = genesis_with(parameters);
    let leaf = ledger.next_leaf(Kind::DidDeactivate, &did, line.into_bytes());
    assert_eq!(ledger.try_write(&leaf.proved_by_payload()), Err(Rejection::DidMissing));
}

#[test]
fn did_next_key_hash() {
    let refused = create_with(json!({"portable": true, "nextKeyHashes": ["zz"]}));
    assert_eq!(refused, Rejection::DidNextKeyHash);
}

#[test]
fn did_key_unsupported() {
    let unsupported = [
        json!({"verificationMethod": [{"id": "#a", "type": "RsaKey"}], "capabilityInvocation": ["#a"]}),
        json!({"capabilityInvocation": [method("did:webvh:QmOther:other.example#a", &ed25519(1))]}),
    ];
    for document in unsupported {
        let mut ledger = Ledger::new(NOW);
        let handmade = Handmade::new(document.as_object().unwrap().clone());
        assert_eq!(handmade.create(&mut ledger), Err(Rejection::DidKeyUnsupported));
    }
}

#[test]
fn did_key_count() {
    let names: Vec<String> = (0..17).map(|number| format!("#k{number}")).collect();
    let keys: Vec<(&str, u8)> = names.iter().map(String::as_str).zip(1..).collect();
    let mut ledger = Ledger::new(NOW);
    assert_eq!(
        Handmade::new(document(&keys)).create(&mut ledger),
        Err(Rejection::DidKeyCount)
    );
    assert!(Handmade::new(document(&keys[..16])).create(&mut ledger).is_ok());
}

#[test]
fn did_key_returns() {
    let first = [("#a", 1), ("#b", 2)];
    let refused: [&[(&str, u8)]; 2] = [&[("#a", 9), ("#b", 2)], &[("#c", 1), ("#b", 2)]];
    for second in refused {
        let mut ledger = Ledger::new(NOW);
        let handmade = Handmade::new(document(&first));
        handmade.create(&mut ledger).unwrap();
        let line = handmade.change(document(second));
        let refused = handmade.write(&mut ledger, Kind::DidRotate, line);
        assert_eq!(refused, Err(Rejection::DidKeyReturns), "{second:?}");
    }
}

/// A document with sixteen fresh keys: with every line, the 33rd rotation takes out key number 513 and more.
pub(crate) fn fresh(round: u16) -> Map<String, Value> {
    let keys = (0..16).map(|number| {
        let mut seed = [0; 32];
        seed[..2].copy_from_slice(&(round * 16 + number + 1).to_be_bytes());
        method(&format!("#k{round}-{number}"), &PrivateJwk::from_ed25519_seed(&seed))
    });
    let methods: Vec<Value> = keys.collect();
    json!({"capabilityInvocation": methods}).as_object().unwrap().clone()
}

#[test]
fn did_retired_count() {
    let mut ledger = Ledger::new(NOW);
    let mut handmade = Handmade::new(fresh(0));
    handmade.create(&mut ledger).unwrap();
    for round in 1..=33 {
        let (line, state) = handmade.signed_change(fresh(round));
        let written = handmade.write(&mut ledger, Kind::DidRotate, line);
        match round {
            33 => assert_eq!(written, Err(Rejection::DidRetiredCount)),
            _ => assert!(written.is_ok(), "{round}: {written:?}"),
        }
        handmade.state = state;
    }
}

#[test]
fn did_kind_differs() {
    let kinds: [(&[(&str, u8)], Kind); 3] = [
        (&[("#a", 1)], Kind::DidRotate),
        (&[("#b", 2)], Kind::DidUpdate),
        (&[("#a", 1)], Kind::DidDeactivate),
    ];
    for (second, kind) in kinds {
        let mut ledger = Ledger::new(NOW);
        let handmade = Handmade::new(document(&[("#a", 1)]));
        handmade.create(&mut ledger).unwrap();
        let line = handmade.change(document(second));
        assert_eq!(
            handmade.write(&mut ledger, kind, line),
            Err(Rejection::DidKindDiffers),
            "{kind}"
        );
    }
}

#[test]
fn an_update_leaves_the_keys_as_they_are() {
    let mut ledger = Ledger::new(NOW);
    let handmade = Handmade::new(document(&[("#a", 1)]));
    handmade.create(&mut ledger).unwrap();
    let mut second = document(&[("#a", 1)]);
    second.insert("service".to_owned(), json!([]));
    handmade
        .write(&mut ledger, Kind::DidUpdate, handmade.change(second))
        .unwrap();
    assert_eq!(ledger.record(&handmade.did()).did_state().version_number(), 2);
}

#[test]
fn did_missing() {
    let (mut ledger, _) = with_organisation();
    let stranger = Organisation::create("stranger.localhost", NOW, &mut ledger.random()).unwrap();
    let leaf = ledger.next_leaf(Kind::DidUpdate, stranger.did().as_str(), newest_line(&stranger));
    assert_eq!(ledger.try_write(&leaf.proved_by_payload()), Err(Rejection::DidMissing));
}

#[test]
fn did_deactivated() {
    let mut ledger = Ledger::new(NOW);
    let mut agency = ledger.create("agency.localhost");
    let before = newest_line(&agency);
    ledger.deactivate(&mut agency);
    let leaf = ledger.next_leaf(Kind::DidUpdate, agency.did().as_str(), before);
    assert_eq!(
        ledger.try_write(&leaf.proved_by_payload()),
        Err(Rejection::DidDeactivated)
    );
}

#[test]
fn did_create_needs_a_registrar() {
    let mut ledger = Ledger::new(NOW);
    let handmade = Handmade::new(document(&[]));
    let refused = handmade.write(&mut ledger, Kind::DidCreate, handmade.line.clone());
    assert_eq!(refused, Err(Rejection::AuthorityForm));
}

#[test]
fn k10_two_next_versions_of_one_did() {
    let (mut ledger, mut agency) = with_agency();
    let keys = || did::identity::OrganisationKeys::from_json(agency.keys().dangerous_to_json().to_string().as_bytes());
    let mut twin = Organisation::open(keys().unwrap(), &agency.log_file()).unwrap();
    twin.rotate_assertion_key(OldKey::Keep, NOW + 5, &mut ledger.random())
        .unwrap();
    let second = ledger
        .next_leaf(Kind::DidRotate, twin.did().as_str(), newest_line(&twin))
        .proved_by_payload();
    ledger.rotate(&mut agency, OldKey::Keep);
    let refused = ledger.try_write(&second).unwrap_err();
    assert_eq!(refused.class(), RejectionClass::Conflict, "exactly one is taken");
}

#[test]
fn a_key_that_was_kept_is_current_and_one_taken_out_is_retired() {
    let (mut ledger, mut agency) = with_agency();
    let did = agency.did().to_string();
    let names: Vec<String> = (1..=3).map(|number| format!("{did}#assert-{number}")).collect();
    ledger.rotate(&mut agency, OldKey::Keep);
    let record = ledger.record(&did);
    assert!(
        names[..2]
            .iter()
            .all(|name| matches!(record.assertion_key(name), KeyLookup::Current(_)))
    );
    ledger.rotate(&mut agency, OldKey::TakeOut);
    let record = ledger.record(&did);
    assert!(matches!(record.assertion_key(&names[0]), KeyLookup::Current(_)));
    assert_eq!(record.assertion_key(&names[1]), KeyLookup::Retired);
    assert!(matches!(record.assertion_key(&names[2]), KeyLookup::Current(_)));
    assert_eq!(record.assertion_key(&format!("{did}#assert-4")), KeyLookup::Never);
}

#[test]
fn a_deactivation_takes_every_key_out() {
    let (mut ledger, mut agency) = with_agency();
    let (name, _) = agency.assertion_key().unwrap();
    ledger.deactivate(&mut agency);
    let record = ledger.record(agency.did().as_str());
    assert!(record.is_deactivated());
    assert_eq!(record.assertion_key(&name.to_string()), KeyLookup::Retired);
}
