//! Credentials between us and Digital Bazaar's npm `@digitalbazaar/vc`, with either cryptosuite. The library has our
//! pinned contexts and the keys that it is told, and fetches nothing.

use std::path::Path;

use card_formats::{Binding, ClaimPath, Format, Holder, Requirements, Trusted};
use jose::{PrivateJwk, VerifyingKey};
use serde_json::{Map, Value, json};
use service::{Clock, SystemClock};
use testkit::credential::{key, signer};
use testkit::vectors::Table;
use w3c_vc::{
    CREDENTIALS_V2, Challenge, Contexts, CredentialError, HeldCredential, HolderKey, PresentationError, ProofError,
    ReceiveError, Signing, TrustedIssuer, UNDEFINED_TERMS_V2, UnverifiedCredential, UnverifiedPresentation,
};

use super::libraries;

const ISSUER: &str = "https://agency.example/";
const METHOD: &str = "https://agency.example/#key-1";
const CHALLENGE: Challenge<'static> = Challenge {
    audience: "x509_hash:verifier",
    nonce: "n-0S6_WzA2Mj",
};

/// An issuer and a holder, each with a key of another cryptosuite.
struct Parties {
    suites: &'static str,
    issuer: PrivateJwk,
    holder: PrivateJwk,
}

impl Parties {
    fn all() -> [Self; 2] {
        let ed25519 = PrivateJwk::from_ed25519_seed(&[7; 32]);
        let parties = |suites, issuer: &PrivateJwk, holder: &PrivateJwk| Self {
            suites,
            issuer: issuer.clone(),
            holder: holder.clone(),
        };
        [
            parties("ecdsa-rdfc-2019, shown with eddsa-rdfc-2022", &key(1), &ed25519),
            parties("eddsa-rdfc-2022, shown with ecdsa-rdfc-2019", &ed25519, &key(1)),
        ]
    }

    fn holder_key(&self) -> HolderKey {
        let did = did::key::from_public_key(self.holder.public()).unwrap();
        HolderKey::from_id(did.as_str()).unwrap()
    }

    fn trusted(&self) -> TrustedIssuer {
        let key = VerifyingKey::new(self.issuer.public()).unwrap();
        TrustedIssuer::new(ISSUER, [(METHOD.to_owned(), key)])
    }

    /// A student card of a synthetic person, without a proof.
    fn card(&self) -> Map<String, Value> {
        let card = json!({
            "@context": [CREDENTIALS_V2, UNDEFINED_TERMS_V2],
            "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
            "type": ["VerifiableCredential", "StudentCard"],
            "issuer": {"id": ISSUER, "name": "Agency"},
            "validFrom": "2026-01-01T00:00:00Z",
            "validUntil": "2040-01-01T00:00:00Z",
            "credentialSubject": {
                "id": self.holder_key().did(),
                "given_name": "Synthetic",
                "university": {"name": "University of Musterstadt", "semester": 3},
                "subjects": ["law", "Ägyptologie \"Ⅱ\""],
                "enrolled": true,
            },
        });
        card.as_object().unwrap().clone()
    }

    fn receive(&self, card: &Value) -> Result<HeldCredential, ReceiveError> {
        let received = UnverifiedCredential::parse(&card.to_string())?;
        received.receive(&contexts(), &self.trusted(), self.holder.public(), SystemClock.now())
    }

    /// A card of ours.
    fn issued(&self) -> Value {
        let signer = signer(&self.issuer);
        let signing = Signing {
            method: METHOD,
            created: SystemClock.now(),
            signer: &signer,
        };
        let card = w3c_vc::issue(self.card(), &contexts(), &signing).unwrap();
        serde_json::from_str(&card).unwrap()
    }

    /// What a wallet of ours shows.
    fn present(&self, card: &Value) -> Value {
        let held = self.receive(card).unwrap();
        let holder = signer(&self.holder);
        let presentation = held.present(&contexts(), CHALLENGE, SystemClock.now(), &holder);
        serde_json::from_str(&presentation.unwrap()).unwrap()
    }

    fn verify(&self, presentation: &Value) -> Result<(), PresentationError> {
        let unverified = UnverifiedPresentation::parse(&presentation.to_string())?;
        let verified = unverified.verify(&contexts(), &[self.trusted()], CHALLENGE, SystemClock.now())?;
        let shown = verified.credentials()[0].credential();
        assert_eq!(shown.document(), &self.card());
        Ok(())
    }

    fn ask(&self, folder: &Path, task: &str, members: Value) -> Result<Value, String> {
        let holder = self.holder_key();
        let mut input = json!({
            "do": task,
            "contexts": {CREDENTIALS_V2: context(BASE), UNDEFINED_TERMS_V2: context(UNDEFINED_TERMS)},
            "keys": [
                {"method": METHOD, "controller": ISSUER, "jwk": self.issuer.public().to_value()},
                {"method": holder.method(), "controller": holder.did(), "jwk": self.holder.public().to_value()},
            ],
            "challenge": CHALLENGE.nonce,
            "domain": CHALLENGE.audience,
        });
        let input_members = input.as_object_mut().unwrap();
        input_members.extend(members.as_object().unwrap().clone());
        super::ask(folder, "w3c.mjs", &input)
    }

    /// A card of theirs.
    fn issued_there(&self, folder: &Path) -> Value {
        let key = json!({"jwk": self.issuer.dangerous_to_value(), "method": METHOD, "controller": ISSUER});
        let issued = self.ask(folder, "issue", json!({"credential": self.card(), "key": key}));
        issued.unwrap()
    }

    fn present_there(&self, folder: &Path, card: &Value) -> Value {
        let holder = self.holder_key();
        let (method, did) = (holder.method(), holder.did());
        let key = json!({"jwk": self.holder.dangerous_to_value(), "method": method, "controller": did});
        let presented = self.ask(
            folder,
            "present",
            json!({"credential": card, "holder": did, "key": key}),
        );
        presented.unwrap()
    }

    fn verify_there(&self, folder: &Path, presentation: &Value) -> Result<(), String> {
        let answer = self.ask(folder, "verify", json!({"presentation": presentation}))?;
        assert_eq!(answer, json!({"verified": true}));
        Ok(())
    }
}

pub(super) const BASE: &str = include_str!("../../../../crates/vc/contexts/credentials-v2.jsonld");
const UNDEFINED_TERMS: &str = include_str!("../../../../crates/vc/contexts/undefined-terms-v2.jsonld");

pub(super) fn context(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn contexts() -> Contexts {
    Contexts::bundled().unwrap()
}

/// The same document with one bit of a text flipped: of a date, that of a second.
fn flipped(document: &Value, place: &str) -> Value {
    let mut changed = document.clone();
    let text = changed.pointer_mut(place).unwrap();
    let mut bytes = text.as_str().unwrap().as_bytes().to_vec();
    let last_but_one = bytes.len() - 2;
    bytes[last_but_one] ^= 1;
    *text = String::from_utf8(bytes).unwrap().into();
    changed
}

/// Places of a presentation: two that the issuer signed, and one that only the holder did.
const FLIPPED: [&str; 3] = [
    "/verifiableCredential/0/credentialSubject/given_name",
    "/proof/created",
    "/verifiableCredential/0/validFrom",
];

#[test]
fn a_card_of_another_library_is_held_and_shown() {
    let Some(folder) = libraries() else { return };
    let mut table = Table::new("from @digitalbazaar/vc");
    for parties in Parties::all() {
        let card = parties.issued_there(&folder);
        let held = parties.receive(&card).unwrap();
        assert_eq!(held.credential().document(), &parties.card());
        table.agrees(parties.suites, true);
        let refused = parties.receive(&flipped(&card, "/credentialSubject/given_name"));
        let of_the_signature = CredentialError::Proof(ProofError::Signature);
        assert_eq!(refused.unwrap_err(), of_the_signature.into());
        table.agrees(parties.suites, false);
        let presentation = parties.present(&card);
        assert_eq!(parties.verify(&presentation), Ok(()));
        table.agrees(parties.suites, true);
        assert_eq!(parties.verify_there(&folder, &presentation), Ok(()));
        table.agrees(parties.suites, true);
    }
    let expected = [3, 1, 0, 0];
    table.check(&Parties::all().map(|parties| (parties.suites, expected)));
}

/// The same through what wallet and verifier see of every card.
#[test]
fn a_card_of_another_library_is_a_card_like_others() {
    let Some(folder) = libraries() else { return };
    for parties in Parties::all() {
        let copy = parties.issued_there(&folder).to_string();
        let issuer_key = VerifyingKey::new(parties.issuer.public()).unwrap();
        let by = Trusted {
            issuer_key: &issuer_key,
            anchors: None,
            requirements: Requirements::Haip,
            now: SystemClock.now(),
        };
        let received = Format::W3C.received(&copy).unwrap();
        assert_eq!(received.hints().iss, Some(ISSUER));
        received.verify(by, parties.holder.public()).unwrap();
        let binding = Binding {
            audience: CHALLENGE.audience,
            nonce: CHALLENGE.nonce,
            handover: None,
        };
        let holder_key = signer(&parties.holder);
        let holder = Holder {
            key: &holder_key,
            now: SystemClock.now(),
        };
        let held = Format::W3C.held(&copy).unwrap();
        let answer = held.present(&[], binding, holder).unwrap();
        let decoded = Format::W3C.decode(&answer, Some(binding)).unwrap();
        let sorted = |mut paths: Vec<ClaimPath>| {
            paths.sort();
            paths
        };
        assert_eq!(sorted(decoded.always_visible), sorted(held.always_visible()));
        let believed = Format::W3C.presented(&answer).unwrap().verify(by, Some(binding));
        let shown = believed.unwrap().claims()["credentialSubject"].clone();
        assert_eq!(shown, parties.card()["credentialSubject"]);
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert_eq!(parties.verify_there(&folder, &answer), Ok(()));
    }
}

#[test]
fn a_card_of_ours_is_believed_by_another_library() {
    let Some(folder) = libraries() else { return };
    let mut table = Table::new("to @digitalbazaar/vc");
    for parties in Parties::all() {
        let presentation = parties.present(&parties.issued());
        assert_eq!(parties.verify_there(&folder, &presentation), Ok(()));
        table.agrees(parties.suites, true);
        for place in FLIPPED {
            let refused = parties.verify_there(&folder, &flipped(&presentation, place));
            let complaint = refused.unwrap_err();
            assert!(complaint.contains("Invalid signature"), "{place}: {complaint}");
            table.agrees(parties.suites, false);
        }
        let another = json!({"presentation": presentation, "challenge": "another"});
        let complaint = parties.ask(&folder, "verify", another).unwrap_err();
        assert!(complaint.contains("challenge is not as expected"), "{complaint}");
        table.agrees(parties.suites, false);
    }
    table.check(&Parties::all().map(|parties| (parties.suites, [1, 4, 0, 0])));
}

#[test]
fn a_presentation_of_another_library_is_believed_by_us() {
    let Some(folder) = libraries() else { return };
    let mut table = Table::new("@digitalbazaar/vc as wallet");
    for parties in Parties::all() {
        for card in [parties.issued(), parties.issued_there(&folder)] {
            let presentation = parties.present_there(&folder, &card);
            assert_eq!(parties.verify(&presentation), Ok(()));
            table.agrees(parties.suites, true);
            for place in FLIPPED {
                let refused = parties.verify(&flipped(&presentation, place)).unwrap_err();
                let expected = match place {
                    "/proof/created" => PresentationError::Proof(ProofError::Signature),
                    _ => CredentialError::Proof(ProofError::Signature).into(),
                };
                assert_eq!(refused, expected, "{place}");
                table.agrees(parties.suites, false);
            }
        }
    }
    table.check(&Parties::all().map(|parties| (parties.suites, [2, 6, 0, 0])));
}

#[test]
fn the_other_library_is_not_told_of_contexts_beyond_ours() {
    let Some(folder) = libraries() else { return };
    let [parties, _] = Parties::all();
    let mut card = parties.issued();
    let contexts = card["@context"].as_array_mut().unwrap();
    contexts.push("https://elsewhere.example/v1".into());
    let complaint = parties.ask(&folder, "verify", json!({"credential": card})).unwrap_err();
    assert!(complaint.contains("https://elsewhere.example/v1"), "{complaint}");
}
