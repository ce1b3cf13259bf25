//! Lines of a did:webvh log, and its witness file. did:webvh 1.0

use std::sync::LazyLock;

use did::identity::{OldKey, Organisation};
use did::webvh::{LogState, UnverifiedLogEntry, VerifiedLogEntry, WitnessProofs};
use did::{Sha256Multihash, data_integrity, multikey};
use jose::Signer;
use serde_json::{Value, json};

use super::Target;
use crate::keys::{NOW, OWN, signer};
use crate::{Reached, seeds};

pub(super) const TARGET: Target = Target {
    name: "did-line",
    asserts: "no line follows a log but what its controller signed, canonical form for canonical form; a line that \
              holds gives a state that is stored and read the same, of the line's own DID, version and time",
    body,
    seeds: inputs,
};

/// The lines of one log.
static LINES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut random = testkit::credential::random(1);
    let mut organisation = Organisation::create("agency.example%3A8443:dids", NOW, &mut random).unwrap();
    organisation
        .rotate_assertion_key(OldKey::Keep, NOW + 10, &mut random)
        .unwrap();
    organisation.deactivate(NOW + 20).unwrap();
    organisation.lines().to_vec()
});

/// What the log has established before each line but the first.
static STATES: LazyLock<Vec<LogState>> = LazyLock::new(|| {
    let mut states: Vec<LogState> = Vec::new();
    for line in LINES.iter() {
        let entry = UnverifiedLogEntry::parse(line.as_bytes()).unwrap();
        let verified = match states.last() {
            None => LogState::genesis(entry),
            Some(state) => state.next(entry),
        };
        states.push(verified.unwrap().into_parts().0);
    }
    states
});

fn inputs() -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = LINES.iter().map(|line| line.clone().into_bytes()).collect();
    let parameters = [
        json!({ "portable": true, "nextKeyHashes": ["QmXEZXm1p5mG3E4jnyN5jHtP6yFvCS9JXs2Jj1WzKiuwsb"], "ttl": 60 }),
        json!({ "watchers": ["https://watcher.example"], "deactivated": false }),
        json!({ "witness": { "threshold": 1, "witnesses": [{ "id": format!("did:key:{}", own()) }] } }),
    ];
    let document = json!({
        "alsoKnownAs": ["did:web:agency.example"],
        "verificationMethod": [{ "id": "did:webvh:{SCID}:agency.example#k", "type": "Multikey",
            "controller": "did:webvh:{SCID}:agency.example", "publicKeyMultibase": own() }],
        "assertionMethod": ["did:webvh:{SCID}:agency.example#k"],
        "service": [{ "id": "#s", "type": "x", "serviceEndpoint": "https://agency.example" }],
    });
    all.extend(parameters.map(|parameters| {
        json!({ "parameters": parameters, "state": document })
            .to_string()
            .into_bytes()
    }));
    for (path, text) in seeds::set("didwebvh") {
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("jsonl") => all.extend(text.lines().map(|line| line.as_bytes().to_vec())),
            Some("json") if path.ends_with("did-witness.json") => all.push(text.into_bytes()),
            _ => {}
        }
    }
    all
}

fn own() -> String {
    multikey::encode(signer(&OWN).public_jwk()).unwrap()
}

fn body(input: &[u8]) -> Reached {
    if input.first() == Some(&b'[') {
        return WitnessProofs::parse(input).map_or(Reached::Refused, |_| Reached::Read);
    }
    if let Ok(draft) = serde_json::from_slice::<Value>(input)
        && draft.get("proof").is_none()
        && let Some(line) = finished(&draft)
    {
        return made(&line);
    }
    let Ok(entry) = UnverifiedLogEntry::parse(input) else {
        return Reached::Refused;
    };
    let unchanged = || {
        let read: Value = serde_json::from_slice(input).unwrap();
        LINES
            .iter()
            .any(|line| canonical(&serde_json::from_str(line).unwrap()) == canonical(&read))
    };
    if let Some(verified) = STATES.iter().find_map(|state| state.next(entry.clone()).ok()) {
        assert!(unchanged(), "a line that its controller did not sign");
        sound(&verified);
        return Reached::Accepted;
    }
    // Anybody can begin a log; it is of the same DID only where nothing was changed.
    let Ok(verified) = LogState::genesis(entry) else {
        return Reached::Read;
    };
    sound(&verified);
    assert!(
        verified.state().did().scid() != STATES[0].did().scid() || unchanged(),
        "a second beginning of a DID"
    );
    Reached::Accepted
}

/// A draft of parameters and document becomes a first line: SCID, hash and proof are made for it.
fn finished(draft: &Value) -> Option<String> {
    let mut entry = json!({
        "versionId": "{SCID}", "versionTime": "2026-11-20T12:00:00Z",
        "parameters": draft.get("parameters")?, "state": draft.get("state")?,
    });
    for (name, value) in [
        ("method", json!("did:webvh:1.0")),
        ("scid", json!("{SCID}")),
        ("updateKeys", json!([own()])),
    ] {
        entry["parameters"].as_object_mut()?.entry(name).or_insert(value);
    }
    entry["state"]
        .as_object_mut()?
        .entry("id")
        .or_insert_with(|| json!("did:webvh:{SCID}:agency.example"));
    let scid = Sha256Multihash::of(&serde_jcs::to_vec(&entry).ok()?).to_string();
    let mut entry: Value = serde_json::from_str(&entry.to_string().replace("{SCID}", &scid)).ok()?;
    entry["versionId"] = json!(scid);
    let hash = Sha256Multihash::of(&serde_jcs::to_vec(&entry).ok()?);
    entry["versionId"] = json!(format!("1-{hash}"));
    entry["proof"] = json!([data_integrity::sign(&entry, NOW, &signer(&OWN)).ok()?]);
    Some(entry.to_string())
}

fn made(line: &str) -> Reached {
    let Ok(verified) = UnverifiedLogEntry::parse(line.as_bytes()).and_then(LogState::genesis) else {
        return Reached::Read;
    };
    sound(&verified);
    let entry: Value = serde_json::from_str(line).unwrap();
    let parameters = &entry["parameters"];
    assert_eq!(json!(verified.state().update_keys()), parameters["updateKeys"]);
    assert_eq!(verified.state().is_portable(), parameters["portable"] == true);
    assert_eq!(verified.state().is_deactivated(), parameters["deactivated"] == true);
    assert_eq!(verified.document().json(), &entry["state"]);
    Reached::Accepted
}

fn sound(verified: &VerifiedLogEntry) {
    let state = verified.state();
    assert_eq!(
        LogState::dangerous_from_stored(state.to_stored()).as_ref(),
        Ok(state),
        "stored, it reads otherwise"
    );
    assert_eq!(verified.document().did(), state.did().did());
    assert_eq!(state.did().to_string().parse().as_ref(), Ok(state.did()));
}

/// The entry in canonical form; the proof is not part of what it secures.
fn canonical(entry: &Value) -> Vec<u8> {
    let mut entry = entry.clone();
    if let Some(members) = entry.as_object_mut() {
        members.remove("proof");
    }
    serde_jcs::to_vec(&entry).unwrap()
}
