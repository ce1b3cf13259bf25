//! ID Tokens, and the keys they are signed with. OpenID Connect Core 1.0 §3.1.3.7

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use jose::strict_json::{self, Limits, StrictJsonError};
use jose::{Budget, OverBudget, PublicJwk, UnixTime, VerifyingKey, Work, base64url, claims};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::budget;

/// How far clocks may be apart, in seconds.
const SKEW: u64 = 60;

/// Algorithms that an ID Token may be signed with. RFC 7518 §3.1, RFC 8037 §3.1
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum IdTokenAlgorithm {
    /// ECDSA with P-256.
    #[serde(rename = "ES256")]
    Es256,
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
    /// RSA PKCS #1 v1.5 with SHA-256: what OpenID Connect asks every provider for. Nothing else is verified with RSA.
    #[serde(rename = "RS256")]
    Rs256,
}

/// What the token has to be.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    pub(super) nonce: &'a str,
    pub(super) algorithms: &'a [IdTokenAlgorithm],
    pub(super) now: UnixTime,
}

/// Why an ID Token is refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum IdTokenError {
    /// More bytes, values or keys to try than [`budget::ID_TOKEN`] allows.
    #[error(transparent)]
    OverBudget(#[from] OverBudget),
    /// Not three parts of base64url with strict JSON in them.
    #[error("not a signed token")]
    Malformed,
    /// `none`, or an algorithm that the settings do not name.
    #[error("the algorithm is not one of the settings")]
    Algorithm,
    /// No published key has this `kid` and this algorithm.
    #[error("the key is not published")]
    UnknownKey,
    /// The signature does not hold.
    #[error("the signature does not hold")]
    Signature,
    /// A claim is missing or of the wrong type.
    #[error(transparent)]
    Claim(#[from] claims::ClaimError),
    /// `iss` is another provider.
    #[error("the token is of another issuer")]
    OtherIssuer,
    /// `aud` does not name this issuer, or names others without `azp`.
    #[error("the token is for another client")]
    OtherAudience,
    /// `exp` has passed, or `iat` lies ahead.
    #[error("the token has expired or is ahead of time")]
    Time,
    /// `nonce` is missing or of another sign-in.
    #[error("the nonce is of another sign-in")]
    OtherNonce,
}

/// A provider's keys. RFC 7517 §5
#[derive(Debug, Clone)]
pub(super) struct ProviderKeys(Vec<ProviderKey>);

#[derive(Debug, Clone)]
struct ProviderKey {
    kid: Option<String>,
    key: Key,
}

#[derive(Debug, Clone)]
enum Key {
    Jose(PublicJwk),
    Rsa { n: Vec<u8>, e: Vec<u8> },
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Value>,
}

impl ProviderKeys {
    /// Reads a key set. Keys that are of no use here are passed over. RFC 7517 §5
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, StrictJsonError> {
        let set: KeySet = strict_json::from_slice(bytes, &Limits::METADATA)?;
        Ok(Self(set.keys.iter().filter_map(key).collect()))
    }

    /// Verifies a token and everything it has to say. Key and algorithm come from the settings and from what is
    /// published; the header only has to agree.
    pub(super) fn verify(&self, token: &str, expected: &Expected<'_>) -> Result<Map<String, Value>, IdTokenError> {
        let mut budget = budget::ID_TOKEN.clone();
        budget.spend(Work::Bytes, token.len())?;
        let (signed, signature) = token.rsplit_once('.').ok_or(IdTokenError::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(IdTokenError::Malformed)?;
        let (header, payload) = (object(header, &mut budget)?, object(payload, &mut budget)?);
        let signature = base64url::decode(signature).map_err(|_| IdTokenError::Malformed)?;
        let named = header.get("alg").and_then(Value::as_str);
        let mut allowed = expected.algorithms.iter().copied();
        let algorithm = allowed.find(|algorithm| named == Some(algorithm.name()));
        let algorithm = algorithm.ok_or(IdTokenError::Algorithm)?;
        if header.contains_key("crit") {
            return Err(IdTokenError::Malformed);
        }
        let kid = header.get("kid").and_then(Value::as_str);
        let mut fitting = self
            .0
            .iter()
            .filter(|one| one.is_for(algorithm) && (kid.is_none() || one.kid.as_deref() == kid))
            .peekable();
        fitting.peek().ok_or(IdTokenError::UnknownKey)?;
        loop {
            let one = fitting.next().ok_or(IdTokenError::Signature)?;
            budget.spend(Work::Signatures, 1)?;
            if one.holds(signed.as_bytes(), &signature) {
                break;
            }
        }
        check(&payload, expected)?;
        Ok(payload)
    }
}

impl IdTokenAlgorithm {
    const fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
            Self::Rs256 => "RS256",
        }
    }
}

impl ProviderKey {
    fn is_for(&self, algorithm: IdTokenAlgorithm) -> bool {
        match &self.key {
            Key::Jose(jwk) => jwk.algorithm().as_str() == algorithm.name(),
            Key::Rsa { .. } => algorithm == IdTokenAlgorithm::Rs256,
        }
    }

    fn holds(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.key {
            Key::Jose(jwk) => VerifyingKey::new(jwk).is_ok_and(|key| key.verify(message, signature).is_ok()),
            Key::Rsa { n, e } => RsaPublicKeyComponents { n, e }
                .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
                .is_ok(),
        }
    }
}

fn key(value: &Value) -> Option<ProviderKey> {
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    if text("use").is_some_and(|purpose| purpose != "sig") {
        return None;
    }
    let key = if text("kty") == Some("RSA") {
        if text("alg").is_some_and(|algorithm| algorithm != "RS256") {
            return None;
        }
        Key::Rsa {
            n: base64url::decode(text("n")?).ok()?,
            e: base64url::decode(text("e")?).ok()?,
        }
    } else {
        Key::Jose(PublicJwk::parse(value).ok()?)
    };
    Some(ProviderKey {
        kid: text("kid").map(str::to_owned),
        key,
    })
}

fn object(part: &str, budget: &mut Budget) -> Result<Map<String, Value>, IdTokenError> {
    let bytes = base64url::decode(part).map_err(|_| IdTokenError::Malformed)?;
    match strict_json::parse_within(&bytes, budget) {
        Ok(Value::Object(object)) => Ok(object),
        Err(StrictJsonError::OverBudget(over)) => Err(over.into()),
        _ => Err(IdTokenError::Malformed),
    }
}

fn check(payload: &Map<String, Value>, expected: &Expected<'_>) -> Result<(), IdTokenError> {
    if claims::required_string(payload, "iss")? != expected.issuer {
        return Err(IdTokenError::OtherIssuer);
    }
    let for_us = match payload.get("aud") {
        Some(Value::String(one)) => one == expected.client_id,
        Some(Value::Array(several)) => {
            let named = several.iter().any(|one| one == expected.client_id);
            let party = claims::string(payload, "azp")?;
            named && (several.len() == 1 || party == Some(expected.client_id))
        }
        _ => false,
    };
    if !for_us {
        return Err(IdTokenError::OtherAudience);
    }
    let (exp, iat) = (
        claims::required_date(payload, "exp")?,
        claims::required_date(payload, "iat")?,
    );
    if exp.saturating_add(SKEW) <= expected.now || iat > expected.now.saturating_add(SKEW) {
        return Err(IdTokenError::Time);
    }
    if claims::string(payload, "nonce")? != Some(expected.nonce) {
        return Err(IdTokenError::OtherNonce);
    }
    claims::required_string(payload, "sub")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::rsa::{KeySize, PublicKeyComponents};
    use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
    use jose::{PrivateJwk, Signer, SigningKey};
    use serde_json::json;
    use test_case::test_case;

    use super::*;

    const NOW: u64 = 1_800_000_000;

    fn good() -> Value {
        json!({
            "iss": "https://login.example", "aud": "agency", "sub": "1", "nonce": "n", "iat": NOW, "exp": NOW + 300,
        })
    }

    fn signer(seed: u8) -> SigningKey {
        let mut count = seed;
        let mut random = move |out: &mut [u8]| {
            count = count.wrapping_add(1);
            out.fill(count);
        };
        SigningKey::new(&PrivateJwk::generate_p256(&mut random)).unwrap()
    }

    fn keys(signer: &SigningKey) -> ProviderKeys {
        let mut jwk = signer.public_jwk().to_value();
        jwk["kid"] = "1".into();
        ProviderKeys::parse(json!({ "keys": [{ "kty": "oct" }, jwk] }).to_string().as_bytes()).unwrap()
    }

    fn token(header: &Value, payload: &Value, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
        let part = |value: &Value| base64url::encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(payload));
        let signature = sign(signed.as_bytes());
        format!("{signed}.{}", base64url::encode(signature))
    }

    fn expected(algorithms: &'static [IdTokenAlgorithm]) -> Expected<'static> {
        Expected {
            issuer: "https://login.example",
            client_id: "agency",
            nonce: "n",
            algorithms,
            now: NOW,
        }
    }

    fn verify(header: &Value, payload: &Value) -> Result<Map<String, Value>, IdTokenError> {
        let signer = signer(1);
        let token = token(header, payload, |bytes| signer.sign(bytes).unwrap());
        keys(&signer).verify(&token, &expected(&[IdTokenAlgorithm::Es256]))
    }

    #[test]
    fn h17_issuer_a_good_token_says_who_it_is() {
        let header = json!({ "alg": "ES256", "kid": "1", "typ": "JWT" });
        assert_eq!(verify(&header, &good()).unwrap()["sub"], "1");
    }

    #[test_case("iss", json!("https://evil.example") => IdTokenError::OtherIssuer ; "another issuer")]
    #[test_case("aud", json!("other") => IdTokenError::OtherAudience ; "another client")]
    #[test_case("aud", json!(["agency", "other"]) => IdTokenError::OtherAudience ; "several clients")]
    #[test_case("exp", json!(NOW - 60) => IdTokenError::Time ; "expired")]
    #[test_case("iat", json!(NOW + 61) => IdTokenError::Time ; "ahead")]
    #[test_case("nonce", json!("m") => IdTokenError::OtherNonce ; "another nonce")]
    fn h17_issuer_a_token_with_a_wrong_claim(name: &str, value: Value) -> IdTokenError {
        let mut payload = good();
        payload[name] = value;
        verify(&json!({ "alg": "ES256", "kid": "1" }), &payload).unwrap_err()
    }

    #[test_case("nonce" => matches IdTokenError::OtherNonce ; "no nonce")]
    #[test_case("exp" => matches IdTokenError::Claim(_) ; "no end")]
    #[test_case("aud" => matches IdTokenError::OtherAudience ; "no audience")]
    #[test_case("sub" => matches IdTokenError::Claim(_) ; "nobody")]
    fn h17_issuer_a_token_without_a_claim(name: &str) -> IdTokenError {
        let mut payload = good();
        payload.as_object_mut().unwrap().remove(name);
        verify(&json!({ "alg": "ES256", "kid": "1" }), &payload).unwrap_err()
    }

    #[test_case(json!({ "alg": "none" }) => IdTokenError::Algorithm ; "none")]
    #[test_case(json!({ "alg": "HS256", "kid": "1" }) => IdTokenError::Algorithm ; "a secret for a key")]
    #[test_case(json!({ "alg": "RS256", "kid": "1" }) => IdTokenError::Algorithm ; "not in the settings")]
    #[test_case(json!({ "alg": "ES256", "kid": "2" }) => IdTokenError::UnknownKey ; "another key")]
    #[test_case(json!({ "alg": "ES256", "kid": "1", "crit": ["x"] }) => IdTokenError::Malformed ; "crit")]
    fn h17_issuer_a_token_with_a_wrong_header(header: Value) -> IdTokenError {
        verify(&header, &good()).unwrap_err()
    }

    #[test]
    fn h17_issuer_a_token_of_another_key_or_changed() {
        let (ours, theirs) = (signer(1), signer(9));
        let header = json!({ "alg": "ES256", "kid": "1" });
        let forged = token(&header, &good(), |bytes| theirs.sign(bytes).unwrap());
        let expected = expected(&[IdTokenAlgorithm::Es256]);
        assert_eq!(keys(&ours).verify(&forged, &expected), Err(IdTokenError::Signature));
        for text in ["", "a.b", "a.b.c", "..", "e30.e30."] {
            assert!(keys(&ours).verify(text, &expected).is_err(), "{text}");
        }
    }

    #[test]
    fn a8_issuer_a_token_over_the_budget() {
        let signer = signer(1);
        let sign = |bytes: &[u8]| signer.sign(bytes).unwrap();
        let allowed = expected(&[IdTokenAlgorithm::Es256]);
        let refused = |work| Err(IdTokenError::OverBudget(OverBudget(work)));
        let long = ".".repeat(budget::ID_TOKEN.allowed(Work::Bytes) + 1);
        assert_eq!(keys(&signer).verify(&long, &allowed), refused(Work::Bytes));
        let mut many = good();
        many["x"] = json!(vec![0; budget::ID_TOKEN.allowed(Work::Values)]);
        let many = token(&json!({ "alg": "ES256" }), &many, sign);
        assert_eq!(keys(&signer).verify(&many, &allowed), refused(Work::Values));
    }

    #[test]
    fn a8_issuer_a_provider_with_more_keys_than_are_tried() {
        let right = signer(200);
        let token = token(&json!({ "alg": "ES256" }), &good(), |bytes| right.sign(bytes).unwrap());
        let after = |others: u8| {
            let before = (1..=others).map(|seed| signer(seed * 8).public_jwk().to_value());
            let keys: Vec<Value> = before.chain([right.public_jwk().to_value()]).collect();
            let keys = ProviderKeys::parse(json!({ "keys": keys }).to_string().as_bytes()).unwrap();
            keys.verify(&token, &expected(&[IdTokenAlgorithm::Es256])).map(drop)
        };
        assert_eq!(after(7), Ok(()));
        assert_eq!(after(8), Err(IdTokenError::OverBudget(OverBudget(Work::Signatures))));
    }

    #[test]
    fn rs256_is_verified_where_the_settings_name_it() {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let components = PublicKeyComponents::<Vec<u8>>::from(pair.public_key());
        let jwk = json!({
            "kty": "RSA", "kid": "r", "n": base64url::encode(components.n), "e": base64url::encode(components.e),
        });
        let keys = ProviderKeys::parse(json!({ "keys": [jwk] }).to_string().as_bytes()).unwrap();
        let token = token(&json!({ "alg": "RS256", "kid": "r" }), &good(), |bytes| {
            let mut signature = vec![0; pair.public_modulus_len()];
            let random = aws_lc_rs::rand::SystemRandom::new();
            pair.sign(&RSA_PKCS1_SHA256, &random, bytes, &mut signature).unwrap();
            signature
        });
        assert!(keys.verify(&token, &expected(&[IdTokenAlgorithm::Rs256])).is_ok());
        let refused = keys.verify(&token, &expected(&[IdTokenAlgorithm::Es256]));
        assert_eq!(refused, Err(IdTokenError::Algorithm));
    }
}
