//! The attester of the wallet's publisher: attests whatever key is proved to it.

use super::{NOW, World, claims};
use jose::x5c::TrustAnchors;
use jose::{Algorithm, JwsHeader, PublicJwk, SigningKey, UnverifiedJws, sign_compact};
use oid4vci::{
    ClientAttestationDraft, KeyAttestationDraft, TrustedAttesters, make_client_attestation, make_key_attestation,
};
use serde_json::{Value, json};
use testkit::credential::key;
use wiremock::{Request, Respond, ResponseTemplate};

/// Number of its key in the test kit.
const KEY: u64 = 91;
const KID: &str = "attester";

/// What it says otherwise than it should.
type Change = fn(&mut Value);

impl World {
    /// It answers from now on.
    pub(crate) async fn attester(&self) {
        self.attester_saying(|_| ()).await;
    }

    /// It answers from now on, with claims that were changed.
    pub(crate) async fn attester_saying(&self, change: Change) {
        let nonce = ResponseTemplate::new(200).set_body_json(json!({ "c_nonce": "of the attester" }));
        self.answer("/attester/nonce", nonce).await;
        self.answer_by("/attester/api/v1/wallet-attestation", OfWallets(change))
            .await;
        self.answer_by("/attester/api/v1/key-attestation", OfKeys(change)).await;
    }
}

/// Whom issuers trust.
pub(crate) fn attesters() -> TrustedAttesters {
    let known = key(KEY).public().clone().with_kid(KID);
    TrustedAttesters::new(vec![known], TrustAnchors::default()).expect("attesters")
}

struct OfWallets(Change);

struct OfKeys(Change);

impl Respond for OfWallets {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let body: Value = serde_json::from_slice(&request.body).expect("json");
        let draft = ClientAttestationDraft {
            issuer: &asked(&body["proof"]),
            client_id: "holdfast-wallet",
            key: &proved(&body["proof"]),
            wallet_name: None,
            wallet_link: None,
            expires_at: NOW + 3_600,
        };
        let made = make_client_attestation(&draft, header(), &signer(), NOW);
        attestation(&made.expect("signed"), self.0)
    }
}

impl Respond for OfKeys {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let body: Value = serde_json::from_slice(&request.body).expect("json");
        let keys: Vec<PublicJwk> = body["proofs"].as_array().expect("proofs").iter().map(proved).collect();
        let draft = KeyAttestationDraft {
            issuer: &asked(&body["proofs"][0]),
            keys: &keys,
            nonce: body["nonce"].as_str(),
            expires_at: NOW + 600,
        };
        let made = make_key_attestation(&draft, header(), &signer(), NOW);
        attestation(&made.expect("signed"), self.0)
    }
}

/// Whom the wallet asked: this attester, under the name it was set up with.
fn asked(proof: &Value) -> String {
    let said = claims(proof.as_str().expect("text"));
    said["aud"].as_str().expect("text").to_owned()
}

fn proved(proof: &Value) -> PublicJwk {
    let proof = UnverifiedJws::parse(proof.as_str().expect("text")).expect("proof");
    proof.header().jwk().expect("key").clone()
}

fn header() -> JwsHeader {
    JwsHeader::new(Algorithm::Es256).with_kid(KID)
}

fn signer() -> SigningKey {
    SigningKey::new(&key(KEY)).expect("key")
}

fn attestation(made: &str, change: Change) -> ResponseTemplate {
    let header = UnverifiedJws::parse(made).expect("attestation").header().clone();
    let mut said = claims(made);
    change(&mut said);
    let said = sign_compact(&header, said.to_string().as_bytes(), &signer()).expect("signed");
    ResponseTemplate::new(200).set_body_json(json!({ "attestation": said }))
}
