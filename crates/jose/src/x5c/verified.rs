use super::ChainError;
use super::certificate::Certificate;
use crate::{PublicJwk, UnixTime, VerifyingKey};

/// The leaf of a chain that was verified: whose key it is, and under which names.
#[derive(Clone, Debug)]
pub struct VerifiedCertificate {
    certificate: Certificate,
    public_jwk: PublicJwk,
    verifying_key: VerifyingKey,
    anchor_country: Option<String>,
    authority: Option<[u8; 32]>,
    of_the_anchors_state: bool,
}

impl VerifiedCertificate {
    pub(super) fn new(certificate: Certificate) -> Result<Self, ChainError> {
        let public_jwk = certificate.key.clone().ok_or(ChainError::UnsupportedKey)?;
        let verifying_key = VerifyingKey::new(&public_jwk).map_err(|_| ChainError::UnsupportedKey)?;
        Ok(Self {
            certificate,
            public_jwk,
            verifying_key,
            anchor_country: None,
            authority: None,
            of_the_anchors_state: false,
        })
    }

    /// The same, with what is known of the anchor of its path, and of whoever certified it.
    pub(super) fn below(self, anchor: &Certificate, authority: [u8; 32]) -> Self {
        Self {
            anchor_country: anchor.country.clone(),
            authority: Some(authority),
            of_the_anchors_state: anchor.states.len() < 2 && self.certificate.states == anchor.states,
            ..self
        }
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

    /// The one `countryName` of the subject. RFC 5280 Appendix A.1.
    #[must_use]
    pub fn country(&self) -> Option<&str> {
        self.certificate.country.as_deref()
    }

    /// The one `countryName` of the anchor at the end of its path, where there was a path.
    #[must_use]
    pub fn anchor_country(&self) -> Option<&str> {
        self.anchor_country.as_deref()
    }

    /// The authority that certified it, where there was a path: SHA-256 of its name and key, so that it is the same for
    /// each certificate that the authority has.
    #[must_use]
    pub fn authority(&self) -> Option<&[u8; 32]> {
        self.authority.as_ref()
    }

    /// Names that the subject may have as an issuer: URIs, and hosts as https identifiers.
    pub fn issuer_names(&self) -> impl Iterator<Item = String> {
        let hosts = self.dns_names().iter().map(|host| format!("https://{host}"));
        self.uri_names().iter().cloned().chain(hosts)
    }

    /// Whether the subject has the one `stateOrProvinceName` of the anchor at the end of its path, or neither has any;
    /// false where there was no path. RFC 5280 Appendix A.1.
    #[must_use]
    pub fn is_of_the_anchors_state(&self) -> bool {
        self.of_the_anchors_state
    }

    /// The first second of validity.
    #[must_use]
    pub fn not_before(&self) -> UnixTime {
        u64::try_from(self.certificate.not_before).unwrap_or(0)
    }

    /// The last second of validity.
    #[must_use]
    pub fn not_after(&self) -> UnixTime {
        u64::try_from(self.certificate.not_after).unwrap_or(0)
    }
}
