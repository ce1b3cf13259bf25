//! The registrar's certificate authority: access certificates for businesses, and the certificate of the key that
//! signs registrations. docs/registration.md §4

use std::path::{Path, PathBuf};
use std::time::Duration;

use did::webvh::WebvhDid;
use jose::{PublicJwk, UnixTime};
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertificateSigningRequestParams, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PublicKeyData, SanType,
    SignatureAlgorithm,
};
use service::files::{PrivateFileError, read_private, write_atomically, write_private};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

const DAY: UnixTime = 86_400;
/// For how long the authority itself is valid.
const LIFETIME: UnixTime = 10 * 365 * DAY;
/// The last second that a certificate can name. RFC 5280 §4.1.2.5
const END_OF_TIME: UnixTime = 253_402_300_799;

/// The registrar's authority, able to sign.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

/// A certificate that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Certified {
    pub(crate) pem: String,
    pub(crate) der: Vec<u8>,
}

/// Where the authority's files are.
#[derive(Clone, Debug)]
pub(crate) struct AuthorityFiles {
    folder: PathBuf,
}

/// Why there is no authority, or no certificate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorityError {
    /// There is an authority already; it is never overwritten.
    #[error("the registrar has a certificate authority already")]
    Exists,
    /// The key file is missing or may be read by others.
    #[error("the certificate authority: {0}")]
    KeyFile(#[from] PrivateFileError),
    /// A file cannot be read or written.
    #[error("the certificate authority's files cannot be used")]
    File(#[from] std::io::Error),
    /// A file does not hold what it should, or a certificate cannot be made.
    #[error("the certificate authority cannot sign")]
    Make(#[from] rcgen::Error),
    /// A key is not P-256.
    #[error("the key is not P-256")]
    KeyType,
    /// The certificate signing request is malformed, or not signed by its key. RFC 2986 §3
    #[error("the certificate signing request cannot be used")]
    Request,
    /// The organisation's DID names no host.
    #[error("the DID names no host")]
    Did,
}

impl AuthorityFiles {
    /// The files below the data folder of a log.
    pub(crate) fn below(folder: &Path) -> Self {
        Self {
            folder: folder.join("registrar"),
        }
    }

    /// The private key, PKCS #8 in PEM.
    pub(crate) fn key(&self) -> PathBuf {
        self.folder.join("access-authority.key")
    }

    /// The authority's own certificate.
    pub(crate) fn certificate(&self) -> PathBuf {
        self.folder.join("access-authority.pem")
    }
}

impl Authority {
    /// Makes an authority and writes its files. One that is there is left alone.
    ///
    /// # Errors
    /// [`AuthorityError`]
    pub(crate) fn init(files: &AuthorityFiles, registrar: &str, now: UnixTime) -> Result<(), AuthorityError> {
        if files.key().exists() || files.certificate().exists() {
            return Err(AuthorityError::Exists);
        }
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let mut params = valid(now, now.saturating_add(LIFETIME));
        params.distinguished_name = named(&format!("Access authority of {registrar}"));
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let certificate = params.self_signed(&key)?;
        // The key first: a certificate without its key would be of no use.
        let secret = Zeroizing::new(key.serialize_pem());
        write_private(&files.key(), secret.as_bytes())?;
        write_atomically(&files.certificate(), certificate.pem().as_bytes())?;
        Ok(())
    }

    /// Reads the files.
    ///
    /// # Errors
    /// [`AuthorityError`]
    pub(crate) fn open(files: &AuthorityFiles) -> Result<Self, AuthorityError> {
        let secret = Zeroizing::new(read_private(&files.key())?);
        let secret = std::str::from_utf8(&secret).map_err(|_| rcgen::Error::CouldNotParseKeyPair)?;
        let key = KeyPair::from_pem(secret)?;
        let pem = std::fs::read_to_string(files.certificate())?;
        Ok(Self {
            issuer: Issuer::from_ca_cert_pem(&pem, key)?,
            pem,
        })
    }

    /// The authority's own certificate, PEM.
    pub(crate) fn pem(&self) -> &str {
        &self.pem
    }

    /// The access certificate of whoever made a signing request. Of the request counts the key alone, and that it is
    /// signed by it: the names are those that were approved.
    ///
    /// # Errors
    /// [`AuthorityError`]
    pub(crate) fn access(
        &self,
        csr: &str,
        did: &str,
        name: &str,
        (now, until): (UnixTime, UnixTime),
    ) -> Result<Certified, AuthorityError> {
        let request = request(csr)?;
        let params = leaf(did, name, (now, until))?;
        Ok(params.signed_by(&request.public_key, &self.issuer)?.into())
    }

    /// The certificate of the key that signs registrations.
    ///
    /// # Errors
    /// [`AuthorityError`]
    pub(crate) fn signer(
        &self,
        key: &PublicJwk,
        did: &str,
        name: &str,
        now: UnixTime,
    ) -> Result<Certified, AuthorityError> {
        let key = SignerKey(key.sec1_uncompressed().ok_or(AuthorityError::KeyType)?.to_vec());
        let mut params = leaf(did, name, (now, now.saturating_add(LIFETIME)))?;
        params.extended_key_usages.clear();
        Ok(params.signed_by(&key, &self.issuer)?.into())
    }
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authority").finish_non_exhaustive()
    }
}

impl Certified {
    /// The hash by which the ledger lists an access certificate. OpenID4VP 1.0 §5.9.3
    pub(crate) fn sha256(&self) -> ledger::Hash {
        Sha256::digest(&self.der).into()
    }

    /// Reads what was made before.
    pub(crate) fn from_pem(pem: &str) -> Option<Self> {
        let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
        // base64 of RFC 4648 §4 differs from that of §5 by two characters and the filling.
        let body = body.trim_end_matches('=').replace('+', "-").replace('/', "_");
        Some(Self {
            pem: pem.to_owned(),
            der: jose::base64url::decode(&body).ok()?,
        })
    }
}

impl From<Certificate> for Certified {
    fn from(certificate: Certificate) -> Self {
        Self {
            pem: certificate.pem(),
            der: certificate.der().to_vec(),
        }
    }
}

/// The key of a signing request that is signed by it.
///
/// # Errors
/// [`AuthorityError::Request`], [`AuthorityError::KeyType`]
pub(crate) fn request_key(csr: &str) -> Result<PublicJwk, AuthorityError> {
    let request = request(csr)?;
    PublicJwk::from_p256_sec1(request.public_key.der_bytes()).map_err(|_| AuthorityError::KeyType)
}

fn request(csr: &str) -> Result<CertificateSigningRequestParams, AuthorityError> {
    let request = CertificateSigningRequestParams::from_pem(csr).map_err(|_| AuthorityError::Request)?;
    if request.public_key.algorithm() == &PKCS_ECDSA_P256_SHA256 {
        Ok(request)
    } else {
        Err(AuthorityError::KeyType)
    }
}

/// A leaf that signs requests for one organisation, by the host and by the DID that the ledger names.
fn leaf(did: &str, name: &str, (now, until): (UnixTime, UnixTime)) -> Result<CertificateParams, AuthorityError> {
    let location: WebvhDid = did.parse().map_err(|_| AuthorityError::Did)?;
    let mut params = valid(now, until);
    params.distinguished_name = named(name);
    params.is_ca = IsCa::ExplicitNoCa;
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params.subject_alt_names = vec![
        SanType::DnsName(location.host().try_into()?),
        SanType::URI(did.try_into()?),
    ];
    Ok(params)
}

/// From the day before, so that a clock that is slow finds it valid.
fn valid(now: UnixTime, until: UnixTime) -> CertificateParams {
    let mut params = CertificateParams::default();
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    let at = |time: UnixTime| epoch + Duration::from_secs(time.min(END_OF_TIME));
    params.not_before = at(now.saturating_sub(DAY));
    params.not_after = at(until);
    params
}

/// A common name has 64 characters at most. RFC 5280 Appendix A.1
fn named(common_name: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common_name.chars().take(64).collect::<String>());
    name
}

/// The public half of the registrar's key, as rcgen wants it.
struct SignerKey(Vec<u8>);

impl PublicKeyData for SignerKey {
    fn der_bytes(&self) -> &[u8] {
        self.0.as_slice()
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ECDSA_P256_SHA256
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixTime = 1_800_000_000;

    fn did() -> String {
        let made = did::identity::Organisation::create("shop.example", NOW, &mut service::random::fill);
        made.unwrap().did().to_string()
    }

    fn authority() -> (tempfile::TempDir, Authority) {
        let folder = tempfile::tempdir().unwrap();
        let files = AuthorityFiles::below(folder.path());
        Authority::init(&files, "Registrar", NOW).unwrap();
        assert!(matches!(
            Authority::init(&files, "Registrar", NOW),
            Err(AuthorityError::Exists)
        ));
        let authority = Authority::open(&files).unwrap();
        (folder, authority)
    }

    fn csr(key: &KeyPair) -> String {
        // What the request asks for does not count.
        let params = CertificateParams::new(vec!["bank.example".to_owned()]).unwrap();
        params.serialize_request(key).unwrap().pem().unwrap()
    }

    #[test]
    fn an_access_certificate_is_of_the_key_and_of_the_names_that_were_approved() {
        let (_folder, authority) = authority();
        let did = did();
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        let csr = csr(&key);
        let made = authority.access(&csr, &did, "Corner Shop", (NOW, NOW + 1000)).unwrap();
        assert_eq!(Certified::from_pem(&made.pem), Some(made.clone()));
        let chain = jose::x5c::UnverifiedChain::parse(&jose::x5c::to_value([&made.der])).unwrap();
        let leaf = chain.verify_listed(&[made.sha256()], NOW).unwrap();
        assert!(leaf.public_jwk().same_key(&request_key(&csr).unwrap()));
        assert_eq!(leaf.dns_names(), ["shop.example"]);
        assert_eq!(leaf.uri_names(), [did]);
        assert_eq!(leaf.not_after(), NOW + 1000);
    }

    #[test]
    fn a_request_that_is_not_signed_by_its_key_is_refused() {
        let (_folder, authority) = authority();
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        let body: String = csr(&key).lines().filter(|line| !line.starts_with('-')).collect();
        let mut changed: Vec<char> = body.chars().collect();
        let middle = changed.len() / 2;
        changed[middle] = if changed[middle] == 'A' { 'B' } else { 'A' };
        let changed: String = changed.into_iter().collect();
        let pem = format!("-----BEGIN CERTIFICATE REQUEST-----\n{changed}\n-----END CERTIFICATE REQUEST-----\n");
        let refused = authority.access(&pem, &did(), "Shop", (NOW, NOW + 1));
        assert!(matches!(
            refused,
            Err(AuthorityError::Request | AuthorityError::KeyType)
        ));
        assert!(matches!(request_key("x"), Err(AuthorityError::Request)));
    }

    #[test]
    fn the_key_that_signs_registrations_has_a_certificate() {
        let (_folder, authority) = authority();
        let key = jose::PrivateJwk::generate_p256(&mut service::random::fill);
        let made = authority.signer(key.public(), &did(), "Registrar", NOW).unwrap();
        let chain = jose::x5c::UnverifiedChain::parse(&jose::x5c::to_value([&made.der])).unwrap();
        let leaf = chain.verify_listed(&[made.sha256()], NOW).unwrap();
        assert!(leaf.public_jwk().same_key(key.public()));
    }
}
