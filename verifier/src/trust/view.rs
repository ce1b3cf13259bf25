//! A consistent picture of what is held; the engine sees nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLock};

use futures_util::FutureExt;
use jose::UnixTime;
use jose::x5c::TrustAnchors;
use ledger::{Clock, FreshnessLimit, Landmark, SplitEvidence, TrustPack, VerifiedBundle};
use sd_jwt::type_metadata::HeldTypes;
use tokio::sync::Notify;

use super::{AnchorSet, BroughtEvidence, HeldKeys, HeldList, ListOwner, Registrars, landmarks, lists};
use crate::verdict::Reason;

/// Why the ledger was not read the last time it was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LedgerProblem {
    /// Nobody answered, or with something that proves nothing.
    Unreadable,
    /// A checkpoint that too few cosigned.
    NoQuorum,
}

/// What is held at one moment. Cheap to clone.
#[derive(Debug, Clone)]
pub struct TrustView {
    pack: Arc<TrustPack>,
    newest_seen: UnixTime,
    organisations: BTreeMap<String, Arc<VerifiedBundle>>,
    accredited_at: Option<UnixTime>,
    own: Option<Own>,
    businesses: BTreeMap<String, Option<Arc<HeldBusiness>>>,
    earlier: BTreeMap<String, Arc<[u8]>>,
    in_bits: BTreeMap<String, Vec<String>>,
    registrars: Registrars,
    landmarks: Arc<[Landmark]>,
    split: bool,
    brought: Arc<BroughtEvidence>,
    issuers: BTreeMap<String, Arc<HeldKeys>>,
    lists: BTreeMap<(ListOwner, String), Arc<HeldList>>,
    anchors: Arc<AnchorSet>,
    types: Arc<HeldTypes>,
    problem: Option<LedgerProblem>,
}

/// The business's own bundle, as it came.
#[derive(Debug, Clone)]
struct Own {
    bytes: Arc<[u8]>,
    time: UnixTime,
}

/// What the ledger says of another business that this service asks for.
#[derive(Debug)]
pub(crate) struct HeldBusiness {
    bytes: Vec<u8>,
    bundle: VerifiedBundle,
}

impl HeldBusiness {
    /// The bundle, as it goes into requests.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What it proves.
    pub(crate) fn bundle(&self) -> &VerifiedBundle {
        &self.bundle
    }
}

/// The newest [`TrustView`]; readers never wait for a fetch.
#[derive(Debug)]
pub struct Trust {
    view: RwLock<Arc<TrustView>>,
    /// The ledger is to be read again.
    wanted: Notify,
    /// Status lists are wanted that were not before.
    lists_wanted: Notify,
    /// The records of businesses were read.
    read: Notify,
}

impl TrustView {
    /// Nothing held yet but the card types that are built in. `newest_seen` is the stored newest
    /// quorum time.
    pub fn new(pack: TrustPack, newest_seen: UnixTime, types: HeldTypes) -> Self {
        Self {
            pack: Arc::new(pack),
            newest_seen,
            organisations: BTreeMap::new(),
            accredited_at: None,
            own: None,
            businesses: BTreeMap::new(),
            earlier: BTreeMap::new(),
            in_bits: BTreeMap::new(),
            registrars: Registrars::default(),
            landmarks: Arc::default(),
            split: false,
            brought: Arc::default(),
            issuers: BTreeMap::new(),
            lists: BTreeMap::new(),
            anchors: Arc::default(),
            types: Arc::new(types),
            problem: None,
        }
    }

    /// The trust pack.
    pub fn pack(&self) -> &TrustPack {
        &self.pack
    }

    /// The clock to judge ages by.
    pub fn clock(&self, device: UnixTime) -> Clock {
        Clock {
            device,
            newest_seen: self.newest_seen,
        }
    }

    /// What the ledger says about an organisation.
    pub fn organisation(&self, did: &str) -> Option<&VerifiedBundle> {
        self.organisations.get(did).map(Arc::as_ref)
    }

    /// Every organisation that is held.
    pub fn organisations(&self) -> impl Iterator<Item = (&str, &VerifiedBundle)> {
        self.organisations
            .iter()
            .map(|(did, bundle)| (did.as_str(), bundle.as_ref()))
    }

    /// Quorum time of the newest complete set of accredited organisations.
    pub fn accredited_at(&self) -> Option<UnixTime> {
        self.accredited_at
    }

    /// The business's own bundle, as it goes into requests.
    pub fn own_bundle(&self) -> Option<&[u8]> {
        self.own.as_ref().map(|own| &*own.bytes)
    }

    /// Quorum time of the business's own bundle.
    pub fn own_at(&self) -> Option<UnixTime> {
        self.own.as_ref().map(|own| own.time)
    }

    /// How far the clock of this machine is behind the newest quorum time, where that is more than
    /// a clock may differ: it was set back. In seconds.
    pub fn clock_behind(&self, device: UnixTime) -> Option<u64> {
        let any_age = FreshnessLimit(u64::MAX);
        let wrong = self.clock(device).age(self.newest_seen, any_age).is_err();
        wrong.then(|| self.newest_seen.saturating_sub(device))
    }

    /// The landmarks that are held, newest first, two at most.
    pub fn landmarks(&self) -> &[Landmark] {
        &self.landmarks
    }

    /// Whether the log showed two histories: nothing that it says counts then.
    pub fn is_split(&self) -> bool {
        self.split
    }

    /// What the answer that is being judged brought.
    pub(crate) fn brought(&self) -> &BroughtEvidence {
        &self.brought
    }

    /// Evidence in these checkpoints, and the landmarks that are held.
    pub(crate) fn contradiction(&self, seen: &[Landmark]) -> Option<SplitEvidence> {
        let all: Vec<Landmark> = self.landmarks.iter().chain(seen).cloned().collect();
        landmarks::contradiction(&all)
    }

    /// The keys that the issuer of this URL publishes.
    pub fn issuer_keys(&self, issuer: &str) -> Option<&HeldKeys> {
        self.issuers.get(issuer).map(Arc::as_ref)
    }

    /// A status list of that owner.
    pub fn status_list(&self, owner: &ListOwner, uri: &str) -> Option<&HeldList> {
        self.lists.get(&(owner.clone(), uri.to_owned())).map(Arc::as_ref)
    }

    /// Every status list that is held.
    pub fn status_lists(&self) -> impl Iterator<Item = (&ListOwner, &HeldList)> {
        self.lists.iter().map(|((owner, _), list)| (owner, list.as_ref()))
    }

    /// Trust anchors for issuers known by certificate.
    pub fn anchors(&self, file: Option<&str>) -> Option<&TrustAnchors> {
        self.anchors.anchors(file)
    }

    /// The folder of trust anchors as it was last read.
    pub fn anchor_set(&self) -> &AnchorSet {
        &self.anchors
    }

    /// What is known of card types.
    pub fn types(&self) -> &HeldTypes {
        &self.types
    }

    /// Why the ledger was not read the last time it was tried.
    pub fn ledger_problem(&self) -> Option<LedgerProblem> {
        self.problem
    }

    /// The reason for something that is too old.
    pub fn staleness(&self) -> Reason {
        match self.problem {
            Some(LedgerProblem::NoQuorum) => Reason::NoQuorum,
            Some(LedgerProblem::Unreadable) | None => Reason::LedgerStale,
        }
    }

    /// Takes a bundle unless a later state is held, and raises the newest
    /// quorum time unless the time is impossible for this clock.
    pub fn hold_organisation(&mut self, did: &str, bundle: VerifiedBundle, device: UnixTime) {
        self.see(bundle.time(), device);
        let older = self
            .organisations
            .get(did)
            .is_some_and(|held| bundle.size() < held.size());
        if !older {
            self.organisations.insert(did.to_owned(), Arc::new(bundle));
        }
    }

    /// Takes the whole set of accredited organisations as of a time. One that it does not name is
    /// forgotten, unless what is held of it is as new.
    pub(crate) fn hold_accredited(&mut self, set: Vec<(String, VerifiedBundle)>, as_of: UnixTime, device: UnixTime) {
        let named: BTreeSet<&str> = set.iter().map(|(did, _)| did.as_str()).collect();
        self.organisations
            .retain(|did, held| named.contains(did.as_str()) || held.time() >= as_of);
        for (did, bundle) in set {
            self.hold_organisation(&did, bundle, device);
        }
    }

    /// Says that every accredited organisation is held as of that time. A time
    /// that is impossible for this clock is not taken, nor does one that was
    /// taken while the clock was ahead stand in the way.
    pub fn complete_as_of(&mut self, time: UnixTime, device: UnixTime) {
        let clock = self.clock(device);
        if clock.seen(time).is_ok() {
            let held = self.accredited_at.filter(|held| clock.seen(*held).is_ok());
            self.accredited_at = held.max(Some(time));
        }
    }

    /// Takes the business's own bundle.
    pub fn hold_own_bundle(&mut self, bytes: Vec<u8>, time: UnixTime, device: UnixTime) {
        self.see(time, device);
        let bytes = bytes.into();
        self.own = Some(Own { bytes, time });
    }

    /// Looks after another business from now on.
    pub(crate) fn watch_business(&mut self, did: &str) {
        self.businesses.entry(did.to_owned()).or_default();
    }

    /// From now on the business of this id asks for cards of these types as W3C credentials, whose status is told in
    /// Bitstring Status Lists, and for no others.
    pub(crate) fn watch_in_bits(&mut self, business_id: &str, types: Vec<String>) {
        self.in_bits.insert(business_id.to_owned(), types);
    }

    /// The card types that some business asks for as W3C credentials.
    pub(crate) fn in_bits(&self) -> impl Iterator<Item = &str> {
        self.in_bits.values().flatten().map(String::as_str)
    }

    /// The DIDs of the other businesses.
    pub(crate) fn business_dids(&self) -> impl Iterator<Item = &str> {
        self.businesses.keys().map(String::as_str)
    }

    /// What is held of another business.
    pub(crate) fn business(&self, did: &str) -> Option<&HeldBusiness> {
        self.businesses.get(did)?.as_deref()
    }

    /// Takes the bundle of a business that is looked after, unless a later state is held.
    pub(crate) fn hold_business(&mut self, did: &str, bytes: Vec<u8>, bundle: VerifiedBundle, device: UnixTime) {
        self.see(bundle.time(), device);
        if let Some(held) = self.businesses.get_mut(did)
            && held.as_ref().is_none_or(|held| bundle.size() >= held.bundle.size())
        {
            *held = Some(Arc::new(HeldBusiness { bytes, bundle }));
        }
    }

    /// The last bundle of a business from before it might ask more, where there was a time like that.
    pub(crate) fn earlier(&self, did: &str) -> Option<&[u8]> {
        self.earlier.get(did).map(Arc::as_ref)
    }

    /// Takes a bundle like that, in place of the one before it.
    pub(crate) fn hold_earlier(&mut self, did: &str, bytes: &[u8]) {
        self.earlier.insert(did.to_owned(), bytes.into());
    }

    /// The registrars that registration certificates name.
    pub(crate) fn registrars(&self) -> &Registrars {
        &self.registrars
    }

    /// The same, to be changed.
    pub(crate) fn registrars_mut(&mut self) -> &mut Registrars {
        &mut self.registrars
    }

    /// Takes landmarks, where they are newer than those held.
    pub(crate) fn hold_landmarks(&mut self, seen: Vec<Landmark>, device: UnixTime) {
        for time in seen.iter().filter_map(Landmark::quorum_time) {
            self.see(time, device);
        }
        let all = self.landmarks.iter().cloned().chain(seen);
        self.landmarks = landmarks::newest(all).into();
    }

    /// Notes that there is evidence against the log.
    pub(crate) fn hold_split(&mut self) {
        self.split = true;
    }

    /// Takes what an answer brought; in a copy, for its judgement.
    pub(crate) fn hold_brought(&mut self, brought: BroughtEvidence) {
        self.brought = Arc::new(brought);
    }

    /// Takes the keys that an issuer publishes.
    pub fn hold_issuer_keys(&mut self, issuer: &str, keys: HeldKeys) {
        self.issuers.insert(issuer.to_owned(), Arc::new(keys));
    }

    /// Takes a status list.
    pub fn hold_list(&mut self, owner: ListOwner, list: HeldList) {
        let uri = list.list().uri().to_owned();
        self.lists.insert((owner, uri), Arc::new(list));
    }

    /// Notes that a list could not be refreshed.
    pub fn list_failed(&mut self, owner: &ListOwner, uri: &str) {
        if let Some(held) = self.lists.get_mut(&(owner.clone(), uri.to_owned())) {
            *held = Arc::new(held.as_ref().clone().after_failure());
        }
    }

    /// Takes the folder of trust anchors.
    pub fn hold_anchors(&mut self, anchors: AnchorSet) {
        self.anchors = Arc::new(anchors);
    }

    /// Takes what is known of card types.
    pub fn hold_types(&mut self, types: HeldTypes) {
        self.types = Arc::new(types);
    }

    /// Notes how the last reading of the ledger went.
    pub fn ledger_read(&mut self, problem: Option<LedgerProblem>) {
        self.problem = problem;
    }

    /// A time that is too far ahead is not accepted as seen; the age of what
    /// carries it says that a clock is wrong.
    pub(crate) fn see(&mut self, time: UnixTime, device: UnixTime) {
        if let Ok(seen) = self.clock(device).seen(time) {
            self.newest_seen = seen;
        }
    }

    /// The newest quorum time accepted, to be stored.
    pub fn newest_seen(&self) -> UnixTime {
        self.newest_seen
    }
}

impl Trust {
    /// Begins with this view.
    pub fn new(view: TrustView) -> Self {
        Self {
            view: RwLock::new(Arc::new(view)),
            wanted: Notify::new(),
            lists_wanted: Notify::new(),
            read: Notify::new(),
        }
    }

    /// The newest view.
    pub fn view(&self) -> Arc<TrustView> {
        Arc::clone(&self.view.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Has the ledger read again soon: something there is new.
    pub(crate) fn want(&self) {
        self.wanted.notify_one();
    }

    /// Has the ledger read again, and waits until the records of businesses were: by a reading that may have begun
    /// before.
    pub(crate) async fn want_and_wait(&self) {
        let read = self.read.notified();
        self.want();
        read.await;
    }

    /// Tells those who wait that the records of businesses were read.
    pub(crate) fn businesses_read(&self) {
        self.read.notify_waiters();
    }

    /// Waits until somebody wants it.
    pub(crate) async fn wanted(&self) {
        self.wanted.notified().await;
    }

    /// Changes what is known of organisations, or what is asked of their cards, and has the status lists fetched at
    /// once where some are wanted then that were not before. This is the one way to that: a card that is shown
    /// changes nothing here.
    pub(crate) fn update_wanted<T>(&self, now: UnixTime, change: impl FnOnce(&mut TrustView) -> T) -> T {
        let before = lists::wanted(&self.view(), now);
        let made = self.update(change);
        if !lists::wanted(&self.view(), now).is_subset(&before) {
            self.lists_wanted.notify_one();
        }
        made
    }

    /// Waits until status lists are wanted that were not before.
    pub(crate) async fn lists_wanted(&self) {
        self.lists_wanted.notified().await;
    }

    /// Said by whoever is about to fetch all lists: nobody need be woken for those that are wanted by now.
    pub(crate) fn take_up_lists(&self) {
        let _ = self.lists_wanted.notified().now_or_never();
    }

    /// Changes the view for those who look from now on.
    pub fn update<T>(&self, change: impl FnOnce(&mut TrustView) -> T) -> T {
        let mut guard = self.view.write().unwrap_or_else(PoisonError::into_inner);
        change(Arc::make_mut(&mut guard))
    }
}
