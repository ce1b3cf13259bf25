//! A business that is registered for a purpose, and the requests that it signs.
#![expect(clippy::expect_used, reason = "fixtures: what goes wrong here is a failed test")]

use did::identity::Organisation;
use jose::{Algorithm, JwsHeader, PrivateJwk, UnixTime, base64url, sign_compact};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::Ledger;
use crate::certificates::{Authority, Chain, Name};
use crate::credential::{key, signer, vct};

/// Number of its access key.
const ACCESS_KEY: u64 = 77;

/// A business with its access certificate.
pub struct Shop {
    /// Its DID and keys.
    pub organisation: Organisation,
    /// Its access certificate.
    pub access: Chain,
}

impl Shop {
    /// Anchored, and not registered yet.
    pub fn new(ledger: &mut Ledger) -> Self {
        Self {
            organisation: ledger.create("shop.localhost%3A8446"),
            access: Authority::new("access").certify(key(ACCESS_KEY).public(), &[Name::Dns("shop.localhost")]),
        }
    }

    /// It may ask for these claims of a person identification for the purpose `age`; for a portrait where it can be
    /// left out.
    pub fn register(&self, ledger: &mut Ledger, claims: &[&str], until: UnixTime) {
        let purpose = crate::purpose("age", &vct("person-identification"), claims, &["portrait"]);
        let did = self.organisation.did();
        let scope = crate::scope(
            did,
            "Corner Shop",
            &[certificate_hash(&self.access)],
            vec![purpose],
            until,
        );
        ledger.register(&scope, &self.organisation);
    }

    /// The proof of its record now.
    pub fn bundle(&self, ledger: &mut Ledger) -> Vec<u8> {
        ledger.bundle(self.organisation.did().as_str())
    }

    /// The members of a request for that purpose, by its certificate, in the clear.
    pub fn request(&self, ledger: &mut Ledger, claims: &[&str]) -> Value {
        let bundle = self.bundle(ledger);
        json!({
            "client_id": client_id(&self.access),
            "aud": "https://self-issued.me/v2",
            "response_type": "vp_token",
            "response_mode": "direct_post",
            "response_uri": "https://shop.localhost:8446/response/1",
            "nonce": "n-0123456789012345678901234567",
            "state": "s-0123456789012345678901234567",
            "dcql_query": query(claims),
            "verifier_info": [
                {"format": "holdfast-bundle+cbor", "data": base64url::encode(bundle)},
                {"format": "holdfast-purpose", "data": {"purpose": "age"}},
            ],
            "iat": ledger.now(),
            "exp": ledger.now() + 300,
        })
    }

    /// Signs a request with its access key.
    pub fn sign(&self, request: &Value) -> String {
        sign_by_certificate(request, &self.access, &key(ACCESS_KEY))
    }
}

/// A request that names this certificate, signed with this key.
pub fn sign_by_certificate(request: &Value, certificate: &Chain, key: &PrivateJwk) -> String {
    let header = JwsHeader::new(Algorithm::Es256)
        .with_typ("oauth-authz-req+jwt")
        .with_x5c(certificate.x5c());
    sign_with(&header, request, key)
}

/// Any payload under any header.
pub fn sign_with(header: &JwsHeader, payload: &Value, key: &PrivateJwk) -> String {
    sign_compact(header, payload.to_string().as_bytes(), &signer(key)).expect("signed")
}

/// The client identifier of a certificate. OpenID4VP 1.0 §5.9.3
pub fn client_id(certificate: &Chain) -> String {
    format!("x509_hash:{}", base64url::encode(certificate_hash(certificate)))
}

/// Claims of a person identification, in DCQL.
pub fn query(claims: &[&str]) -> Value {
    let claims: Vec<Value> = claims.iter().map(|name| json!({"path": [name]})).collect();
    json!({"credentials": [{"id": "card", "format": "dc+sd-jwt", "claims": claims,
        "meta": {"vct_values": [vct("person-identification")]}}]})
}

fn certificate_hash(certificate: &Chain) -> [u8; 32] {
    Sha256::digest(certificate.leaf()).into()
}
