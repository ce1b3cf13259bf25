//! The certificate of the credential key: same key, the issuer's name as SAN URI. HAIP 1.0 §6.1.1
//!
//! It signs documents too: of the profile in ISO/IEC 18013-5 Annex B it has the key usages, the country and the validity.

use jiff::Span;
use jiff::civil::Date;
use jose::x5c::{Purpose, TrustAnchors, UnverifiedChain, VerifiedCertificate};
use jose::{PublicJwk, UnixTime};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    SanType, SubjectPublicKeyInfo,
};

use crate::day;

/// Years for which a fresh authority is valid.
const AUTHORITY_YEARS: i64 = 10;
/// Days for which the leaf is valid; at most 457. ISO/IEC 18013-5 Annex B.1.4
const LEAF_DAYS: i64 = 456;
/// For how long it has to be valid still: what the key signs today is valid for no longer than a year.
const LEFT: UnixTime = 366 * day::SECONDS;

/// A certificate authority: its certificate and its private key.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: String,
    key: String,
}

/// Why no certificate was made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// The certificate or key of the authority is unusable, or a certificate could not be made.
    #[error("a certificate cannot be made")]
    Rcgen(#[from] rcgen::Error),
    /// The issuer's name is not ASCII.
    #[error("the issuer's name cannot stand in a certificate")]
    Name,
}

impl Authority {
    /// Makes an authority for one agency, of a country where it says so.
    pub fn create(name: &str, country: Option<&str>, today: Date) -> Result<Self, CertificateError> {
        let from = today.first_of_year();
        let to = from.saturating_add(Span::new().years(AUTHORITY_YEARS + 1));
        let mut params = params(name, country, from, to);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate()?;
        let certificate = params.self_signed(&key)?.pem();
        let key_pem = key.serialize_pem();
        Ok(Self {
            issuer: Issuer::new(params, key),
            certificate,
            key: key_pem,
        })
    }

    /// Reads an authority from its two PEM files.
    pub fn from_pem(certificate: &str, key: &str) -> Result<Self, CertificateError> {
        let pair = KeyPair::from_pem(key)?;
        let issuer = Issuer::from_ca_cert_pem(certificate, pair)?;
        Ok(Self {
            issuer,
            certificate: certificate.to_owned(),
            key: key.to_owned(),
        })
    }

    /// Its certificate, for others to trust.
    #[must_use]
    pub fn certificate_pem(&self) -> &str {
        &self.certificate
    }

    /// Its private key, for a file that only its owner can read.
    #[must_use]
    pub fn dangerous_key_pem(&self) -> &str {
        &self.key
    }

    /// Certifies a credential key under the issuer's name; the chain without the authority itself.
    pub fn certify(
        &self,
        key: &PublicJwk,
        issuer_name: &str,
        country: Option<&str>,
        today: Date,
    ) -> Result<Vec<Vec<u8>>, CertificateError> {
        // Clocks of verifiers may be a little slow.
        let from = today.saturating_sub(Span::new().days(1));
        let to = from.saturating_add(Span::new().days(LEAF_DAYS));
        let mut params = params("credential key", country, from, to);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.subject_alt_names = vec![SanType::URI(
            issuer_name.try_into().map_err(|_| CertificateError::Name)?,
        )];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::Other(DOCUMENT_SIGNER.to_vec())];
        params.use_authority_key_identifier_extension = true;
        let key = SubjectPublicKeyInfo::from_der(&key.to_spki_der())?;
        Ok(vec![params.signed_by(&key, &self.issuer)?.der().to_vec()])
    }
}

/// Whether an authority has certified this key for as long as what is signed with it today may be valid.
pub(super) fn is_certified(authority: &str, chain: &[Vec<u8>], key: &PublicJwk, now: UnixTime) -> bool {
    let verified = TrustAnchors::from_pem([authority])
        .and_then(|anchors| UnverifiedChain::from_der(chain)?.verify(&anchors, now, Purpose::Credential));
    verified.is_ok_and(|leaf| is_long_of(&leaf, key, now))
}

/// The same of the certificate alone, whatever has become of the authority that made it.
pub(super) fn lasts(chain: &[Vec<u8>], key: &PublicJwk, now: UnixTime) -> bool {
    let read = UnverifiedChain::from_der(chain).and_then(|chain| {
        let own = *chain.dangerous_leaf_sha256();
        chain.verify_listed(&[own], now)
    });
    read.is_ok_and(|leaf| is_long_of(&leaf, key, now))
}

fn is_long_of(leaf: &VerifiedCertificate, key: &PublicJwk, now: UnixTime) -> bool {
    leaf.public_jwk().same_key(key) && leaf.not_after() >= now.saturating_add(LEFT)
}

/// `mdlDS`. ISO/IEC 18013-5 Annex B.1.4
const DOCUMENT_SIGNER: [u64; 6] = [1, 0, 18013, 5, 1, 2];

fn params(name: &str, country: Option<&str>, from: Date, to: Date) -> CertificateParams {
    let number = |part: i8| u8::try_from(part).unwrap_or(1);
    let midnight = |date: Date| rcgen::date_time_ymd(i32::from(date.year()), number(date.month()), number(date.day()));
    let mut params = CertificateParams::default();
    if let Some(country) = country {
        params.distinguished_name.push(DnType::CountryName, country);
    }
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = midnight(from);
    params.not_after = midnight(to);
    params
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use jose::PrivateJwk;
    use jose::x5c::to_value;

    use super::*;

    const NOW: UnixTime = 1_795_176_000; // 2026-11-20
    const DAY: UnixTime = day::SECONDS;

    #[test]
    fn the_leaf_has_the_credential_key_and_the_issuers_name() {
        let key = PrivateJwk::generate_p256(&mut service::random::fill);
        let today = date(2026, 11, 20);
        let authority = Authority::create("Agency", Some("DE"), today).unwrap();
        let again = Authority::from_pem(authority.certificate_pem(), authority.dangerous_key_pem()).unwrap();
        let chain = again
            .certify(key.public(), "did:webvh:abc:agency.example", Some("DE"), today)
            .unwrap();
        let anchors = TrustAnchors::from_pem([authority.certificate_pem()]).unwrap();
        let leaf = UnverifiedChain::parse(&to_value(&chain))
            .unwrap()
            .verify(&anchors, NOW, Purpose::Mdl)
            .unwrap();
        assert_eq!((leaf.country(), leaf.anchor_country()), (Some("DE"), Some("DE")));
        assert!(leaf.public_jwk().same_key(key.public()));
        assert_eq!(leaf.uri_names(), ["did:webvh:abc:agency.example"]);
        let validity = leaf.not_after() - leaf.not_before();
        assert!(validity < 457 * DAY && leaf.not_before() < NOW - DAY / 2, "{validity}");
    }

    #[test]
    fn a_key_is_certified_for_as_long_as_what_it_signs_is_valid() {
        let [key, other] = [(); 2].map(|()| PrivateJwk::generate_p256(&mut service::random::fill));
        let today = date(2026, 11, 20);
        let authority = Authority::create("Agency", None, today).unwrap();
        let chain = authority.certify(key.public(), "https://agency.example", None, today);
        let chain = chain.unwrap();
        let certified = |key: &PrivateJwk, now| is_certified(authority.certificate_pem(), &chain, key.public(), now);
        assert!(certified(&key, NOW) && certified(&key, NOW + 80 * DAY));
        assert!(
            !certified(&key, NOW + 100 * DAY),
            "it runs out before a copy of that day"
        );
        assert!(!certified(&key, NOW - 2 * DAY), "not yet");
        assert!(!certified(&other, NOW), "another key");
        let stranger = Authority::create("Stranger", None, today).unwrap();
        assert!(!is_certified(stranger.certificate_pem(), &chain, key.public(), NOW));
    }
}
