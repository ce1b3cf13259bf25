//! A holder who does not play by the rules: shows a credential that he has
//! signed himself in the name of an agency.

use std::collections::BTreeMap;

use anyhow::Result;
use jose::{Algorithm, JwsHeader, PrivateJwk, PublicJwk, SigningKey, base64url, sign_compact};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::asked::Asked;

/// A credential in the name of an agency, under a key of the forger's.
#[derive(Debug, Clone)]
pub(crate) struct Forgery {
    /// The agency's DID.
    pub(crate) issuer: String,
    /// The key id it claims.
    pub(crate) kid: String,
    /// Its type.
    pub(crate) vct: String,
    /// Where its status is said to stand.
    pub(crate) status_uri: String,
    /// The claims it shows.
    pub(crate) claims: BTreeMap<String, Value>,
}

impl Forgery {
    /// The encrypted answer to a request: the value of the form field `response`.
    ///
    /// # Errors
    /// A key of the request cannot be used.
    pub(crate) fn answer(&self, asked: &Asked, now: u64) -> Result<String> {
        let mut random = |out: &mut [u8]| service::random::fill(out);
        let forger = SigningKey::new(&PrivateJwk::generate_p256(&mut random))?;
        let holder = PrivateJwk::generate_p256(&mut random);
        let shown = self.credential(&forger, holder.public(), now)?;
        let key_binding = json!({
            "iat": now,
            "aud": asked.client_id,
            "nonce": asked.nonce,
            "sd_hash": base64url::encode(Sha256::digest(&shown)),
        });
        let header = JwsHeader::new(Algorithm::Es256).with_typ("kb+jwt");
        let key_binding = sign_compact(&header, key_binding.to_string().as_bytes(), &SigningKey::new(&holder)?)?;
        asked.answer(&format!("{shown}{key_binding}"))
    }

    /// The SD-JWT with all its disclosures, up to and with the last tilde.
    fn credential(&self, forger: &SigningKey, holder: &PublicJwk, now: u64) -> Result<String> {
        let day = now - now % 86_400;
        let disclosures: Vec<String> = self
            .claims
            .iter()
            .map(|(name, value)| base64url::encode(json!([service::random::id(), name, value]).to_string()))
            .collect();
        let digests: Vec<String> = disclosures
            .iter()
            .map(|one| base64url::encode(Sha256::digest(one)))
            .collect();
        let payload = json!({
            "iss": self.issuer, "iat": day, "nbf": day, "exp": day + 30 * 86_400, "vct": self.vct,
            "cnf": {"jwk": holder.to_value()},
            "status": {"status_list": {"idx": 17, "uri": self.status_uri}},
            "_sd": digests, "_sd_alg": "sha-256",
        });
        let header = JwsHeader::new(Algorithm::Es256)
            .with_typ("dc+sd-jwt")
            .with_kid(&self.kid);
        let jwt = sign_compact(&header, payload.to_string().as_bytes(), forger)?;
        Ok(format!("{jwt}~{}~", disclosures.join("~")))
    }
}
