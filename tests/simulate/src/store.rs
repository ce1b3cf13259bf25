//! The log's store on a simulated disk: the tables of `anchor/src/store/schema.sql`, the same statements over rows.

use std::collections::BTreeMap;

use anchor::store::{Head, LogStore, Published, ReadError};
use jose::UnixTime;
use ledger::{Hash, Kind};
use tlog::{Frontier, NodeId};

use crate::disk::{Change, Disk, Drive, Table};
use crate::fields::{number, pack, unpack};
use crate::lock;
use crate::oracle::Observer;
use crate::plant::Plant;
use crate::transaction::SimTransaction;

/// Key of the tables that have one row.
pub(crate) const ONE: &[u8] = &[1];

/// A log's store. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct SimStore {
    pub(crate) drive: Drive,
    /// The log signs with two keys.
    pub(crate) is_changing_key: bool,
    pub(crate) plant: Option<Plant>,
    pub(crate) observer: Observer,
    /// How much may be committed and not published.
    pub(crate) bound: Option<u64>,
}

impl SimStore {
    pub(crate) fn has(&self, plant: Plant) -> bool {
        self.plant == Some(plant)
    }

    /// A mistake: what was committed and not published is taken back.
    pub(crate) async fn take_back(&self) {
        let _writer = self.drive.writer().await;
        lock(&self.drive.disk).take_back();
    }

    /// Tells the observer which head a power cut would leave, and what is published: a note may be there although the
    /// log was told that it is not.
    pub(crate) fn tell_durable(&self) {
        let disk = lock(&self.drive.disk);
        if let Some(head) = disk.survivor(Table::Head, ONE).and_then(|row| read_head(row)) {
            self.observer.durable(head.size, head.root);
        }
        let published = disk.get(Table::Published, ONE).and_then(|row| unpack::<3>(row));
        if let Some([size, note, _]) = published
            && number(&size).is_some_and(|size| size > self.observer.largest())
        {
            self.observer.published(&note);
        }
    }
}

/// How many entries are published, as the rows say.
pub(crate) fn published_size(disk: &Disk) -> u64 {
    let row = disk.get(Table::Published, ONE).and_then(|row| unpack::<3>(row));
    row.and_then(|[size, ..]| number(&size)).unwrap_or(0)
}

/// The committed head of a disk.
pub(crate) fn head_of(disk: &Disk) -> Option<Head> {
    read_head(disk.get(Table::Head, ONE)?)
}

pub(crate) fn read_head(row: &[u8]) -> Option<Head> {
    let [size, root, map_root] = unpack::<3>(row)?;
    Some(Head {
        size: number(&size)?,
        root: root.as_slice().try_into().ok()?,
        map_root: map_root.try_into().ok()?,
    })
}

pub(crate) fn write_head(head: &Head) -> Vec<u8> {
    pack(&[&head.size.to_be_bytes(), head.root.as_bytes(), &head.map_root])
}

pub(crate) fn node_key(node: NodeId) -> Vec<u8> {
    [&[node.level][..], &node.index.to_be_bytes()].concat()
}

/// The hashes of these nodes.
pub(crate) fn nodes_from<'a>(
    nodes: Vec<NodeId>,
    get: impl Fn(&[u8]) -> Option<&'a Vec<u8>>,
) -> Result<BTreeMap<NodeId, tlog::Hash>, ReadError> {
    let mut found = BTreeMap::new();
    for node in nodes {
        let row = get(&node_key(node)).ok_or(ReadError::Damaged("hash"))?;
        let hash = tlog::Hash::try_from(row.as_slice()).map_err(|_| ReadError::Damaged("hash"))?;
        found.insert(node, hash);
    }
    Ok(found)
}

/// The right edge of a tree.
pub(crate) fn frontier_from<'a>(size: u64, get: impl Fn(&[u8]) -> Option<&'a Vec<u8>>) -> Result<Frontier, ReadError> {
    let nodes = Frontier::nodes(size);
    let hashes = nodes_from(nodes.clone(), get)?;
    let subtrees = nodes.iter().filter_map(|node| hashes.get(node).copied()).collect();
    Frontier::from_subtrees(size, subtrees).map_err(|_| ReadError::Damaged("frontier"))
}

/// The bytes of a row that may be marked as removed.
pub(crate) fn kept(row: &[u8]) -> Option<Vec<u8>> {
    unpack::<2>(row).map(|[bytes, _]| bytes)
}

/// The newest record of a subject.
fn record_of(disk: &Disk, subject: &str) -> Option<Vec<u8>> {
    let row = disk.get(Table::Subjects, subject.as_bytes())?;
    unpack::<2>(row).map(|[record, _]| record)
}

impl LogStore for SimStore {
    type Transaction = SimTransaction;

    async fn begin(&self) -> Result<SimTransaction, anchor::store::CommitError> {
        let writer = self.drive.writer().await;
        Ok(SimTransaction::new(self.clone(), writer))
    }

    async fn head(&self) -> Result<Option<Head>, ReadError> {
        let row = self.drive.read(|disk| disk.get(Table::Head, ONE).cloned()).await;
        row.map(|row| read_head(&row).ok_or(ReadError::Damaged("hash")))
            .transpose()
    }

    async fn frontier(&self, size: u64) -> Result<Frontier, ReadError> {
        let read = |disk: &Disk| frontier_from(size, |key| disk.get(Table::Hashes, key));
        self.drive.read(read).await
    }

    async fn entry(&self, index: u64) -> Result<Option<(Vec<u8>, Vec<u8>)>, ReadError> {
        let read = |disk: &Disk| {
            let row = disk.get(Table::Entries, &index.to_be_bytes())?;
            let [leaf, _, payload, ..] = unpack::<6>(row)?;
            Some((leaf, disk.get(Table::Blobs, &payload)?.clone()))
        };
        Ok(self.drive.read(read).await)
    }

    async fn nodes(&self, nodes: Vec<NodeId>) -> Result<BTreeMap<NodeId, tlog::Hash>, ReadError> {
        let read = |disk: &Disk| nodes_from(nodes, |key| disk.get(Table::Hashes, key));
        self.drive.read(read).await
    }

    async fn blob(&self, hash: &Hash) -> Result<Option<Vec<u8>>, ReadError> {
        Ok(self.drive.read(|disk| disk.get(Table::Blobs, hash).cloned()).await)
    }

    async fn index_of(&self, leaf: &tlog::Hash) -> Result<Option<u64>, ReadError> {
        let read = |disk: &Disk| number(disk.get(Table::Leaves, leaf.as_bytes())?);
        Ok(self.drive.read(read).await)
    }

    async fn record(&self, subject: &str) -> Result<Option<Vec<u8>>, ReadError> {
        Ok(self.drive.read(|disk| record_of(disk, subject)).await)
    }

    async fn records(&self, subjects: &[&str]) -> Result<BTreeMap<String, Vec<u8>>, ReadError> {
        let read = |disk: &Disk| -> BTreeMap<String, Vec<u8>> {
            let of = |subject: &&str| Some(((*subject).to_owned(), record_of(disk, subject)?));
            subjects.iter().filter_map(of).collect()
        };
        Ok(self.drive.read(read).await)
    }

    async fn times(&self, subject: &str, since: UnixTime) -> Result<Vec<(Kind, UnixTime)>, ReadError> {
        let read = |disk: &Disk| -> Vec<(Kind, UnixTime)> {
            let entries = disk.rows().iter().filter(|((table, _), _)| *table == Table::Entries);
            let of = |row: &Vec<u8>| {
                let [_, _, _, about, kind, time] = unpack::<6>(row)?;
                let (kind, time) = (Kind::from_number(number(&kind)?)?, number(&time)?);
                (about == subject.as_bytes() && time > since).then_some((kind, time))
            };
            entries.filter_map(|(_, row)| of(row)).collect()
        };
        Ok(self.drive.read(read).await)
    }

    async fn entries_before(&self, index: u64, most: u64) -> Result<Vec<(Vec<u8>, UnixTime)>, ReadError> {
        let read = |disk: &Disk| -> Vec<(Vec<u8>, UnixTime)> {
            let most = usize::try_from(most).unwrap_or(usize::MAX);
            let indices = (0..index).rev().take(most);
            let of = |index: u64| {
                let [leaf, _, _, _, _, time] = unpack::<6>(disk.get(Table::Entries, &index.to_be_bytes())?)?;
                Some((leaf, number(&time)?))
            };
            indices.map_while(of).collect()
        };
        Ok(self.drive.read(read).await)
    }

    async fn map_node(&self, hash: &Hash) -> Result<Option<Vec<u8>>, ReadError> {
        let read = |disk: &Disk| disk.get(Table::MapNodes, hash).and_then(|row| kept(row));
        Ok(self.drive.read(read).await)
    }

    async fn publish(&self, published: &Published) -> Result<(), ReadError> {
        let writer = self.drive.writer().await;
        let change = publication(&lock(&self.drive.disk), published);
        let written = self.drive.commit(&writer, change).await;
        if written.is_ok() && self.has(Plant::TakeBackUnpublished) {
            lock(&self.drive.disk).keep();
        }
        drop(writer);
        written.map_err(|error| ReadError::Store(error.into()))?;
        self.observer.published(&published.note);
        Ok(())
    }
}

/// What publishing a checkpoint changes.
fn publication(disk: &Disk, published: &Published) -> Change {
    let size = published.size.to_be_bytes();
    let mut change = Change::new();
    if disk.get(Table::Receipts, &size).is_none() {
        let key = (Table::Receipts, size.to_vec());
        change.insert(key, Some(published.note.clone()));
    }
    if published.size >= published_size(disk) {
        let row = pack(&[&size, &published.note, &published.time.to_be_bytes()]);
        change.insert((Table::Published, ONE.to_vec()), Some(row));
    }
    for (key, row) in disk.rows() {
        if matches!(key.0, Table::MapNodes | Table::Records) && is_removed(row, published.size) {
            change.insert(key.clone(), None);
        }
    }
    change
}

fn is_removed(row: &[u8], size: u64) -> bool {
    let removed = unpack::<2>(row).and_then(|[_, at]| number(&at));
    removed.is_some_and(|at| at <= size)
}
