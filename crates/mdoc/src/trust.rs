use jose::x5c::{Purpose, TrustAnchors, UnverifiedChain, VerifiedCertificate};
use jose::{UnixTime, VerifyingKey};

use crate::{MdocClaims, MdocError};

/// The type of a mobile driving licence. ISO/IEC 18013-5 §7.1
pub const MDL: &str = "org.iso.18013.5.1.mDL";

/// Whom a reader believes: its own decision, made before anything came.
#[derive(Clone, Copy, Debug)]
pub enum IssuerTrust<'a> {
    /// The `x5chain` has to lead to one of these. Of [`MDL`] the signer has to say that it signs such licences and does
    /// nothing else, has to be certified by the anchor itself, and has to be of its country and of its state or
    /// province. ISO/IEC 18013-5 §9.3.3, Annex B.1
    Anchors(&'a TrustAnchors),
    /// This key, of which the caller knows otherwise whose it is; the `x5chain` carries no weight.
    Key(&'a VerifyingKey),
    /// This key, which the caller found by the `x5chain`: it has to lead to one of these as under [`Self::Anchors`].
    Certified {
        /// The key that has to have signed.
        key: &'a VerifyingKey,
        /// Those whom the reader believes.
        anchors: &'a TrustAnchors,
    },
}

/// What the certificate of a signer of such documents is for. Annex B.1.4
#[must_use]
pub fn purpose(doc_type: &str) -> Purpose {
    match doc_type {
        MDL => Purpose::Mdl,
        _ => Purpose::Credential,
    }
}

impl IssuerTrust<'_> {
    /// The key that has to have signed, and its certificate where one says so.
    pub(crate) fn signer(
        self,
        x5chain: &[&[u8]],
        claims: &MdocClaims,
        now: UnixTime,
    ) -> Result<(VerifyingKey, Option<VerifiedCertificate>), MdocError> {
        let (anchors, known) = match self {
            Self::Anchors(anchors) => (anchors, None),
            Self::Certified { key, anchors } => (anchors, Some(key)),
            Self::Key(key) => return Ok((key.clone(), None)),
        };
        let purpose = purpose(claims.doc_type());
        let certificate = UnverifiedChain::from_der(x5chain)?.verify(anchors, now, purpose)?;
        if purpose == Purpose::Mdl && !same_country(certificate.country(), certificate.anchor_country()) {
            return Err(MdocError::Country);
        }
        if purpose == Purpose::Mdl && !certificate.is_of_the_anchors_state() {
            return Err(MdocError::State);
        }
        let signed = certificate.not_before()..=certificate.not_after();
        if !signed.contains(&claims.signed()) {
            return Err(MdocError::SignedOutsideCertificate);
        }
        let key = known.unwrap_or(certificate.verifying_key()).clone();
        Ok((key, Some(certificate)))
    }
}

/// Whether both are named, and are one country.
pub(crate) fn same_country(one: Option<&str>, other: Option<&str>) -> bool {
    one.zip(other)
        .is_some_and(|(one, other)| one.eq_ignore_ascii_case(other))
}
