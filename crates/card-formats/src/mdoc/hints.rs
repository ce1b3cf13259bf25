use ::mdoc::purpose;
use jose::x5c::{UnverifiedChain, to_value};
use serde_json::Value;

use crate::IssuerHints;

/// What a document says of its issuer, unverified.
pub(super) struct Hints {
    doc_type: String,
    /// The DID that the certificate of the issuer names.
    did: Option<String>,
    kid: Option<String>,
    x5c: Option<Value>,
}

impl Hints {
    /// The header with the chain is signed by nobody. Whoever takes the chain out, or the name out of it, has none left
    /// that a trust anchor certified; so nobody can make an issuer on the ledger one that is known by its certificate.
    pub(super) fn new(doc_type: &str, kid: Option<&str>, certificates: &[&[u8]]) -> Self {
        let chain = UnverifiedChain::from_der(certificates).ok();
        let did = chain.as_ref().and_then(|chain| {
            let mut names = chain.dangerous_leaf_uri_names().iter();
            names.find(|name| is_did(name)).cloned()
        });
        Self {
            doc_type: doc_type.to_owned(),
            did,
            kid: kid.map(str::to_owned),
            x5c: (!certificates.is_empty()).then(|| to_value(certificates)),
        }
    }

    pub(super) fn get(&self) -> IssuerHints<'_> {
        IssuerHints {
            vct: Some(&self.doc_type),
            iss: self.did.as_deref(),
            kid: self.kid.as_deref(),
            x5c: self.x5c.as_ref(),
            purpose: purpose(&self.doc_type),
        }
    }
}

pub(super) fn is_did(name: &str) -> bool {
    name.starts_with("did:")
}
