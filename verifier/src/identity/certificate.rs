//! The access certificate: the request key's, signed by an authority of its
//! own, because a self-signed leaf is refused (HAIP 1.0 §5).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::{Timestamp, tz::TimeZone};
use jose::x5c::{self, ChainError, UnverifiedChain};
use jose::{PublicJwk, UnixTime};
use oid4vp::ClientId;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PublicKeyData, SanType, SignatureAlgorithm,
};
use sha2::{Digest, Sha256};

/// A certificate of the request key, in DER.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessCertificate {
    der: Vec<u8>,
    dns_names: Vec<String>,
}

/// A fresh access certificate and the authority that signed it.
pub(super) struct NewAccess {
    pub(super) certificate: AccessCertificate,
    pub(super) certificate_pem: String,
    pub(super) authority_pem: String,
}

/// Why there is no access certificate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AccessCertificateError {
    /// The file is not one PEM certificate.
    #[error("the access certificate is not PEM")]
    Pem,
    /// The certificate is malformed, self-signed or out of its time.
    #[error("the access certificate: {0}")]
    Chain(ChainError),
    /// The certificate is of another key.
    #[error("the access certificate is of another key than the DID's")]
    OtherKey,
    /// The certificate does not name the host of the service.
    #[error("the access certificate does not name the host of public_url")]
    OtherHost,
    /// The request key is not P-256.
    #[error("the request key is not P-256")]
    KeyType,
    /// The time is beyond the calendar.
    #[error("the clock of this machine is wrong")]
    Time,
    /// The certificate could not be made.
    #[error("the certificate could not be made")]
    Make(#[from] rcgen::Error),
}

impl AccessCertificate {
    /// Reads a PEM file and checks that it is of this key, not self-signed and
    /// in its time.
    ///
    /// # Errors
    /// [`AccessCertificateError`]
    pub fn from_pem(text: &str, key: &PublicJwk, now: UnixTime) -> Result<Self, AccessCertificateError> {
        let der = certificate_from_pem(text).ok_or(AccessCertificateError::Pem)?;
        let chain = UnverifiedChain::parse(&x5c::to_value([&der])).map_err(AccessCertificateError::Chain)?;
        let leaf = chain
            .verify_listed(&[sha256(&der)], now)
            .map_err(AccessCertificateError::Chain)?;
        if !leaf.public_jwk().same_key(key) {
            return Err(AccessCertificateError::OtherKey);
        }
        Ok(Self {
            dns_names: leaf.dns_names().to_vec(),
            der,
        })
    }

    /// The hash that names it. OpenID4VP 1.0 §5.9.3
    pub fn sha256(&self) -> [u8; 32] {
        sha256(&self.der)
    }

    /// The client identifier by a host, which the certificate has to name.
    /// OpenID4VP 1.0 §5.9.3
    ///
    /// # Errors
    /// [`AccessCertificateError::OtherHost`]
    pub fn client_id_of_host(&self, host: &str) -> Result<ClientId, AccessCertificateError> {
        let named = self.dns_names.iter().any(|name| name.eq_ignore_ascii_case(host));
        let client_id = ClientId::from_dns_name(host).ok().filter(|_| named);
        client_id.ok_or(AccessCertificateError::OtherHost)
    }

    /// The certificate in DER.
    pub fn into_der(self) -> Vec<u8> {
        self.der
    }
}

fn sha256(der: &[u8]) -> [u8; 32] {
    Sha256::digest(der).into()
}

impl NewAccess {
    /// Makes an authority with a key that is forgotten afterwards, and has it
    /// sign the request key.
    pub(super) fn make(host: &str, did: &str, key: &PublicJwk, now: UnixTime) -> Result<Self, AccessCertificateError> {
        let request_key = RequestKey(key.sec1_uncompressed().ok_or(AccessCertificateError::KeyType)?);
        let authority_key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let mut authority = valid_from(now)?;
        authority.distinguished_name = named(&format!("{host} access authority"));
        authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let authority_pem = authority.self_signed(&authority_key)?.pem();

        let mut leaf = valid_from(now)?;
        leaf.distinguished_name = named(host);
        leaf.is_ca = IsCa::ExplicitNoCa;
        leaf.use_authority_key_identifier_extension = true;
        leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        leaf.subject_alt_names = vec![SanType::DnsName(host.try_into()?), SanType::URI(did.try_into()?)];
        let certificate = leaf.signed_by(&request_key, &Issuer::new(authority, authority_key))?;
        Ok(Self {
            certificate: AccessCertificate {
                der: certificate.der().to_vec(),
                dns_names: vec![host.to_owned()],
            },
            certificate_pem: certificate.pem(),
            authority_pem,
        })
    }
}

/// The public half of the request key, as rcgen wants it.
struct RequestKey<'a>(&'a [u8; 65]);

impl PublicKeyData for RequestKey<'_> {
    fn der_bytes(&self) -> &[u8] {
        self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ECDSA_P256_SHA256
    }
}

/// Two years, from the day before so that a clock that is slow finds it valid.
fn valid_from(now: UnixTime) -> Result<CertificateParams, AccessCertificateError> {
    let mut params = CertificateParams::default();
    let (year, month, first) = day(now.saturating_sub(DAY)).ok_or(AccessCertificateError::Time)?;
    params.not_before = rcgen::date_time_ymd(year, month, first);
    let (year, month, last) = day(now.saturating_add(VALIDITY)).ok_or(AccessCertificateError::Time)?;
    params.not_after = rcgen::date_time_ymd(year, month, last);
    Ok(params)
}

/// Year, month and day in UTC; `None` beyond the calendar.
pub(crate) fn day(time: UnixTime) -> Option<(i32, u8, u8)> {
    let time = Timestamp::from_second(i64::try_from(time).ok()?).ok()?;
    let date = time.to_zoned(TimeZone::UTC).date();
    let (month, day) = (u8::try_from(date.month()).ok()?, u8::try_from(date.day()).ok()?);
    Some((date.year().into(), month, day))
}

/// The one certificate in a PEM file, in DER. RFC 7468 §5
pub(crate) fn certificate_from_pem(text: &str) -> Option<Vec<u8>> {
    let body: String = text
        .strip_prefix("-----BEGIN CERTIFICATE-----")?
        .trim_end()
        .strip_suffix("-----END CERTIFICATE-----")?
        .split_whitespace()
        .collect();
    STANDARD.decode(body).ok()
}

const DAY: UnixTime = 86_400;
/// How long a new access certificate is valid, in seconds.
pub(super) const VALIDITY: UnixTime = 730 * DAY;

fn named(common_name: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common_name);
    name
}
