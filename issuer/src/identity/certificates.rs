//! The certificate of the credential key: same key, the issuer's name as SAN URI. HAIP 1.0 §6.1.1
//!
//! It signs documents too: of the profile in ISO/IEC 18013-5 Annex B it has the key usages and the country.

use jose::PublicJwk;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    SanType, SubjectPublicKeyInfo,
};

/// Years for which a fresh authority is valid.
const AUTHORITY_YEARS: i32 = 10;
/// Years for which the leaf is valid.
const LEAF_YEARS: i32 = 2;

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
    pub fn create(name: &str, country: Option<&str>, year: i32) -> Result<Self, CertificateError> {
        let mut params = params(name, country, year, AUTHORITY_YEARS);
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
        year: i32,
    ) -> Result<Vec<Vec<u8>>, CertificateError> {
        let mut params = params("credential key", country, year, LEAF_YEARS);
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

/// `mdlDS`. ISO/IEC 18013-5 Annex B.1.4
const DOCUMENT_SIGNER: [u64; 6] = [1, 0, 18013, 5, 1, 2];

fn params(name: &str, country: Option<&str>, year: i32, years: i32) -> CertificateParams {
    let mut params = CertificateParams::default();
    if let Some(country) = country {
        params.distinguished_name.push(DnType::CountryName, country);
    }
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = rcgen::date_time_ymd(year, 1, 1);
    params.not_after = rcgen::date_time_ymd(year + years + 1, 1, 1);
    params
}

#[cfg(test)]
mod tests {
    use jose::x5c::{Purpose, TrustAnchors, UnverifiedChain, to_value};
    use jose::{PrivateJwk, UnixTime};

    use super::*;

    const NOW: UnixTime = 1_795_176_000; // 2026-11-20

    #[test]
    fn the_leaf_has_the_credential_key_and_the_issuers_name() {
        let key = PrivateJwk::generate_p256(&mut service::random::fill);
        let authority = Authority::create("Agency", Some("DE"), 2026).unwrap();
        let again = Authority::from_pem(authority.certificate_pem(), authority.dangerous_key_pem()).unwrap();
        let chain = again
            .certify(key.public(), "did:webvh:abc:agency.example", Some("DE"), 2026)
            .unwrap();
        let anchors = TrustAnchors::from_pem([authority.certificate_pem()]).unwrap();
        let leaf = UnverifiedChain::parse(&to_value(&chain))
            .unwrap()
            .verify(&anchors, NOW, Purpose::Mdl)
            .unwrap();
        assert_eq!((leaf.country(), leaf.anchor_country()), (Some("DE"), Some("DE")));
        assert!(leaf.public_jwk().same_key(key.public()));
        assert_eq!(leaf.uri_names(), ["did:webvh:abc:agency.example"]);
    }
}
