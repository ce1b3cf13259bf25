use std::fmt;

/// A signature algorithm that is accepted anywhere in Holdfast.
///
/// The list is closed: `none`, the MACs and RSA have no value here. RFC 7518 §3.4, RFC 8037 §3.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// ECDSA with P-256 and SHA-256, signature as `r || s`. RFC 7518 §3.4.
    Es256,
    /// Ed25519. RFC 8037 §3.1.
    EdDsa,
}

impl Algorithm {
    /// The value of the `alg` header.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }

    /// Reads an `alg` value; `None` for everything outside the list.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "ES256" => Some(Self::Es256),
            "EdDSA" => Some(Self::EdDsa),
            _ => None,
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
