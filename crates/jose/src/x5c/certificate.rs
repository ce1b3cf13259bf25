use rustls_pki_types::CertificateDer;
use sha2::{Digest, Sha256};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::oid_registry::{OID_EC_P256, OID_KEY_TYPE_EC_PUBLIC_KEY, OID_X509_EXT_AUTHORITY_KEY_IDENTIFIER};
use x509_parser::prelude::FromDer;

use super::ChainError;
use crate::{PublicJwk, UnixTime};

/// What is read of one certificate. RFC 5280 §4.
#[derive(Clone, Debug)]
pub(super) struct Certificate {
    pub(super) der: CertificateDer<'static>,
    pub(super) sha256: [u8; 32],
    /// SHA-256 of name and key: whoever it is, by whichever of its certificates.
    pub(super) party_sha256: [u8; 32],
    pub(super) subject: String,
    /// `countryName` of the subject, where there is one. RFC 5280 Appendix A.1
    pub(super) country: Option<String>,
    /// Every `stateOrProvinceName` of the subject, its bytes as they stand there. RFC 5280 Appendix A.1
    pub(super) states: Vec<Vec<u8>>,
    pub(super) raw_subject: Vec<u8>,
    pub(super) raw_issuer: Vec<u8>,
    pub(super) not_before: i64,
    pub(super) not_after: i64,
    pub(super) dns_names: Vec<String>,
    pub(super) uri_names: Vec<String>,
    /// Identifier of the key that signed it, where it says so. RFC 5280 §4.2.1.1
    pub(super) authority_key: Option<Vec<u8>>,
    pub(super) is_ca: bool,
    /// Key usage bits, where the extension is present.
    pub(super) may_sign: Option<bool>,
    pub(super) may_certify: Option<bool>,
    pub(super) key: Option<PublicJwk>,
}

impl Certificate {
    pub(super) fn parse(der: Vec<u8>) -> Result<Self, ChainError> {
        let (rest, read) = X509Certificate::from_der(&der).map_err(|_| ChainError::MalformedCertificate)?;
        if !rest.is_empty() {
            return Err(ChainError::MalformedCertificate);
        }
        let malformed = |_| ChainError::MalformedCertificate;
        let usage = read.key_usage().map_err(malformed)?;
        let (dns_names, uri_names) = alternative_names(&read)?;
        Ok(Self {
            sha256: Sha256::digest(&der).into(),
            party_sha256: party_sha256(&read),
            subject: read.subject().to_string(),
            country: country(&read),
            states: states(&read),
            raw_subject: read.subject().as_raw().to_vec(),
            raw_issuer: read.issuer().as_raw().to_vec(),
            not_before: read.validity().not_before.timestamp(),
            not_after: read.validity().not_after.timestamp(),
            dns_names,
            uri_names,
            authority_key: authority_key(&read)?,
            is_ca: read
                .basic_constraints()
                .map_err(malformed)?
                .is_some_and(|constraints| constraints.value.ca),
            may_sign: usage.as_ref().map(|usage| usage.value.digital_signature()),
            may_certify: usage.as_ref().map(|usage| usage.value.key_cert_sign()),
            key: p256_key(&read),
            der: der.into(),
        })
    }

    /// Names itself as its issuer, as every self-signed certificate does.
    pub(super) fn is_self_issued(&self) -> bool {
        self.raw_subject == self.raw_issuer
    }

    pub(super) fn check_validity(&self, now: UnixTime) -> Result<(), ChainError> {
        let now = i64::try_from(now).unwrap_or(i64::MAX);
        if now < self.not_before {
            return Err(ChainError::NotYetValid);
        }
        if now > self.not_after {
            return Err(ChainError::Expired);
        }
        Ok(())
    }
}

/// Both have an end of their own, so that nothing can be moved from one into the other.
fn party_sha256(read: &X509Certificate<'_>) -> [u8; 32] {
    let name = Sha256::new().chain_update(read.subject().as_raw());
    name.chain_update(read.public_key().raw).finalize().into()
}

fn country(read: &X509Certificate<'_>) -> Option<String> {
    let mut names = read.subject().iter_country();
    match (names.next(), names.next()) {
        (Some(name), None) => name.as_str().ok().map(str::to_owned),
        _ => None,
    }
}

fn states(read: &X509Certificate<'_>) -> Vec<Vec<u8>> {
    let names = read.subject().iter_state_or_province();
    names.map(|name| name.as_slice().to_vec()).collect()
}

fn alternative_names(read: &X509Certificate<'_>) -> Result<(Vec<String>, Vec<String>), ChainError> {
    let (mut dns, mut uri) = (Vec::new(), Vec::new());
    let extension = read
        .subject_alternative_name()
        .map_err(|_| ChainError::MalformedCertificate)?;
    if let Some(extension) = extension {
        for name in &extension.value.general_names {
            match name {
                GeneralName::DNSName(name) => dns.push((*name).to_owned()),
                GeneralName::URI(name) => uri.push((*name).to_owned()),
                _ => {}
            }
        }
    }
    Ok((dns, uri))
}

/// `KeyIdentifier` of the `AuthorityKeyIdentifier`; an extension that stands there twice is none.
fn authority_key(read: &X509Certificate<'_>) -> Result<Option<Vec<u8>>, ChainError> {
    let extension = read
        .get_extension_unique(&OID_X509_EXT_AUTHORITY_KEY_IDENTIFIER)
        .map_err(|_| ChainError::MalformedCertificate)?;
    Ok(match extension.map(|extension| extension.parsed_extension()) {
        Some(ParsedExtension::AuthorityKeyIdentifier(found)) => found.key_identifier.as_ref().map(|id| id.0.to_vec()),
        _ => None,
    })
}

fn p256_key(read: &X509Certificate<'_>) -> Option<PublicJwk> {
    let info = read.public_key();
    let curve = info.algorithm.parameters.as_ref()?.as_oid().ok()?;
    if info.algorithm.algorithm != OID_KEY_TYPE_EC_PUBLIC_KEY || curve != OID_EC_P256 {
        return None;
    }
    PublicJwk::from_p256_sec1(info.subject_public_key.data.as_ref()).ok()
}
