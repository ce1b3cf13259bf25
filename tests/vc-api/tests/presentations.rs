//! A presentation by a wallet of ours, verified over HTTP.

use serde_json::{Value, json};
use service::{Clock, SystemClock};
use testkit::credential::{key, signer};
use vc_api::ProblemType;
use w3c_vc::{Challenge, Contexts, UnverifiedCredential};

use crate::running::{EDDSA, Running, assert_refused, assert_verified};

const CHALLENGE: &str = "1235abcd6789";
const DOMAIN: &str = "domain.example";

/// A card that the adapter issues to our holder, presented.
async fn presented(adapter: &Running) -> Value {
    let holder = key(2);
    let did = did::key::from_public_key(holder.public()).unwrap();
    let card = json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "credentialSubject": {"id": did.as_str(), "name": "Synthetic"},
    });
    let issued = adapter.issued(EDDSA, &card).await;
    let (contexts, now) = (Contexts::bundled().unwrap(), SystemClock.now());
    let received = UnverifiedCredential::parse(&issued.to_string()).unwrap();
    let held = received
        .receive(&contexts, &adapter.trusted(EDDSA), holder.public(), now)
        .unwrap();
    let challenge = Challenge {
        audience: DOMAIN,
        nonce: CHALLENGE,
    };
    let shown = held.present(&contexts, challenge, now, &signer(&holder)).unwrap();
    serde_json::from_str(&shown).unwrap()
}

#[tokio::test]
async fn a_presentation_is_for_its_challenge_and_domain() {
    let adapter = Running::start();
    let presentation = presented(&adapter).await;
    let good = json!({"challenge": CHALLENGE, "domain": DOMAIN});
    assert_verified(&adapter.verify_presentation(&presentation, good.clone()).await);
    for (options, kind) in [
        (
            json!({"challenge": "another", "domain": DOMAIN}),
            ProblemType::InvalidChallenge,
        ),
        (
            json!({"challenge": CHALLENGE, "domain": "another"}),
            ProblemType::InvalidDomain,
        ),
        (json!({}), ProblemType::InvalidChallenge),
    ] {
        assert_refused(&adapter.verify_presentation(&presentation, options).await, kind);
    }
    let mut forged = presentation.clone();
    forged["verifiableCredential"][0]["credentialSubject"]["name"] = json!("Forged");
    let answer = adapter.verify_presentation(&forged, good.clone()).await;
    assert_refused(&answer, ProblemType::ProofVerification);
    let mut nobodys = presentation.clone();
    nobodys.as_object_mut().unwrap().remove("proof");
    let answer = adapter.verify_presentation(&nobodys, good.clone()).await;
    assert_refused(&answer, ProblemType::ProofVerification);
    let mut empty = presentation;
    empty["verifiableCredential"] = json!([]);
    let answer = adapter.verify_presentation(&empty, good).await;
    assert_refused(&answer, ProblemType::CryptographicSecurity);
}
