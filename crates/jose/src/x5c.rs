//! Certificate chains in the `x5c` header. RFC 7515 §4.1.6, RFC 5280 §6, HAIP 1.0 §5 and §6.1.1.
//!
//! Paths are built and their signatures checked by rustls-webpki. On top of it stand the rules
//! of HAIP: the leaf is not self-signed, and no trust anchor travels in the chain.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime as PkiTime};
use serde_json::{Value, json};
use webpki::aws_lc_rs::{ECDSA_P256_SHA256, ECDSA_P256_SHA384, ECDSA_P384_SHA256, ECDSA_P384_SHA384};
use webpki::{EndEntityCert, ExtendedKeyUsageValidator, KeyPurposeId, KeyPurposeIdIter};

use crate::certificate::Certificate;
use crate::{PublicJwk, UnixTime, VerifyingKey};

/// Certificates in one chain, at most.
pub const MAX_CHAIN: usize = 5;
/// Bytes of one certificate, at most.
pub const MAX_CERTIFICATE: usize = 16 * 1024;

/// Why a chain was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChainError {
    /// `x5c` is not an array of strings with at least one element. RFC 7515 §4.1.6.
    #[error("x5c is not a list of certificates")]
    NotAChain,
    /// More than [`MAX_CHAIN`] certificates, or one longer than [`MAX_CERTIFICATE`].
    #[error("the chain is too long")]
    TooLong,
    /// Not canonical base64 (the standard alphabet, with padding). RFC 7515 §4.1.6.
    #[error("a certificate is not base64")]
    Base64,
    /// Not an X.509 certificate, or bytes after it.
    #[error("a certificate is malformed")]
    MalformedCertificate,
    /// A configured trust anchor is not PEM, or there is none in the file.
    #[error("a trust anchor is malformed")]
    MalformedAnchor,
    /// A certificate does not certify the one before it. RFC 7515 §4.1.6.
    #[error("the chain is out of order")]
    OutOfOrder,
    /// The leaf is self-signed. HAIP 1.0 §5, §6.1.1.
    #[error("the leaf is self-signed")]
    SelfSignedLeaf,
    /// A trust anchor, or another self-signed certificate, is in the chain. HAIP 1.0 §5, §6.1.1.
    #[error("a trust anchor is in the chain")]
    AnchorInChain,
    /// A certificate of the path, or its anchor, is not valid yet. RFC 5280 §6.1.3.
    #[error("a certificate is not valid yet")]
    NotYetValid,
    /// A certificate of the path, or its anchor, has run out. RFC 5280 §6.1.3.
    #[error("a certificate has expired")]
    Expired,
    /// No path to a configured anchor.
    #[error("no path to a trust anchor")]
    UnknownIssuer,
    /// The leaf is a certificate authority.
    #[error("the leaf is a certificate authority")]
    LeafIsAuthority,
    /// A certificate that is no authority has issued another. RFC 5280 §6.1.4 (k), (n).
    #[error("a certificate was issued by one that may not")]
    IssuerNotAuthority,
    /// A signature in the path does not verify. RFC 5280 §6.1.3 (a).
    #[error("a certificate's signature does not verify")]
    BadSignature,
    /// Key usage or extended key usage does not allow this purpose. RFC 5280 §4.2.1.3, §4.2.1.12.
    #[error("the certificate is not for this purpose")]
    WrongPurpose,
    /// The leaf's key is not P-256.
    #[error("the leaf's key is not supported")]
    UnsupportedKey,
    /// The leaf's SHA-256 is not among those listed.
    #[error("the certificate is not listed")]
    NotListed,
    /// Another rule of path validation: a critical extension, a path length, a name constraint.
    #[error("the certificate path is not valid")]
    Path,
}

/// What the leaf's key is used for. Where the leaf has an extended key usage, it must name
/// one that fits; where it has none, every purpose is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Signs credentials: document signer (ISO/IEC 18013-5 Annex B).
    Credential,
    /// Signs presentation requests: reader authentication (ISO/IEC 18013-5 Annex B), or TLS
    /// client or server authentication.
    Request,
    /// Signs status lists: id-kp-oauthStatusSigning (Token Status List §10), or document signer.
    StatusList,
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
            Self::Credential => usage == DOCUMENT_SIGNER,
            Self::Request => [READER, SERVER, CLIENT].contains(&usage),
            Self::StatusList => [STATUS, DOCUMENT_SIGNER].contains(&usage),
        }
    }
}

impl ExtendedKeyUsageValidator for Purpose {
    fn validate(&self, iter: KeyPurposeIdIter<'_, '_>) -> Result<(), webpki::Error> {
        let mut present = false;
        for purpose in iter {
            present = true;
            if self.allows(purpose?) {
                return Ok(());
            }
        }
        if present {
            return Err(webpki::Error::EmptyEkuExtension);
        }
        Ok(())
    }
}

/// The certificates that a party trusts to begin a path.
#[derive(Clone, Debug, Default)]
pub struct TrustAnchors {
    anchors: Vec<(Certificate, TrustAnchor<'static>)>,
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

    fn contains(&self, certificate: &Certificate) -> bool {
        self.anchors
            .iter()
            .any(|(anchor, _)| anchor.sha256 == certificate.sha256)
    }
}

/// A certificate chain off the wire, leaf first.
#[derive(Clone, Debug)]
pub struct UnverifiedChain {
    leaf: Certificate,
    issuers: Vec<Certificate>,
}

impl UnverifiedChain {
    /// Reads the value of an `x5c` header.
    pub fn parse(x5c: &Value) -> Result<Self, ChainError> {
        let texts = x5c.as_array().ok_or(ChainError::NotAChain)?;
        if texts.len() > MAX_CHAIN {
            return Err(ChainError::TooLong);
        }
        let mut certificates = Vec::with_capacity(texts.len());
        for text in texts {
            let text = text.as_str().ok_or(ChainError::NotAChain)?;
            if text.len() > MAX_CERTIFICATE.div_ceil(3) * 4 {
                return Err(ChainError::TooLong);
            }
            let der = STANDARD.decode(text).map_err(|_| ChainError::Base64)?;
            certificates.push(Certificate::parse(der)?);
        }
        let mut certificates = certificates.into_iter();
        let leaf = certificates.next().ok_or(ChainError::NotAChain)?;
        Ok(Self {
            leaf,
            issuers: certificates.collect(),
        })
    }

    /// SHA-256 of the leaf, unverified: what an `x509_hash` client id must equal.
    #[must_use]
    pub fn dangerous_leaf_sha256(&self) -> &[u8; 32] {
        &self.leaf.sha256
    }

    /// URI names of the leaf, unverified: hints for finding a policy.
    #[must_use]
    pub fn dangerous_leaf_uri_names(&self) -> &[String] {
        &self.leaf.uri_names
    }

    /// DNS names of the leaf, unverified: hints for finding a policy.
    #[must_use]
    pub fn dangerous_leaf_dns_names(&self) -> &[String] {
        &self.leaf.dns_names
    }

    /// Verifies the chain up to a configured anchor.
    pub fn verify(
        self,
        anchors: &TrustAnchors,
        now: UnixTime,
        purpose: Purpose,
    ) -> Result<VerifiedCertificate, ChainError> {
        self.check_form(anchors)?;
        let trusted: Vec<TrustAnchor<'_>> = anchors.anchors.iter().map(|(_, anchor)| anchor.clone()).collect();
        let intermediates: Vec<CertificateDer<'_>> = self
            .issuers
            .iter()
            .map(|certificate| CertificateDer::from(certificate.der.as_ref()))
            .collect();
        let leaf = EndEntityCert::try_from(&self.leaf.der).map_err(|e| chain_error(&e))?;
        let time = PkiTime::since_unix_epoch(std::time::Duration::from_secs(now));
        let path = leaf
            .verify_for_usage(SIGNATURES, &trusted, &intermediates, time, purpose, None, None)
            .map_err(|error| chain_error(&error))?;
        // webpki asks nothing of the anchor itself; an anchor that has run out ends here.
        let used = path.anchor();
        let anchor = anchors
            .anchors
            .iter()
            .find(|(_, anchor)| anchor == used)
            .ok_or(ChainError::UnknownIssuer)?;
        anchor.0.check_validity(now)?;
        VerifiedCertificate::new(self.leaf)
    }

    /// Accepts a leaf because its SHA-256 is listed in a record that the caller has verified,
    /// for instance in a relying party's entry on the ledger. Dates, key usage and the ban on
    /// self-signed leaves hold here too; the rest of the chain carries no weight.
    pub fn verify_listed(self, listed: &[[u8; 32]], now: UnixTime) -> Result<VerifiedCertificate, ChainError> {
        if !listed.contains(&self.leaf.sha256) {
            return Err(ChainError::NotListed);
        }
        self.check_form(&TrustAnchors::default())?;
        if self.leaf.is_ca {
            return Err(ChainError::LeafIsAuthority);
        }
        self.leaf.check_validity(now)?;
        VerifiedCertificate::new(self.leaf)
    }

    fn check_form(&self, anchors: &TrustAnchors) -> Result<(), ChainError> {
        if self.leaf.is_self_issued() {
            return Err(ChainError::SelfSignedLeaf);
        }
        let mut below = &self.leaf;
        for issuer in &self.issuers {
            if anchors.contains(issuer) || issuer.is_self_issued() {
                return Err(ChainError::AnchorInChain);
            }
            if below.raw_issuer != issuer.raw_subject {
                return Err(ChainError::OutOfOrder);
            }
            if !issuer.is_ca || issuer.may_certify == Some(false) {
                return Err(ChainError::IssuerNotAuthority);
            }
            below = issuer;
        }
        if anchors.contains(&self.leaf) {
            return Err(ChainError::AnchorInChain);
        }
        if self.leaf.may_sign == Some(false) {
            return Err(ChainError::WrongPurpose);
        }
        Ok(())
    }
}

/// The leaf of a chain that was verified: whose key it is, and under which names.
#[derive(Clone, Debug)]
pub struct VerifiedCertificate {
    certificate: Certificate,
    public_jwk: PublicJwk,
    verifying_key: VerifyingKey,
}

impl VerifiedCertificate {
    fn new(certificate: Certificate) -> Result<Self, ChainError> {
        let public_jwk = certificate.key.clone().ok_or(ChainError::UnsupportedKey)?;
        let verifying_key = VerifyingKey::new(&public_jwk).map_err(|_| ChainError::UnsupportedKey)?;
        Ok(Self {
            certificate,
            public_jwk,
            verifying_key,
        })
    }

    /// The certified key, ready to verify.
    #[must_use]
    pub fn verifying_key(&self) -> &VerifyingKey {
        &self.verifying_key
    }

    /// The certified key.
    #[must_use]
    pub fn public_jwk(&self) -> &PublicJwk {
        &self.public_jwk
    }

    /// SHA-256 of the certificate's DER form.
    #[must_use]
    pub fn sha256(&self) -> &[u8; 32] {
        &self.certificate.sha256
    }

    /// DNS names. RFC 5280 §4.2.1.6.
    #[must_use]
    pub fn dns_names(&self) -> &[String] {
        &self.certificate.dns_names
    }

    /// URI names: the DID of the subject is one of them. RFC 5280 §4.2.1.6.
    #[must_use]
    pub fn uri_names(&self) -> &[String] {
        &self.certificate.uri_names
    }

    /// The subject's distinguished name, for showing.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.certificate.subject
    }

    /// The last second of validity.
    #[must_use]
    pub fn not_after(&self) -> UnixTime {
        u64::try_from(self.certificate.not_after).unwrap_or(0)
    }
}

/// The value of an `x5c` header for certificates in DER form, leaf first.
#[must_use]
pub fn to_value<T: AsRef<[u8]>>(chain: impl IntoIterator<Item = T>) -> Value {
    chain.into_iter().map(|der| json!(STANDARD.encode(der))).collect()
}

/// Algorithms accepted inside a path: ECDSA with SHA-2 on P-256 and P-384.
const SIGNATURES: &[&dyn rustls_pki_types::SignatureVerificationAlgorithm] = &[
    ECDSA_P256_SHA256,
    ECDSA_P256_SHA384,
    ECDSA_P384_SHA256,
    ECDSA_P384_SHA384,
];

fn chain_error(error: &webpki::Error) -> ChainError {
    use webpki::Error;
    match error {
        Error::BadDer | Error::BadDerTime | Error::TrailingData(_) => ChainError::MalformedCertificate,
        Error::CertExpired { .. } => ChainError::Expired,
        Error::CertNotValidYet { .. } => ChainError::NotYetValid,
        Error::UnknownIssuer => ChainError::UnknownIssuer,
        Error::CaUsedAsEndEntity => ChainError::LeafIsAuthority,
        Error::EndEntityUsedAsCa => ChainError::IssuerNotAuthority,
        Error::InvalidSignatureForPublicKey => ChainError::BadSignature,
        Error::EmptyEkuExtension | Error::RequiredEkuNotFoundContext(_) => ChainError::WrongPurpose,
        _ => ChainError::Path,
    }
}
