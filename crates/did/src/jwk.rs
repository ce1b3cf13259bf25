//! did:jwk: the DID is a public JWK in base64url. did:jwk specification.

use jose::{PublicJwk, base64url, strict_json};

use crate::syntax::Did;

/// The public key of a `did:jwk`; its one verification method is `#0`.
///
/// # Errors
/// Each broken rule is a variant of [`JwkDidError`].
pub fn public_key(did: &Did) -> Result<PublicJwk, JwkDidError> {
    if did.method() != "jwk" {
        return Err(JwkDidError::Method);
    }
    let bytes = base64url::decode(did.method_specific_id()).map_err(|_| JwkDidError::Encoding)?;
    let json = strict_json::parse(&bytes, &strict_json::Limits::MESSAGE).map_err(|_| JwkDidError::Json)?;
    PublicJwk::parse(&json).map_err(|_| JwkDidError::Key)
}

/// The `did:jwk` of a public key.
///
/// # Errors
/// [`JwkDidError::Json`] where the key cannot be written.
pub fn from_public_key(key: &PublicJwk) -> Result<Did, JwkDidError> {
    let json = serde_json::to_vec(&key.to_value()).map_err(|_| JwkDidError::Json)?;
    format!("did:jwk:{}", base64url::encode(json))
        .parse()
        .map_err(|_| JwkDidError::Encoding)
}

/// Why a DID is no usable `did:jwk`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JwkDidError {
    /// Not `did:jwk:…`.
    #[error("not a did:jwk")]
    Method,
    /// Not canonical base64url.
    #[error("the identifier is not base64url")]
    Encoding,
    /// Not strict JSON.
    #[error("the identifier does not hold JSON")]
    Json,
    /// Not a public key of a kind in use; a private key is refused.
    #[error("the identifier does not hold a public key")]
    Key,
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use test_case::test_case;

    use super::*;

    /// The P-256 example of the specification.
    const EXAMPLE: &str = "did:jwk:eyJjcnYiOiJQLTI1NiIsImt0eSI6IkVDIiwieCI6ImFjYklRaXVNczNpOF91c3pFakoydHBUdFJNNEVVM3l6OTFQSDZDZEgyVjAiLCJ5IjoiX0tjeUxqOXZXTXB0bm1LdG00NkdxRHo4d2Y3NEk1TEtncmwyR3pIM25TRSJ9";

    #[test]
    fn the_example_of_the_specification_reads_back() {
        let key = public_key(&EXAMPLE.parse().unwrap()).unwrap();
        assert_eq!(public_key(&from_public_key(&key).unwrap()).unwrap(), key);
    }

    fn did(json: &serde_json::Value) -> Did {
        format!("did:jwk:{}", base64url::encode(json.to_string()))
            .parse()
            .unwrap()
    }

    #[test_case("did:key:abc".parse().unwrap() => JwkDidError::Method; "another method")]
    #[test_case("did:jwk:a".parse().unwrap() => JwkDidError::Encoding; "not base64url")]
    #[test_case("did:jwk:AAAA".parse().unwrap() => JwkDidError::Json; "not json")]
    #[test_case(did(&json!({"kty": "RSA"})) => JwkDidError::Key; "another kind")]
    #[test_case(did(&json!({"crv":"P-256","kty":"EC","d":"acbIQiuMs3i8_uszEjJ2tpTtRM4EU3yz91PH6CdH2V0","x":"acbIQiuMs3i8_uszEjJ2tpTtRM4EU3yz91PH6CdH2V0","y":"_KcyLj9vWMptnmKtm46GqDz8wf74I5LKgrl2GzH3nSE"})) => JwkDidError::Key; "private")]
    fn refused(did: Did) -> JwkDidError {
        public_key(&did).unwrap_err()
    }
}
