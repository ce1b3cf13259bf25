//! Data Integrity proofs with the cryptosuite `eddsa-jcs-2022`, made and checked.
//! Data Integrity EdDSA Cryptosuites 1.0 §3.3, Data Integrity 1.0 §2.1.
//!
//! Signed is `SHA-256(JCS(proof without proofValue)) || SHA-256(JCS(document))`.
//! The key is always a `did:key`, so that nothing has to be looked up; body and
//! fragment of its name must be the same (did:webvh 1.0, "Witness DIDs and Reputation").

use jose::{Algorithm, Budget, OverBudget, Signer, UnixTime, VerifyingKey, Work};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::multikey;

/// A proof whose form has been checked, its signature not yet.
#[derive(Clone, Debug)]
pub struct UnverifiedProof {
    multikey: String,
    signature: Vec<u8>,
    config: Map<String, Value>,
}

impl UnverifiedProof {
    /// Reads one proof object.
    ///
    /// # Errors
    /// Each broken rule is a variant of [`ProofError`].
    pub fn parse(proof: &Value) -> Result<Self, ProofError> {
        let mut config = proof.as_object().ok_or(ProofError::Malformed)?.clone();
        let text = |name: &str| proof.get(name).and_then(Value::as_str);
        if text("type") != Some("DataIntegrityProof") {
            return Err(ProofError::Type);
        }
        if text("cryptosuite") != Some("eddsa-jcs-2022") {
            return Err(ProofError::Cryptosuite);
        }
        if text("proofPurpose") != Some("assertionMethod") {
            return Err(ProofError::Purpose);
        }
        // These change what a proof means; entries and witnesses use none of them.
        if ["@context", "expires", "domain", "challenge", "previousProof"]
            .iter()
            .any(|name| config.contains_key(*name))
        {
            return Err(ProofError::Unsupported);
        }
        let method = text("verificationMethod").ok_or(ProofError::VerificationMethod)?;
        let multikey = did_key_name(method)?.to_owned();
        let value = match config.remove("proofValue") {
            Some(Value::String(value)) => value,
            _ => return Err(ProofError::ProofValue),
        };
        let signature = decode_signature(&value)?;
        Ok(Self {
            multikey,
            signature,
            config,
        })
    }

    /// The multikey that claims to have signed: `z6Mk…`.
    #[must_use]
    pub fn multikey(&self) -> &str {
        &self.multikey
    }

    /// Checks the signature over `document`, which is the secured document without its proof.
    ///
    /// # Errors
    /// [`ProofError::Key`] where the key is not Ed25519, [`ProofError::Signature`] where
    /// the signature is not by this key over this document and these proof options.
    pub fn verify(&self, document: &Value) -> Result<(), ProofError> {
        let key = multikey::decode(&self.multikey).map_err(|_| ProofError::Key)?;
        if key.algorithm() != Algorithm::EdDsa {
            return Err(ProofError::Key);
        }
        let key = VerifyingKey::new(&key).map_err(|_| ProofError::Key)?;
        let message = signed_message(&self.config, document)?;
        key.verify(&message, &self.signature).map_err(|_| ProofError::Signature)
    }

    /// Checks the signature within a budget, of which one signature and two hashes are spent.
    pub(crate) fn verify_within(
        &self,
        document: &Value,
        budget: &mut Budget,
    ) -> Result<Result<(), ProofError>, OverBudget> {
        budget.spend(Work::Signatures, 1)?;
        budget.spend(Work::Hashes, 2)?;
        Ok(self.verify(document))
    }
}

/// Makes a proof over `document` (which must not hold one), created at `created`.
///
/// # Errors
/// [`ProofError::Key`] where `signer` is not Ed25519, [`ProofError::Signing`] where it fails.
pub fn sign(document: &Value, created: UnixTime, signer: &dyn Signer) -> Result<Value, ProofError> {
    if signer.algorithm() != Algorithm::EdDsa {
        return Err(ProofError::Key);
    }
    let multikey = multikey::encode(signer.public_jwk()).map_err(|_| ProofError::Key)?;
    let created = i64::try_from(created)
        .ok()
        .and_then(|seconds| jiff::Timestamp::from_second(seconds).ok())
        .ok_or(ProofError::Malformed)?;
    let mut config = match json!({
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "verificationMethod": format!("did:key:{multikey}#{multikey}"),
        "created": created.to_string(),
        "proofPurpose": "assertionMethod",
    }) {
        Value::Object(config) => config,
        _ => return Err(ProofError::Malformed),
    };
    let message = signed_message(&config, document)?;
    let signature = signer.sign(&message).map_err(|_| ProofError::Signing)?;
    let value = format!("z{}", bs58::encode(signature).into_string());
    config.insert("proofValue".to_owned(), Value::String(value));
    Ok(Value::Object(config))
}

/// Why a proof is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProofError {
    /// Not an object, or holds a value that cannot be canonicalised.
    #[error("the proof is malformed")]
    Malformed,
    /// `type` is not `DataIntegrityProof`. Data Integrity 1.0 §2.1.
    #[error("the proof's type is not DataIntegrityProof")]
    Type,
    /// `cryptosuite` is not `eddsa-jcs-2022`. did:webvh 1.0, `method`.
    #[error("the proof's cryptosuite is not eddsa-jcs-2022")]
    Cryptosuite,
    /// `proofPurpose` is not `assertionMethod`. did:webvh 1.0, "Authorized Keys".
    #[error("the proof's purpose is not assertionMethod")]
    Purpose,
    /// An option that would change what the proof means: `expires`, `domain`,
    /// `challenge`, `previousProof`, `@context`. Data Integrity 1.0 §2.1.
    #[error("the proof has an option that is not supported here")]
    Unsupported,
    /// `verificationMethod` is no `did:key:K#K` with the same `K` twice.
    #[error("the proof's verification method is not a did:key with its own fragment")]
    VerificationMethod,
    /// `proofValue` is not a 64-byte signature in base58btc. EdDSA Cryptosuites 1.0 §3.3.
    #[error("the proof value is malformed")]
    ProofValue,
    /// The key is not Ed25519.
    #[error("the proof's key is not an Ed25519 key")]
    Key,
    /// The signature does not verify. EdDSA Cryptosuites 1.0 §3.3.2.
    #[error("the proof's signature does not verify")]
    Signature,
    /// The signer failed.
    #[error("signing failed")]
    Signing,
}

/// The multikey of `did:key:K#K`; did:key 0.7 has one verification method, named by the key.
fn did_key_name(method: &str) -> Result<&str, ProofError> {
    let rest = method.strip_prefix("did:key:").ok_or(ProofError::VerificationMethod)?;
    match rest.split_once('#') {
        Some((body, fragment)) if body == fragment && !body.is_empty() => Ok(body),
        _ => Err(ProofError::VerificationMethod),
    }
}

fn decode_signature(value: &str) -> Result<Vec<u8>, ProofError> {
    let body = value.strip_prefix('z').ok_or(ProofError::ProofValue)?;
    if body.len() > 128 {
        return Err(ProofError::ProofValue);
    }
    match bs58::decode(body).into_vec() {
        Ok(signature) if signature.len() == 64 => Ok(signature),
        _ => Err(ProofError::ProofValue),
    }
}

fn signed_message(config: &Map<String, Value>, document: &Value) -> Result<Vec<u8>, ProofError> {
    let config = serde_jcs::to_vec(config).map_err(|_| ProofError::Malformed)?;
    let document = serde_jcs::to_vec(document).map_err(|_| ProofError::Malformed)?;
    Ok([Sha256::digest(config), Sha256::digest(document)].concat())
}

#[cfg(test)]
mod tests {
    use jose::{PrivateJwk, SigningKey};
    use test_case::test_case;

    use super::*;

    fn signer() -> SigningKey {
        let key = PrivateJwk::generate_ed25519(&mut |out: &mut [u8]| out.fill(7));
        SigningKey::new(&key).unwrap()
    }

    fn document() -> Value {
        json!({"versionId": "1-x", "n": 1.5})
    }

    #[test]
    fn a_proof_verifies() {
        let proof = sign(&document(), 946_684_800, &signer()).unwrap();
        assert_eq!(proof["created"], "2000-01-01T00:00:00Z");
        assert_eq!(UnverifiedProof::parse(&proof).unwrap().verify(&document()), Ok(()));
    }

    #[test]
    fn a_changed_document_or_option_fails() {
        let mut proof = sign(&document(), 946_684_800, &signer()).unwrap();
        let changed = json!({"versionId": "1-y", "n": 1.5});
        let parsed = UnverifiedProof::parse(&proof).unwrap();
        assert_eq!(parsed.verify(&changed), Err(ProofError::Signature));
        proof["created"] = json!("2000-01-01T00:00:01Z");
        let parsed = UnverifiedProof::parse(&proof).unwrap();
        assert_eq!(parsed.verify(&document()), Err(ProofError::Signature));
    }

    #[test]
    fn a_p256_key_neither_signs_nor_verifies() {
        let key = PrivateJwk::generate_p256(&mut |out: &mut [u8]| out.fill(7));
        let p256 = SigningKey::new(&key).unwrap();
        assert_eq!(sign(&document(), 0, &p256), Err(ProofError::Key));
        let name = multikey::encode(key.public()).unwrap();
        let mut proof = sign(&document(), 0, &signer()).unwrap();
        proof["verificationMethod"] = json!(format!("did:key:{name}#{name}"));
        let parsed = UnverifiedProof::parse(&proof).unwrap();
        assert_eq!(parsed.verify(&document()), Err(ProofError::Key));
    }

    #[test_case("type", json!("Ed25519Signature2020") => ProofError::Type; "type")]
    #[test_case("cryptosuite", json!("ecdsa-jcs-2019") => ProofError::Cryptosuite; "cryptosuite")]
    #[test_case("cryptosuite", Value::Null => ProofError::Cryptosuite; "no cryptosuite")]
    #[test_case("proofPurpose", json!("authentication") => ProofError::Purpose; "purpose")]
    #[test_case("expires", json!("2030-01-01T00:00:00Z") => ProofError::Unsupported; "expires")]
    #[test_case("verificationMethod", json!("did:key:z6Mka#z6Mkb") => ProofError::VerificationMethod; "body is not fragment")]
    #[test_case("verificationMethod", json!("did:web:a.b#c") => ProofError::VerificationMethod; "another method")]
    #[test_case("proofValue", json!("z11") => ProofError::ProofValue; "short signature")]
    #[test_case("proofValue", json!("uAAA") => ProofError::ProofValue; "another base")]
    fn refused(member: &str, value: Value) -> ProofError {
        let mut proof = sign(&document(), 0, &signer()).unwrap();
        proof[member] = value;
        UnverifiedProof::parse(&proof).unwrap_err()
    }
}
