//! Proof Key for Code Exchange, with `S256` and nothing else. RFC 7636, HAIP 1.0 §4

use jose::{RandomSource, base64url};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The method that is taken.
pub(crate) const S256: &str = "S256";

/// The secret that stays with the wallet until it redeems its code. RFC 7636 §4.1
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PkceVerifier(String);

impl PkceVerifier {
    /// A fresh verifier: 256 random bits.
    #[must_use]
    pub fn generate(random: &mut dyn RandomSource) -> Self {
        let mut bytes = [0_u8; 32];
        random.fill(&mut bytes);
        Self(base64url::encode(bytes))
    }

    /// As it is sent in the token request.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is sent ahead in the authorization request. RFC 7636 §4.2
    #[must_use]
    pub fn challenge(&self) -> PkceChallenge {
        PkceChallenge::of(&self.0)
    }
}

impl std::fmt::Debug for PkceVerifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PkceVerifier(…)")
    }
}

/// `code_challenge`: the hash of a verifier. RFC 7636 §4.2
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PkceChallenge(String);

impl PkceChallenge {
    fn of(verifier: &str) -> Self {
        Self(base64url::encode(Sha256::digest(verifier.as_bytes())))
    }

    /// Reads challenge and method of a request. A missing method means `plain`, which is refused. RFC 7636 §4.3
    pub fn parse(challenge: Option<&str>, method: Option<&str>) -> Result<Self, PkceError> {
        let challenge = challenge.ok_or(PkceError::Missing)?;
        if method != Some(S256) {
            return Err(PkceError::Method);
        }
        match base64url::decode(challenge) {
            Ok(bytes) if bytes.len() == 32 => Ok(Self(challenge.to_owned())),
            _ => Err(PkceError::Malformed),
        }
    }

    /// As it is sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the challenge of a verifier. RFC 7636 §4.6
    #[must_use]
    pub fn is_of(&self, verifier: &str) -> bool {
        let computed = Self::of(verifier);
        is_verifier(verifier) && bool::from(computed.0.as_bytes().ct_eq(self.0.as_bytes()))
    }
}

/// RFC 7636 §4.1: 43 to 128 unreserved characters.
fn is_verifier(text: &str) -> bool {
    (43..=128).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}

/// Why a challenge is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PkceError {
    /// No `code_challenge`. RFC 7636 §4.4.1
    #[error("no code_challenge")]
    Missing,
    /// `plain`, another method, or none, which means `plain`. RFC 7636 §4.3
    #[error("code_challenge_method is not S256")]
    Method,
    /// Not the hash of anything. RFC 7636 §4.2
    #[error("code_challenge is not a SHA-256 hash")]
    Malformed,
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    /// RFC 7636 Appendix B
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn the_example_of_the_rfc() {
        let challenge = PkceChallenge::parse(Some(CHALLENGE), Some("S256")).unwrap();
        assert!(challenge.is_of(VERIFIER));
        assert!(!challenge.is_of(&VERIFIER.replace('d', "e")));
        assert_eq!(PkceVerifier(VERIFIER.to_owned()).challenge(), challenge);
    }

    #[test_case(None, Some("S256") => PkceError::Missing ; "missing")]
    #[test_case(Some(CHALLENGE), Some("plain") => PkceError::Method ; "plain")]
    #[test_case(Some(CHALLENGE), None => PkceError::Method ; "no method means plain")]
    #[test_case(Some(CHALLENGE), Some("s256") => PkceError::Method ; "a method has a case")]
    #[test_case(Some("abc"), Some("S256") => PkceError::Malformed ; "too short")]
    #[test_case(Some("dBjftJeZ4CVP+mB92K27uhbUJU1p1r_wW1gFWFOEjXk"), Some("S256") => PkceError::Malformed ; "other alphabet")]
    fn h5_core_refused(challenge: Option<&str>, method: Option<&str>) -> PkceError {
        PkceChallenge::parse(challenge, method).unwrap_err()
    }

    #[test]
    fn a_verifier_that_is_too_short_is_none_even_if_it_hashes_right() {
        let challenge = PkceChallenge::of("short");
        assert!(!challenge.is_of("short"));
    }

    #[test]
    fn a_fresh_verifier_is_one_and_is_not_shown() {
        let verifier = PkceVerifier::generate(&mut |out: &mut [u8]| out.fill(7));
        assert!(is_verifier(verifier.as_str()) && verifier.challenge().is_of(verifier.as_str()));
        assert!(!format!("{verifier:?}").contains(verifier.as_str()));
    }
}
