/// Why a chain was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChainError {
    /// `x5c` is not an array of strings with at least one element. RFC 7515 §4.1.6.
    #[error("x5c is not a list of certificates")]
    NotAChain,
    /// More certificates, or longer ones, than [`super::CHAIN`] allows.
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

impl ChainError {
    /// The rule that path validation found broken.
    pub(super) fn of_path(error: webpki::Error) -> Self {
        use webpki::Error;
        match error {
            Error::BadDer | Error::BadDerTime | Error::TrailingData(_) => Self::MalformedCertificate,
            Error::CertExpired { .. } => Self::Expired,
            Error::CertNotValidYet { .. } => Self::NotYetValid,
            Error::UnknownIssuer => Self::UnknownIssuer,
            Error::CaUsedAsEndEntity => Self::LeafIsAuthority,
            Error::EndEntityUsedAsCa => Self::IssuerNotAuthority,
            Error::InvalidSignatureForPublicKey => Self::BadSignature,
            Error::EmptyEkuExtension | Error::RequiredEkuNotFoundContext(_) => Self::WrongPurpose,
            _ => Self::Path,
        }
    }
}
