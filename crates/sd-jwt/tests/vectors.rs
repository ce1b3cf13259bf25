//! Vectors by others: the test cases of the specification's own library, compact form.

use std::path::{Path, PathBuf};

use jose::{JwsError, PrivateJwk, PublicJwk, VerifyingKey};
use sd_jwt::{KeyBindingPolicy, SdJwtError, UnverifiedPresentation, UnverifiedSdJwt, decode_presentation};
use serde_json::{Value, json};

/// What is refused that the vectors accept, and why.
const DIVERGENCES: [(&str, SdJwtError, &str); 1] = [(
    "header_mod",
    SdJwtError::Jws(JwsError::HeaderMember("kid")),
    "kid is a number; RFC 7515 §4.1.4 wants a string",
)];

fn root(set: &str) -> Option<PathBuf> {
    let root = std::env::var_os("HOLDFAST_VECTORS").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors"),
        PathBuf::from,
    );
    let path = root.join(set);
    if path.exists() {
        return Some(path);
    }
    println!("SKIPPED: vectors: {set}: the shared vectors are not here");
    None
}

/// The value of `name: …` in the settings, where the wanted key is the `nth` to have it.
fn setting(settings: &str, name: &str, nth: usize) -> String {
    let prefix = format!("{name}: ");
    let line = settings
        .lines()
        .map(|line| line.trim().trim_start_matches("- "))
        .filter(|line| line.starts_with(&prefix))
        .nth(nth)
        .unwrap();
    line[prefix.len()..].trim().trim_matches('"').to_owned()
}

fn key(settings: &str, nth: usize) -> PrivateJwk {
    let member = |name| setting(settings, name, nth);
    let jwk = json!({
        "kty": "EC", "crv": "P-256", "d": member("d"), "x": member("x"), "y": member("y"),
    });
    PrivateJwk::from_value(&jwk).unwrap()
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap().trim().to_owned()
}

fn json_file(path: &Path) -> Value {
    serde_json::from_str(&read(path)).unwrap()
}

struct Set {
    issuer: VerifyingKey,
    holder: PublicJwk,
    audience: String,
    nonce: String,
}

/// Runs one case; false where it is a known divergence.
fn run(set: &Set, name: &str, folder: &Path) -> bool {
    let typ = "example+sd-jwt";
    let issuance = read(&folder.join("sd_jwt_issuance.txt"));
    if let Some((_, error, _)) = DIVERGENCES.iter().find(|(known, _, _)| *known == name) {
        assert_eq!(&UnverifiedSdJwt::parse(&issuance).unwrap_err(), error, "{name}");
        return false;
    }
    let now = 1_700_000_000;
    let issued = UnverifiedSdJwt::parse(&issuance)
        .unwrap()
        .verify(&set.issuer, typ, now)
        .unwrap();
    let user_claims = json_file(&folder.join("user_claims.json"));
    for (claim, value) in user_claims.as_object().unwrap() {
        assert_eq!(&issued.claims()[claim], value, "{name}: everything was issued");
    }

    let presentation = read(&folder.join("sd_jwt_presentation.txt"));
    let binding = folder.join("kb_jwt_payload.json");
    let (policy, now) = if binding.exists() {
        let iat = json_file(&binding)["iat"].as_u64().unwrap();
        let policy = KeyBindingPolicy::Required {
            audience: &set.audience,
            nonce: &set.nonce,
        };
        (policy, iat)
    } else {
        (KeyBindingPolicy::NotRequired, now)
    };
    let verified = UnverifiedPresentation::parse(&presentation)
        .unwrap()
        .verify(&set.issuer, typ, policy, now)
        .unwrap();
    let expected = json_file(&folder.join("verified_contents.json"));
    assert_eq!(json!(verified.claims()), expected, "{name}");
    if let Some(binding) = verified.key_binding() {
        assert!(binding.holder_key().same_key(&set.holder), "{name}");
    }
    let decoded = decode_presentation(&presentation).unwrap();
    assert_eq!(decoded.disclosed.len(), verified.disclosed().count(), "{name}");
    true
}

/// Runs a set: how many cases ran, diverged, and are in JSON serialisation.
fn run_set(set: &str) -> Option<(usize, usize, usize)> {
    let root = root(set)?;
    let settings = read(&root.join("settings.yml"));
    let keys = Set {
        issuer: VerifyingKey::new(key(&settings, 0).public()).unwrap(),
        holder: key(&settings, 1).public().clone(),
        audience: setting(&settings, "verifier", 0),
        nonce: setting(&settings, "key_binding_nonce", 0),
    };
    let (mut ran, mut diverged, mut json_form) = (0, 0, vec![]);
    let mut folders: Vec<PathBuf> = std::fs::read_dir(&root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    for folder in folders {
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        if !folder.join("sd_jwt_issuance.txt").exists() {
            json_form.push(name);
        } else if run(&keys, &name, &folder) {
            ran += 1;
        } else {
            diverged += 1;
        }
    }
    println!("{set}: {ran} ran, {diverged} diverge ({DIVERGENCES:?})");
    println!("{set}: JSON serialisation, out of scope: {json_form:?}");
    Some((ran, diverged, json_form.len()))
}

#[test]
fn testcases() {
    if let Some(counts) = run_set("sd-jwt-testcases") {
        assert_eq!(counts, (8, 1, 2));
    }
}

#[test]
fn draft_examples() {
    if let Some(counts) = run_set("sd-jwt-draft-examples") {
        assert_eq!(counts, (4, 0, 2));
    }
}
