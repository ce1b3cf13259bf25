//! Presentations byte by byte, to break one rule at a time.

use jose::{PrivateJwk, Signer, base64url};
use oid4vp::PresentationRequest;
use serde_json::{Value, json};
use service::Clock;
use sha2::{Digest, Sha256};
use testkit::credential::{signer, vct};

use crate::world::{LIST, World};

/// A presentation whose every part can be changed before it is written.
pub(crate) struct Forged {
    pub(crate) header: Value,
    pub(crate) payload: Value,
    /// Disclosures as JSON text, digested into `_sd` unless `payload` has one.
    pub(crate) disclosures: Vec<String>,
    pub(crate) issuer: PrivateJwk,
    pub(crate) kb_header: Value,
    pub(crate) kb_payload: Value,
    pub(crate) holder: PrivateJwk,
}

impl World {
    /// A presentation that would be accepted.
    pub(crate) fn forge(&self, request: &PresentationRequest) -> Forged {
        self.forge_for(&request.client_id().to_string(), request.nonce().as_str())
    }

    /// The same for whoever asked with this nonce.
    pub(crate) fn forge_for(&self, audience: &str, nonce: &str) -> Forged {
        let agency = self.issuer();
        let now = self.clock.now();
        Forged {
            header: json!({ "alg": "ES256", "typ": "dc+sd-jwt", "kid": agency.kid }),
            payload: json!({
                "iss": agency.did, "iat": now - 1000, "nbf": now - 1000, "exp": now + 100_000,
                "vct": vct("person-identification"), "_sd_alg": "sha-256",
                "cnf": { "jwk": self.holder.public().to_value() },
                "status": { "status_list": { "uri": LIST, "idx": 3 } },
            }),
            disclosures: vec![disclosure("age_over_18", json!(true))],
            issuer: agency.key,
            kb_header: json!({ "alg": "ES256", "typ": "kb+jwt" }),
            kb_payload: json!({
                "iat": now, "aud": audience, "nonce": nonce,
            }),
            holder: copy(&self.holder),
        }
    }

    /// Opens a session of `adult`, forges, changes, responds; gives the outcome.
    pub(crate) async fn judge(&self, change: impl FnOnce(&mut Forged)) -> Value {
        self.judge_text(|forged| {
            change(forged);
            forged.text()
        })
        .await
    }

    pub(crate) async fn judge_text(&self, text: impl FnOnce(&mut Forged) -> String) -> Value {
        let opened = self.open("adult").await;
        let request = self.request(&opened).await;
        let mut forged = self.forge(&request);
        let text = text(&mut forged);
        self.answer(&opened, request, "person", text).await
    }
}

impl Forged {
    pub(crate) fn text(&self) -> String {
        let sd_jwt = self.sd_jwt();
        let key_binding = self.key_binding(&sd_jwt);
        sd_jwt + &key_binding
    }

    /// Up to the last `~`.
    pub(crate) fn sd_jwt(&self) -> String {
        let mut payload = self.payload.clone();
        if payload.get("_sd").is_none() {
            // One claim more is kept back, as most are of any card.
            let kept_back = [digest("kept back")];
            payload["_sd"] = self
                .disclosures
                .iter()
                .map(|text| digest(text))
                .chain(kept_back)
                .collect();
        }
        let mut text = jws(&self.header.to_string(), &payload.to_string(), &self.issuer);
        text.push('~');
        for disclosure in &self.disclosures {
            text.push_str(&base64url::encode(disclosure));
            text.push('~');
        }
        text
    }

    pub(crate) fn key_binding(&self, sd_jwt: &str) -> String {
        let mut payload = self.kb_payload.clone();
        if payload.get("sd_hash").is_none() {
            payload["sd_hash"] = json!(base64url::encode(Sha256::digest(sd_jwt)));
        }
        jws(&self.kb_header.to_string(), &payload.to_string(), &self.holder)
    }
}

/// Signs any header and payload with ES256.
pub(crate) fn jws(header: &str, payload: &str, key: &PrivateJwk) -> String {
    let input = format!("{}.{}", base64url::encode(header), base64url::encode(payload));
    let signature = signer(key).sign(input.as_bytes()).unwrap();
    format!("{input}.{}", base64url::encode(signature))
}

/// A disclosure of an object member, as JSON text.
pub(crate) fn disclosure(name: &str, value: Value) -> String {
    json!([format!("salt-{name}-0123456789"), name, value]).to_string()
}

/// The digest of a disclosure.
pub(crate) fn digest(disclosure: &str) -> Value {
    json!(base64url::encode(Sha256::digest(base64url::encode(disclosure))))
}

pub(crate) fn copy(key: &PrivateJwk) -> PrivateJwk {
    PrivateJwk::from_value(&key.dangerous_to_value()).unwrap()
}
