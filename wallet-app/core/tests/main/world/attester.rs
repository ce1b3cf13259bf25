//! The attester of the wallet's publisher: attests whatever key is proved to it.

use super::{NOW, World};
use jose::x5c::TrustAnchors;
use jose::{Algorithm, JwsHeader, PublicJwk, SigningKey, UnverifiedJws};
use oid4vci::{
    ClientAttestationDraft, KeyAttestationDraft, TrustedAttesters, make_client_attestation, make_key_attestation,
};
use serde_json::{Value, json};
use testkit::credential::key;
use wiremock::{Request, Respond, ResponseTemplate};

/// Number of its key in the test kit.
const KEY: u64 = 91;
const KID: &str = "attester";
const ISSUER: &str = "https://attester.example";

impl World {
    /// It answers from now on.
    pub(crate) async fn attester(&self) {
        let nonce = ResponseTemplate::new(200).set_body_json(json!({ "c_nonce": "of the attester" }));
        self.answer("/attester/nonce", nonce).await;
        self.answer_by("/attester/api/v1/wallet-attestation", OfWallets).await;
        self.answer_by("/attester/api/v1/key-attestation", OfKeys).await;
    }
}

/// Whom issuers trust.
pub(crate) fn attesters() -> TrustedAttesters {
    let known = key(KEY).public().clone().with_kid(KID);
    TrustedAttesters::new(vec![known], TrustAnchors::default()).expect("attesters")
}

struct OfWallets;

struct OfKeys;

impl Respond for OfWallets {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let body: Value = serde_json::from_slice(&request.body).expect("json");
        let draft = ClientAttestationDraft {
            issuer: ISSUER,
            client_id: "holdfast-wallet",
            key: &proved(&body["proof"]),
            wallet_name: None,
            wallet_link: None,
            expires_at: NOW + 3_600,
        };
        attestation(make_client_attestation(&draft, header(), &signer(), NOW).expect("signed"))
    }
}

impl Respond for OfKeys {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let body: Value = serde_json::from_slice(&request.body).expect("json");
        let keys: Vec<PublicJwk> = body["proofs"].as_array().expect("proofs").iter().map(proved).collect();
        let draft = KeyAttestationDraft {
            issuer: ISSUER,
            keys: &keys,
            nonce: body["nonce"].as_str(),
            expires_at: NOW + 600,
        };
        attestation(make_key_attestation(&draft, header(), &signer(), NOW).expect("signed"))
    }
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

fn attestation(text: String) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({ "attestation": text }))
}
