//! DID and DID URL syntax. DID Core 1.0 §3.1 and §3.2.

use std::fmt;
use std::str::FromStr;

use jose::{OverBudget, Work};
use serde::{Deserialize, Serialize};

use crate::budget;

/// A bare DID: no path, query or fragment. DID Core 1.0 §3.1.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Did(String);

impl Did {
    /// The DID as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The method name, `webvh` of `did:webvh:…`.
    #[must_use]
    pub fn method(&self) -> &str {
        self.0.split(':').nth(1).unwrap_or_default()
    }

    /// What follows the method name and its colon.
    #[must_use]
    pub fn method_specific_id(&self) -> &str {
        self.0.splitn(3, ':').nth(2).unwrap_or_default()
    }

    /// The DID URL of a verification method of this DID.
    ///
    /// # Errors
    /// [`DidSyntaxError::Fragment`] where `fragment` holds a character no fragment may have.
    pub fn with_fragment(&self, fragment: &str) -> Result<DidUrl, DidSyntaxError> {
        format!("{self}#{fragment}").parse()
    }
}

impl FromStr for Did {
    type Err = DidSyntaxError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        budget::NAME.clone().spend(Work::Bytes, text.len())?;
        if text.contains(['/', '?', '#']) {
            return Err(DidSyntaxError::DidUrl);
        }
        let rest = text.strip_prefix("did:").ok_or(DidSyntaxError::Scheme)?;
        let (method, id) = rest.split_once(':').ok_or(DidSyntaxError::Method)?;
        if method.is_empty() || !method.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()) {
            return Err(DidSyntaxError::Method);
        }
        // `method-specific-id = *( *idchar ":" ) 1*idchar`: the last part is never empty.
        if id.is_empty() || id.ends_with(':') || !is_idchars(id, b":") {
            return Err(DidSyntaxError::MethodSpecificId);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Did {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Did {
    type Error = DidSyntaxError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Did> for String {
    fn from(did: Did) -> Self {
        did.0
    }
}

/// A DID with a fragment: the name of a verification method. DID Core 1.0 §3.2.
///
/// Paths and queries are refused: nothing in Holdfast names a key by them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DidUrl {
    did: Did,
    fragment: String,
}

impl DidUrl {
    /// The DID before the `#`.
    #[must_use]
    pub fn did(&self) -> &Did {
        &self.did
    }

    /// What follows the `#`, without it.
    #[must_use]
    pub fn fragment(&self) -> &str {
        &self.fragment
    }
}

impl FromStr for DidUrl {
    type Err = DidSyntaxError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (did, fragment) = text.split_once('#').ok_or(DidSyntaxError::Fragment)?;
        if fragment.is_empty() || !is_idchars(fragment, b":/?@!$&'()*+,;=~") {
            return Err(DidSyntaxError::Fragment);
        }
        Ok(Self {
            did: did.parse()?,
            fragment: fragment.to_owned(),
        })
    }
}

impl fmt::Display for DidUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.did, self.fragment)
    }
}

/// Why a text is not a DID or DID URL. DID Core 1.0 §3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DidSyntaxError {
    /// Longer than [`budget::NAME`] allows.
    #[error(transparent)]
    OverBudget(#[from] OverBudget),
    /// It does not begin with `did:`. DID Core 1.0 §3.1.
    #[error("not a DID: no `did:`")]
    Scheme,
    /// The method name is missing or not lower-case letters and digits. DID Core 1.0 §3.1.
    #[error("the DID method name is malformed")]
    Method,
    /// The method-specific identifier is empty or holds a character or a broken
    /// percent-encoding that no DID may have. DID Core 1.0 §3.1.
    #[error("the method-specific identifier is malformed")]
    MethodSpecificId,
    /// A path, query or fragment where a bare DID is needed. DID Core 1.0 §3.2.
    #[error("a DID URL stands where a bare DID is needed")]
    DidUrl,
    /// The fragment is missing, empty or malformed. DID Core 1.0 §3.2.
    #[error("the fragment is missing or malformed")]
    Fragment,
}

/// Whether `text` is `idchar`s, valid percent-encodings included, or of `extra`.
fn is_idchars(text: &str, extra: &[u8]) -> bool {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        at += match byte {
            b'%' => match (bytes.get(at + 1), bytes.get(at + 2)) {
                (Some(a), Some(b)) if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => 3,
                _ => return false,
            },
            b'.' | b'-' | b'_' => 1,
            _ if byte.is_ascii_alphanumeric() || extra.contains(&byte) => 1,
            _ => return false,
        };
    }
    true
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use test_case::test_case;

    use super::*;

    #[test_case("did:example:123" => None; "plain")]
    #[test_case("did:web:example.com%3A3000:a" => None; "percent encoded")]
    #[test_case("DID:example:123" => Some(DidSyntaxError::Scheme); "scheme upper case")]
    #[test_case("example:123" => Some(DidSyntaxError::Scheme); "no scheme")]
    #[test_case("did:example" => Some(DidSyntaxError::Method); "no method specific id")]
    #[test_case("did:Example:1" => Some(DidSyntaxError::Method); "method upper case")]
    #[test_case("did:example:" => Some(DidSyntaxError::MethodSpecificId); "empty id")]
    #[test_case("did:example:a:" => Some(DidSyntaxError::MethodSpecificId); "ends with colon")]
    #[test_case("did:example:a%2" => Some(DidSyntaxError::MethodSpecificId); "cut percent")]
    #[test_case("did:example:納" => Some(DidSyntaxError::MethodSpecificId); "not ascii")]
    #[test_case("did:example:a#k" => Some(DidSyntaxError::DidUrl); "fragment")]
    #[test_case("did:example:a/b" => Some(DidSyntaxError::DidUrl); "path")]
    fn did(text: &str) -> Option<DidSyntaxError> {
        text.parse::<Did>().err()
    }

    #[test]
    fn a_did_over_the_limit_is_refused() {
        let longest = format!("did:example:{}", "a".repeat(budget::NAME.allowed(Work::Bytes) - 12));
        assert_eq!(longest.parse::<Did>().err(), None);
        let refused = Err(DidSyntaxError::OverBudget(OverBudget(Work::Bytes)));
        assert_eq!(format!("{longest}a").parse::<Did>(), refused);
    }

    #[test_case("did:example:1#key-1" => None; "good")]
    #[test_case("did:example:1" => Some(DidSyntaxError::Fragment); "none")]
    #[test_case("did:example:1#" => Some(DidSyntaxError::Fragment); "empty")]
    #[test_case("did:example:1#a#b" => Some(DidSyntaxError::Fragment); "two")]
    #[test_case("did:example:1?x#a" => Some(DidSyntaxError::DidUrl); "query")]
    fn did_url(text: &str) -> Option<DidSyntaxError> {
        text.parse::<DidUrl>().err()
    }

    proptest! {
        #[test]
        fn a_parsed_did_prints_as_it_was_read(text in "did:[a-z0-9]{1,6}:[ -~]{0,24}") {
            if let Ok(did) = text.parse::<Did>() {
                prop_assert_eq!(did.to_string(), text);
            }
        }

        #[test]
        fn parsing_never_panics(text in ".{0,64}") {
            let _ = text.parse::<Did>();
            let _ = text.parse::<DidUrl>();
        }
    }
}
