//! Demonstrating proof of possession: the token belongs to a key. RFC 9449

use jose::claims::{self, ClaimError};
use jose::{
    JwkError, JwsError, JwsHeader, RandomSource, SignError, Signer, UnixTime, UnverifiedJws, VerifyingKey, base64url,
    sign_compact,
};
use serde_json::json;
use sha2::{Digest, Sha256};
use url::Url;

use crate::error_code::{AuthorizationErrorCode, AuthorizationRequestErrorCode, TokenErrorCode};
use crate::nonce::{NonceError, ServerNonces};

/// `typ` of a DPoP proof. RFC 9449 §4.2
const TYP: &str = "dpop+jwt";
/// How old `iat` may be, in seconds.
const MAX_AGE: u64 = 300;
/// How far `iat` may lie ahead, in seconds.
const MAX_AHEAD: u64 = 60;
/// Longest `jti` taken.
const JTI_LIMIT: usize = 128;

/// The request that a proof is for, as the wallet sends it.
#[derive(Clone, Copy, Debug)]
pub struct DpopTarget<'a> {
    /// HTTP method.
    pub method: &'a str,
    /// The URL; query and fragment do not count.
    pub url: &'a Url,
    /// The access token sent along, if any.
    pub access_token: Option<&'a str>,
    /// The nonce the server gave last, if any.
    pub nonce: Option<&'a str>,
}

/// Makes a proof. RFC 9449 §4.2
pub fn make_dpop_proof(
    target: &DpopTarget<'_>,
    signer: &dyn Signer,
    now: UnixTime,
    random: &mut dyn RandomSource,
) -> Result<String, SignError> {
    let header = JwsHeader::new(signer.algorithm())
        .with_typ(TYP)
        .with_jwk(signer.public_jwk().clone());
    let mut jti = [0_u8; 16];
    random.fill(&mut jti);
    let mut payload = json!({
        "jti": base64url::encode(jti),
        "htm": target.method,
        "htu": without_query(target.url).as_str(),
        "iat": now,
    });
    if let Some(token) = target.access_token {
        payload["ath"] = token_hash(token).into();
    }
    if let Some(nonce) = target.nonce {
        payload["nonce"] = nonce.into();
    }
    sign_compact(&header, payload.to_string().as_bytes(), signer)
}

/// What the server knows of the request that a proof came with.
#[derive(Clone, Copy)]
pub struct DpopExpectation<'a> {
    /// HTTP method.
    pub method: &'a str,
    /// The URL under which the endpoint is published.
    pub url: &'a Url,
    /// The access token presented, if any: the proof must cover it.
    pub access_token: Option<&'a str>,
    /// The nonces of this server.
    pub nonces: &'a ServerNonces,
    /// The time.
    pub now: UnixTime,
}

/// A DPoP proof that nobody has checked.
#[derive(Clone, Debug)]
pub struct UnverifiedDpop {
    jws: UnverifiedJws,
}

/// A proof that holds for one request. It still has to be new: [`VerifiedDpop::replay_key`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedDpop {
    jkt: [u8; 32],
    replay_key: [u8; 32],
    forget_at: UnixTime,
}

impl VerifiedDpop {
    /// The thumbprint of the key, to which the access token is bound. RFC 9449 §6.1
    #[must_use]
    pub const fn jkt(&self) -> [u8; 32] {
        self.jkt
    }

    /// What the store remembers: key and `jti`, hashed. One seen before is a replay. RFC 9449 §11.1
    #[must_use]
    pub const fn replay_key(&self) -> [u8; 32] {
        self.replay_key
    }

    /// From when on the proof is too old anyway and need not be remembered.
    #[must_use]
    pub const fn forget_at(&self) -> UnixTime {
        self.forget_at
    }
}

impl UnverifiedDpop {
    /// Reads the `DPoP` header, which must be there exactly once. RFC 9449 §4.3
    pub fn parse<'a>(mut headers: impl Iterator<Item = &'a str>) -> Result<Self, DpopError> {
        let proof = headers.next().ok_or(DpopError::Missing)?;
        if headers.next().is_some() {
            return Err(DpopError::SeveralProofs);
        }
        Ok(Self {
            jws: UnverifiedJws::parse(proof)?,
        })
    }

    /// Checks everything of RFC 9449 §4.3 but the replay.
    pub fn verify(self, expected: &DpopExpectation<'_>) -> Result<VerifiedDpop, DpopError> {
        let jwk = self.jws.header().jwk().cloned().ok_or(DpopError::NoKey)?;
        let jws = self.jws.verify(&VerifyingKey::new(&jwk)?, TYP)?;
        let payload = jws.claims()?;
        let jti = claims::required_string(&payload, "jti")?;
        if jti.is_empty() || jti.len() > JTI_LIMIT {
            return Err(DpopError::Jti);
        }
        if claims::required_string(&payload, "htm")? != expected.method {
            return Err(DpopError::OtherMethod);
        }
        let htu = Url::parse(claims::required_string(&payload, "htu")?).map_err(|_| DpopError::OtherUrl)?;
        if without_query(&htu) != without_query(expected.url) {
            return Err(DpopError::OtherUrl);
        }
        let iat = claims::required_date(&payload, "iat")?;
        if iat.saturating_add(MAX_AGE) < expected.now || iat > expected.now.saturating_add(MAX_AHEAD) {
            return Err(DpopError::IssuedAt);
        }
        if let Some(token) = expected.access_token {
            match claims::string(&payload, "ath")? {
                None => return Err(DpopError::TokenHashMissing),
                Some(ath) if ath != token_hash(token) => return Err(DpopError::OtherToken),
                Some(_) => {}
            }
        }
        let nonce = claims::string(&payload, "nonce")?.ok_or(DpopError::NonceMissing)?;
        expected.nonces.check(nonce, expected.now).map_err(DpopError::Nonce)?;
        let jkt = jwk.thumbprint();
        let replay_key = Sha256::new()
            .chain_update(jkt)
            .chain_update(jti.as_bytes())
            .finalize()
            .into();
        Ok(VerifiedDpop {
            jkt,
            replay_key,
            forget_at: iat.saturating_add(MAX_AGE + 1),
        })
    }
}

/// `ath`: the access token's hash. RFC 9449 §4.2
fn token_hash(token: &str) -> String {
    base64url::encode(Sha256::digest(token.as_bytes()))
}

fn without_query(url: &Url) -> Url {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    url
}

/// Why a DPoP proof is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DpopError {
    /// No `DPoP` header. RFC 9449 §4.3
    #[error("no DPoP proof")]
    Missing,
    /// More than one `DPoP` header. RFC 9449 §4.3
    #[error("more than one DPoP proof")]
    SeveralProofs,
    /// Not a JWS of the right type whose signature holds.
    #[error(transparent)]
    Jws(#[from] JwsError),
    /// No `jwk` in the header. RFC 9449 §4.2
    #[error("no key in the header")]
    NoKey,
    /// The key cannot verify signatures.
    #[error(transparent)]
    Key(#[from] JwkError),
    /// A claim is missing or of the wrong type.
    #[error(transparent)]
    Claim(#[from] ClaimError),
    /// `jti` is empty or longer than any random value needs.
    #[error("jti is empty or too long")]
    Jti,
    /// `htm` is another method.
    #[error("the proof is for another method")]
    OtherMethod,
    /// `htu` is another URL.
    #[error("the proof is for another URL")]
    OtherUrl,
    /// `iat` is too old or ahead.
    #[error("the proof is too old or ahead of time")]
    IssuedAt,
    /// No `ath` beside an access token. RFC 9449 §7
    #[error("the proof does not name the access token")]
    TokenHashMissing,
    /// `ath` is the hash of another token.
    #[error("the proof is for another access token")]
    OtherToken,
    /// No `nonce`. RFC 9449 §8
    #[error("the proof has no nonce")]
    NonceMissing,
    /// The nonce is not ours or has run out. RFC 9449 §8
    #[error(transparent)]
    Nonce(NonceError),
    /// The proof was used before. RFC 9449 §11.1
    #[error("the proof was used before")]
    Replayed,
}

impl DpopError {
    /// The code at the token endpoint. RFC 9449 §5 and §8
    #[must_use]
    pub const fn token_code(&self) -> TokenErrorCode {
        match self {
            Self::NonceMissing | Self::Nonce(_) => TokenErrorCode::UseDpopNonce,
            _ => TokenErrorCode::InvalidDpopProof,
        }
    }

    /// The code at the endpoint for pushed requests. RFC 9449 §10.1
    #[must_use]
    pub const fn pushed_code(&self) -> AuthorizationRequestErrorCode {
        match self {
            Self::NonceMissing | Self::Nonce(_) => AuthorizationRequestErrorCode::UseDpopNonce,
            _ => AuthorizationRequestErrorCode::InvalidDpopProof,
        }
    }

    /// The code at an endpoint that takes access tokens. RFC 9449 §7.1 and §9
    #[must_use]
    pub const fn authorization_code(&self) -> AuthorizationErrorCode {
        match self {
            Self::NonceMissing | Self::Nonce(_) => AuthorizationErrorCode::UseDpopNonce,
            _ => AuthorizationErrorCode::InvalidDpopProof,
        }
    }
}

#[cfg(test)]
mod tests;
