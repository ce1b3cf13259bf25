use did::Did;
use jose::{PublicJwk, VerifyingKey};

/// An issuer that policy trusts, with the keys it signs with: verification methods and public keys.
///
/// Where they come from (the ledger, a DID document, a file) is for the caller to decide; nothing in a
/// credential adds to them.
#[derive(Clone, Debug)]
pub struct TrustedIssuer {
    id: String,
    keys: Vec<(String, VerifyingKey)>,
}

impl TrustedIssuer {
    /// An issuer by its URL or DID.
    #[must_use]
    pub fn new(id: impl Into<String>, keys: impl IntoIterator<Item = (String, VerifyingKey)>) -> Self {
        Self {
            id: id.into(),
            keys: keys.into_iter().collect(),
        }
    }

    /// Its URL or DID.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The key of a verification method, by its whole name.
    pub(crate) fn key(&self, method: &str) -> Option<&VerifyingKey> {
        let mut keys = self.keys.iter();
        keys.find_map(|(name, key)| (name == method).then_some(key))
    }
}

/// The holder that a credential is bound to: the subject, whose `id` is a `did:key` or `did:jwk` and so the
/// key itself. OpenID4VCI 1.0 §A.1.2, cryptographic binding by `did`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HolderKey {
    did: String,
    method: String,
    key: PublicJwk,
}

impl HolderKey {
    /// Reads a subject's `id`; `None` where it is no key.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        let did: Did = id.parse().ok()?;
        let (fragment, key) = match did.method() {
            "key" => (did.method_specific_id(), did::key::public_key(&did).ok()?),
            "jwk" => ("0", did::jwk::public_key(&did).ok()?),
            _ => return None,
        };
        Some(Self {
            method: format!("{id}#{fragment}"),
            did: id.to_owned(),
            key,
        })
    }

    /// The DID of the holder.
    #[must_use]
    pub fn did(&self) -> &str {
        &self.did
    }

    /// The DID URL of the key, as a proof names it.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The key.
    #[must_use]
    pub fn key(&self) -> &PublicJwk {
        &self.key
    }
}
