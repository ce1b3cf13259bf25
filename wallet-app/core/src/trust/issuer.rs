//! Which key may have signed a credential. The mechanism follows from who the issuer is, never from
//! what the credential suggests.

use super::{Agencies, Agency, TrustError};
use crate::cards::CardIssuer;
use crate::text::Localized;
use card_formats::{IssuerHints, Requirements, Trusted};
use jose::x5c::{ListSigners, Purpose, TrustAnchors, UnverifiedChain, VerifiedCertificate};
use jose::{PublicJwk, UnixTime, VerifyingKey};
use ledger::KeyLookup;
use serde_json::Value;
use url::Url;

/// The issuers the wallet believes at one moment.
pub(crate) struct IssuerKeys<'a> {
    pub(crate) agencies: &'a Agencies,
    pub(crate) anchors: &'a TrustAnchors,
    pub(crate) now: UnixTime,
}

/// A key that may have signed, and whose it is.
#[derive(Clone)]
pub(crate) struct TrustedKey {
    pub(crate) key: VerifyingKey,
    pub(crate) jwk: PublicJwk,
    pub(crate) issuer: CardIssuer,
    pub(crate) requirements: Requirements,
    names: Vec<String>,
}

impl TrustedKey {
    /// Whether the holder of this key may use the name as `iss`; leaving it out is allowed where
    /// the certificate names the issuer. draft-ietf-oauth-sd-jwt-vc §2.5
    fn may_be(&self, iss: Option<&str>) -> bool {
        iss.is_none_or(|iss| self.names.iter().any(|name| name == iss))
    }

    /// By what a copy of this issuer is verified.
    pub(crate) fn as_trusted<'a>(&'a self, issuers: &IssuerKeys<'a>) -> Trusted<'a> {
        Trusted {
            issuer_key: &self.key,
            anchors: match &self.issuer {
                CardIssuer::Certificate { .. } => Some(issuers.anchors),
                CardIssuer::Ledger { .. } => None,
            },
            requirements: self.requirements,
            now: issuers.now,
        }
    }
}

impl IssuerKeys<'_> {
    /// The key for a credential of type `vct`. `established` is the key of other copies of the same
    /// card: copies for use without a network carry no certificate, and then that key must be it.
    pub(crate) fn for_credential(
        &self,
        hints: &IssuerHints<'_>,
        vct: &str,
        established: Option<&TrustedKey>,
    ) -> Result<TrustedKey, TrustError> {
        if let Some(agency) = hints.iss.and_then(|iss| self.agencies.by_did(iss)) {
            return self.of_agency(agency, hints.kid, Some(vct));
        }
        if let Some(refusal) = hints
            .iss
            .filter(|iss| is_webvh(iss))
            .and_then(|iss| self.agencies.refuses(iss))
        {
            return Err(refusal);
        }
        match (hints.x5c, established) {
            (Some(x5c), _) => {
                let trusted = self.certified(x5c, hints.purpose)?;
                if !trusted.may_be(hints.iss) {
                    return Err(TrustError::IssuerNotInCertificate);
                }
                Ok(trusted)
            }
            (None, Some(known))
                if matches!(known.issuer, CardIssuer::Certificate { .. }) && known.may_be(hints.iss) =>
            {
                Ok(known.clone())
            }
            _ => Err(TrustError::UnknownIssuer),
        }
    }

    /// The key for a status list of the issuer of a card.
    pub(crate) fn for_status_list(
        &self,
        issuer: &CardIssuer,
        kid: Option<&str>,
        x5c: Option<&Value>,
    ) -> Result<TrustedKey, TrustError> {
        match issuer {
            CardIssuer::Ledger { did, .. } => {
                let agency = self.agencies.by_did(did).ok_or(TrustError::UnknownIssuer)?;
                self.of_agency(agency, kid, None)
            }
            CardIssuer::Certificate { names, authority, .. } => {
                let leaf = self.leaf(x5c.ok_or(TrustError::NoKeyNamed)?, Purpose::StatusList)?;
                if ListSigners::kept(names, authority.as_deref()).include(&leaf) {
                    Ok(certified(&leaf, Purpose::StatusList))
                } else {
                    Err(TrustError::UnknownIssuer)
                }
            }
        }
    }

    /// The key that may have signed the metadata of an issuer: one of the agency that lives at its host, or one that
    /// was certified for its name.
    pub(crate) fn for_metadata(
        &self,
        issuer: &str,
        kid: Option<&str>,
        x5c: Option<&Value>,
    ) -> Result<TrustedKey, TrustError> {
        let host = Url::parse(issuer).ok();
        if let Some(agency) = host.as_ref().and_then(|url| self.agencies.by_host(url)) {
            return self.of_agency(agency, kid, None);
        }
        let trusted = self.certified(x5c.ok_or(TrustError::NoKeyNamed)?, Purpose::Credential)?;
        if trusted.may_be(Some(issuer)) {
            Ok(trusted)
        } else {
            Err(TrustError::IssuerNotInCertificate)
        }
    }

    fn of_agency(&self, agency: &Agency, kid: Option<&str>, vct: Option<&str>) -> Result<TrustedKey, TrustError> {
        let record = agency.record()?;
        if record.is_deactivated() {
            return Err(TrustError::Deactivated);
        }
        if vct.is_some_and(|vct| record.accreditation(vct, self.now).is_none()) {
            return Err(TrustError::NotAccredited);
        }
        let jwk = match record.assertion_key(kid.ok_or(TrustError::NoKeyNamed)?) {
            KeyLookup::Current(jwk) => jwk,
            KeyLookup::Retired => return Err(TrustError::KeyRetired),
            KeyLookup::Never => return Err(TrustError::KeyNotAnchored),
        };
        let names = Localized::from(&agency.accreditation()?.name);
        Ok(TrustedKey {
            key: VerifyingKey::new(&jwk).map_err(|_| TrustError::KeyNotAnchored)?,
            jwk,
            issuer: CardIssuer::Ledger {
                did: record.did().to_owned(),
                name: names.text("en").to_owned(),
                localized: Some(names),
            },
            requirements: Requirements::Anchored,
            names: vec![record.did().to_owned()],
        })
    }

    fn certified(&self, x5c: &Value, purpose: Purpose) -> Result<TrustedKey, TrustError> {
        self.leaf(x5c, purpose).map(|leaf| certified(&leaf, purpose))
    }

    fn leaf(&self, x5c: &Value, purpose: Purpose) -> Result<VerifiedCertificate, TrustError> {
        if self.anchors.is_empty() {
            return Err(TrustError::UnknownIssuer);
        }
        Ok(UnverifiedChain::parse(x5c)?.verify(self.anchors, self.now, purpose)?)
    }
}

fn certified(leaf: &VerifiedCertificate, purpose: Purpose) -> TrustedKey {
    let names: Vec<String> = leaf.issuer_names().collect();
    let signers = ListSigners::of(leaf, purpose);
    TrustedKey {
        key: leaf.verifying_key().clone(),
        jwk: leaf.public_jwk().clone(),
        issuer: CardIssuer::Certificate {
            name: crate::text::plain(leaf.subject()),
            names: names.clone(),
            authority: signers.authority().map(str::to_owned),
        },
        requirements: Requirements::Haip,
        names,
    }
}

/// Whether an issuer is one that the ledger may know.
pub(crate) fn is_webvh(iss: &str) -> bool {
    iss.starts_with("did:webvh:")
}
