//! The certificate authority of one data folder. Its certificate says that it
//! counts for local addresses alone: whoever steals its key cannot pass for
//! anything else to a phone that trusts it.

use std::io;
use std::net::IpAddr;
use std::path::Path;

use jose::UnixTime;
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DnType, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, NameConstraints, PKCS_ECDSA_P256_SHA256, SanType,
};
use service::files::{PrivateFileError, read_private, write_atomically, write_private};
use sha2::{Digest, Sha256};

use super::Reachable;
use crate::identity::day;

/// The authority.
pub(crate) struct LocalAuthority {
    issuer: Issuer<'static, KeyPair>,
    certificate: Vec<u8>,
}

/// Why there is no authority, or no certificate of it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AuthorityError {
    #[error(transparent)]
    PrivateFile(#[from] PrivateFileError),
    #[error("a file cannot be read or written")]
    Io(#[from] io::Error),
    #[error("its files are damaged: delete them, and trust the new authority")]
    Damaged,
    #[error("the clock of this machine is wrong")]
    Clock,
    #[error("the certificate could not be made")]
    Make(#[from] rcgen::Error),
}

/// A certificate for this machine, with its key; neither is written down.
pub(crate) struct NewLeaf {
    pub(crate) certificate: Vec<u8>,
    pub(crate) key: Vec<u8>,
}

impl LocalAuthority {
    /// Opens the authority in this folder, or makes it on first use.
    pub(crate) fn open(folder: &Path, now: UnixTime) -> Result<Self, AuthorityError> {
        let (certificate, key) = (folder.join("authority.pem"), folder.join("authority-key.pem"));
        if !key.exists() {
            let (made, pair) = make(now)?;
            std::fs::create_dir_all(folder)?;
            write_atomically(&certificate, made.pem().as_bytes())?;
            // Last: its file says that everything is there.
            write_private(&key, pair.serialize_pem().as_bytes())?;
        }
        let pair = String::from_utf8(read_private(&key)?).map_err(|_| AuthorityError::Damaged)?;
        let pair = KeyPair::from_pem(&pair).map_err(|_| AuthorityError::Damaged)?;
        let text = std::fs::read_to_string(&certificate)?;
        let issuer = Issuer::from_ca_cert_pem(&text, pair).map_err(|_| AuthorityError::Damaged)?;
        let der = crate::identity::certificate_from_pem(&text).ok_or(AuthorityError::Damaged)?;
        Ok(Self {
            issuer,
            certificate: der,
        })
    }

    /// The certificate that a phone is told to trust, in DER.
    pub(crate) fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// SHA-256 of the certificate, as phones show it.
    pub(crate) fn fingerprint(&self) -> String {
        let digest = Sha256::digest(&self.certificate);
        let pairs: Vec<String> = digest.iter().map(|byte| format!("{byte:02X}")).collect();
        pairs.join(":")
    }

    /// A certificate for these names and addresses.
    pub(crate) fn certify(&self, reachable: &Reachable, now: UnixTime) -> Result<NewLeaf, AuthorityError> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let mut params = valid(now, LEAF_DAYS)?;
        params.distinguished_name.push(DnType::CommonName, "Holdfast desk");
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let addresses = reachable
            .addresses
            .iter()
            .map(|address| Ok(SanType::IpAddress(*address)));
        let names = reachable
            .name
            .iter()
            .map(|name| Ok(SanType::DnsName(name.as_str().try_into()?)));
        params.subject_alt_names = addresses.chain(names).collect::<Result<_, rcgen::Error>>()?;
        params.use_authority_key_identifier_extension = true;
        Ok(NewLeaf {
            certificate: params.signed_by(&key, &self.issuer)?.der().to_vec(),
            key: key.serialize_der(),
        })
    }
}

fn make(now: UnixTime) -> Result<(rcgen::Certificate, KeyPair), AuthorityError> {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let mut params = valid(now, AUTHORITY_DAYS)?;
    params
        .distinguished_name
        .push(DnType::CommonName, "Holdfast local authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let network =
        |(address, bits): (IpAddr, u8)| GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(address, bits));
    let networks = LOCAL_NETWORKS
        .into_iter()
        .filter_map(|(text, bits)| Some((text.parse().ok()?, bits)));
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: networks
            .map(network)
            .chain([GeneralSubtree::DnsName("local".to_owned())])
            .collect(),
        excluded_subtrees: Vec::new(),
    });
    Ok((params.self_signed(&key)?, key))
}

/// From the day before, so that a clock that is slow finds it valid.
fn valid(now: UnixTime, days: UnixTime) -> Result<CertificateParams, AuthorityError> {
    let mut params = CertificateParams::default();
    let (year, month, first) = day(now.saturating_sub(DAY)).ok_or(AuthorityError::Clock)?;
    params.not_before = rcgen::date_time_ymd(year, month, first);
    let (year, month, last) = day(now.saturating_add(days * DAY)).ok_or(AuthorityError::Clock)?;
    params.not_after = rcgen::date_time_ymd(year, month, last);
    Ok(params)
}

/// What `Reachable` may name: RFC 1918, RFC 6598, RFC 4193 and loopback.
const LOCAL_NETWORKS: [(&str, u8); 7] = [
    ("10.0.0.0", 8),
    ("172.16.0.0", 12),
    ("192.168.0.0", 16),
    ("100.64.0.0", 10),
    ("127.0.0.0", 8),
    ("fc00::", 7),
    ("::1", 128),
];

const DAY: UnixTime = 86_400;
const AUTHORITY_DAYS: UnixTime = 3_650;
/// Phones take no certificate of more than 825 days; one that is made anew at
/// every start needs far less.
const LEAF_DAYS: UnixTime = 90;
