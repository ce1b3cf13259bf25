use jose::{PublicJwk, UnixTime};
use status_list::StatusReference;

/// What an issuer says about a document as a whole. ISO/IEC 18013-5 §9.1.2.4
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MdocClaims {
    pub(crate) doc_type: String,
    pub(crate) signed: UnixTime,
    pub(crate) valid_from: UnixTime,
    pub(crate) valid_until: UnixTime,
    pub(crate) device_key: PublicJwk,
    pub(crate) status: Option<StatusReference>,
}

impl MdocClaims {
    /// The type of the document.
    #[must_use]
    pub fn doc_type(&self) -> &str {
        &self.doc_type
    }

    /// When the issuer signed it.
    #[must_use]
    pub fn signed(&self) -> UnixTime {
        self.signed
    }

    /// The first second of validity.
    #[must_use]
    pub fn valid_from(&self) -> UnixTime {
        self.valid_from
    }

    /// The last second of validity.
    #[must_use]
    pub fn valid_until(&self) -> UnixTime {
        self.valid_until
    }

    /// The key that the document is bound to.
    #[must_use]
    pub fn device_key(&self) -> &PublicJwk {
        &self.device_key
    }

    /// Where its status is found. Presence alone says nothing about validity.
    #[must_use]
    pub fn status(&self) -> Option<&StatusReference> {
        self.status.as_ref()
    }
}
