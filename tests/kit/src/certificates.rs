//! Certificate authorities and the chains they make, good and bad.
#![expect(clippy::expect_used, reason = "fixtures: what goes wrong here is a failed test")]

use jose::{PrivateJwk, PublicJwk, x5c};
pub use rcgen::ExtendedKeyUsagePurpose;
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DnType, GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    NameConstraints, SanType, SubjectPublicKeyInfo, date_time_ymd,
};
use serde_json::Value;

/// A certificate authority with a key of its own.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
    /// Its certificate and those above it, but for the anchor.
    above: Vec<Vec<u8>>,
}

/// A name in a certificate. RFC 5280 §4.2.1.6.
#[derive(Clone, Copy, Debug)]
pub enum Name<'a> {
    /// A URI, such as a DID.
    Uri(&'a str),
    /// A host name.
    Dns(&'a str),
}

/// When a certificate is valid.
#[derive(Clone, Copy, Debug)]
pub enum Validity {
    /// From 2020 to 2040.
    Current,
    /// In 2020.
    Expired,
    /// From 2039 on.
    NotYet,
}

/// The extended key usage of document signers. ISO/IEC 18013-5 Annex B.1.4
pub fn document_signer() -> ExtendedKeyUsagePurpose {
    ExtendedKeyUsagePurpose::Other(vec![1, 0, 18013, 5, 1, 2])
}

/// Why an authority may not make the chain that it makes. RFC 5280 §4.2.1.9, §4.2.1.10
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// Its certificate does not say that it is an authority.
    NoAuthority,
    /// It may certify no further authority.
    NoFurther,
    /// It may certify hosts under `other.example` only.
    OtherNames,
}

/// How the certificates are signed of a chain that openssl made, since rcgen does not sign in such a way.
#[derive(Clone, Copy, Debug)]
pub enum Signed {
    /// As they should be: ECDSA with SHA-256.
    Well,
    /// ECDSA with SHA-1.
    WithSha1,
    /// RSA with a key of 1,024 bits.
    WithRsa1024,
}

impl Signed {
    /// The anchor, a file for a folder of trust anchors, and a chain below it, valid from 2020 to 2040: of key 31,
    /// under the names `did:web:elsewhere.example`, `elsewhere.example` and `foreign.example`.
    pub fn certificates(self) -> (&'static str, Chain) {
        let (anchor, leaf) = match self {
            Self::Well => (
                include_str!("../certificates/good.pem"),
                include_bytes!("../certificates/good.leaf.der").as_slice(),
            ),
            Self::WithSha1 => (
                include_str!("../certificates/sha-1.pem"),
                include_bytes!("../certificates/sha-1.leaf.der").as_slice(),
            ),
            Self::WithRsa1024 => (
                include_str!("../certificates/rsa-1024.pem"),
                include_bytes!("../certificates/rsa-1024.leaf.der").as_slice(),
            ),
        };
        let certificates = vec![leaf.to_vec()];
        (anchor, Chain { certificates })
    }
}

/// A certificate chain.
pub struct Chain {
    /// In DER form, leaf first, without the anchor.
    pub certificates: Vec<Vec<u8>>,
}

impl Authority {
    /// A root authority, valid now.
    pub fn new(name: &str) -> Self {
        Self::root(name, Validity::Current)
    }

    /// A root authority that has run out.
    pub fn expired(name: &str) -> Self {
        Self::root(name, Validity::Expired)
    }

    /// A root authority of a country, as those that certify document signers. ISO/IEC 18013-5 Annex B.1.2
    pub fn of_country(name: &str, country: &str) -> Self {
        let mut params = authority_params(name, Validity::Current);
        params.distinguished_name.push(DnType::CountryName, country);
        Self::self_signed(params)
    }

    /// The same of a state or province of a country.
    pub fn of_state(name: &str, country: &str, state: &str) -> Self {
        let mut params = authority_params(name, Validity::Current);
        params.distinguished_name.push(DnType::CountryName, country);
        params.distinguished_name.push(DnType::StateOrProvinceName, state);
        Self::self_signed(params)
    }

    fn root(name: &str, validity: Validity) -> Self {
        Self::self_signed(authority_params(name, validity))
    }

    fn self_signed(params: CertificateParams) -> Self {
        let key = KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("a root certificate");
        Self {
            issuer: Issuer::new(params, key),
            pem: certificate.pem(),
            above: Vec::new(),
        }
    }

    /// An authority below this one; chains it makes contain its certificate.
    pub fn intermediate(&self, name: &str) -> Self {
        self.below(authority_params(name, Validity::Current))
    }

    /// The same with a fault.
    pub fn faulty(&self, name: &str, fault: Fault) -> Self {
        let mut params = authority_params(name, Validity::Current);
        match fault {
            Fault::NoAuthority => params.is_ca = IsCa::ExplicitNoCa,
            Fault::NoFurther => params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0)),
            Fault::OtherNames => {
                params.name_constraints = Some(NameConstraints {
                    permitted_subtrees: vec![GeneralSubtree::DnsName("other.example".to_owned())],
                    excluded_subtrees: Vec::new(),
                });
            }
        }
        self.below(params)
    }

    fn below(&self, params: CertificateParams) -> Self {
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        Self {
            issuer: Issuer::new(params, key),
            pem: certificate.pem(),
            above: prepend(&certificate, &self.above),
        }
    }

    /// The authority's certificate: a file for a folder of trust anchors.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// The authority's private key, for a service that makes certificates itself.
    pub fn key_pem(&self) -> String {
        self.issuer.key().serialize_pem()
    }

    /// A chain for a key under these names, valid now.
    pub fn certify(&self, key: &PublicJwk, names: &[Name<'_>]) -> Chain {
        self.certify_with(key, names, Validity::Current, &[])
    }

    /// A chain whose leaf is valid at another time or for named purposes only.
    pub fn certify_with(
        &self,
        key: &PublicJwk,
        names: &[Name<'_>],
        validity: Validity,
        purposes: &[ExtendedKeyUsagePurpose],
    ) -> Chain {
        let mut params = leaf_params(names, validity);
        params.extended_key_usages = purposes.to_vec();
        self.sign(key, params)
    }

    /// A chain for a signer of a country, valid now, for named purposes only.
    pub fn certify_signer(&self, key: &PublicJwk, country: &str, purposes: &[ExtendedKeyUsagePurpose]) -> Chain {
        let mut params = leaf_params(&[], Validity::Current);
        params.distinguished_name.push(DnType::CountryName, country);
        params.extended_key_usages = purposes.to_vec();
        self.sign(key, params)
    }

    /// A chain for a signer of driving licences of a state or province of a country.
    pub fn certify_signer_of_state(&self, key: &PublicJwk, country: &str, state: &str) -> Chain {
        let mut params = leaf_params(&[], Validity::Current);
        params.distinguished_name.push(DnType::CountryName, country);
        params.distinguished_name.push(DnType::StateOrProvinceName, state);
        params.extended_key_usages = vec![document_signer()];
        self.sign(key, params)
    }

    fn sign(&self, key: &PublicJwk, params: CertificateParams) -> Chain {
        let key = SubjectPublicKeyInfo::from_der(&key.to_spki_der()).expect("a public key");
        let leaf = params.signed_by(&key, &self.issuer).expect("a certificate");
        Chain {
            certificates: prepend(&leaf, &self.above),
        }
    }
}

impl Chain {
    /// A self-signed leaf, which nobody may accept. HAIP 1.0 §5, §6.1.1.
    pub fn self_signed(key: &PrivateJwk, names: &[Name<'_>]) -> Self {
        let pkcs8 = key.dangerous_to_pkcs8_der();
        let key = KeyPair::try_from(pkcs8.as_slice()).expect("a private key");
        let leaf = leaf_params(names, Validity::Current);
        let leaf = leaf.self_signed(&key).expect("a certificate");
        Self {
            certificates: vec![leaf.der().to_vec()],
        }
    }

    /// The value of an `x5c` header.
    pub fn x5c(&self) -> Value {
        x5c::to_value(&self.certificates)
    }

    /// The leaf in DER form.
    pub fn leaf(&self) -> &[u8] {
        self.certificates.first().expect("a leaf")
    }
}

fn prepend(first: &Certificate, rest: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut chain = vec![first.der().to_vec()];
    chain.extend_from_slice(rest);
    chain
}

fn authority_params(name: &str, validity: Validity) -> CertificateParams {
    let mut params = params(name, validity);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params.use_authority_key_identifier_extension = true;
    params
}

fn leaf_params(names: &[Name<'_>], validity: Validity) -> CertificateParams {
    let mut params = params("leaf", validity);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.use_authority_key_identifier_extension = true;
    params.subject_alt_names = names
        .iter()
        .map(|name| match *name {
            Name::Uri(uri) => SanType::URI(uri.try_into().expect("an ASCII URI")),
            Name::Dns(host) => SanType::DnsName(host.try_into().expect("an ASCII host")),
        })
        .collect();
    params
}

fn params(name: &str, validity: Validity) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    let (from, to) = match validity {
        Validity::Current => (2020, 2040),
        Validity::Expired => (2020, 2021),
        Validity::NotYet => (2039, 2040),
    };
    params.not_before = date_time_ymd(from, 1, 1);
    params.not_after = date_time_ymd(to, 1, 1);
    params
}

#[cfg(test)]
mod tests {
    use jose::x5c::{ChainError, Purpose, TrustAnchors, UnverifiedChain};

    use super::*;
    use crate::credential::key;

    const NOW: u64 = 1_795_176_000;

    fn verify(chain: &Chain, root: &Authority) -> Result<Vec<String>, ChainError> {
        let anchors = TrustAnchors::from_pem([root.pem()])?;
        let verified = UnverifiedChain::parse(&chain.x5c())?.verify(&anchors, NOW, Purpose::Credential)?;
        Ok(verified.uri_names().to_vec())
    }

    #[test]
    fn each_variant_is_what_it_says() {
        let names = [Name::Uri("did:web:agency.example"), Name::Dns("agency.example")];
        let (root, key) = (Authority::new("root"), key(1));
        let below = root.intermediate("below");
        let of = |authority: &Authority| verify(&authority.certify(key.public(), &names), &root);
        let no_authority = root.faulty("below", Fault::NoAuthority);
        assert_eq!(of(&no_authority), Err(ChainError::IssuerNotAuthority));
        let no_further = root.faulty("below", Fault::NoFurther);
        assert!(of(&no_further).is_ok());
        assert_eq!(of(&no_further.intermediate("further")), Err(ChainError::Path));
        assert_eq!(of(&root.faulty("below", Fault::OtherNames)), Err(ChainError::Path));
        assert_eq!(
            verify(&below.certify(key.public(), &names), &root).unwrap(),
            ["did:web:agency.example"]
        );
        let expired = root.certify_with(key.public(), &names, Validity::Expired, &[]);
        assert_eq!(verify(&expired, &root), Err(ChainError::Expired));
        let not_yet = root.certify_with(key.public(), &names, Validity::NotYet, &[]);
        assert_eq!(verify(&not_yet, &root), Err(ChainError::NotYetValid));
        let client = [ExtendedKeyUsagePurpose::ClientAuth];
        let other_purpose = root.certify_with(key.public(), &names, Validity::Current, &client);
        assert_eq!(verify(&other_purpose, &root), Err(ChainError::WrongPurpose));
        assert_eq!(
            verify(&Chain::self_signed(&key, &names), &root),
            Err(ChainError::SelfSignedLeaf)
        );
        let stranger = Authority::new("stranger").certify(key.public(), &names);
        assert_eq!(verify(&stranger, &root), Err(ChainError::UnknownIssuer));
        let old = Authority::expired("old");
        assert_eq!(
            verify(&old.certify(key.public(), &names), &old),
            Err(ChainError::Expired)
        );
        assert!(root.key_pem().contains("PRIVATE KEY"));
    }

    #[test]
    fn of_three_chains_one_is_signed_well() {
        let verify = |signed: Signed| {
            let (anchor, chain) = signed.certificates();
            let anchors = TrustAnchors::from_pem([anchor])?;
            UnverifiedChain::parse(&chain.x5c())?.verify(&anchors, NOW, Purpose::Credential)
        };
        let verified = verify(Signed::Well).unwrap();
        assert!(verified.public_jwk().same_key(key(31).public()));
        assert_eq!(verified.uri_names(), ["did:web:elsewhere.example"]);
        assert_eq!(verified.dns_names(), ["elsewhere.example", "foreign.example"]);
        for signed in [Signed::WithSha1, Signed::WithRsa1024] {
            assert_eq!(verify(signed).unwrap_err(), ChainError::Path, "{signed:?}");
        }
    }
}
