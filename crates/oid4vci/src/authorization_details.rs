//! `authorization_details` of type `openid_credential`. OpenID4VCI 1.0 §5.1.1, RFC 9396

use jose::strict_json::{self, Limits, StrictJsonError};
use serde::{Deserialize, Serialize};

use crate::metadata::PathElement;

/// The value of `type`.
const OPENID_CREDENTIAL: &str = "openid_credential";

/// One object of `authorization_details`: the wish for one kind of credential, and in a token response what was granted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationDetail {
    #[serde(rename = "type")]
    kind: String,
    /// The credential configuration asked for.
    pub credential_configuration_id: String,
    /// The claims asked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub claims: Option<Vec<RequestedClaim>>,
    /// The Credential Issuer, when the authorization server protects several.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub locations: Option<Vec<String>>,
    /// In a token response: the credential datasets granted. OpenID4VCI 1.0 §6.2
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub credential_identifiers: Option<Vec<String>>,
}

/// A claim the wallet asks for. OpenID4VCI 1.0 Appendix B.1
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestedClaim {
    /// Where the claim is.
    pub path: Vec<PathElement>,
    /// Whether only a credential with this claim is accepted.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub mandatory: bool,
}

impl AuthorizationDetail {
    /// The wish for one kind of credential.
    #[must_use]
    pub fn new(credential_configuration_id: &str) -> Self {
        Self {
            kind: OPENID_CREDENTIAL.to_owned(),
            credential_configuration_id: credential_configuration_id.to_owned(),
            claims: None,
            locations: None,
            credential_identifiers: None,
        }
    }

    /// Parses the JSON array. OpenID4VCI 1.0 §5.1.1
    pub fn parse_array(bytes: &[u8]) -> Result<Vec<Self>, AuthorizationDetailsError> {
        let details: Vec<Self> = strict_json::from_slice(bytes, &Limits::MESSAGE)?;
        if details.is_empty() {
            return Err(AuthorizationDetailsError::Empty);
        }
        for detail in &details {
            detail.check()?;
        }
        Ok(details)
    }

    pub(crate) fn check(&self) -> Result<(), AuthorizationDetailsError> {
        if self.kind != OPENID_CREDENTIAL {
            return Err(AuthorizationDetailsError::Type);
        }
        if self
            .claims
            .as_ref()
            .is_some_and(|claims| claims.is_empty() || claims.iter().any(|c| c.path.is_empty()))
        {
            return Err(AuthorizationDetailsError::NoClaims);
        }
        if self.credential_identifiers.as_ref().is_some_and(Vec::is_empty) {
            return Err(AuthorizationDetailsError::NoIdentifiers);
        }
        Ok(())
    }
}

/// Why `authorization_details` is refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorizationDetailsError {
    /// Not strict JSON, or a required field is missing.
    #[error("not authorization_details: {0}")]
    Json(#[from] StrictJsonError),
    /// The array is empty.
    #[error("authorization_details is empty")]
    Empty,
    /// Another type than `openid_credential`.
    #[error("the type is not openid_credential")]
    Type,
    /// `claims`, or a path in it, is present and empty.
    #[error("claims or a claims path is empty")]
    NoClaims,
    /// `credential_identifiers` is present and empty.
    #[error("credential_identifiers is empty")]
    NoIdentifiers,
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("[]" => AuthorizationDetailsError::Empty ; "empty")]
    #[test_case(r#"[{"type":"x","credential_configuration_id":"a"}]"# => AuthorizationDetailsError::Type ; "other type")]
    #[test_case(r#"[{"type":"openid_credential","credential_configuration_id":"a","claims":[]}]"# => AuthorizationDetailsError::NoClaims ; "no claims")]
    #[test_case(r#"[{"type":"openid_credential","credential_configuration_id":"a","claims":[{"path":[]}]}]"# => AuthorizationDetailsError::NoClaims ; "empty path")]
    #[test_case(r#"[{"type":"openid_credential","credential_configuration_id":"a","credential_identifiers":[]}]"# => AuthorizationDetailsError::NoIdentifiers ; "no identifiers")]
    fn refused(text: &str) -> AuthorizationDetailsError {
        AuthorizationDetail::parse_array(text.as_bytes()).unwrap_err()
    }

    #[test]
    fn a_wish_comes_back_as_written() {
        let wish = vec![AuthorizationDetail::new("card")];
        let text = serde_json::to_vec(&wish).unwrap();
        assert_eq!(AuthorizationDetail::parse_array(&text).unwrap(), wish);
    }
}
