use cbor::CborError;
use jose::x5c::ChainError;
use jose::{OverBudget, SignatureError};
use status_list::StatusReferenceError;

use crate::DeviceAuthError;

/// Why bytes have not the form of ISO/IEC 18013-5 §8.3.2.1.2.2 and §9.1.2.4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FormError {
    /// Not CBOR of the one form that is read. §8.1
    #[error(transparent)]
    Cbor(#[from] CborError),
    /// A member is missing.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A member is of another type.
    #[error("{0} is of another type")]
    Type(&'static str),
    /// A member has a value that it cannot have.
    #[error("{0} has a value that it cannot have")]
    Value(&'static str),
}

/// Why a COSE_Sign1 does not hold. RFC 9052 §4.2, §4.4
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Sign1Error {
    /// Not an untagged COSE_Sign1, or a header of it is malformed.
    #[error("not a COSE_Sign1")]
    Form,
    /// `alg` is missing, unprotected, or another than ES256; or the key is for another. HAIP 1.0 §7
    #[error("the algorithm is not ES256")]
    Algorithm,
    /// `crit` names something, and nothing is understood. RFC 9052 §3.1
    #[error("a critical header is not understood")]
    Critical,
    /// The payload is detached where it has to be there, or there where it has to be detached.
    #[error("the payload is in the wrong place")]
    Payload,
    /// Made by another key or over other bytes.
    #[error(transparent)]
    Signature(#[from] SignatureError),
}

/// Why what an issuer signed is refused. ISO/IEC 18013-5 §9.3.1, in the order of its steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MdocError {
    /// More bytes, values, elements, digests or signatures than the reader's [`crate::budget`] allows.
    #[error(transparent)]
    OverBudget(#[from] OverBudget),
    /// Malformed. §8.3.2.1.2.2, §9.1.2.4
    #[error(transparent)]
    Form(#[from] FormError),
    /// `version` of the MSO is not 1.0. §9.1.2.4
    #[error("the version of the security object is not 1.0")]
    Version,
    /// `digestAlgorithm` is not SHA-256. §9.1.2.5, HAIP 1.0 §8
    #[error("the digest algorithm is not SHA-256")]
    DigestAlgorithm,
    /// `deviceKey` is no P-256 key. §9.1.2.4, HAIP 1.0 §7
    #[error("the device key is not a P-256 key")]
    DeviceKey,
    /// `status` is not a status list entry. draft-ietf-oauth-status-list §6
    #[error(transparent)]
    Status(#[from] StatusReferenceError),
    /// `random` of an element has less than 16 bytes. §9.1.2.5
    #[error("the salt of an element is too short")]
    ShortRandom,
    /// A namespace has two elements with one `digestID`. §9.1.2.5
    #[error("a digest is used twice")]
    DuplicateDigestId,
    /// A namespace has an element twice.
    #[error("an element is there twice")]
    DuplicateElement,
    /// The `x5chain` is no chain, or does not lead to an anchor. Step 1, §9.3.3
    #[error("x5chain: {0}")]
    Chain(#[from] ChainError),
    /// The signer is not of the country of the authority that certified it, or of the country that the
    /// licence names. Step 1, Annex B.1.4, §7.2.1
    #[error("the document signer is of another country")]
    Country,
    /// The signer is not of the state or province of the authority that certified it. Step 1, Annex B.1.4
    #[error("the document signer is of another state or province")]
    State,
    /// `issuerAuth` does not hold. Step 2
    #[error("issuerAuth: {0}")]
    IssuerAuth(#[from] Sign1Error),
    /// An element stands in a namespace of which the MSO has no digests. Step 3
    #[error("a namespace is not in the security object")]
    UnknownNamespace,
    /// The MSO has no digest with the `digestID` of an element. Step 3
    #[error("an element is not in the security object")]
    NotInMso,
    /// An element is not the one that the issuer signed. Step 3
    #[error("an element does not match its digest")]
    DigestMismatch,
    /// The document is called something else than the MSO calls it. Step 4
    #[error("the document is of another type than its security object")]
    DocType,
    /// `signed`, `validFrom` and `validUntil` are not in this order. §9.1.2.4
    #[error("the dates of validity are out of order")]
    ValidityOrder,
    /// `signed` lies outside of the signer's certificate. Step 5
    #[error("signed while the certificate was not valid")]
    SignedOutsideCertificate,
    /// `validFrom` is not reached. Step 5
    #[error("not valid yet")]
    NotYetValid,
    /// `validUntil` has passed. Step 5
    #[error("expired")]
    Expired,
}

impl From<CborError> for MdocError {
    fn from(error: CborError) -> Self {
        match error {
            CborError::OverBudget(over) => Self::OverBudget(over),
            error => Self::Form(FormError::Cbor(error)),
        }
    }
}

/// Why a wallet refused a document that an issuer sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReceiveError {
    /// The document is not valid.
    #[error(transparent)]
    Mdoc(#[from] MdocError),
    /// It is bound to a key that is not the wallet's.
    #[error("the document is bound to another key")]
    ForeignDeviceKey,
}

/// Why a `DeviceResponse` was refused.
///
/// A verifier calls [`Self::DeviceAuth`] *holder binding mismatch*, [`MdocError::Expired`] *expired*,
/// [`MdocError::NotYetValid`] *not valid yet*, [`MdocError::Country`], [`MdocError::State`] and those of
/// [`MdocError::Chain`] that break a path *issuer not accepted*, and everything else *malformed credential*.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PresentationError {
    /// What the issuer signed does not hold, or the whole is malformed.
    #[error(transparent)]
    Mdoc(#[from] MdocError),
    /// `version` is not 1.0. ISO/IEC 18013-5 §8.3.2.1.2.2
    #[error("the version of the response is not 1.0")]
    Version,
    /// `status` is not 0, OK. §8.3.2.1.2.3
    #[error("the response says that something failed")]
    Status,
    /// There is no document, or more than one. HAIP 1.0 §5.3.1
    #[error("the response has not exactly one document")]
    Documents,
    /// The device did not authenticate itself for this transcript. §9.1.3
    #[error(transparent)]
    DeviceAuth(#[from] DeviceAuthError),
}

impl From<CborError> for PresentationError {
    fn from(error: CborError) -> Self {
        Self::Mdoc(error.into())
    }
}

impl From<FormError> for PresentationError {
    fn from(error: FormError) -> Self {
        Self::Mdoc(error.into())
    }
}

impl From<OverBudget> for PresentationError {
    fn from(error: OverBudget) -> Self {
        Self::Mdoc(error.into())
    }
}
