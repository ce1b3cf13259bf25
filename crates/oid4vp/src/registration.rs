//! The registration certificate of whoever asks: what a registrar says that they may ask, as a signed token.
//! ETSI TS 119 475 V1.2.1 clause 5.2
//!
//! ```json
//! { "sub": "did:webvh:…", "iat": 1795176000, "exp": 1826712000, "credentials": [ {
//!     "format": "dc+sd-jwt", "meta": { "vct_values": ["urn:holdfast:vct:person-identification:1"] },
//!     "claim": [ {"path": ["age_over_18"]} ] } ] }
//! ```
//!
//! Whose keys sign such certificates is for the caller to know: neither `x5c` nor anything else of the token says so.

use jose::claims::{ClaimError, required_date, required_string};
use jose::strict_json::Limits;
use jose::{JwsError, UnixTime, UnverifiedJws, VerifyingKey};
use serde_json::{Map, Value};

use crate::{ClaimsPath, ClaimsPathError, DcqlError, Meta};

/// The type of the token. ETSI TS 119 475 Table 5
const TYP: &str = "rc-wrp+jwt";
/// Bytes of the longest one that is looked at.
const LONGEST: usize = 65_536;

/// A registration certificate as it was received.
#[derive(Clone, Debug)]
pub struct UnverifiedRegistration {
    jws: UnverifiedJws,
}

/// A registration certificate of the business that the caller meant, in force, and signed by a key that the caller
/// trusts for this. Made by [`UnverifiedRegistration::verify`] only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedRegistration {
    expires: UnixTime,
    credentials: Vec<RegisteredCredential>,
}

/// Cards of some types, and what may be asked of them. ETSI TS 119 475 Table 9
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisteredCredential {
    /// The types, any of them; none where the format is not known.
    pub types: Vec<String>,
    /// The claims; none: that a card is held may be asked, and nothing of it.
    pub claims: Vec<ClaimsPath>,
}

/// Why a registration certificate is not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegistrationError {
    /// It is longer than any is.
    #[error("it is too long")]
    TooLong,
    /// It is no signed token of this type.
    #[error(transparent)]
    Jws(#[from] JwsError),
    /// No key that may sign one signed it.
    #[error("nobody signed it who may")]
    Signature,
    /// A claim is missing, or not what it must be.
    #[error(transparent)]
    Claim(#[from] ClaimError),
    /// What may be asked is not written as it must be. Table 9
    #[error("what may be asked is malformed")]
    Credentials,
    /// It is about somebody else.
    #[error("it is of another business")]
    OtherBusiness,
    /// It has run out.
    #[error("it has run out")]
    Expired,
}

impl UnverifiedRegistration {
    /// Reads a compact token.
    ///
    /// # Errors
    /// [`RegistrationError::TooLong`], [`RegistrationError::Jws`]
    pub fn parse(text: &str) -> Result<Self, RegistrationError> {
        if text.len() > LONGEST {
            return Err(RegistrationError::TooLong);
        }
        let jws = UnverifiedJws::parse(text)?;
        Ok(Self { jws })
    }

    /// The chain of certificates of who says that they signed it; no key is taken from it here.
    pub fn dangerous_x5c(&self) -> Option<&Value> {
        self.jws.header().x5c()
    }

    /// Checks that one of these keys signed it, that it is of this business, and that it is in force.
    ///
    /// # Errors
    /// [`RegistrationError`]
    pub fn verify(
        self,
        keys: &[VerifyingKey],
        business: &str,
        now: UnixTime,
    ) -> Result<VerifiedRegistration, RegistrationError> {
        let mut signed = keys.iter().filter_map(|key| self.jws.clone().verify(key, TYP).ok());
        let signed = signed.next().ok_or(RegistrationError::Signature)?;
        let claims = signed.claims_within(&Limits::MESSAGE)?;
        if required_string(&claims, "sub")? != business {
            return Err(RegistrationError::OtherBusiness);
        }
        let expires = required_date(&claims, "exp")?;
        if expires <= now {
            return Err(RegistrationError::Expired);
        }
        Ok(VerifiedRegistration {
            expires,
            credentials: credentials(&claims)?,
        })
    }
}

impl VerifiedRegistration {
    /// It counts for nothing from then on.
    pub fn expires(&self) -> UnixTime {
        self.expires
    }

    /// What may be asked.
    pub fn credentials(&self) -> &[RegisteredCredential] {
        &self.credentials
    }
}

/// Table 9; none of them where the member is missing.
fn credentials(claims: &Map<String, Value>) -> Result<Vec<RegisteredCredential>, RegistrationError> {
    let listed: &[Value] = match claims.get("credentials") {
        None => &[],
        Some(listed) => listed.as_array().ok_or(RegistrationError::Credentials)?.as_slice(),
    };
    listed.iter().map(credential).collect()
}

fn credential(entry: &Value) -> Result<RegisteredCredential, RegistrationError> {
    let (Some(format), Some(meta)) = (
        entry.get("format").and_then(Value::as_str),
        entry.get("meta").and_then(Value::as_object),
    ) else {
        return Err(RegistrationError::Credentials);
    };
    let types = Meta::parse(format, meta)?;
    let types = types.type_names().into_iter().map(str::to_owned).collect();
    // The member is called `claim`. Annex B.2.9
    let paths: &[Value] = match entry.get("claim") {
        None => &[],
        Some(listed) => listed.as_array().ok_or(RegistrationError::Credentials)?.as_slice(),
    };
    let claims = paths.iter().map(|claim| {
        let path = claim.get("path").ok_or(RegistrationError::Credentials)?;
        Ok::<_, RegistrationError>(ClaimsPath::parse(path)?)
    });
    Ok(RegisteredCredential {
        types,
        claims: claims.collect::<Result<_, RegistrationError>>()?,
    })
}

impl From<DcqlError> for RegistrationError {
    fn from(_: DcqlError) -> Self {
        Self::Credentials
    }
}

impl From<ClaimsPathError> for RegistrationError {
    fn from(_: ClaimsPathError) -> Self {
        Self::Credentials
    }
}

#[cfg(test)]
mod tests {
    use jose::{JwsHeader, PrivateJwk, Signer, SigningKey, sign_compact};
    use serde_json::json;
    use test_case::test_case;
    use testkit::credential::key;

    use super::*;

    const NOW: UnixTime = 1_800_000_000;
    const SHOP: &str = "did:webvh:QmX:shop.example";

    fn signed(by: &PrivateJwk, typ: &str, payload: &Value) -> String {
        let signer = SigningKey::new(by).unwrap();
        let header = JwsHeader::new(signer.algorithm()).with_typ(typ);
        sign_compact(&header, payload.to_string().as_bytes(), &signer).unwrap()
    }

    fn payload() -> Value {
        json!({"sub": SHOP, "iat": NOW, "exp": NOW + 10, "credentials": [
            {"format": "dc+sd-jwt", "meta": {"vct_values": ["a", "b"]},
             "claim": [{"path": ["age_over_18"]}, {"path": ["address", "town"]}]}]})
    }

    fn verify(text: &str) -> Result<VerifiedRegistration, RegistrationError> {
        let keys = [key(3), key(8)].map(|key| VerifyingKey::new(key.public()).unwrap());
        UnverifiedRegistration::parse(text)?.verify(&keys, SHOP, NOW)
    }

    #[test]
    fn what_may_be_asked_is_read() {
        let verified = verify(&signed(&key(8), TYP, &payload())).unwrap();
        assert_eq!(verified.expires(), NOW + 10);
        let [card] = verified.credentials() else { panic!() };
        assert_eq!(card.types, ["a", "b"]);
        let claims: Vec<String> = card.claims.iter().map(ToString::to_string).collect();
        assert_eq!(claims, ["age_over_18", "address.town"]);
    }

    #[test]
    fn one_that_lists_nothing_allows_nothing() {
        let verified = verify(&signed(&key(8), TYP, &json!({"sub": SHOP, "exp": NOW + 1}))).unwrap();
        assert!(verified.credentials().is_empty());
    }

    #[test]
    fn another_key_and_another_type_are_refused() {
        for text in [signed(&key(9), TYP, &payload()), signed(&key(8), "JWT", &payload())] {
            assert!(matches!(verify(&text), Err(RegistrationError::Signature)));
        }
    }

    #[test_case("sub", json!("did:webvh:QmX:other.example") => matches Err(RegistrationError::OtherBusiness) ; "of another business")]
    #[test_case("sub", json!(7) => matches Err(RegistrationError::Claim(_)) ; "of a number")]
    #[test_case("exp", json!(NOW) => matches Err(RegistrationError::Expired) ; "that is over")]
    #[test_case("exp", json!("soon") => matches Err(RegistrationError::Claim(_)) ; "without a date")]
    #[test_case("credentials", json!({}) => matches Err(RegistrationError::Credentials) ; "no list")]
    #[test_case("credentials", json!([{}]) => matches Err(RegistrationError::Credentials) ; "no format")]
    #[test_case("credentials", json!([{"format": "dc+sd-jwt", "meta": {}}]) => matches Err(RegistrationError::Credentials) ; "no type")]
    #[test_case("credentials", json!([{"format": "x", "meta": {}, "claim": [{}]}]) => matches Err(RegistrationError::Credentials) ; "no path")]
    #[test_case("credentials", json!([{"format": "x", "meta": {}, "claim": [{"path": []}]}]) => matches Err(RegistrationError::Credentials) ; "an empty path")]
    fn refused(name: &str, value: Value) -> Result<VerifiedRegistration, RegistrationError> {
        let mut payload = payload();
        payload[name] = value;
        verify(&signed(&key(8), TYP, &payload))
    }

    #[test]
    fn one_that_is_too_long_is_not_looked_at() {
        let text = "e".repeat(LONGEST + 1);
        assert!(matches!(verify(&text), Err(RegistrationError::TooLong)));
    }
}
