//! Signed Credential Issuer Metadata. OpenID4VCI 1.0 §12.2.3

use jose::claims::{self, ClaimError};
use jose::strict_json::Limits;
use jose::{JwsError, JwsHeader, SignError, Signer, UnixTime, UnverifiedJws, VerifyingKey, sign_compact};
use serde_json::{Map, Value};

use super::issuer::{IssuerMetadata, IssuerMetadataError};
use crate::identifier::{Identifier, Transport};
use crate::key_proof::AHEAD;

/// `typ` of signed metadata. OpenID4VCI 1.0 §12.2.3
const TYP: &str = "openidvci-issuer-metadata+jwt";

/// Signs metadata: its parameters become top-level claims. `header` names the signer's key, `signer_name` the signer.
pub fn sign_issuer_metadata(
    metadata: &Map<String, Value>,
    signer_name: &str,
    header: JwsHeader,
    signer: &dyn Signer,
    now: UnixTime,
    expires_at: UnixTime,
) -> Result<String, SignError> {
    let mut claims = metadata.clone();
    let subject = claims.get("credential_issuer").cloned().unwrap_or_default();
    claims.insert("iss".to_owned(), signer_name.into());
    claims.insert("sub".to_owned(), subject);
    claims.insert("iat".to_owned(), now.into());
    claims.insert("exp".to_owned(), expires_at.into());
    let payload = Value::Object(claims).to_string();
    sign_compact(&header.with_typ(TYP), payload.as_bytes(), signer)
}

/// Signed metadata that nobody has verified.
#[derive(Clone, Debug)]
pub struct UnverifiedSignedMetadata(UnverifiedJws);

impl UnverifiedSignedMetadata {
    /// Takes it apart.
    pub fn parse(bytes: &[u8]) -> Result<Self, SignedMetadataError> {
        let text = std::str::from_utf8(bytes).map_err(|_| JwsError::NotThreeParts)?;
        Ok(Self(UnverifiedJws::parse(text)?))
    }

    /// The header: hints for finding the key that policy trusts.
    #[must_use]
    pub fn header(&self) -> &JwsHeader {
        self.0.header()
    }

    /// Verifies it with a key that the wallet trusts to sign for this issuer, and reads the metadata.
    pub fn verify(
        self,
        key: &VerifyingKey,
        asked: &Identifier,
        transport: Transport,
        now: UnixTime,
    ) -> Result<IssuerMetadata, SignedMetadataError> {
        let verified = self.0.verify(key, TYP)?;
        let claims = verified.claims_within(&Limits::METADATA)?;
        if claims::required_string(&claims, "sub")? != asked.as_str() {
            return Err(SignedMetadataError::Subject);
        }
        if claims::required_date(&claims, "iat")? > now.saturating_add(AHEAD) {
            return Err(SignedMetadataError::IssuedAt);
        }
        if claims::numeric_date(&claims, "exp")?.is_some_and(|exp| exp <= now) {
            return Err(SignedMetadataError::Expired);
        }
        Ok(IssuerMetadata::parse(verified.payload(), asked, transport)?)
    }
}

/// Why signed metadata is refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SignedMetadataError {
    /// Not a JWS of the right type whose signature holds.
    #[error(transparent)]
    Jws(#[from] JwsError),
    /// A claim is missing or of the wrong type.
    #[error(transparent)]
    Claim(#[from] ClaimError),
    /// `sub` is not the issuer that was asked.
    #[error("the metadata is signed for another issuer")]
    Subject,
    /// `iat` lies ahead.
    #[error("the metadata is from a time ahead")]
    IssuedAt,
    /// Its time is over.
    #[error("the signed metadata has expired")]
    Expired,
    /// The metadata itself breaks a rule.
    #[error(transparent)]
    Metadata(#[from] IssuerMetadataError),
}

#[cfg(test)]
mod tests {
    use jose::{PrivateJwk, SigningKey};
    use serde_json::json;
    use test_case::test_case;

    use super::*;

    const NOW: UnixTime = 1_800_000_000;
    const ID: &str = "https://issuer.example";

    fn key(seed: u8) -> SigningKey {
        SigningKey::new(&PrivateJwk::generate_p256(&mut |out: &mut [u8]| out.fill(seed))).unwrap()
    }

    fn metadata() -> Map<String, Value> {
        let metadata = json!({
            "credential_issuer": ID,
            "credential_endpoint": "https://issuer.example/credential",
            "credential_configurations_supported": {},
        });
        metadata.as_object().unwrap().clone()
    }

    fn header(key: &SigningKey) -> JwsHeader {
        JwsHeader::new(key.algorithm()).with_kid("did:example:1#1")
    }

    fn verify(compact: &str, asked: &str, now: UnixTime) -> Result<IssuerMetadata, SignedMetadataError> {
        let key = VerifyingKey::new(key(1).public_jwk()).unwrap();
        let asked = Identifier::parse(asked, Transport::Https).unwrap();
        UnverifiedSignedMetadata::parse(compact.as_bytes())?.verify(&key, &asked, Transport::Https, now)
    }

    #[test]
    fn what_is_signed_here_verifies_until_it_expires() {
        let signed =
            sign_issuer_metadata(&metadata(), "did:example:1", header(&key(1)), &key(1), NOW, NOW + 60).unwrap();
        let parsed = UnverifiedSignedMetadata::parse(signed.as_bytes()).unwrap();
        assert_eq!(parsed.header().kid(), Some("did:example:1#1"));
        assert_eq!(verify(&signed, ID, NOW).unwrap().credential_issuer.as_str(), ID);
        assert_eq!(verify(&signed, ID, NOW + 60), Err(SignedMetadataError::Expired));
        assert_eq!(verify(&signed, ID, NOW - 61), Err(SignedMetadataError::IssuedAt));
        let refused = verify(&signed, "https://other.example", NOW);
        assert_eq!(refused, Err(SignedMetadataError::Subject));
        let foreign = sign_issuer_metadata(&metadata(), "x", header(&key(2)), &key(2), NOW, NOW + 60).unwrap();
        assert!(matches!(
            verify(&foreign, ID, NOW),
            Err(SignedMetadataError::Jws(JwsError::Signature(_)))
        ));
    }

    #[test_case("openid4vci-proof+jwt", |_| () => SignedMetadataError::Jws(JwsError::WrongType) ; "other type")]
    #[test_case(TYP, |c| { c.remove("iat"); } => SignedMetadataError::Claim(ClaimError::Missing("iat")) ; "no iat")]
    #[test_case(TYP, |c| { c.remove("sub"); } => SignedMetadataError::Claim(ClaimError::Missing("sub")) ; "no sub")]
    #[test_case(TYP, |c| { c.insert("credential_issuer".to_owned(), json!("https://evil.example")); }
        => SignedMetadataError::Metadata(IssuerMetadataError::OtherIssuer) ; "metadata of another")]
    fn refused(typ: &str, change: fn(&mut Map<String, Value>)) -> SignedMetadataError {
        let mut claims = metadata();
        claims.insert("sub".to_owned(), ID.into());
        claims.insert("iat".to_owned(), NOW.into());
        change(&mut claims);
        let payload = Value::Object(claims).to_string();
        let signed = sign_compact(&header(&key(1)).with_typ(typ), payload.as_bytes(), &key(1)).unwrap();
        verify(&signed, ID, NOW).unwrap_err()
    }
}
