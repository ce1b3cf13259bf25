use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, TrustAnchor};

use super::ChainError;
use super::certificate::Certificate;
use crate::UnixTime;

/// The certificates that a party trusts to begin a path.
#[derive(Clone, Debug, Default)]
pub struct TrustAnchors {
    pub(super) anchors: Vec<(Certificate, TrustAnchor<'static>)>,
}

impl TrustAnchors {
    /// Reads PEM texts; each may hold several certificates and must hold one.
    pub fn from_pem<T: AsRef<[u8]>>(texts: impl IntoIterator<Item = T>) -> Result<Self, ChainError> {
        let mut anchors = Vec::new();
        for text in texts {
            let before = anchors.len();
            for der in CertificateDer::pem_slice_iter(text.as_ref()) {
                let der = der.map_err(|_| ChainError::MalformedAnchor)?;
                let certificate = Certificate::parse(der.to_vec())?;
                let anchor = webpki::anchor_from_trusted_cert(&certificate.der)
                    .map_err(|_| ChainError::MalformedAnchor)?
                    .to_owned();
                anchors.push((certificate, anchor));
            }
            if anchors.len() == before {
                return Err(ChainError::MalformedAnchor);
            }
        }
        Ok(Self { anchors })
    }

    /// True when nothing is trusted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.anchors.is_empty()
    }

    /// Path validation asks nothing of the anchor's own dates: one that has run out ends here.
    /// A renewed certificate for the same name and key makes the same anchor; one of them has to
    /// be valid.
    pub(super) fn valid(&self, used: &TrustAnchor<'_>, now: UnixTime) -> Result<&Certificate, ChainError> {
        let mut outcome = Err(ChainError::UnknownIssuer);
        for (certificate, _) in self.anchors.iter().filter(|(_, anchor)| anchor == used) {
            outcome = certificate.check_validity(now).map(|()| certificate);
            if outcome.is_ok() {
                break;
            }
        }
        outcome
    }

    pub(super) fn contains(&self, certificate: &Certificate) -> bool {
        self.anchors
            .iter()
            .any(|(anchor, _)| anchor.sha256 == certificate.sha256)
    }
}
