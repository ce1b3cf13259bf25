//! Who certifies the issuers that a verifier accepts. OpenID4VP 1.0 §6.1.1
//!
//! ```json
//! { "type": "aki", "values": ["s9tIpPmhxdiuNkHMEWNpYim8S8Y"] }
//! ```
//!
//! What a credential itself says about its authorities comes in as
//! [`Authority`] values, so that nothing has to be fetched to compare. A type
//! for which nobody offers such values matches no credential: whoever cannot
//! tell that a condition holds does not act as if it did.

use std::fmt;

use jose::base64url;

/// What kind of identifier names an authority. OpenID4VP 1.0 §6.1.1.1 to §6.1.1.3
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AuthorityType {
    /// `aki`: the key identifier of an authority in the credential's certificate chain.
    KeyIdentifier,
    /// `etsi_tl`: a trusted list of ETSI TS 119 612.
    EtsiTrustedList,
    /// `openid_federation`: an entity of a federation.
    OpenIdFederation,
    /// A type that another specification defines.
    Other(String),
}

/// One condition on who certifies the issuer. OpenID4VP 1.0 §6.1.1
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedAuthority {
    pub(crate) kind: AuthorityType,
    pub(crate) values: Vec<String>,
}

/// An authority behind a credential, as far as the credential itself shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    kind: AuthorityType,
    value: String,
}

impl TrustedAuthority {
    /// What kind of identifier the values are.
    pub fn kind(&self) -> &AuthorityType {
        &self.kind
    }

    /// The values of which one must match.
    pub fn values(&self) -> &[String] {
        &self.values
    }

    /// Whether one of these authorities is meant.
    pub(super) fn matches(&self, authorities: &[Authority]) -> bool {
        authorities
            .iter()
            .any(|authority| authority.kind == self.kind && self.values.contains(&authority.value))
    }
}

impl Authority {
    /// An authority by an identifier in the form in which queries name it.
    pub fn new(kind: AuthorityType, value: impl Into<String>) -> Self {
        Self {
            kind,
            value: value.into(),
        }
    }

    /// The authority whose key has this identifier: the `KeyIdentifier` of an
    /// `AuthorityKeyIdentifier` in the credential's certificate chain.
    /// OpenID4VP 1.0 §6.1.1.1, RFC 5280 §4.2.1.1
    pub fn of_key(identifier: &[u8]) -> Self {
        Self::new(AuthorityType::KeyIdentifier, base64url::encode(identifier))
    }
}

impl AuthorityType {
    pub(super) fn parse(text: &str) -> Self {
        match text {
            "aki" => Self::KeyIdentifier,
            "etsi_tl" => Self::EtsiTrustedList,
            "openid_federation" => Self::OpenIdFederation,
            other => Self::Other(other.to_owned()),
        }
    }

    /// The type identifier on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::KeyIdentifier => "aki",
            Self::EtsiTrustedList => "etsi_tl",
            Self::OpenIdFederation => "openid_federation",
            Self::Other(text) => text,
        }
    }
}

impl fmt::Display for AuthorityType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_read_back() {
        for text in ["aki", "etsi_tl", "openid_federation", "x"] {
            assert_eq!(AuthorityType::parse(text).to_string(), text);
        }
    }

    #[test]
    fn type_and_value_must_match() {
        let asked = |kind: AuthorityType| TrustedAuthority {
            kind,
            values: vec!["AQID".to_owned(), "https://list.example".to_owned()],
        };
        let held = [Authority::of_key(&[1, 2, 3])];
        assert!(asked(AuthorityType::KeyIdentifier).matches(&held));
        assert!(!asked(AuthorityType::EtsiTrustedList).matches(&held));
        assert!(!asked(AuthorityType::KeyIdentifier).matches(&[Authority::of_key(&[1, 2])]));
        assert!(!asked(AuthorityType::KeyIdentifier).matches(&[]));
    }
}
