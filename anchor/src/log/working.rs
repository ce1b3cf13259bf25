//! The state before the next entry, and the batch that is being put together.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jose::UnixTime;
use ledger::{
    Change, Entry, Family, Head as PartHead, Kind, Leaf, LeafBuilder, LeafPointer, Map, MapChange, MapHead,
    MapHeadState, MemoryNodes, ObjectRecord, OrganisationRecord, Part, Policy, PolicyRecord, PolicyState, Records,
    Submission, apply, hour_of,
};
use tlog::{Frontier, NodeId};

use super::admission::{AppendError, Quotas, check_line_time, check_rate, check_words};
use crate::store::{Batch, Head, LogStore, NewEntry, NewRecord, NodesOf, ReadError, with_nodes};

const DAY: u64 = 24 * 3600;
/// Records and nodes that are kept between batches at most.
const KEPT_RECORDS: usize = 20_000;
const KEPT_NODES: usize = 200_000;

/// The state before the next entry: what `apply` reads, loaded as it is needed.
pub(super) struct Working {
    origin: String,
    before: Head,
    frontier: Frontier,
    map: Map,
    nodes: MemoryNodes,
    policy: Option<PolicyState>,
    map_head: Option<MapHeadState>,
    /// Loaded records; `None` is "there is none".
    organisations: HashMap<String, Option<OrganisationRecord>>,
    objects: HashMap<String, Option<ObjectRecord>>,
    /// Counted by [`Self::count_quotas`], else when the first entry comes.
    quotas: Option<Quotas>,
    draft: Draft,
}

/// Entries that were accepted since the last commit.
#[derive(Default)]
struct Draft {
    entries: Vec<NewEntry>,
    hashes: Vec<(NodeId, tlog::Hash)>,
    map: Option<MapChange>,
    records: BTreeMap<String, NewRecord>,
    indices: HashMap<tlog::Hash, u64>,
    times: Vec<(String, Kind)>,
    /// Subjects of which the log has nothing that is committed.
    new: HashSet<String>,
}

impl Records for Working {
    fn origin(&self) -> &str {
        &self.origin
    }

    fn map_root(&self) -> ledger::Hash {
        self.map.root()
    }

    fn policy(&self) -> Option<&PolicyState> {
        self.policy.as_ref()
    }

    fn organisation(&self, did: &str) -> Option<&OrganisationRecord> {
        self.organisations.get(did)?.as_ref()
    }

    fn object(&self, subject: &str) -> Option<&ObjectRecord> {
        self.objects.get(subject)?.as_ref()
    }

    fn map_head(&self) -> Option<&MapHeadState> {
        self.map_head.as_ref()
    }
}

impl Working {
    /// The state of an empty log.
    pub(super) fn empty(origin: &str) -> Self {
        let map = Map::empty();
        Self {
            origin: origin.to_owned(),
            before: Head {
                size: 0,
                root: tlog::Hash::EMPTY_TREE,
                map_root: map.root(),
            },
            frontier: Frontier::default(),
            map,
            nodes: MemoryNodes::default(),
            policy: None,
            map_head: None,
            organisations: HashMap::new(),
            objects: HashMap::new(),
            quotas: None,
            draft: Draft::default(),
        }
    }

    /// The state that is committed.
    pub(super) async fn load<S: LogStore>(store: &S, origin: &str) -> Result<Self, ReadError> {
        let mut working = Self::empty(origin);
        let Some(head) = store.head().await? else {
            return Ok(working);
        };
        working.before = head;
        working.frontier = store.frontier(head.size).await?;
        if working.frontier.root() != head.root {
            return Err(ReadError::Damaged("tree"));
        }
        working.map = Map::at(head.map_root);
        working.policy = Some(load_policy(store, origin).await?);
        working.map_head = Some(load_map_head(store, head.size).await?);
        Ok(working)
    }

    /// Takes an entry into the batch; its index. One that is in the log or the batch already
    /// keeps the index it has.
    pub(super) async fn stage<S: LogStore>(
        &mut self,
        store: &S,
        submission: &Submission,
        now: UnixTime,
    ) -> Result<u64, AppendError> {
        let leaf = submission.leaf().encode();
        let hash = tlog::leaf_hash(&leaf);
        if let Some(index) = self.draft.indices.get(&hash) {
            return Ok(*index);
        }
        let index = self.frontier.size();
        let entry = Entry::parse(index, &leaf, submission.payload())
            .map_err(|_| AppendError::Submission(ledger::SubmissionError::PayloadDiffers))?;
        for did in entry.organisations() {
            self.load_organisation(store, did).await?;
        }
        if let Some(subject) = entry.object() {
            self.load_object(store, subject).await?;
        }
        if !self.is_new(entry.leaf())
            && let Some(index) = store.index_of(&hash).await?
        {
            return Ok(index);
        }
        let change = apply(self, &entry).map_err(AppendError::Rejected)?;
        check_line_time(entry.leaf().kind, &change, now)?;
        check_words(&entry)?;
        self.check_rate(store, &entry, now).await?;
        self.take(store, change, submission, leaf).await?;
        if let Some(quotas) = &mut self.quotas {
            quotas.count(submission.leaf(), now);
        }
        Ok(index)
    }

    /// What is committed.
    pub(super) fn head(&self) -> Head {
        self.before
    }

    /// The UTC hour of the newest map head.
    pub(super) fn newest_hour(&self) -> u64 {
        hour_of(self.map_head.map_or(0, |state| state.time))
    }

    /// Whether anything was accepted since the last commit.
    pub(super) fn has_draft(&self) -> bool {
        !self.draft.entries.is_empty()
    }

    /// Closes the batch with a map head.
    pub(super) async fn seal<S: LogStore>(&mut self, store: &S, now: UnixTime) -> Result<Batch, AppendError> {
        let before = self.map_head.map_or(0, |state| state.time);
        let map_head = MapHead {
            root: self.map.root(),
            size: self.frontier.size(),
            // A clock that was set back must not make the map head older than the last.
            time: now.max(before),
        };
        let head = self.map_head.map(|state| state.head);
        let submission =
            LeafBuilder::new(Kind::MapHead, &self.origin, head.as_ref(), map_head.encode()).written_by_log();
        let leaf = submission.leaf().encode();
        let entry = Entry::parse(self.frontier.size(), &leaf, submission.payload())
            .map_err(|_| AppendError::Submission(ledger::SubmissionError::PayloadDiffers))?;
        let change = apply(self, &entry).map_err(AppendError::Rejected)?;
        self.take(store, change, &submission, leaf).await?;
        let draft = std::mem::take(&mut self.draft);
        Ok(Batch {
            before: self.before,
            after: Head {
                size: self.frontier.size(),
                root: self.frontier.root(),
                map_root: self.map.root(),
            },
            entries: draft.entries,
            hashes: draft.hashes,
            map: draft.map,
            records: draft.records,
            time: now,
        })
    }

    /// The batch is committed.
    pub(super) fn committed(&mut self, head: Head) {
        self.before = head;
    }

    /// Keeps memory bounded: what is committed can be loaded again, what is staged cannot.
    fn forget(&mut self) {
        if self.has_draft() {
            return;
        }
        if self.organisations.len() > KEPT_RECORDS {
            self.organisations.clear();
        }
        if self.objects.len() > KEPT_RECORDS {
            self.objects.clear();
        }
        if self.nodes.len() > KEPT_NODES {
            self.nodes = MemoryNodes::default();
        }
    }

    /// Loads the records of the organisations that these entries are about in one read, as far as they are not here.
    /// What else an entry needs is loaded when it comes.
    pub(super) async fn load_subjects<S: LogStore>(
        &mut self,
        store: &S,
        submissions: &[Submission],
    ) -> Result<(), ReadError> {
        self.forget();
        let leaves = submissions.iter().map(Submission::leaf);
        let about = leaves.filter(|leaf| leaf.kind.family() == Some(Family::Organisation));
        // A name with a slash is that of another kind of record, and no organisation's.
        let subjects = about.map(|leaf| leaf.subject.as_str()).filter(|did| !did.contains('/'));
        let lacking: BTreeSet<&str> = subjects.filter(|did| self.lacks(did)).collect();
        if lacking.is_empty() {
            return Ok(());
        }
        let lacking: Vec<&str> = lacking.into_iter().collect();
        let mut records = store.records(&lacking).await?;
        for did in lacking {
            let record = parse_organisation(records.remove(did))?;
            self.organisations.insert(did.to_owned(), record);
        }
        Ok(())
    }

    /// Whether the record of an organisation is not here, or that there is none.
    fn lacks(&self, did: &str) -> bool {
        did != self.origin && !self.organisations.contains_key(did)
    }

    async fn load_organisation<S: LogStore>(&mut self, store: &S, did: &str) -> Result<(), ReadError> {
        if self.lacks(did) {
            let record = parse_organisation(store.record(did).await?)?;
            self.organisations.insert(did.to_owned(), record);
        }
        Ok(())
    }

    async fn load_object<S: LogStore>(&mut self, store: &S, subject: &str) -> Result<(), ReadError> {
        if self.objects.contains_key(subject) {
            return Ok(());
        }
        let record = match store.record(subject).await? {
            Some(bytes) => Some(ObjectRecord::parse(&bytes).map_err(|_| ReadError::Damaged("record"))?),
            None => None,
        };
        self.objects.insert(subject.to_owned(), record);
        Ok(())
    }

    /// Counts what registrars and owners wrote in the last day, unless it is counted: every leaf of that day is read.
    pub(super) async fn count_quotas<S: LogStore>(&mut self, store: &S, now: UnixTime) -> Result<(), ReadError> {
        if self.quotas.is_none() {
            self.quotas = Some(Quotas::load(store, self.before.size, now).await?);
        }
        Ok(())
    }

    /// Whether its subject has no record, or none that is committed: then nothing about it is, since each entry leaves
    /// one. Records that the leaf needs are loaded.
    fn is_new(&self, leaf: &Leaf) -> bool {
        let subject = leaf.subject.as_str();
        self.draft.new.contains(subject)
            || matches!(self.organisations.get(subject), Some(None))
            || matches!(self.objects.get(subject), Some(None))
    }

    async fn check_rate<S: LogStore>(&mut self, store: &S, entry: &Entry, now: UnixTime) -> Result<(), AppendError> {
        self.count_quotas(store, now).await?;
        let Some(policy) = &self.policy else { return Ok(()) };
        if let Some(quotas) = &mut self.quotas {
            quotas.check(&policy.policy.limits, entry.leaf(), now)?;
        }
        let leaf = entry.leaf();
        let mut times = if self.is_new(leaf) {
            Vec::new()
        } else {
            store.times(&leaf.subject, now.saturating_sub(DAY)).await?
        };
        let staged = self.draft.times.iter().filter(|(subject, _)| *subject == leaf.subject);
        times.extend(staged.map(|(_, kind)| (*kind, now)));
        check_rate(&policy.policy.limits, leaf.kind, &times, now)
    }

    /// Makes the change: map, state, tree and batch.
    async fn take<S: LogStore>(
        &mut self,
        store: &S,
        change: Change,
        submission: &Submission,
        leaf: Vec<u8>,
    ) -> Result<(), AppendError> {
        let subject = &submission.leaf().subject;
        let is_new = self.is_new(submission.leaf());
        if let Some((key, value, record)) = change.map_entry() {
            let map = self.map;
            let update = with_nodes(&mut NodesOf(store), &mut self.nodes, |nodes| {
                map.insert(nodes, &key, &value)
            })
            .await?;
            self.nodes.replace(&update);
            self.map = update.map();
            self.draft.map = Some(match self.draft.map.take() {
                Some(before) => before.then(update),
                None => update,
            });
            let accredited = match &change {
                Change::Organisation(record) => record.head(Part::Accreditation).is_some(),
                _ => false,
            };
            let record = NewRecord {
                bytes: record,
                accredited,
            };
            self.draft.records.insert(subject.clone(), record);
        }
        if is_new {
            self.draft.new.insert(subject.clone());
        }
        match change {
            Change::Policy(policy) => self.policy = Some(*policy),
            Change::MapHead(state) => self.map_head = Some(state),
            Change::Object(record) => {
                self.objects.insert(subject.clone(), Some(*record));
            }
            Change::Organisation(record) => {
                self.organisations.insert(subject.clone(), Some(*record));
            }
        }
        let index = self.frontier.size();
        let hash = tlog::leaf_hash(&leaf);
        let hashes = &mut self.draft.hashes;
        self.frontier.append_with(hash, |node, hash| hashes.push((node, hash)));
        self.draft.indices.insert(hash, index);
        self.draft.times.push((subject.clone(), submission.leaf().kind));
        self.draft.entries.push(NewEntry {
            leaf,
            payload: submission.payload().to_vec(),
            private: submission.private().cloned(),
            subject: subject.clone(),
            kind: submission.leaf().kind.number(),
        });
        Ok(())
    }
}

fn parse_organisation(record: Option<Vec<u8>>) -> Result<Option<OrganisationRecord>, ReadError> {
    let parse = |bytes: Vec<u8>| OrganisationRecord::parse(&bytes).map_err(|_| ReadError::Damaged("record"));
    record.map(parse).transpose()
}

async fn load_policy<S: LogStore>(store: &S, origin: &str) -> Result<PolicyState, ReadError> {
    let damaged = ReadError::Damaged("policy");
    let Some(record) = store.record(origin).await? else {
        return Err(damaged);
    };
    let Ok(record) = PolicyRecord::parse(&record) else {
        return Err(damaged);
    };
    let payload = store.blob(&record.payload.hash).await?;
    match payload.as_deref().map(Policy::parse) {
        Some(Ok(policy)) => Ok(PolicyState { record, policy }),
        _ => Err(damaged),
    }
}

/// The last entry of a committed tree is its map head.
async fn load_map_head<S: LogStore>(store: &S, size: u64) -> Result<MapHeadState, ReadError> {
    let damaged = || ReadError::Damaged("map head");
    let index = size.checked_sub(1).ok_or_else(damaged)?;
    let (leaf, payload) = store.entry(index).await?.ok_or_else(damaged)?;
    let (parsed, map_head) = match (Leaf::parse(&leaf), MapHead::parse(&payload)) {
        (Ok(leaf), Ok(map_head)) if leaf.kind == Kind::MapHead => (leaf, map_head),
        _ => return Err(damaged()),
    };
    let hash = *tlog::leaf_hash(&leaf).as_bytes();
    Ok(MapHeadState {
        head: PartHead {
            seq: parsed.seq,
            leaf: LeafPointer { index, hash },
        },
        time: map_head.time,
    })
}
