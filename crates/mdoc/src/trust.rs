use jose::x5c::{Purpose, TrustAnchors, UnverifiedChain, VerifiedCertificate};
use jose::{UnixTime, VerifyingKey};

use crate::{MdocClaims, MdocError};

/// The type of a mobile driving licence. ISO/IEC 18013-5 §7.1
pub const MDL: &str = "org.iso.18013.5.1.mDL";

/// Whom a reader believes: its own decision, made before anything came.
#[derive(Clone, Copy, Debug)]
pub enum IssuerTrust<'a> {
    /// The `x5chain` has to lead to one of these. Of [`MDL`] the signer has to say that it signs such
    /// licences, and has to be of the country of its anchor. ISO/IEC 18013-5 §9.3.3, Annex B.1
    Anchors(&'a TrustAnchors),
    /// This key, of which the caller knows otherwise whose it is; the `x5chain` carries no weight.
    Key(&'a VerifyingKey),
}

impl IssuerTrust<'_> {
    /// The key that has to have signed, and its certificate where one says so.
    pub(crate) fn signer(
        self,
        x5chain: &[&[u8]],
        claims: &MdocClaims,
        now: UnixTime,
    ) -> Result<(VerifyingKey, Option<VerifiedCertificate>), MdocError> {
        let anchors = match self {
            Self::Anchors(anchors) => anchors,
            Self::Key(key) => return Ok((key.clone(), None)),
        };
        let purpose = match claims.doc_type() {
            MDL => Purpose::Mdl,
            _ => Purpose::Credential,
        };
        let certificate = UnverifiedChain::from_der(x5chain)?.verify(anchors, now, purpose)?;
        if purpose == Purpose::Mdl && !same_country(certificate.country(), certificate.anchor_country()) {
            return Err(MdocError::Country);
        }
        let signed = certificate.not_before()..=certificate.not_after();
        if !signed.contains(&claims.signed()) {
            return Err(MdocError::SignedOutsideCertificate);
        }
        Ok((certificate.verifying_key().clone(), Some(certificate)))
    }
}

/// Whether both are named, and are one country.
pub(crate) fn same_country(one: Option<&str>, other: Option<&str>) -> bool {
    one.zip(other)
        .is_some_and(|(one, other)| one.eq_ignore_ascii_case(other))
}
