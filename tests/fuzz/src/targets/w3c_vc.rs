//! W3C credentials, presentations and status lists. VCDM 2.0, Data Integrity 1.0, Bitstring Status List 1.0

use std::sync::LazyLock;

use jose::{Budget, VerifyingKey, Work};
use serde_json::{Map, Value, json};
use w3c_vc::{
    Bitstring, CREDENTIALS_V2, Challenge, Contexts, Signing, StatusListDraft, StatusPurpose, TrustedIssuer,
    UNDEFINED_TERMS_V2, UnverifiedCredential, UnverifiedPresentation, UnverifiedStatusList, issue,
};

use super::Target;
use crate::keys::{HOLDER, NOW, OWN, TRUSTED, signer};
use crate::{Reached, seeds};

pub(super) const TARGET: Target = Target {
    name: "w3c-vc",
    asserts: "no credential, presentation or status list verifies but one that says what was signed, in whatever \
              order; a document that the body signs verifies and says the same, and with any one value changed or \
              left out it does not",
    body,
    seeds: inputs,
};

const ISSUER: &str = "https://agency.example/";
const METHOD: &str = "https://agency.example/#key";
const URL: &str = "https://agency.example/status/1";
const CHALLENGE: Challenge<'static> = Challenge {
    audience: "x509_hash:verifier",
    nonce: "n-0S6_WzA2Mj",
};

static CONTEXTS: LazyLock<Contexts> = LazyLock::new(|| Contexts::bundled().expect("the contexts of the crate"));
static TRUSTED_ISSUER: LazyLock<TrustedIssuer> = LazyLock::new(|| known(TRUSTED.public()));
static OWN_ISSUER: LazyLock<TrustedIssuer> = LazyLock::new(|| known(OWN.public()));
static CREDENTIAL: LazyLock<String> = LazyLock::new(|| signed(document(), &TRUSTED).expect("a good credential"));
static PRESENTATION: LazyLock<String> = LazyLock::new(|| {
    let held = UnverifiedCredential::parse(&CREDENTIAL)
        .unwrap()
        .dangerous_from_storage();
    held.present(&CONTEXTS, CHALLENGE, NOW, &signer(&HOLDER)).unwrap()
});
static LIST: LazyLock<String> = LazyLock::new(|| {
    let mut list = Bitstring::new(0);
    list.set(7, true).unwrap();
    let draft = StatusListDraft {
        url: URL,
        issuer: ISSUER,
        purpose: StatusPurpose::Revocation,
        valid_from: NOW,
        valid_until: NOW + 600,
        time_to_live: 60_000,
    };
    let signer = signer(&TRUSTED);
    draft.issue(&list, &CONTEXTS, &signing(&signer)).unwrap()
});

fn known(key: &jose::PublicJwk) -> TrustedIssuer {
    TrustedIssuer::new(ISSUER, [(METHOD.to_owned(), VerifyingKey::new(key).expect("a key"))])
}

fn signing(signer: &jose::SigningKey) -> Signing<'_> {
    Signing {
        method: METHOD,
        created: NOW,
        signer,
    }
}

fn signed(document: Map<String, Value>, key: &jose::PrivateJwk) -> Option<String> {
    issue(document, &CONTEXTS, &signing(&signer(key))).ok()
}

fn document() -> Map<String, Value> {
    let holder = did::key::from_public_key(HOLDER.public()).unwrap();
    object(json!({
        "@context": [CREDENTIALS_V2, UNDEFINED_TERMS_V2],
        "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
        "type": ["VerifiableCredential", "ResidentCard"],
        "issuer": {"id": ISSUER, "name": {"@value": "Agency", "@language": "en"}},
        "validUntil": "2030-01-01T00:00:00Z",
        "credentialStatus": {
            "type": "BitstringStatusListEntry", "statusPurpose": "revocation",
            "statusListIndex": "7", "statusListCredential": URL,
        },
        "credentialSubject": {
            "id": holder.as_str(), "given_name": "Synthetic", "over_18": true,
            "address": {"locality": "Musterstadt", "floor": 3}, "nationalities": ["DE", "FR"],
            "alike": [{"x": {"y": 1}}, {"x": {"y": 2}}],
        },
    }))
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

fn inputs() -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = [&*CREDENTIAL, &*PRESENTATION, &*LIST]
        .iter()
        .map(|text| text.as_bytes().to_vec())
        .collect();
    all.push(Value::Object(document()).to_string().into_bytes());
    for set in ["vcdm2-inputs", "vc-di-eddsa", "vc-di-ecdsa"] {
        for (_, text) in seeds::set(set) {
            if let Ok(Value::Object(mut document)) = serde_json::from_str(&text) {
                document.entry("issuer").or_insert(json!(ISSUER));
                document.remove("proof");
                all.push(Value::Object(document).to_string().into_bytes());
            }
        }
    }
    all
}

/// What a reader may spend here: little, so that the limits are reached.
fn small(budget: &Budget) -> Budget {
    budget
        .clone()
        .allow(Work::Statements, 5_000)
        .allow(Work::Inflated, 64 * 1024)
}

fn body(input: &[u8]) -> Reached {
    let Ok(text) = std::str::from_utf8(input) else {
        return Reached::Refused;
    };
    let unsigned = serde_json::from_str::<Value>(text).ok();
    if let Some(document) = unsigned.filter(|document| document.get("proof").is_none()) {
        return own(object(document));
    }
    credential(text).max(presentation(text)).max(list(text))
}

fn credential(text: &str) -> Reached {
    let Ok(unverified) = UnverifiedCredential::parse_within(text, small(&w3c_vc::budget::CREDENTIAL)) else {
        return Reached::Refused;
    };
    let Ok(verified) = unverified.verify(&CONTEXTS, &TRUSTED_ISSUER, NOW) else {
        return Reached::Read;
    };
    // The list that the issuer signed is a credential too.
    let said = said(&Value::Object(verified.credential().document().clone()));
    assert!(
        said == without_proof(&CREDENTIAL) || said == without_proof(&LIST),
        "verified what nobody signed"
    );
    Reached::Accepted
}

fn presentation(text: &str) -> Reached {
    let Ok(unverified) = UnverifiedPresentation::parse_within(text, small(&w3c_vc::budget::PRESENTATION)) else {
        return Reached::Refused;
    };
    let Ok(verified) = unverified.verify(&CONTEXTS, std::slice::from_ref(&TRUSTED_ISSUER), CHALLENGE, NOW) else {
        return Reached::Read;
    };
    assert!(verified.holder().key().same_key(HOLDER.public()));
    let [credential] = verified.credentials() else {
        panic!("one credential was presented");
    };
    let said = said(&Value::Object(credential.credential().document().clone()));
    assert_eq!(said, without_proof(&CREDENTIAL), "presented what nobody signed");
    Reached::Accepted
}

fn list(text: &str) -> Reached {
    let Ok(unverified) = UnverifiedStatusList::parse_within(text, small(&w3c_vc::budget::STATUS_LIST)) else {
        return Reached::Refused;
    };
    let Ok(list) = unverified.verify(&CONTEXTS, &TRUSTED_ISSUER, URL, NOW) else {
        return Reached::Read;
    };
    assert_eq!((list.list().is_set(7), list.list().is_set(8)), (Ok(true), Ok(false)));
    Reached::Accepted
}

/// A document that the body signs itself, to get behind the signature.
fn own(document: Map<String, Value>) -> Reached {
    let Some(text) = signed(document.clone(), &OWN) else {
        return Reached::Refused;
    };
    let verify = |text: &str| {
        let unverified = UnverifiedCredential::parse(text)?;
        unverified.verify(&CONTEXTS, &OWN_ISSUER, NOW)
    };
    let Ok(verified) = verify(&text) else {
        return Reached::Read;
    };
    assert_eq!(verified.credential().document(), &document, "says what was signed");
    let signed: Value = serde_json::from_str(&text).unwrap();
    for place in places(&Value::Object(document), "") {
        for change in [Some(json!("urn:x:changed")), None] {
            let mut changed = signed.clone();
            if put(&mut changed, &place, change) {
                assert!(verify(&changed.to_string()).is_err(), "{place} is not signed");
            }
        }
    }
    Reached::Accepted
}

/// Where the scalars of a document stand, but for the contexts and the direction of a text.
fn places(value: &Value, here: &str) -> Vec<String> {
    let inside = |name: &str, value: &Value| {
        let name = name.replace('~', "~0").replace('/', "~1");
        places(value, &format!("{here}/{name}"))
    };
    match value {
        Value::Object(members) => {
            let signed = members
                .iter()
                .filter(|(name, _)| !["@context", "@direction"].contains(&name.as_str()));
            signed.flat_map(|(name, value)| inside(name, value)).collect()
        }
        Value::Array(elements) => {
            let elements = elements.iter().enumerate();
            elements
                .flat_map(|(index, value)| inside(&index.to_string(), value))
                .collect()
        }
        _ => vec![here.to_owned()],
    }
}

/// Changes a value, or takes it out; false where nothing came of it.
fn put(document: &mut Value, place: &str, value: Option<Value>) -> bool {
    let (parent, name) = place.rsplit_once('/').expect("a place");
    let name = name.replace("~1", "/").replace("~0", "~");
    match (document.pointer_mut(parent), value) {
        (Some(Value::Object(members)), Some(value)) => members.insert(name, value.clone()) != Some(value),
        (Some(Value::Object(members)), None) => members.remove(&name).is_some(),
        (Some(Value::Array(elements)), value) => {
            let index: usize = name.parse().expect("an index");
            let removed = elements.remove(index);
            match value {
                Some(value) if value != removed => elements.insert(index, value),
                Some(_) => return false,
                None => {}
            }
            true
        }
        _ => false,
    }
}

fn without_proof(text: &str) -> Value {
    let mut document = object(serde_json::from_str(text).unwrap());
    document.remove("proof");
    said(&Value::Object(document))
}

/// What a document says: arrays are sets, and one value is the set of it.
fn said(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let signed = members.iter().filter(|(name, _)| name.as_str() != "@direction");
            signed.map(|(name, value)| (name.clone(), said(value))).collect()
        }
        Value::Array(elements) => {
            let mut elements: Vec<Value> = elements.iter().map(said).collect();
            elements.sort_by_key(ToString::to_string);
            match elements.as_slice() {
                [one] => one.clone(),
                _ => Value::Array(elements),
            }
        }
        value => value.clone(),
    }
}
