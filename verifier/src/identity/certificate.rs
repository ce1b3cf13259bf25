//! The access certificate: the request key's, signed by an authority of its
//! own, because a self-signed leaf is refused (HAIP 1.0 §5).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::{Timestamp, tz::TimeZone};
use jose::x5c::{self, ChainError, UnverifiedChain};
use jose::{PrivateJwk, PublicJwk, Signer, UnixTime};
use oid4vp::ClientId;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PublicKeyData, SanType, SignatureAlgorithm, SigningKey,
};
use sha2::{Digest, Sha256};

/// A certificate of the request key, and those above it that wallets need: each in DER.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessCertificate {
    der: Vec<u8>,
    above: Vec<Vec<u8>>,
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
    /// The file is not one PEM certificate, or a few.
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
    /// Reads a PEM file and checks that its first certificate is of this key, not
    /// self-signed and in its time, and that each of the others is the one above.
    ///
    /// # Errors
    /// [`AccessCertificateError`]
    pub fn from_pem(text: &str, key: &PublicJwk, now: UnixTime) -> Result<Self, AccessCertificateError> {
        let ders = certificates_from_pem(text).ok_or(AccessCertificateError::Pem)?;
        let chain = UnverifiedChain::parse(&x5c::to_value(&ders)).map_err(AccessCertificateError::Chain)?;
        let mut ders = ders.into_iter();
        let der = ders.next().ok_or(AccessCertificateError::Pem)?;
        let leaf = chain
            .verify_listed(&[sha256(&der)], now)
            .map_err(AccessCertificateError::Chain)?;
        if !leaf.public_jwk().same_key(key) {
            return Err(AccessCertificateError::OtherKey);
        }
        Ok(Self {
            dns_names: leaf.dns_names().to_vec(),
            above: ders.collect(),
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

    /// The certificate and those above it, in DER, as `x5c` has them.
    pub fn into_chain(self) -> Vec<Vec<u8>> {
        std::iter::once(self.der).chain(self.above).collect()
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
                above: Vec::new(),
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

/// Asks an authority for a certificate of the request key. RFC 2986
pub(super) fn signing_request(host: &str, did: &str, key: &PrivateJwk) -> Result<String, AccessCertificateError> {
    let signer = jose::SigningKey::new(key).map_err(|_| AccessCertificateError::KeyType)?;
    let point = key
        .public()
        .sec1_uncompressed()
        .ok_or(AccessCertificateError::KeyType)?;
    let mut params = CertificateParams::default();
    params.distinguished_name = named(host);
    params.subject_alt_names = vec![SanType::DnsName(host.try_into()?), SanType::URI(did.try_into()?)];
    Ok(params.serialize_request(&AskingKey { point, signer })?.pem()?)
}

/// The request key, as rcgen signs with it.
struct AskingKey<'a> {
    point: &'a [u8; 65],
    signer: jose::SigningKey,
}

impl PublicKeyData for AskingKey<'_> {
    fn der_bytes(&self) -> &[u8] {
        self.point
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ECDSA_P256_SHA256
    }
}

impl SigningKey for AskingKey<'_> {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        let raw = Signer::sign(&self.signer, message).map_err(|_| rcgen::Error::RemoteKeyError)?;
        let (r, s) = raw.split_at_checked(32).ok_or(rcgen::Error::RemoteKeyError)?;
        Ok(ecdsa_sig_value(r, s))
    }
}

/// `ECDSA-Sig-Value`, as X.509 has signatures. RFC 5480 Appendix A; both numbers are below 2^256, so that every length
/// is one byte.
fn ecdsa_sig_value(r: &[u8], s: &[u8]) -> Vec<u8> {
    let numbers = [der_integer(r), der_integer(s)].concat();
    let length = u8::try_from(numbers.len()).unwrap_or(u8::MAX);
    [vec![0x30, length], numbers].concat()
}

fn der_integer(bytes: &[u8]) -> Vec<u8> {
    let first = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len());
    let significant = bytes.get(first..).unwrap_or_default();
    // A number that begins with a set bit would be negative; zero is one byte.
    let lead = significant.first().is_none_or(|byte| byte & 0x80 != 0);
    let mut value = if lead { vec![0] } else { Vec::new() };
    value.extend_from_slice(significant);
    let length = u8::try_from(value.len()).unwrap_or(u8::MAX);
    [vec![0x02, length], value].concat()
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

/// All certificates in a PEM file, in DER; `None` where anything else is between them.
fn certificates_from_pem(text: &str) -> Option<Vec<Vec<u8>>> {
    const END: &str = "-----END CERTIFICATE-----";
    let blocks = text.trim().split_inclusive(END);
    let found: Option<Vec<_>> = blocks.map(|block| certificate_from_pem(block.trim_start())).collect();
    found.filter(|found| !found.is_empty())
}

const DAY: UnixTime = 86_400;
/// How long a new access certificate is valid, in seconds.
pub(super) const VALIDITY: UnixTime = 730 * DAY;

fn named(common_name: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common_name);
    name
}

#[cfg(test)]
mod tests {
    use super::{certificates_from_pem, der_integer, ecdsa_sig_value};

    #[test]
    fn numbers_are_as_short_as_they_can_be_and_never_negative() {
        assert_eq!(der_integer(&[0, 0, 5]), [2, 1, 5]);
        assert_eq!(der_integer(&[0x80, 1]), [2, 3, 0, 0x80, 1]);
        assert_eq!(der_integer(&[0, 0]), [2, 1, 0]);
        assert_eq!(ecdsa_sig_value(&[1], &[0xff]), [0x30, 7, 2, 1, 1, 2, 2, 0, 0xff]);
    }

    #[test]
    fn a_file_holds_one_certificate_or_several_and_nothing_else() {
        let one = "-----BEGIN CERTIFICATE-----\nAQID\n-----END CERTIFICATE-----\n";
        assert_eq!(certificates_from_pem(one), Some(vec![vec![1, 2, 3]]));
        let two = format!("{one}{one}");
        assert_eq!(certificates_from_pem(&two).map(|found| found.len()), Some(2));
        assert_eq!(certificates_from_pem(&format!("{one}more")), None);
        assert_eq!(certificates_from_pem(""), None);
    }
}
