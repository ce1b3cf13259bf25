use webpki::{ExtendedKeyUsageValidator, KeyPurposeId, KeyPurposeIdIter};

/// What the leaf's key is used for. Where the leaf has an extended key usage, it must name
/// one that fits; where it has none, every purpose but [`Purpose::Mdl`] is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Signs credentials: document signer (ISO/IEC 18013-5 Annex B).
    Credential,
    /// Signs mobile driving licences: document signer and nothing else, and both key usage and extended key usage have
    /// to be there (ISO/IEC 18013-5 Annex B.1.4). The anchor certified it itself: it may certify no further authority
    /// (Annex B.1.2, `pathLenConstraint` 0).
    Mdl,
    /// Signs presentation requests: reader authentication (ISO/IEC 18013-5 Annex B), or TLS
    /// client or server authentication.
    Request,
    /// Signs status lists: id-kp-oauthStatusSigning (Token Status List §10), or document signer.
    StatusList,
    /// Signs attestations of wallets and their keys. No extended key usage is defined for it; attesters in use have
    /// certificates for TLS client or server authentication.
    Attestation,
}

impl Purpose {
    fn allows(self, usage: KeyPurposeId<'_>) -> bool {
        /// 1.0.18013.5.1.2
        const DOCUMENT_SIGNER: KeyPurposeId<'_> = KeyPurposeId::new(b"\x28\x81\x8c\x5d\x05\x01\x02");
        /// 1.0.18013.5.1.6
        const READER: KeyPurposeId<'_> = KeyPurposeId::new(b"\x28\x81\x8c\x5d\x05\x01\x06");
        /// 1.3.6.1.5.5.7.3.1
        const SERVER: KeyPurposeId<'_> = KeyPurposeId::new(b"\x2b\x06\x01\x05\x05\x07\x03\x01");
        /// 1.3.6.1.5.5.7.3.2
        const CLIENT: KeyPurposeId<'_> = KeyPurposeId::new(b"\x2b\x06\x01\x05\x05\x07\x03\x02");
        /// 1.3.6.1.5.5.7.3.30
        const STATUS: KeyPurposeId<'_> = KeyPurposeId::new(b"\x2b\x06\x01\x05\x05\x07\x03\x1e");
        match self {
            Self::Credential | Self::Mdl => usage == DOCUMENT_SIGNER,
            Self::Request => [READER, SERVER, CLIENT].contains(&usage),
            Self::StatusList => [STATUS, DOCUMENT_SIGNER].contains(&usage),
            Self::Attestation => [SERVER, CLIENT].contains(&usage),
        }
    }
}

impl ExtendedKeyUsageValidator for Purpose {
    fn validate(&self, iter: KeyPurposeIdIter<'_, '_>) -> Result<(), webpki::Error> {
        let alone = *self == Self::Mdl;
        let mut present = false;
        for purpose in iter {
            present = true;
            match self.allows(purpose?) {
                true if !alone => return Ok(()),
                false if alone => return Err(webpki::Error::EmptyEkuExtension),
                _ => {}
            }
        }
        // Each of those that were named fits, or none does.
        if present == alone {
            Ok(())
        } else {
            Err(webpki::Error::EmptyEkuExtension)
        }
    }
}
