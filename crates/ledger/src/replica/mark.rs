//! Entries taken back: a replica that was marked stands again where it was, and nobody needs a copy of all of it for
//! that. It costs what the entries since the mark changed, however many organisations there are.

use std::collections::BTreeMap;

use super::Replica;
use crate::hash::Hash;
use crate::map::{Map, MapChange, MapNode, MapNodes, MemoryNodes};
use crate::object::ObjectRecord;
use crate::record::OrganisationRecord;
use crate::state::{MapHeadState, PolicyState};

/// What the entries since the mark changed, as it was before.
#[derive(Clone, Debug)]
pub(super) struct Mark {
    policy: Option<PolicyState>,
    /// `None`: there was none.
    organisations: BTreeMap<String, Option<OrganisationRecord>>,
    objects: BTreeMap<String, Option<ObjectRecord>>,
    map: Map,
    change: Option<MapChange>,
    /// Nodes that the map had.
    gone: BTreeMap<Hash, MapNode>,
    map_head: Option<MapHeadState>,
    size: u64,
    newest: Option<(Vec<u8>, Vec<u8>)>,
}

impl Replica {
    /// Marks where the replica stands. What is pushed from here on can be taken back, until it is kept.
    pub fn mark(&mut self) {
        self.mark = Some(Box::new(Mark {
            policy: self.policy.clone(),
            organisations: BTreeMap::new(),
            objects: BTreeMap::new(),
            map: self.map,
            change: None,
            gone: BTreeMap::new(),
            map_head: self.map_head,
            size: self.tree.size(),
            newest: self.newest.clone(),
        }));
    }

    /// Keeps what was pushed since the mark.
    pub fn keep(&mut self) {
        self.mark = None;
    }

    /// Takes back what was pushed since the mark; without a mark it does nothing.
    pub fn take_back(&mut self) {
        let Some(mark) = self.mark.take() else { return };
        self.policy = mark.policy;
        restore(&mut self.organisations, mark.organisations);
        restore(&mut self.objects, mark.objects);
        if let Some(change) = &mark.change {
            self.nodes.take_back(change, &mark.gone);
        }
        self.map = mark.map;
        self.map_head = mark.map_head;
        self.tree.truncate(mark.size);
        self.newest = mark.newest;
    }
}

impl Mark {
    /// An organisation gets another record; the first that was before counts.
    pub(super) fn organisation(&mut self, did: &str, before: Option<OrganisationRecord>) {
        self.organisations.entry(did.to_owned()).or_insert(before);
    }

    /// The same of a schema, rule, service, document or release.
    pub(super) fn object(&mut self, subject: &str, before: Option<ObjectRecord>) {
        self.objects.entry(subject.to_owned()).or_insert(before);
    }

    /// The map changes; `nodes` are still those before.
    pub(super) fn map(&mut self, nodes: &MemoryNodes, change: &MapChange) {
        let gone = change
            .removed()
            .iter()
            .filter_map(|hash| Some((*hash, nodes.node(hash)?)));
        self.gone.extend(gone);
        self.change = Some(match self.change.take() {
            Some(before) => before.then(change.clone()),
            None => change.clone(),
        });
    }
}

fn restore<T>(records: &mut BTreeMap<String, T>, before: BTreeMap<String, Option<T>>) {
    for (name, record) in before {
        match record {
            Some(record) => records.insert(name, record),
            None => records.remove(&name),
        };
    }
}
