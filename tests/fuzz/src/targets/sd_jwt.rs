//! SD-JWT, SD-JWT+KB and SD-JWT VC. RFC 9901

use std::sync::LazyLock;

use jose::{Algorithm, JwsHeader, base64url, sign_compact};
use sd_jwt::{
    Challenge, ClaimPath, HeldSdJwt, KeyBindingPolicy, PathElement, Requirements, TYP, UnverifiedPresentation,
    UnverifiedSdJwt, decode_presentation,
};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use testkit::credential::{Agency, person_identification, residence, status, vct};

use super::Target;
use crate::keys::{HOLDER, NOW, OWN, TRUSTED, signer, verifying};
use crate::{Reached, seeds};

pub(super) const TARGET: Target = Target {
    name: "sd-jwt",
    asserts: "the two readers (verifier's and wallet's) agree; what is held is written as it came, all claims \
              selected give the same text, fewer give a token that is read and says no more; nothing verifies but \
              what the issuer signed, and no key binding but the holder's over the same disclosures",
    body,
    seeds: inputs,
};

const AUDIENCE: &str = "x509_hash:verifier";
const NONCE: &str = "n-0S6_WzA2Mj";

/// Credentials as issued.
static ISSUED: LazyLock<Vec<String>> = LazyLock::new(|| {
    let agency = Agency::new(
        "did:web:agency.example",
        "did:web:agency.example#key-1",
        TRUSTED.clone(),
    );
    let issue = |kind, claims| {
        let mut draft = agency.draft(&vct(kind), claims, HOLDER.public(), NOW);
        draft.status = Some(status("https://agency.example/status/1", 7));
        agency.issue(draft)
    };
    vec![
        issue("person-identification", person_identification()),
        issue("residence", residence()),
    ]
});

/// Presentations of them, bound to the holder's key.
static PRESENTED: LazyLock<Vec<String>> = LazyLock::new(|| {
    let choices: [&[&str]; 3] = [&[], &["age_over_18"], &["given_name", "birth_date", "nationality"]];
    let held = UnverifiedSdJwt::parse(&ISSUED[0])
        .unwrap()
        .dangerous_from_storage()
        .unwrap();
    let present = |names: &[&str]| {
        let claims: Vec<ClaimPath> = names.iter().map(|name| ClaimPath::from(*name)).collect();
        let challenge = Challenge {
            audience: AUDIENCE,
            nonce: NONCE,
        };
        held.select(&claims)
            .unwrap()
            .bind(challenge, NOW, &signer(&HOLDER))
            .unwrap()
    };
    choices.into_iter().map(present).collect()
});

fn inputs() -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = ISSUED
        .iter()
        .chain(PRESENTED.iter())
        .map(|text| text.clone().into_bytes())
        .collect();
    all.extend(recipes().iter().map(|recipe| recipe.to_string().into_bytes()));
    for set in ["sd-jwt-testcases", "sd-jwt-draft-examples", "sd-jwt-vc-examples"] {
        let texts = seeds::set(set)
            .into_iter()
            .map(|(_, text)| text.split_whitespace().collect::<String>());
        all.extend(texts.filter(|text| text.contains('~')).map(String::into_bytes));
    }
    all
}

/// Payloads with disclosures inside one another, in objects and in arrays; see [`cook`].
fn recipes() -> [Value; 3] {
    [
        json!({
            "payload": { "_sd_alg": "sha-256", "_sd": ["#1", "decoy"], "list": [{ "...": "#2" }, 1, { "...": "decoy2" }] },
            "disclosures": [["s", "inner", 1], ["s", "outer", { "_sd": ["#0"], "plain": [true] }], ["s", { "in": [] }]],
        }),
        json!({
            "payload": { "a": { "b": [{ "...": "#1" }, [{ "...": "#2" }]] }, "cnf": { "jwk": {} } },
            "disclosures": [["s", "leaf"], ["s", [{ "...": "#0" }, "x"]], ["s", null]],
        }),
        json!({ "payload": { "_sd": ["#0", "#1"] }, "disclosures": [["s", "x", {}], ["s", "y", [[]]]] }),
    ]
}

/// A recipe to a token: `#n` stands for the digest of disclosure `n`, which comes before it is named.
fn cook(recipe: &Value) -> Option<String> {
    let mut made: Vec<String> = Vec::new();
    for disclosure in recipe.get("disclosures")?.as_array()?.iter().take(12) {
        made.push(base64url::encode(with_digests(disclosure, &made).to_string()));
    }
    let payload = with_digests(recipe.get("payload")?, &made);
    let header = JwsHeader::new(Algorithm::EdDsa).with_typ(TYP);
    let jwt = sign_compact(&header, payload.to_string().as_bytes(), &signer(&OWN)).ok()?;
    Some(std::iter::once(jwt).chain(made).map(|part| part + "~").collect())
}

fn with_digests(value: &Value, made: &[String]) -> Value {
    match value {
        Value::String(text) => {
            let named = text.strip_prefix('#').and_then(|number| number.parse::<usize>().ok());
            named.and_then(|number| made.get(number)).map_or_else(
                || value.clone(),
                |disclosure| json!(base64url::encode(Sha256::digest(disclosure))),
            )
        }
        Value::Array(elements) => elements.iter().map(|value| with_digests(value, made)).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), with_digests(value, made)))
            .collect(),
        _ => value.clone(),
    }
}

fn body(input: &[u8]) -> Reached {
    let Ok(text) = std::str::from_utf8(input) else {
        return Reached::Refused;
    };
    if let Some(cooked) = serde_json::from_str(text).ok().and_then(|recipe| cook(&recipe)) {
        return check(&cooked);
    }
    check(text)
}

fn check(text: &str) -> Reached {
    let Ok(presentation) = UnverifiedPresentation::parse(text) else {
        assert!(
            UnverifiedSdJwt::parse(text).is_err(),
            "a wallet takes what no verifier reads"
        );
        return Reached::Refused;
    };
    let received = UnverifiedSdJwt::parse(text);
    assert_eq!(
        received.is_ok(),
        text.ends_with('~'),
        "an SD-JWT ends in a tilde, an SD-JWT+KB does not"
    );
    if let Ok(held) = received.and_then(UnverifiedSdJwt::dangerous_from_storage) {
        holds(&held, text);
    }
    drop(presentation);
    let unbound = verify_unbound(text);
    let bound = verify_bound(text);
    assert!(!bound || unbound, "what holds with a key binding holds without");
    if unbound { Reached::Accepted } else { Reached::Read }
}

/// A token whose digests and disclosures fit, from whomever.
fn holds(held: &HeldSdJwt, text: &str) {
    assert_eq!(held.compact(), text);
    let paths: Vec<ClaimPath> = held.disclosable().cloned().collect();
    let decoded = decode_presentation(text).expect("the second reader reads what the first does");
    assert_eq!(decoded.disclosed.len(), paths.len());
    for (claim, path) in decoded.disclosed.iter().zip(&paths) {
        assert_eq!(
            shape(&claim.path),
            shape(path),
            "the second reader finds the claim elsewhere"
        );
    }
    let all = held
        .select(&paths)
        .expect("what can be withheld is there")
        .into_sd_jwt();
    assert_eq!(all, text);
    let none = held.select(&[]).expect("nothing").into_sd_jwt();
    let none = UnverifiedSdJwt::parse(&none)
        .unwrap()
        .dangerous_from_storage()
        .expect("fewer disclosures are fine");
    assert_eq!(none.disclosable().count(), 0);
    assert!(none.claims().keys().all(|name| held.claims().contains_key(name)));
    if let Some(path) = paths.last() {
        let one = held
            .select(std::slice::from_ref(path))
            .expect("a claim that is there")
            .into_sd_jwt();
        let one = UnverifiedSdJwt::parse(&one)
            .unwrap()
            .dangerous_from_storage()
            .expect("a token that is read");
        assert!(one.disclosable().any(|shown| shape(shown) == shape(path)));
        assert!(one.disclosable().count() <= paths.len());
    }
}

/// A path without positions: the two readers number elements differently.
fn shape(path: &ClaimPath) -> Vec<Option<&str>> {
    let elements = path.elements().iter();
    elements
        .map(|element| {
            if let PathElement::Name(name) = element {
                Some(name.as_str())
            } else {
                None
            }
        })
        .collect()
}

fn verify_unbound(text: &str) -> bool {
    let presentation = UnverifiedPresentation::parse(text).unwrap();
    let Ok(verified) = presentation.verify(&verifying(&TRUSTED), TYP, KeyBindingPolicy::NotRequired, NOW) else {
        return false;
    };
    let jwt = text.split('~').next().unwrap();
    let issued = ISSUED.iter().find(|issued| issued.split('~').next() == Some(jwt));
    let issued = issued.expect("the issuer signed no such token");
    let whole = UnverifiedSdJwt::parse(issued)
        .unwrap()
        .dangerous_from_storage()
        .unwrap();
    assert!(
        is_part(verified.claims(), whole.claims()),
        "a claim that was not issued"
    );
    true
}

fn verify_bound(text: &str) -> bool {
    let presentation = UnverifiedPresentation::parse(text).unwrap();
    let policy = KeyBindingPolicy::Required {
        audience: AUDIENCE,
        nonce: NONCE,
    };
    let verified = presentation.verify_credential(&verifying(&TRUSTED), Requirements::Anchored, policy, NOW);
    let Ok(verified) = verified else {
        return false;
    };
    assert!(
        PRESENTED.iter().any(|presented| presented == text),
        "the holder made no such presentation"
    );
    assert!(
        verified
            .key_binding()
            .is_some_and(|binding| binding.holder_key().same_key(HOLDER.public()))
    );
    true
}

fn is_part(claims: &Map<String, Value>, of: &Map<String, Value>) -> bool {
    claims.iter().all(|(name, value)| of.get(name) == Some(value))
}
