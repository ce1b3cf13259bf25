//! Whole sets, read anew and stored so that a restart begins with what was
//! held.

mod earlier;
mod restore;
mod rounds;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use jose::UnixTime;
use ledger::{Landmark, UnverifiedLandmark, VerifiedBundle};
use sd_jwt::IssuerUrl;
use service::{Clock, Counter};
use url::Url;

use super::breaker::Breaker;
use super::landmarks;
use super::ledger_client::{self, Bundle, LedgerClient};
use super::lists::{self, ListError};
use super::metadata;
use super::types;
use super::view::HeldBusiness;
use super::{AnchorError, AnchorSet, EvidenceFolder, Fetch, HeldKeys, HeldList, LedgerProblem, ListOwner, Trust};
use crate::store::{Store, StoreFailure};

/// Lists, and metadata of issuers, fetched at one time.
const AT_ONCE: usize = 8;

/// How often what is refreshed.
#[derive(Debug, Clone, Copy)]
pub struct Schedule {
    /// Between two readings of the ledger, and of the metadata of issuers and card types.
    pub ledger: Duration,
    /// Between two rounds over all status lists; a shorter `ttl` counts.
    pub lists: Duration,
}

/// What a refresher works with.
#[derive(Clone)]
pub struct Connections {
    /// What is kept fresh.
    pub trust: Arc<Trust>,
    /// Where it is kept across a restart.
    pub store: Store,
    /// Where bytes come from.
    pub fetch: Arc<dyn Fetch>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Counts readings, metadata and lists that failed.
    pub failures: Counter,
}

/// What a refresher looks after.
#[derive(Debug, Clone)]
pub struct Watch {
    /// Log and mirrors, in the order in which they are asked.
    pub sources: Vec<Url>,
    /// The business's own DID.
    pub own_did: String,
    /// The folder of trust anchors.
    pub anchors_folder: PathBuf,
    /// Where evidence against the log is kept.
    pub evidence: EvidenceFolder,
    /// The issuers that checks name by URL; metadata of no others are fetched.
    pub issuers: Vec<IssuerUrl>,
    /// The card types that checks name and whose name is an address; metadata of no others are
    /// fetched, but of those that they extend.
    pub types: Vec<String>,
    /// How often what is refreshed.
    pub schedule: Schedule,
}

/// Keeps a [`Trust`] fresh.
pub struct Refresher {
    trust: Arc<Trust>,
    store: Store,
    fetch: Arc<dyn Fetch>,
    clock: Arc<dyn Clock>,
    failures: Counter,
    ledger: LedgerClient,
    watch: Watch,
    breaker: Mutex<Breaker>,
}

/// Why a refresh left things as they were, at least in part.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RefreshError {
    /// The ledger could not be read.
    #[error("the ledger could not be read: {0:?}")]
    Ledger(LedgerProblem),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreFailure),
    /// The folder of trust anchors cannot be used.
    #[error(transparent)]
    Anchors(#[from] AnchorError),
    /// The folder of evidence cannot be used.
    #[error("the folder of evidence cannot be used")]
    Evidence(#[source] std::io::Error),
}

impl Refresher {
    /// A refresher that has fetched nothing yet.
    pub fn new(connections: Connections, watch: Watch) -> Self {
        let Connections {
            trust,
            store,
            fetch,
            clock,
            failures,
        } = connections;
        Self {
            ledger: LedgerClient::new(Arc::clone(&fetch), watch.sources.clone()),
            trust,
            store,
            fetch,
            clock,
            failures,
            watch,
            breaker: Mutex::default(),
        }
    }

    /// Reads the folder of trust anchors again, so that a file that was added
    /// counts from the next round on.
    ///
    /// # Errors
    /// [`RefreshError::Anchors`]; what was read before stays.
    pub fn refresh_anchors(&self) -> Result<(), RefreshError> {
        let anchors = AnchorSet::load(&self.watch.anchors_folder)?;
        self.trust.update(|view| view.hold_anchors(anchors));
        Ok(())
    }

    /// Reads the own bundle and those of all accredited organisations. One
    /// that is not accredited any more is asked for by name, so that the
    /// ledger has to prove it.
    ///
    /// # Errors
    /// [`RefreshError::Ledger`]; what was held stays.
    pub async fn refresh_ledger(&self) -> Result<(), RefreshError> {
        match self.read_ledger().await {
            Ok(()) => {
                self.trust.update(|view| view.ledger_read(None));
                self.store.raise_newest_seen(self.trust.view().newest_seen()).await?;
                Ok(())
            }
            Err(RefreshError::Ledger(problem)) => {
                self.failures.inc();
                self.trust.update(|view| view.ledger_read(Some(problem)));
                Err(RefreshError::Ledger(problem))
            }
            Err(other) => Err(other),
        }
    }

    async fn read_ledger(&self) -> Result<(), RefreshError> {
        let view = self.trust.view();
        let own = self
            .ledger
            .bundle(view.pack(), &self.watch.own_did)
            .await
            .map_err(unread)?;
        let set = self.ledger.accredited(view.pack()).await.map_err(unread)?;
        let named: BTreeSet<&str> = set.organisations.iter().map(|(did, _)| did.as_str()).collect();
        let unnamed: Vec<String> = view
            .organisations()
            .filter(|(did, _)| !named.contains(did))
            .map(|(did, _)| did.to_owned())
            .collect();
        let mut gone = Vec::with_capacity(unnamed.len());
        for did in unnamed {
            let bundle = self.ledger.bundle(view.pack(), &did).await.map_err(unread)?;
            gone.push((did, bundle.verified));
        }
        // Of a set that is empty nothing says how old it is; the own bundle was
        // read just before.
        self.compare(landmarks::under(&own.verified, view.pack()).as_slice())?;
        let times = set.organisations.iter().map(|(_, bundle)| bundle.time());
        let complete = times.min().unwrap_or(own.verified.time());
        let device = self.clock.now();
        self.keep_earlier(&self.watch.own_did, view.own_bundle(), &own.verified)
            .await?;
        if gone.iter().any(|(_, bundle)| is_accredited(bundle)) {
            // What was stored before stays, the own bundle too: an empty set is as old as that.
            self.failures.inc();
            tracing::warn!("the set of accredited organisations lacks one that is accredited, and was not stored");
        } else {
            // In this order: an own bundle that is stored says of no set that it is newer than it is.
            self.store.hold_accredited(&set.bytes).await?;
            self.store.hold_own(&own.bytes).await?;
        }
        self.trust.update_wanted(device, |view| {
            view.hold_own_bundle(own.bytes, own.verified.time(), device);
            for (did, bundle) in set.organisations.into_iter().chain(gone) {
                view.hold_organisation(&did, bundle, device);
            }
            view.complete_as_of(complete, device);
        });
        Ok(())
    }

    /// Reads the bundles of the other businesses that this service asks for. One that cannot be
    /// read is counted, and what is held of it stays.
    ///
    /// # Errors
    /// [`RefreshError::Store`], [`RefreshError::Evidence`]
    pub async fn refresh_businesses(&self) -> Result<(), RefreshError> {
        let view = self.trust.view();
        for did in view.business_dids() {
            match self.ledger.bundle(view.pack(), did).await {
                Ok(Bundle { bytes, verified }) => {
                    self.compare(landmarks::under(&verified, view.pack()).as_slice())?;
                    let held = view.business(did).map(HeldBusiness::bytes);
                    self.keep_earlier(did, held, &verified).await?;
                    self.store.hold_business(did, &bytes).await?;
                    let device = self.clock.now();
                    self.trust
                        .update(|view| view.hold_business(did, bytes, verified, device));
                }
                Err(error) => {
                    self.failures.inc();
                    tracing::warn!(%error, "the record of a business was not read");
                }
            }
        }
        self.trust.businesses_read();
        Ok(())
    }

    /// Reads the proofs of the registrars whose certificates go into requests; of nobody where there is none. Of one that
    /// cannot be read no certificate is sent until it can.
    ///
    /// # Errors
    /// [`RefreshError::Evidence`]; a registrar that cannot be read is counted.
    pub async fn refresh_registrars(&self) -> Result<(), RefreshError> {
        let view = self.trust.view();
        for did in view.registrars().dids() {
            let read = self.ledger.registrar(view.pack(), did).await;
            match &read {
                Ok(held) => self.compare(landmarks::under(held.record(), view.pack()).as_slice())?,
                Err(error) => {
                    self.failures.inc();
                    tracing::warn!(%error, "the record of a registrar was not read");
                }
            }
            self.trust.update(|view| view.registrars_mut().hold(did, read.ok()));
        }
        Ok(())
    }

    /// Reads the newest landmarks of log and mirrors, and compares them with each other and with
    /// those held. Two that contradict each other are kept as evidence, and nothing that this log
    /// says counts from then on.
    ///
    /// # Errors
    /// [`RefreshError::Store`], [`RefreshError::Evidence`]; a source that fails is counted.
    pub async fn refresh_landmarks(&self) -> Result<(), RefreshError> {
        let view = self.trust.view();
        let mut seen = Vec::new();
        for source in &self.watch.sources {
            match self.ledger.landmarks_of(source, view.pack()).await {
                Ok(landmarks) => seen.extend(landmarks),
                Err(error) => {
                    self.failures.inc();
                    tracing::warn!(source = %source, %error, "landmarks were not read");
                }
            }
        }
        self.compare(&seen)?;
        let device = self.clock.now();
        let held = self.trust.update(|view| {
            view.hold_landmarks(seen, device);
            let held = view.landmarks().iter().map(Landmark::to_unverified);
            UnverifiedLandmark::encode_list(&held.collect::<Vec<_>>())
        });
        self.store.hold_landmarks(&held).await?;
        self.store.raise_newest_seen(self.trust.view().newest_seen()).await?;
        Ok(())
    }

    fn compare(&self, seen: &[Landmark]) -> Result<(), RefreshError> {
        let Some(split) = self.trust.view().contradiction(seen) else {
            return Ok(());
        };
        self.trust.update(|view| view.hold_split());
        self.watch.evidence.keep(&split).map_err(RefreshError::Evidence)
    }

    /// Fetches the metadata of every issuer that a check names by URL, whoever
    /// showed a card meanwhile.
    ///
    /// # Errors
    /// [`RefreshError::Store`]; metadata that fail are counted, and what is held
    /// becomes older.
    pub async fn refresh_issuers(&self) -> Result<(), RefreshError> {
        for part in self.watch.issuers.chunks(AT_ONCE) {
            let mut round = Vec::with_capacity(part.len());
            for issuer in part {
                round.push(self.refresh_issuer(issuer));
            }
            let outcomes = join_all(round).await;
            outcomes.into_iter().collect::<Result<(), _>>()?;
        }
        Ok(())
    }

    async fn refresh_issuer(&self, issuer: &IssuerUrl) -> Result<(), RefreshError> {
        let (name, now) = (issuer.as_str(), self.clock.now());
        match metadata::fetch(self.fetch.as_ref(), issuer).await {
            Ok(keys) => {
                let held = HeldKeys::fetched(keys, self.trust.view().issuer_keys(name), now);
                self.store.hold_keys(name, &held).await?;
                self.trust.update(|view| view.hold_issuer_keys(name, held));
            }
            Err(error) => {
                self.failures.inc();
                tracing::warn!(issuer = name, %error, "an issuer's metadata were not refreshed");
            }
        }
        Ok(())
    }

    /// Fetches the metadata of every card type that a check names by an address, whoever showed a
    /// card meanwhile.
    ///
    /// # Errors
    /// [`RefreshError::Store`]; a type that fails is counted, and what was held of it stays.
    pub async fn refresh_types(&self) -> Result<(), RefreshError> {
        for vct in &self.watch.types {
            let mut held = self.trust.view().types().clone();
            match types::refresh(self.fetch.as_ref(), &mut held, vct).await {
                Ok(documents) => {
                    for (vct, document) in &documents {
                        self.store.hold_type(vct, document).await?;
                    }
                    self.trust.update(|view| view.hold_types(held));
                }
                Err(error) => {
                    self.failures.inc();
                    tracing::warn!(vct = vct.as_str(), %error, "the metadata of a card type were not refreshed");
                }
            }
        }
        Ok(())
    }

    /// Fetches all status lists of all accredited organisations and of all
    /// aggregations, whoever showed a card meanwhile.
    ///
    /// # Errors
    /// [`RefreshError::Store`]; a list that fails is counted, and noted beside
    /// the one that is held.
    pub async fn refresh_lists(&self) -> Result<(), RefreshError> {
        self.trust.take_up_lists();
        let view = self.trust.view();
        let mut wanted = lists::wanted(&view, self.clock.now());
        for (owner, address) in view.anchor_set().aggregations() {
            match lists::aggregated(self.fetch.as_ref(), address).await {
                Ok(uris) => wanted.extend(uris.into_iter().map(|uri| (owner.clone(), uri))),
                Err(error) => self.list_problem(&error, address.host_str()),
            }
        }
        wanted.extend(
            view.status_lists()
                .map(|(owner, held)| (owner.clone(), held.list().uri().to_owned())),
        );
        self.fetch_lists(&wanted.into_iter().collect::<Vec<_>>()).await
    }

    /// Fetches the status lists of accredited organisations that are not held.
    async fn refresh_new_lists(&self) -> Result<(), RefreshError> {
        let view = self.trust.view();
        let wanted = lists::wanted(&view, self.clock.now()).into_iter();
        let new = wanted.filter(|(owner, uri)| view.status_list(owner, uri).is_none());
        self.fetch_lists(&new.collect::<Vec<_>>()).await
    }

    async fn fetch_lists(&self, wanted: &[(ListOwner, String)]) -> Result<(), RefreshError> {
        for part in wanted.chunks(AT_ONCE) {
            let mut round = Vec::with_capacity(part.len());
            for (owner, uri) in part {
                round.push(self.refresh_list(owner, uri));
            }
            let outcomes = join_all(round).await;
            outcomes.into_iter().collect::<Result<(), _>>()?;
        }
        Ok(())
    }

    pub(super) async fn refresh_list(&self, owner: &ListOwner, uri: &str) -> Result<(), RefreshError> {
        let host = Url::parse(uri)
            .ok()
            .and_then(|url| url.host_str().map(str::to_owned))
            .unwrap_or_default();
        let now = self.clock.now();
        if !self.breaker().allows(&host, now) {
            self.trust.update(|view| view.list_failed(owner, uri));
            return Ok(());
        }
        match self.fetch_list(owner, uri, now).await {
            Ok((token, held)) => {
                self.breaker().succeeded(&host);
                self.store.hold_list(owner, uri, &token, now).await?;
                self.trust.update(|view| view.hold_list(owner.clone(), held));
            }
            Err(error) => {
                let three_rounds = self.list_pause().saturating_mul(3).as_secs();
                self.breaker().failed(&host, now, three_rounds.max(1));
                self.list_problem(&error, Some(&host));
                self.trust.update(|view| view.list_failed(owner, uri));
            }
        }
        Ok(())
    }

    /// One retry, after a moment that differs each time.
    async fn fetch_list(&self, owner: &ListOwner, uri: &str, now: UnixTime) -> Result<(String, HeldList), ListError> {
        let view = self.trust.view();
        let first = lists::fetch(self.fetch.as_ref(), &view, owner, uri, now).await;
        let verified = match first {
            Err(ListError::Fetch(_)) => {
                tokio::time::sleep(jitter(Duration::from_millis(100))).await;
                lists::fetch(self.fetch.as_ref(), &view, owner, uri, now).await?
            }
            other => other?,
        };
        let held = view.status_list(owner, uri).map(HeldList::list);
        let list = verified.list.succeed(held)?;
        Ok((verified.token, HeldList::fetched(list, verified.chain, now)))
    }

    fn list_problem(&self, error: &ListError, host: Option<&str>) {
        self.failures.inc();
        tracing::warn!(host, %error, "a status list was not refreshed");
    }

    fn breaker(&self) -> std::sync::MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The shortest `ttl` of a list that is held sets the pace for all.
    fn list_pause(&self) -> Duration {
        let view = self.trust.view();
        let shortest = view.status_lists().filter_map(|(_, held)| held.time_to_live()).min();
        let lists = self.watch.schedule.lists;
        shortest.map_or(lists, |ttl| Duration::from_secs(ttl.max(1)).min(lists))
    }
}

/// Whether the ledger still accredits the organisation, as of the time of the bundle.
fn is_accredited(bundle: &VerifiedBundle) -> bool {
    bundle
        .record()
        .is_some_and(|record| record.is_accredited(bundle.time()))
}

fn unread(error: ledger_client::LedgerReadError) -> RefreshError {
    tracing::warn!(%error, "the ledger was not read");
    RefreshError::Ledger(error.problem())
}

/// Between nine and eleven tenths of a duration.
fn jitter(duration: Duration) -> Duration {
    let [byte] = service::random::bytes::<1>();
    duration.mul_f64(0.9 + 0.2 * f64::from(byte) / 255.0)
}
