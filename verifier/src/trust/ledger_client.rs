//! Reading the ledger: bundles from the log or a mirror. They are signed, so
//! that it does not matter who hands them over.

use std::sync::Arc;

use ledger::{
    BundleError, Landmark, LandmarkError, Policy, TrustPack, UnverifiedBundle, UnverifiedLandmark, VerifiedBundle,
};
use outbound::{Limits, OutboundError, Redirects};
use url::Url;

use super::registrars::HeldRegistrar;
use super::{Fetch, LedgerProblem};

/// The sources, tried in this order.
pub(crate) struct LedgerClient {
    fetch: Arc<dyn Fetch>,
    sources: Vec<Url>,
}

/// A verified bundle with its bytes.
pub(crate) struct Bundle {
    pub(crate) bytes: Vec<u8>,
    pub(crate) verified: VerifiedBundle,
}

/// Every accredited organisation, with the bytes of the whole set.
pub(crate) struct AccreditedSet {
    pub(crate) bytes: Vec<u8>,
    pub(crate) organisations: Vec<(String, VerifiedBundle)>,
}

/// Why a source gave nothing to rely on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LedgerReadError {
    /// It could not be reached.
    #[error("the ledger cannot be read")]
    Fetch(#[from] OutboundError),
    /// What it gave proves nothing.
    #[error("the ledger's answer proves nothing: {0}")]
    Bundle(#[from] BundleError),
    /// Its landmarks are none.
    #[error("the landmarks of the ledger: {0}")]
    Landmark(#[from] LandmarkError),
    /// A bundle of the set names no organisation.
    #[error("a bundle names no organisation")]
    NoSubject,
    /// The policy does not name the registrar, or its payload did not come along.
    #[error("the policy of the ledger does not name this registrar")]
    NotARegistrar,
    /// No source is configured, or its address cannot be extended.
    #[error("no ledger is configured")]
    NoSource,
}

impl LedgerClient {
    pub(crate) fn new(fetch: Arc<dyn Fetch>, sources: Vec<Url>) -> Self {
        Self { fetch, sources }
    }

    /// The bundle of one organisation.
    pub(crate) async fn bundle(&self, pack: &TrustPack, did: &str) -> Result<Bundle, LedgerReadError> {
        let mut last = LedgerReadError::NoSource;
        for source in &self.sources {
            match self.bundle_from(source, pack, did).await {
                Ok(bundle) => return Ok(bundle),
                Err(error) => last = worse(last, error),
            }
        }
        Err(last)
    }

    /// The bundles of all accredited organisations.
    pub(crate) async fn accredited(&self, pack: &TrustPack) -> Result<AccreditedSet, LedgerReadError> {
        let mut last = LedgerReadError::NoSource;
        for source in &self.sources {
            match self.accredited_from(source, pack).await {
                Ok(set) => return Ok(set),
                Err(error) => last = worse(last, error),
            }
        }
        Err(last)
    }

    /// A registrar by a policy that names it, and its record. A source whose policy does not is asked no more, and the
    /// others are: one that lags behind does not know a registrar that is new. What an older policy said counts no
    /// longer.
    pub(crate) async fn registrar(&self, pack: &TrustPack, did: &str) -> Result<HeldRegistrar, LedgerReadError> {
        let mut last = LedgerReadError::NoSource;
        let mut newest_without: u64 = 0;
        for source in &self.sources {
            let read = match self.policy_from(source, pack).await {
                Ok((_, policy)) if !policy.registrars.iter().any(|named| named.as_str() == did) => {
                    newest_without = policy.version.max(newest_without);
                    Err(LedgerReadError::NotARegistrar)
                }
                Ok((_, policy)) if policy.version < newest_without => Err(LedgerReadError::NotARegistrar),
                // The policy is this source's, the record of whichever has it: each is proved by itself.
                Ok((bytes, _)) => {
                    let record = self.bundle(pack, did).await;
                    record.map(|record| HeldRegistrar::new(&bytes, record))
                }
                Err(error) => Err(error),
            };
            match read {
                Ok(registrar) => return Ok(registrar),
                Err(error) => last = worse(last, error),
            }
        }
        Err(last)
    }

    /// The newest landmarks of one source. All are asked, not the first that answers: two that
    /// contradict each other come from two.
    pub(crate) async fn landmarks_of(&self, source: &Url, pack: &TrustPack) -> Result<Vec<Landmark>, LedgerReadError> {
        let bytes = self.fetch.get(&below(source, "landmarks"), &LANDMARKS).await?;
        let seen = UnverifiedLandmark::parse_list(&bytes)?.into_iter();
        Ok(seen
            .filter_map(|landmark| landmark.verify_to_compare(pack).ok())
            .collect())
    }

    async fn bundle_from(&self, source: &Url, pack: &TrustPack, did: &str) -> Result<Bundle, LedgerReadError> {
        let mut url = below(source, "bundle");
        url.query_pairs_mut()
            .append_pair("did", did)
            .append_pair("with", "did,scope,accreditation,snapshot");
        let bytes = self.fetch.get(&url, &BUNDLE).await?;
        let verified = verify(&bytes, pack, did)?;
        Ok(Bundle { bytes, verified })
    }

    async fn policy_from(&self, source: &Url, pack: &TrustPack) -> Result<(Vec<u8>, Policy), LedgerReadError> {
        let mut url = below(source, "bundle/object");
        url.query_pairs_mut()
            .append_pair("family", "policy")
            .append_pair("subject", pack.origin());
        let bytes = self.fetch.get(&url, &BUNDLE).await?;
        let verified = UnverifiedBundle::parse(&bytes)?.verify_policy(pack)?;
        let policy = verified.policy().ok_or(LedgerReadError::NotARegistrar)?;
        Ok((bytes, policy))
    }

    async fn accredited_from(&self, source: &Url, pack: &TrustPack) -> Result<AccreditedSet, LedgerReadError> {
        let bytes = self.fetch.get(&below(source, "bundles/accredited"), &BUNDLES).await?;
        let organisations = verify_set(&bytes, pack)?;
        Ok(AccreditedSet { bytes, organisations })
    }
}

/// Verifies one bundle for the organisation that was asked for.
pub(crate) fn verify(bytes: &[u8], pack: &TrustPack, did: &str) -> Result<VerifiedBundle, LedgerReadError> {
    Ok(UnverifiedBundle::parse(bytes)?.verify(pack, did)?)
}

/// Verifies a set; one bundle that proves nothing spoils it.
pub(crate) fn verify_set(bytes: &[u8], pack: &TrustPack) -> Result<Vec<(String, VerifiedBundle)>, LedgerReadError> {
    UnverifiedBundle::parse_set(bytes)?
        .into_iter()
        .map(|bundle| {
            let did = bundle.dangerous_claimed_subject().ok_or(LedgerReadError::NoSubject)?;
            let verified = bundle.verify(pack, &did)?;
            Ok((did, verified))
        })
        .collect()
}

impl LedgerReadError {
    /// What a verdict may say about it.
    pub(crate) fn problem(&self) -> LedgerProblem {
        match self {
            Self::Bundle(BundleError::Quorum(_)) => LedgerProblem::NoQuorum,
            _ => LedgerProblem::Unreadable,
        }
    }
}

/// Of two failures the one that says more.
fn worse(one: LedgerReadError, other: LedgerReadError) -> LedgerReadError {
    if one.problem() == LedgerProblem::NoQuorum {
        one
    } else {
        other
    }
}

fn below(source: &Url, path: &str) -> Url {
    let mut url = source.clone();
    url.set_path(&format!("{}/{path}", source.path().trim_end_matches('/')));
    url
}

const BUNDLE: Limits = Limits {
    body: 1024 * 1024,
    content_types: &["application/cbor"],
    redirects: Redirects::Refuse,
    ..Limits::MESSAGE
};

const LANDMARKS: Limits = BUNDLE.with_body(16 * 1024);

const BUNDLES: Limits = BUNDLE.with_body(64 * 1024 * 1024);
