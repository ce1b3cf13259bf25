//! Signed documents of the two cryptosuites' recommendations. Their canonical forms and hashes are compared in
//! `src/tests.rs`.

use std::path::Path;

use did::multikey;
use jose::VerifyingKey;
use serde_json::{Value, json};
use testkit::vectors::{self, Table};
use w3c_vc::{CredentialError, ProofError, TrustedIssuer, UnverifiedCredential};

use crate::fixture::changed;
use crate::held_contexts::contexts;

/// 2024-01-01T00:00:00Z, when all of them are in force.
const THEN: u64 = 1_704_067_200;
/// The key that the recommendation publishes for a document; a caller of ours would know it from elsewhere.
fn published(document: &Value) -> TrustedIssuer {
    let method = document["proof"]["verificationMethod"].as_str().unwrap();
    let key = multikey::decode(method.split_once('#').unwrap().1).unwrap();
    let issuer = document["issuer"]["id"]
        .as_str()
        .or(document["issuer"].as_str())
        .unwrap();
    TrustedIssuer::new(issuer, [(method.to_owned(), VerifyingKey::new(&key).unwrap())])
}

fn verify(text: &str, issuer: &TrustedIssuer) -> Result<(), CredentialError> {
    UnverifiedCredential::parse(text)?
        .verify(&contexts(), issuer, THEN)
        .map(drop)
}

/// Reads a signed document: accepted as it is, refused with a claim changed and with one added.
fn signed(table: &mut Table, row: &str, path: &Path) {
    let document = vectors::json(path);
    let issuer = published(&document);
    assert_eq!(verify(&document.to_string(), &issuer), Ok(()), "{}", path.display());
    table.agrees(row, true);
    for place in ["/name", "/credentialSubject/gender"] {
        let forged = changed(&document.to_string(), place, json!("Forged"));
        assert_eq!(verify(&forged, &issuer), Err(ProofError::Signature.into()), "{place}");
        table.agrees(row, false);
    }
}

/// Reads a signed document of a suite that is not built, which is refused for that.
fn foreign(table: &mut Table, row: &str, path: &Path, error: ProofError, reason: &str) {
    let document = vectors::json(path);
    let issuer = TrustedIssuer::new("https://vc.example/issuers/5678", []);
    assert_eq!(
        verify(&document.to_string(), &issuer),
        Err(error.into()),
        "{}",
        path.display()
    );
    table.out_of_scope(row, 1, reason);
}

/// The file of a folder that holds the signed document.
fn documents(folder: &Path) -> Vec<std::path::PathBuf> {
    let is_signed = |path: &std::path::PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with("signed");
    let found: Vec<_> = vectors::files(folder).into_iter().filter(is_signed).collect();
    assert!(!found.is_empty(), "{}", folder.display());
    found
}

const JCS: &str =
    "JSON canonicalization: OpenID4VP's ldp_vc names the rdfc suites in its examples, and one family is enough";
const P384: &str = "keys are P-256 and Ed25519 everywhere in Holdfast";
const SELECTIVE: &str = "inputs for ecdsa-sd-2023, which is not built: docs/adr/0013";

#[test]
fn ecdsa() {
    let Some(root) = vectors::folder("vc-di-ecdsa") else {
        return;
    };
    let mut table = Table::new("vc-di-ecdsa");
    for path in documents(&root.join("ecdsa-rdfc-2019-p256")) {
        signed(&mut table, "ecdsa-rdfc-2019 P-256", &path);
    }
    for path in documents(&root.join("ecdsa-rdfc-2019-p384")) {
        foreign(
            &mut table,
            "ecdsa-rdfc-2019 P-384",
            &path,
            ProofError::Member("proofValue"),
            P384,
        );
    }
    for folder in ["ecdsa-jcs-2019-p256", "ecdsa-jcs-2019-p384"] {
        for path in documents(&root.join(folder)) {
            foreign(&mut table, "ecdsa-jcs-2019", &path, ProofError::Unsupported, JCS);
        }
    }
    let loose = std::fs::read_dir(&root).unwrap().filter(|entry| {
        let path = entry.as_ref().unwrap().path();
        path.extension().is_some_and(|extension| extension == "json")
    });
    table.out_of_scope("ecdsa-sd-2023", loose.count(), SELECTIVE);
    table.check(&[
        ("ecdsa-rdfc-2019 P-256", [2, 4, 0, 0]),
        ("ecdsa-rdfc-2019 P-384", [0, 0, 0, 2]),
        ("ecdsa-jcs-2019", [0, 0, 0, 2]),
        ("ecdsa-sd-2023", [0, 0, 0, 5]),
    ]);
}

#[test]
fn eddsa() {
    let Some(root) = vectors::folder("vc-di-eddsa") else {
        return;
    };
    let mut table = Table::new("vc-di-eddsa");
    for path in documents(&root.join("eddsa-rdfc-2022")) {
        signed(&mut table, "eddsa-rdfc-2022", &path);
    }
    for path in documents(&root.join("eddsa-jcs-2022")) {
        foreign(&mut table, "eddsa-jcs-2022", &path, ProofError::Unsupported, JCS);
    }
    let unsigned = vectors::json(&root.join("unsigned.json")).to_string();
    let issuer = TrustedIssuer::new("https://vc.example/issuers/5678", []);
    assert_eq!(verify(&unsigned, &issuer), Err(ProofError::Missing.into()));
    table.agrees("without a proof", false);
    table.check(&[
        ("eddsa-rdfc-2022", [2, 4, 0, 0]),
        ("eddsa-jcs-2022", [0, 0, 0, 1]),
        ("without a proof", [0, 1, 0, 0]),
    ]);
}
