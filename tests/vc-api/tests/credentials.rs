//! Issue, verify, and what is refused on the way.

use http::StatusCode;
use serde_json::{Value, json};
use service::{Clock, SystemClock};
use testkit::credential::{key, signer};
use vc_api::ProblemType::{MalformedValue, Parsing, ProofVerification, Range};
use w3c_vc::{CREDENTIALS_V2, Contexts, HolderKey, Signing};

use crate::running::{ECDSA, EDDSA, Running, assert_problem, assert_refused, assert_verified};

/// A credential as the suites send it: without an issuer, in the contexts of their examples.
pub(crate) fn credential() -> Value {
    json!({
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"],
        "type": ["VerifiableCredential", "ExampleAlumniCredential"],
        "credentialSubject": {"id": "did:example:alice", "name": "Synthetic", "alumniOf": {"name": "Example University"}},
    })
}

fn changed(document: &Value, place: &str, value: Value) -> Value {
    let (parent, name) = place.rsplit_once('/').unwrap();
    let mut document = document.clone();
    document.pointer_mut(parent).unwrap()[name] = value;
    document
}

#[tokio::test]
async fn what_is_issued_is_verified_and_a_change_is_refused() {
    let adapter = Running::start();
    for suite in [ECDSA, EDDSA] {
        let issued = adapter.issued(suite, &credential()).await;
        assert_eq!(issued["issuer"], adapter.issuer_id(suite));
        assert_eq!(issued["proof"]["cryptosuite"], suite);
        assert_verified(&adapter.verify(&issued).await);
        for (place, value, kind) in [
            ("/credentialSubject/name", json!("Forged"), ProofVerification),
            ("/credentialSubject/more", json!("Forged"), ProofVerification),
            ("/proof/created", json!("2020-01-01T00:00:00Z"), ProofVerification),
            ("/proof/proofPurpose", json!("authentication"), ProofVerification),
            ("/proof/cryptosuite", json!("ecdsa-jcs-2019"), ProofVerification),
            ("/proof", Value::Null, ProofVerification),
            ("/issuer", json!("https://agency.example/"), ProofVerification),
            ("/type", json!(["ExampleAlumniCredential"]), MalformedValue),
            ("/validUntil", json!("2020-01-01"), MalformedValue),
            ("/@context", json!(["https://elsewhere.example/v2"]), MalformedValue),
        ] {
            let answer = adapter.verify(&changed(&issued, place, value)).await;
            println!("{suite} {place}");
            assert_refused(&answer, kind);
        }
    }
}

#[tokio::test]
async fn what_does_not_hold_now_is_out_of_range() {
    let adapter = Running::start();
    for (name, date) in [
        ("validUntil", "2020-01-01T00:00:00Z"),
        ("validFrom", "2999-01-01T00:00:00Z"),
    ] {
        let issued = adapter
            .issued(EDDSA, &changed(&credential(), &format!("/{name}"), json!(date)))
            .await;
        assert_refused(&adapter.verify(&issued).await, Range);
    }
}

#[tokio::test]
async fn what_is_no_credential_is_not_issued() {
    let adapter = Running::start();
    for (place, value, kind) in [
        ("/issuer", json!("https://agency.example/"), MalformedValue),
        ("/issuer", Value::Null, MalformedValue),
        ("/type", json!("ExampleAlumniCredential"), MalformedValue),
        ("/credentialSubject", json!([]), MalformedValue),
        (
            "/@context",
            json!(["https://www.w3.org/ns/credentials/v2", "https://elsewhere.example/"]),
            MalformedValue,
        ),
        ("/proof", json!({"type": "DataIntegrityProof"}), MalformedValue),
    ] {
        let wrong = changed(&credential(), place, value);
        let (status, problem) = adapter.issue(EDDSA, &wrong).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{place}: {problem}");
        assert_problem(&problem, kind);
    }
    let named = changed(&credential(), "/issuer", json!({"name": "Agency"}));
    let issued = adapter.issued(EDDSA, &named).await;
    assert_eq!(issued["issuer"]["id"], adapter.issuer_id(EDDSA));
    assert_verified(&adapter.verify(&issued).await);
}

#[tokio::test]
async fn whoever_has_no_key_by_its_name_is_believed_to_have_the_one_that_signed() {
    let adapter = Running::start();
    let key = key(3);
    let named = HolderKey::from_id(did::key::from_public_key(key.public()).unwrap().as_str()).unwrap();
    let signer = signer(&key);
    let signed_for = |issuer: &str| -> Value {
        let card = json!({
            "@context": [CREDENTIALS_V2],
            "type": ["VerifiableCredential"],
            "issuer": issuer,
            "credentialSubject": {"name": "Synthetic"},
        });
        let signing = Signing {
            method: named.method(),
            created: SystemClock.now(),
            signer: &signer,
        };
        let contexts = Contexts::bundled().unwrap();
        let signed = w3c_vc::issue(card.as_object().unwrap().clone(), &contexts, &signing).unwrap();
        serde_json::from_str(&signed).unwrap()
    };
    let of_a_url = signed_for("https://agency.example/");
    assert_verified(&adapter.verify(&of_a_url).await);
    let forged = changed(&of_a_url, "/credentialSubject/name", json!("Forged"));
    assert_refused(&adapter.verify(&forged).await, ProofVerification);
    for other in ["did:example:agency", adapter.issuer_id(EDDSA)] {
        assert_refused(&adapter.verify(&signed_for(other)).await, ProofVerification);
    }
}

#[tokio::test]
async fn a_request_has_one_meaning() {
    let adapter = Running::start();
    let endpoint = adapter.implementation["verifiers"][0]["endpoint"].clone();
    for (text, kind) in [
        ("", Parsing),
        ("[]", Parsing),
        (r#"{"verifiableCredential": {}, "verifiableCredential": {}}"#, Parsing),
        (r#"{"verifiableCredential": "a.b.c"}"#, Parsing),
        (r#"{"credential": {}}"#, MalformedValue),
    ] {
        println!("{text}");
        assert_refused(&adapter.post_text(&endpoint, text).await, kind);
    }
    let other = endpoint
        .as_str()
        .unwrap()
        .replace("/credentials/verify", "/ecdsa-sd-2023/credentials/issue");
    let (status, _) = adapter.post(&json!(other), json!({"credential": credential()})).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}
