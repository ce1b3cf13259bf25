//! Who signed, and whether this check accepts them for this type of card.
//!
//! A table of the check says for each type which mechanism is accepted. An
//! issuer that the table names by URL is known by the keys that it publishes;
//! one that is a `did:webvh` is looked up on the ledger where the table accepts
//! accredited issuers; the `x5c` of both is then ignored. Every other issuer is
//! known by its certificate chain. Nothing is fetched.

use card_formats::{IssuerHints, Requirements};
use jose::x5c::{ChainError, ListSigners, Purpose, TrustAnchors, UnverifiedChain, VerifiedCertificate};
use jose::{UnixTime, VerifyingKey};
use ledger::{Age, FreshnessError, FreshnessLimit, KeyLookup};
use oid4vp::Authority;
use serde_json::Value;

use super::{Ages, Reason, Rejection};
use crate::check::{AcceptedIssuers, Freshness};
use crate::trust::{ListOwner, TrustView};

/// A key that may have signed a card of this type.
#[derive(Debug)]
pub(crate) struct AcceptedKey {
    pub(crate) key: VerifyingKey,
    pub(crate) requirements: Requirements,
    pub(crate) owner: ListOwner,
    /// By what its lists are known, where the issuer is known by a certificate.
    pub(crate) lists: Option<CertifiedLists>,
    pub(crate) ages: Ages,
}

impl AcceptedKey {
    /// Those to which the chain led by which the issuer is known.
    pub(crate) fn anchors<'g>(&self, grounds: &Grounds<'g>) -> Option<&'g TrustAnchors> {
        let lists = self.lists.as_ref()?;
        grounds.trust.anchors(lists.anchor_file.as_deref())
    }
}

/// Whose status lists are those of an issuer that a trust anchor certified.
#[derive(Debug)]
pub(crate) struct CertifiedLists {
    signers: ListSigners,
    anchor_file: Option<String>,
}

impl CertifiedLists {
    fn of(leaf: &VerifiedCertificate, purpose: Purpose, anchor_file: Option<&str>) -> Self {
        Self {
            signers: ListSigners::of(leaf, purpose),
            anchor_file: anchor_file.map(str::to_owned),
        }
    }

    /// Whether a status list signed under this chain is a list of this issuer: the chain leads to the same trust anchors,
    /// and to somebody who may sign them.
    pub(crate) fn signed(&self, chain: &Value, grounds: &Grounds<'_>) -> bool {
        let leaf = UnverifiedChain::parse(chain).ok().and_then(|chain| {
            let anchors = grounds.trust.anchors(self.anchor_file.as_deref())?;
            chain.verify(anchors, grounds.now(), Purpose::StatusList).ok()
        });
        leaf.is_some_and(|leaf| self.signers.include(&leaf))
    }
}

/// The grounds on which issuers are judged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grounds<'a> {
    pub(crate) trust: &'a TrustView,
    pub(crate) device: UnixTime,
    pub(crate) limits: Freshness,
}

impl Grounds<'_> {
    /// Now, as far as this machine can know.
    pub(crate) fn now(&self) -> UnixTime {
        self.trust.clock(self.device).now()
    }

    fn ledger_age(&self, time: UnixTime) -> Result<Ages, Rejection> {
        let limit = FreshnessLimit(self.limits.ledger_s);
        match self.trust.clock(self.device).age(time, limit) {
            // A pack that has run out says nothing about any quorum.
            Ok(Age(age)) if self.now() >= self.trust.pack().expires() => {
                Err(Rejection::new(Reason::LedgerStale, ledger_age(age)))
            }
            Ok(Age(age)) => Ok(ledger_age(age)),
            Err(FreshnessError::Stale { age: Age(age) }) => {
                Err(Rejection::new(self.trust.staleness(), ledger_age(age)))
            }
            Err(_) => Err(Reason::ClockWrong.into()),
        }
    }

    /// The age of a status that an answer proved, in a snapshot of this time.
    pub(super) fn status_age(&self, time: UnixTime, ages: Ages) -> Result<Ages, Rejection> {
        let aged = |age| Ages {
            status_s: Some(age),
            ..ages
        };
        let limit = FreshnessLimit(self.limits.status_s);
        match self.trust.clock(self.device).age(time, limit) {
            Ok(Age(age)) => Ok(aged(age)),
            Err(FreshnessError::Stale { age: Age(age) }) => Err(Rejection::new(Reason::StatusUnavailable, aged(age))),
            Err(_) => Err(Reason::ClockWrong.into()),
        }
    }

    fn metadata_age(&self, fetched_at: UnixTime) -> Result<Ages, Rejection> {
        let limit = FreshnessLimit(self.limits.metadata_s);
        match self.trust.clock(self.device).age(fetched_at, limit) {
            Ok(Age(age)) => Ok(metadata_age(age)),
            Err(FreshnessError::Stale { age: Age(age) }) => {
                Err(Rejection::new(Reason::MetadataUnavailable, metadata_age(age)))
            }
            Err(_) => Err(Reason::ClockWrong.into()),
        }
    }
}

/// Finds the key by the check's table.
pub(crate) fn find(
    hints: &IssuerHints<'_>,
    accepted: &AcceptedIssuers,
    grounds: &Grounds<'_>,
) -> Result<AcceptedKey, Rejection> {
    if let Some(issuer) = hints.iss.filter(|iss| accepted.by_metadata(iss)) {
        return by_metadata(issuer, hints, grounds);
    }
    let anchored = hints.iss.filter(|iss| iss.starts_with("did:webvh:"));
    match anchored {
        Some(did) if accepted.accredited() => on_the_ledger(did, hints, grounds),
        _ if accepted.by_certificate() => by_certificate(hints, accepted, grounds),
        _ => Err(Reason::IssuerNotAccepted.into()),
    }
}

fn on_the_ledger(did: &str, hints: &IssuerHints<'_>, grounds: &Grounds<'_>) -> Result<AcceptedKey, Rejection> {
    if grounds.trust.is_split() {
        return Err(Reason::LedgerSplit.into());
    }
    let Some(organisation) = grounds.trust.organisation(did) else {
        return Err(unknown_organisation(did, grounds));
    };
    let ages = grounds.ledger_age(organisation.time())?;
    let reject = |reason| Err(Rejection::new(reason, ages));
    let Some(record) = organisation.record() else {
        return reject(Reason::IssuerNotAccepted);
    };
    let vct = hints.vct.unwrap_or_default();
    if record.is_deactivated() || record.accreditation(vct, grounds.now()).is_none() {
        return reject(Reason::IssuerNotAccepted);
    }
    match listed(hints.kid.map(|kid| record.assertion_key(kid))) {
        Ok(key) => Ok(AcceptedKey {
            key,
            requirements: Requirements::Anchored,
            owner: ListOwner::Organisation(did.to_owned()),
            lists: None,
            ages,
        }),
        Err(reason) => reject(reason),
    }
}

/// An issuer that the check names by URL, and that publishes its keys there.
/// draft-ietf-oauth-sd-jwt-vc §4
fn by_metadata(issuer: &str, hints: &IssuerHints<'_>, grounds: &Grounds<'_>) -> Result<AcceptedKey, Rejection> {
    let held = grounds.trust.issuer_keys(issuer).ok_or(Reason::MetadataUnavailable)?;
    let ages = grounds.metadata_age(held.fetched_at())?;
    match listed(hints.kid.map(|kid| held.key(kid))) {
        Ok(key) => Ok(AcceptedKey {
            key,
            requirements: Requirements::Haip,
            owner: ListOwner::Issuer(issuer.to_owned()),
            lists: None,
            ages,
        }),
        Err(reason) => Err(Rejection::new(reason, ages)),
    }
}

/// The key that a card's `kid` names, where its issuer lists it now.
fn listed(found: Option<KeyLookup>) -> Result<VerifyingKey, Reason> {
    match found {
        Some(KeyLookup::Current(key)) => VerifyingKey::new(&key).map_err(|_| Reason::KeyNotAnchored),
        Some(KeyLookup::Retired) => Err(Reason::KeyRetired),
        Some(KeyLookup::Never) | None => Err(Reason::KeyNotAnchored),
    }
}

/// An organisation that is not among those accredited: a definite no while the
/// set of them is fresh, unless an answer says otherwise and cannot prove it.
fn unknown_organisation(did: &str, grounds: &Grounds<'_>) -> Rejection {
    if grounds.trust.brought().lacks_quorum(did) {
        return Reason::NoQuorum.into();
    }
    match grounds.trust.accredited_at() {
        None => grounds.trust.staleness().into(),
        Some(time) => match grounds.ledger_age(time) {
            Ok(ages) => Rejection::new(Reason::IssuerNotAccepted, ages),
            Err(rejection) => rejection,
        },
    }
}

fn by_certificate(
    hints: &IssuerHints<'_>,
    accepted: &AcceptedIssuers,
    grounds: &Grounds<'_>,
) -> Result<AcceptedKey, Rejection> {
    let x5c = hints.x5c.ok_or(Reason::IssuerNotAccepted)?;
    let chain = UnverifiedChain::parse(x5c).map_err(chain_reason)?;
    let anchors = grounds
        .trust
        .anchors(accepted.anchor_file())
        .ok_or(Reason::IssuerNotAccepted)?;
    let leaf = chain
        .verify(anchors, grounds.now(), hints.purpose)
        .map_err(chain_reason)?;
    if !hints.iss.is_none_or(|iss| names(&leaf, iss)) {
        return Err(Reason::IssuerNotAccepted.into());
    }
    Ok(AcceptedKey {
        key: leaf.verifying_key().clone(),
        requirements: Requirements::Haip,
        owner: ListOwner::Foreign,
        lists: Some(CertifiedLists::of(&leaf, hints.purpose, accepted.anchor_file())),
        ages: Ages::default(),
    })
}

/// Whose keys certify the issuer, by a chain that leads to a trust anchor of the
/// check. What an unverified chain says counts for nothing. OpenID4VP 1.0 §6.1.1.1
pub(crate) fn authorities(
    hints: &IssuerHints<'_>,
    accepted: &AcceptedIssuers,
    grounds: &Grounds<'_>,
) -> Vec<Authority> {
    let Some(chain) = hints.x5c.and_then(|x5c| UnverifiedChain::parse(x5c).ok()) else {
        return Vec::new();
    };
    let named: Vec<Authority> = chain.dangerous_authority_keys().map(Authority::of_key).collect();
    let verified = grounds
        .trust
        .anchors(accepted.anchor_file())
        .is_some_and(|anchors| chain.verify(anchors, grounds.now(), hints.purpose).is_ok());
    if verified { named } else { Vec::new() }
}

/// An `iss` that is not a name of the leaf is refused.
fn names(leaf: &VerifiedCertificate, iss: &str) -> bool {
    let host = iss.strip_prefix("https://").and_then(|rest| rest.split('/').next());
    leaf.uri_names().iter().any(|name| name == iss)
        || host.is_some_and(|host| leaf.dns_names().iter().any(|name| name == host))
}

/// A chain that breaks a rule of its form is malformed; one that leads nowhere
/// is of an issuer that is not accepted.
fn chain_reason(error: ChainError) -> Rejection {
    match error {
        ChainError::UnknownIssuer
        | ChainError::Expired
        | ChainError::NotYetValid
        | ChainError::WrongPurpose
        | ChainError::BadSignature
        | ChainError::Path => Reason::IssuerNotAccepted.into(),
        _ => Reason::MalformedCredential.into(),
    }
}

fn ledger_age(age: u64) -> Ages {
    Ages {
        ledger_s: Some(age),
        ..Ages::default()
    }
}

fn metadata_age(age: u64) -> Ages {
    Ages {
        metadata_s: Some(age),
        ..Ages::default()
    }
}
