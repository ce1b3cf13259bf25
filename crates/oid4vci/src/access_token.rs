//! The `Authorization` header of a request made with an access token. RFC 6750 §2.1, RFC 9449 §7.1

use crate::error_code::AuthorizationErrorCode;

/// An access token presented under the DPoP scheme.
#[derive(Clone, PartialEq, Eq)]
pub struct PresentedToken(String);

impl PresentedToken {
    /// Reads the header. Only the `DPoP` scheme is taken: a bound token sent as `Bearer` has lost its proof.
    pub fn parse(header: Option<&str>) -> Result<Self, AccessTokenError> {
        let header = header.ok_or(AccessTokenError::Missing)?;
        let (scheme, token) = header.split_once(' ').ok_or(AccessTokenError::Malformed)?;
        if scheme.eq_ignore_ascii_case("bearer") {
            return Err(AccessTokenError::Downgraded);
        }
        if !scheme.eq_ignore_ascii_case("dpop") {
            return Err(AccessTokenError::Missing);
        }
        let token = token.trim_start_matches(' ');
        if token.is_empty() || !token.bytes().all(is_token68) {
            return Err(AccessTokenError::Malformed);
        }
        Ok(Self(token.to_owned()))
    }

    /// The token itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for PresentedToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PresentedToken(…)")
    }
}

/// `token68` of RFC 9110 §11.2.
fn is_token68(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte)
}

/// Why there is no usable access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AccessTokenError {
    /// No header, or another authentication scheme.
    #[error("no access token")]
    Missing,
    /// The header is not a scheme and a token.
    #[error("the Authorization header is malformed")]
    Malformed,
    /// A DPoP-bound token presented as a bearer token. RFC 9449 §7.2
    #[error("a bound access token was presented as a bearer token")]
    Downgraded,
}

impl AccessTokenError {
    /// The code on the wire; none when no authentication was tried. RFC 6750 §3.1
    #[must_use]
    pub const fn code(self) -> Option<AuthorizationErrorCode> {
        match self {
            Self::Missing => None,
            Self::Malformed | Self::Downgraded => Some(AuthorizationErrorCode::InvalidToken),
        }
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case(None => Err(AccessTokenError::Missing) ; "none")]
    #[test_case(Some("Basic abc") => Err(AccessTokenError::Missing) ; "basic")]
    #[test_case(Some("Bearer abc") => Err(AccessTokenError::Downgraded) ; "bearer")]
    #[test_case(Some("DPoP") => Err(AccessTokenError::Malformed) ; "no token")]
    #[test_case(Some("DPoP ") => Err(AccessTokenError::Malformed) ; "empty token")]
    #[test_case(Some("DPoP a b") => Err(AccessTokenError::Malformed) ; "two tokens")]
    #[test_case(Some("DPoP abc-1") => Ok("abc-1".to_owned()) ; "dpop")]
    #[test_case(Some("dpop abc-1") => Ok("abc-1".to_owned()) ; "the scheme has no case")]
    fn header(text: Option<&str>) -> Result<String, AccessTokenError> {
        PresentedToken::parse(text).map(|token| token.as_str().to_owned())
    }
}
