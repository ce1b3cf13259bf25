//! A link that names an ecosystem: where its trust pack is, and which one it must be. docs/ledger.md §9.3
//!
//! ```text
//! holdfast-ecosystem://add?pack=https%3A%2F%2Fledger.example%2Fabout%2Ftrust-pack.json&sha256=9c1e…
//! https://ledger.example/about/trust-pack.json#sha256=9c1e…
//! ```

use std::fmt::{self, Write as _};
use std::str::FromStr;

use thiserror::Error;
use url::{Url, form_urlencoded};

use crate::hash::Hash;

const SCHEME: &str = "holdfast-ecosystem";
/// Bytes of a link; more does not fit into a code that a camera reads.
const LONGEST: usize = 2000;

/// A link to a trust pack. What is found there counts only where its hash is that of the link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EcosystemLink {
    pack: Url,
    sha256: Hash,
}

/// Why a text is no link to a trust pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EcosystemLinkError {
    /// No link of either form.
    #[error("this is no link to an ecosystem")]
    Form,
    /// A member is missing, there twice, or unknown.
    #[error("the link does not say exactly a trust pack and its hash")]
    Member,
    /// The hash is not 64 lower-case hexadecimal digits.
    #[error("the link names no hash")]
    Hash,
    /// The address of the pack is none of the web, or holds a user or a fragment.
    #[error("the link names no address of a trust pack")]
    Address,
}

impl EcosystemLink {
    /// A link to the pack at an address.
    ///
    /// # Errors
    /// [`EcosystemLinkError::Address`]
    pub fn new(pack: Url, sha256: Hash) -> Result<Self, EcosystemLinkError> {
        let is_web = matches!(pack.scheme(), "https" | "http") && pack.has_host();
        let is_plain = pack.username().is_empty() && pack.password().is_none() && pack.fragment().is_none();
        match is_web && is_plain {
            true => Ok(Self { pack, sha256 }),
            false => Err(EcosystemLinkError::Address),
        }
    }

    /// Where the pack is.
    pub fn pack(&self) -> &Url {
        &self.pack
    }

    /// SHA-256 that the pack object must have, as a policy entry anchors it.
    pub fn sha256(&self) -> &Hash {
        &self.sha256
    }

    /// The same as an address that a browser opens too. The hash is not sent to the server.
    pub fn to_web(&self) -> String {
        format!("{}#sha256={}", self.pack, hex(&self.sha256))
    }

    fn of_own_scheme(url: &Url) -> Result<Self, EcosystemLinkError> {
        if url.host_str() != Some("add") || !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err(EcosystemLinkError::Form);
        }
        let (mut pack, mut sha256) = (None, None);
        for (name, value) in url.query_pairs() {
            let place = match name.as_ref() {
                "pack" => &mut pack,
                "sha256" => &mut sha256,
                _ => return Err(EcosystemLinkError::Member),
            };
            if place.replace(value.into_owned()).is_some() {
                return Err(EcosystemLinkError::Member);
            }
        }
        let (Some(pack), Some(sha256)) = (pack, sha256) else {
            return Err(EcosystemLinkError::Member);
        };
        let pack = Url::parse(&pack).map_err(|_| EcosystemLinkError::Address)?;
        Self::new(pack, hash_of(&sha256)?)
    }

    fn of_the_web(mut url: Url) -> Result<Self, EcosystemLinkError> {
        let fragment = url.fragment().ok_or(EcosystemLinkError::Member)?;
        let sha256 = fragment.strip_prefix("sha256=").ok_or(EcosystemLinkError::Member)?;
        let sha256 = hash_of(sha256)?;
        url.set_fragment(None);
        Self::new(url, sha256)
    }
}

impl FromStr for EcosystemLink {
    type Err = EcosystemLinkError;

    fn from_str(text: &str) -> Result<Self, EcosystemLinkError> {
        if text.len() > LONGEST {
            return Err(EcosystemLinkError::Form);
        }
        let url = Url::parse(text).map_err(|_| EcosystemLinkError::Form)?;
        match url.scheme() {
            SCHEME => Self::of_own_scheme(&url),
            "https" | "http" => Self::of_the_web(url),
            _ => Err(EcosystemLinkError::Form),
        }
    }
}

impl fmt::Display for EcosystemLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let members = form_urlencoded::Serializer::new(String::new())
            .append_pair("pack", self.pack.as_str())
            .append_pair("sha256", &hex(&self.sha256))
            .finish();
        write!(f, "{SCHEME}://add?{members}")
    }
}

/// A hash as people compare it: hexadecimal digits in groups of four.
pub fn fingerprint(hash: &Hash) -> String {
    let mut text = String::with_capacity(80);
    for (place, byte) in hash.iter().enumerate() {
        if place > 0 && place % 2 == 0 {
            text.push(' ');
        }
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn hex(hash: &Hash) -> String {
    fingerprint(hash).replace(' ', "")
}

fn hash_of(text: &str) -> Result<Hash, EcosystemLinkError> {
    let mut hash: Hash = [0; 32];
    if text.len() != 2 * hash.len() {
        return Err(EcosystemLinkError::Hash);
    }
    for (byte, digits) in hash.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = digits
            .iter()
            .try_fold(0, |value, digit| Ok((value << 4) | value_of(*digit)?))?;
    }
    Ok(hash)
}

fn value_of(digit: u8) -> Result<u8, EcosystemLinkError> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        _ => Err(EcosystemLinkError::Hash),
    }
}
