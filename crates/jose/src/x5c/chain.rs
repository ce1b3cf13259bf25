use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm, TrustAnchor, UnixTime as PkiTime};
use serde_json::Value;
use webpki::EndEntityCert;
use webpki::aws_lc_rs::{ECDSA_P256_SHA256, ECDSA_P256_SHA384, ECDSA_P384_SHA256, ECDSA_P384_SHA384};

use super::certificate::Certificate;
use super::{ChainError, Purpose, TrustAnchors, VerifiedCertificate};
use crate::{Budget, OverBudget, UnixTime, Work};

/// A chain: five certificates, each with one signature and of 16 KiB in base64's spelling.
pub const CHAIN: Budget = Budget::NOTHING
    .allow(Work::Signatures, 5)
    .allow(Work::StringBytes, 16 * 1024 / 3 * 4);

/// A certificate chain off the wire, leaf first.
#[derive(Clone, Debug)]
pub struct UnverifiedChain {
    leaf: Certificate,
    issuers: Vec<Certificate>,
}

impl UnverifiedChain {
    /// Reads the value of an `x5c` header.
    pub fn parse(x5c: &Value) -> Result<Self, ChainError> {
        let texts = x5c.as_array().ok_or(ChainError::NotAChain)?;
        Self::read(texts, |text, budget| {
            let text = text.as_str().ok_or(ChainError::NotAChain)?;
            budget.reach(Work::StringBytes, text.len()).map_err(too_long)?;
            STANDARD.decode(text).map_err(|_| ChainError::Base64)
        })
    }

    /// Reads certificates in DER form, leaf first: the value of an `x5chain` header. RFC 9360 §2.
    pub fn from_der<T: AsRef<[u8]>>(certificates: &[T]) -> Result<Self, ChainError> {
        Self::read(certificates, |der, budget| {
            let der = der.as_ref();
            budget.reach(Work::StringBytes, der.len()).map_err(too_long)?;
            Ok(der.to_vec())
        })
    }

    fn read<T>(values: &[T], der: impl Fn(&T, &mut Budget) -> Result<Vec<u8>, ChainError>) -> Result<Self, ChainError> {
        let mut budget = CHAIN;
        budget.spend(Work::Signatures, values.len()).map_err(too_long)?;
        let mut certificates = values.iter().map(|value| Certificate::parse(der(value, &mut budget)?));
        let leaf = certificates.next().ok_or(ChainError::NotAChain)??;
        Ok(Self {
            leaf,
            issuers: certificates.collect::<Result<_, _>>()?,
        })
    }

    /// SHA-256 of the leaf, unverified: what an `x509_hash` client id must equal.
    #[must_use]
    pub fn dangerous_leaf_sha256(&self) -> &[u8; 32] {
        &self.leaf.sha256
    }

    /// URI names of the leaf, unverified: hints for finding a policy.
    #[must_use]
    pub fn dangerous_leaf_uri_names(&self) -> &[String] {
        &self.leaf.uri_names
    }

    /// DNS names of the leaf, unverified: hints for finding a policy.
    #[must_use]
    pub fn dangerous_leaf_dns_names(&self) -> &[String] {
        &self.leaf.dns_names
    }

    /// Identifiers of the keys that signed the certificates of the chain, unverified, as far as
    /// they name them. RFC 5280 §4.2.1.1
    pub fn dangerous_authority_keys(&self) -> impl Iterator<Item = &[u8]> {
        let certificates = std::iter::once(&self.leaf).chain(&self.issuers);
        certificates.filter_map(|certificate| certificate.authority_key.as_deref())
    }

    /// Verifies the chain up to a configured anchor.
    pub fn verify(
        self,
        anchors: &TrustAnchors,
        now: UnixTime,
        purpose: Purpose,
    ) -> Result<VerifiedCertificate, ChainError> {
        self.check_form(anchors)?;
        if purpose == Purpose::Mdl {
            self.check_licence_signer()?;
        }
        let trusted: Vec<TrustAnchor<'_>> = anchors.anchors.iter().map(|(_, anchor)| anchor.clone()).collect();
        let intermediates: Vec<CertificateDer<'_>> = self
            .issuers
            .iter()
            .map(|certificate| CertificateDer::from(certificate.der.as_ref()))
            .collect();
        let leaf = EndEntityCert::try_from(&self.leaf.der).map_err(ChainError::of_path)?;
        let time = PkiTime::since_unix_epoch(Duration::from_secs(now));
        let path = leaf
            .verify_for_usage(SIGNATURES, &trusted, &intermediates, time, purpose, None, None)
            .map_err(ChainError::of_path)?;
        let anchor = anchors.valid(path.anchor(), now)?;
        // Of the path that was found: what else came along has certified nothing.
        let between = path.intermediate_certificates().next().map(|above| above.der());
        let between = between.and_then(|der| self.issuers.iter().find(|issuer| issuer.der == der));
        let authority = between.unwrap_or(anchor).party_sha256;
        Ok(VerifiedCertificate::new(self.leaf)?.below(anchor, authority))
    }

    /// Accepts a leaf because its SHA-256 is listed in a record that the caller has verified,
    /// for instance in a relying party's entry on the ledger. Dates, key usage and the ban on
    /// self-signed leaves hold here too; the rest of the chain carries no weight.
    pub fn verify_listed(self, listed: &[[u8; 32]], now: UnixTime) -> Result<VerifiedCertificate, ChainError> {
        if !listed.contains(&self.leaf.sha256) {
            return Err(ChainError::NotListed);
        }
        self.check_form(&TrustAnchors::default())?;
        if self.leaf.is_ca {
            return Err(ChainError::LeafIsAuthority);
        }
        self.leaf.check_validity(now)?;
        VerifiedCertificate::new(self.leaf)
    }

    /// ISO/IEC 18013-5 Annex B.1.2, B.1.4
    fn check_licence_signer(&self) -> Result<(), ChainError> {
        if self.leaf.may_sign.is_none() {
            return Err(ChainError::WrongPurpose);
        }
        if !self.issuers.is_empty() {
            return Err(ChainError::Path);
        }
        Ok(())
    }

    fn check_form(&self, anchors: &TrustAnchors) -> Result<(), ChainError> {
        if self.leaf.is_self_issued() {
            return Err(ChainError::SelfSignedLeaf);
        }
        let mut below = &self.leaf;
        for issuer in &self.issuers {
            if anchors.contains(issuer) || issuer.is_self_issued() {
                return Err(ChainError::AnchorInChain);
            }
            if below.raw_issuer != issuer.raw_subject {
                return Err(ChainError::OutOfOrder);
            }
            if !issuer.is_ca || issuer.may_certify == Some(false) {
                return Err(ChainError::IssuerNotAuthority);
            }
            below = issuer;
        }
        if anchors.contains(&self.leaf) {
            return Err(ChainError::AnchorInChain);
        }
        if self.leaf.may_sign == Some(false) {
            return Err(ChainError::WrongPurpose);
        }
        Ok(())
    }
}

fn too_long(_: OverBudget) -> ChainError {
    ChainError::TooLong
}

/// Algorithms accepted inside a path: ECDSA with SHA-2 on P-256 and P-384.
const SIGNATURES: &[&dyn SignatureVerificationAlgorithm] = &[
    ECDSA_P256_SHA256,
    ECDSA_P256_SHA384,
    ECDSA_P384_SHA256,
    ECDSA_P384_SHA384,
];
