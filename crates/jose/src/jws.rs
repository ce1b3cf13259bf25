use std::fmt;

use serde_json::{Map, Value};

use crate::strict_json::{self, Limits, StrictJsonError};
use crate::{
    Budget, JwkError, JwsHeader, OverBudget, SignError, SignatureError, Signer, VerifyingKey, Work, base64url,
};

/// Why a compact JWS was refused. RFC 7515 §5.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JwsError {
    /// Not three parts. RFC 7515 §7.1.
    #[error("a compact JWS has three parts")]
    NotThreeParts,
    /// The header, payload or signature is not canonical base64url.
    #[error("the {0} is not canonical base64url")]
    Base64(&'static str),
    /// The header is not strict JSON.
    #[error("header: {0}")]
    HeaderJson(StrictJsonError),
    /// The header is JSON, but not an object.
    #[error("the header is not an object")]
    HeaderNotAnObject,
    /// No `alg`. RFC 7515 §4.1.1.
    #[error("the header has no alg")]
    AlgorithmMissing,
    /// `alg` is `none`, a MAC or anything else outside ES256 and EdDSA. RFC 8725 §3.1.
    #[error("the alg is not allowed")]
    AlgorithmNotAllowed,
    /// `crit` is present; no extension is understood here. RFC 7515 §4.1.11.
    #[error("the header has critical members")]
    CriticalHeader,
    /// `b64` is present. RFC 7797 §3.
    #[error("an unencoded payload is not supported")]
    UnencodedPayload,
    /// A header member is of the wrong type.
    #[error("header member {0} is of the wrong type")]
    HeaderMember(&'static str),
    /// The header's `jwk` is no public key.
    #[error("header jwk: {0}")]
    HeaderJwk(JwkError),
    /// No signature, as in an unsecured JWS. RFC 7519 §6.
    #[error("the signature is empty")]
    EmptySignature,
    /// `alg` is not the algorithm of the key. RFC 8725 §3.1.
    #[error("alg is not the algorithm of the key")]
    AlgorithmMismatch,
    /// `typ` is absent or not exactly the one wanted. RFC 8725 §3.11.
    #[error("typ is not the one wanted")]
    WrongType,
    /// The signature does not hold.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// The payload is not strict JSON.
    #[error("payload: {0}")]
    PayloadJson(StrictJsonError),
    /// The payload is JSON, but not an object.
    #[error("the payload is not an object")]
    PayloadNotAnObject,
    /// More signatures than the caller's budget allows.
    #[error(transparent)]
    OverBudget(#[from] OverBudget),
}

/// A compact JWS that nobody has verified. RFC 7515 §7.1.
///
/// `Debug` shows `alg` and `typ` only: payloads hold claims about people, and a token may be used
/// by whoever reads it.
#[derive(Clone)]
pub struct UnverifiedJws {
    header: JwsHeader,
    payload: Vec<u8>,
    signature: Vec<u8>,
    /// `header.payload` as received: what was signed.
    signed: String,
}

impl UnverifiedJws {
    /// Takes a compact JWS apart. The algorithm is checked first; the payload is not parsed.
    pub fn parse(compact: &str) -> Result<Self, JwsError> {
        Self::parse_within(compact, &mut Limits::MESSAGE.budget())
    }

    /// Takes a compact JWS apart within a budget; its bytes have been paid for.
    pub fn parse_within(compact: &str, budget: &mut Budget) -> Result<Self, JwsError> {
        let (signed, signature) = compact.rsplit_once('.').ok_or(JwsError::NotThreeParts)?;
        let (header, payload) = signed.split_once('.').ok_or(JwsError::NotThreeParts)?;
        if payload.contains('.') {
            return Err(JwsError::NotThreeParts);
        }
        let header = base64url::decode(header).map_err(|_| JwsError::Base64("header"))?;
        let header = JwsHeader::parse(&header, budget)?;
        if signature.is_empty() {
            return Err(JwsError::EmptySignature);
        }
        Ok(Self {
            header,
            payload: base64url::decode(payload).map_err(|_| JwsError::Base64("payload"))?,
            signature: base64url::decode(signature).map_err(|_| JwsError::Base64("signature"))?,
            signed: signed.to_owned(),
        })
    }

    /// The header, unverified: hints for finding the key.
    #[must_use]
    pub fn header(&self) -> &JwsHeader {
        &self.header
    }

    /// The payload before verification: for finding the key, never for deciding.
    #[must_use]
    pub fn dangerous_unverified_payload(&self) -> &[u8] {
        &self.payload
    }

    /// Verifies the signature with a key that the caller trusts for this token's exact `typ`.
    pub fn verify(self, key: &VerifyingKey, typ: &str) -> Result<VerifiedJws, JwsError> {
        if self.header.typ() != Some(typ) {
            return Err(JwsError::WrongType);
        }
        if self.header.alg() != key.algorithm() {
            return Err(JwsError::AlgorithmMismatch);
        }
        key.verify(self.signed.as_bytes(), &self.signature)?;
        Ok(VerifiedJws {
            header: self.header,
            payload: self.payload,
            signed: self.signed,
        })
    }

    /// Verifies the signature as [`UnverifiedJws::verify`] does, at the cost of one signature.
    pub fn verify_within(self, key: &VerifyingKey, typ: &str, budget: &mut Budget) -> Result<VerifiedJws, JwsError> {
        budget.spend(Work::Signatures, 1)?;
        self.verify(key, typ)
    }
}

/// A JWS whose signature, algorithm and `typ` have been checked. `Debug` shows `alg` and `typ` only.
#[derive(Clone)]
pub struct VerifiedJws {
    header: JwsHeader,
    payload: Vec<u8>,
    signed: String,
}

impl VerifiedJws {
    /// The verified header.
    #[must_use]
    pub fn header(&self) -> &JwsHeader {
        &self.header
    }

    /// The verified payload.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The payload as a JWT claims set of at most 1 MiB. RFC 7519 §4.
    pub fn claims(&self) -> Result<Map<String, Value>, JwsError> {
        self.claims_within(&Limits::VP_TOKEN)
    }

    /// The payload as a JWT claims set within other limits.
    pub fn claims_within(&self, limits: &Limits) -> Result<Map<String, Value>, JwsError> {
        object(strict_json::parse(&self.payload, limits))
    }

    /// The payload as a JWT claims set within a budget; its bytes have been paid for.
    pub fn claims_from(&self, budget: &mut Budget) -> Result<Map<String, Value>, JwsError> {
        object(strict_json::parse_within(&self.payload, budget))
    }

    /// The signed bytes, `header.payload`. A replay cache is keyed on these: a signature can
    /// be changed by others without becoming invalid.
    #[must_use]
    pub fn signed_bytes(&self) -> &[u8] {
        self.signed.as_bytes()
    }
}

fn object(payload: Result<Value, StrictJsonError>) -> Result<Map<String, Value>, JwsError> {
    match payload.map_err(JwsError::PayloadJson)? {
        Value::Object(claims) => Ok(claims),
        _ => Err(JwsError::PayloadNotAnObject),
    }
}

impl fmt::Debug for UnverifiedJws {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug("UnverifiedJws", &self.header, formatter)
    }
}

impl fmt::Debug for VerifiedJws {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug("VerifiedJws", &self.header, formatter)
    }
}

fn debug(name: &str, header: &JwsHeader, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    formatter
        .debug_struct(name)
        .field("alg", &header.alg())
        .field("typ", &header.typ())
        .finish_non_exhaustive()
}

/// Signs a payload into a compact JWS. RFC 7515 §5.1.
pub fn sign_compact(header: &JwsHeader, payload: &[u8], signer: &dyn Signer) -> Result<String, SignError> {
    if header.alg() != signer.algorithm() {
        return Err(SignError::AlgorithmMismatch);
    }
    let mut compact = base64url::encode(header.to_json());
    compact.push('.');
    compact.push_str(&base64url::encode(payload));
    let signature = signer.sign(compact.as_bytes())?;
    compact.push('.');
    compact.push_str(&base64url::encode(signature));
    Ok(compact)
}
