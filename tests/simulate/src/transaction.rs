//! The transaction of a batch on a simulated disk. `anchor/src/store/commit.rs` does the same in SQL.

use std::collections::BTreeMap;

use anchor::store::{
    Batch, BatchTransaction, CommitError, Head, NewEntry, NewRecord, ReadError, StoredEntry, StoredRows,
};
use ledger::{BlobRef, Hash};
use tlog::{Frontier, NodeId, leaf_hash};

use crate::disk::{Change, Table, Writer, flip_bit};
use crate::fields::{number, pack, unpack};
use crate::lock;
use crate::oracle::Oracle;
use crate::plant::Plant;
use crate::store::{ONE, SimStore, frontier_from, head_of, kept, node_key, nodes_from, published_size, write_head};

/// What a bit may flip in on its way to the disk. Nothing reads back the newest record of a subject; the scrubber does.
const FLIPPED: [Table; 5] = [
    Table::Entries,
    Table::Blobs,
    Table::Hashes,
    Table::MapNodes,
    Table::Records,
];

/// A transaction. Dropped before it is finished it has changed nothing.
#[derive(Debug)]
pub(crate) struct SimTransaction {
    store: SimStore,
    writer: Writer,
    /// What is stored once it is finished.
    stored: Change,
    /// What was to be stored.
    meant: Change,
    heads: Option<(Head, Head)>,
}

impl SimTransaction {
    pub(crate) fn new(store: SimStore, writer: Writer) -> Self {
        Self {
            store,
            writer,
            stored: Change::new(),
            meant: Change::new(),
            heads: None,
        }
    }

    fn get(&self, table: Table, key: &[u8]) -> Option<Vec<u8>> {
        let change = if self.store.has(Plant::NoReadBack) {
            &self.meant
        } else {
            &self.stored
        };
        match change.get(&(table, key.to_vec())) {
            Some(row) => row.clone(),
            None => lock(&self.store.drive.disk).get(table, key).cloned(),
        }
    }

    fn put(&mut self, table: Table, key: &[u8], row: Vec<u8>) {
        let key = (table, key.to_vec());
        self.meant.insert(key.clone(), Some(row.clone()));
        self.stored.insert(key, Some(row));
    }

    /// A row that must not be there yet.
    fn put_new(&mut self, table: Table, key: &[u8], row: Vec<u8>) -> Result<(), CommitError> {
        if self.get(table, key).is_some() {
            return Err(CommitError::HeadMoved);
        }
        self.put(table, key, row);
        Ok(())
    }

    fn put_entry(&mut self, index: u64, entry: &NewEntry, time: u64) -> Result<(), CommitError> {
        let (hash, payload) = (leaf_hash(&entry.leaf), BlobRef::of(&entry.payload).hash);
        let row = pack(&[
            &entry.leaf,
            hash.as_bytes(),
            &payload,
            entry.subject.as_bytes(),
            &entry.kind.to_be_bytes(),
            &time.to_be_bytes(),
        ]);
        self.put_new(Table::Entries, &index.to_be_bytes(), row)?;
        self.put_new(Table::Leaves, hash.as_bytes(), index.to_be_bytes().to_vec())?;
        if self.get(Table::Blobs, &payload).is_none() {
            self.put(Table::Blobs, &payload, entry.payload.clone());
        }
        Ok(())
    }

    /// A row that is there is marked as removed with this tree.
    fn mark(&mut self, table: Table, key: &[u8], size: u64) {
        if let Some(row) = self.get(table, key).and_then(|row| kept(&row)) {
            self.put(table, key, pack(&[&row, &size.to_be_bytes()]));
        }
    }

    fn put_record(&mut self, subject: &str, record: &NewRecord, size: u64) {
        let before = self.get(Table::Subjects, subject.as_bytes());
        if let Some([before, _]) = before.and_then(|row| unpack::<2>(&row)) {
            self.mark(Table::Records, &BlobRef::of(&before).hash, size);
        }
        let hash = BlobRef::of(&record.bytes).hash;
        self.put(Table::Records, &hash, pack(&[&record.bytes, &[]]));
        let row = pack(&[&record.bytes, &[u8::from(record.accredited)]]);
        self.put(Table::Subjects, subject.as_bytes(), row);
    }

    fn flip(&mut self) {
        let chance = self.store.drive.chance.clone();
        let flips = {
            let mut disk = lock(&self.store.drive.disk);
            let flips = disk.faults.flips;
            disk.faults.flips = flips.saturating_sub(1);
            flips
        };
        if flips == 0 {
            return;
        }
        let rows = self.stored.iter_mut().filter(|((table, _), _)| FLIPPED.contains(table));
        let mut rows: Vec<&mut Vec<u8>> = rows.filter_map(|(_, row)| row.as_mut()).collect();
        let at = chance.place(rows.len());
        if let Some(row) = rows.get_mut(at) {
            flip_bit(row, chance.below(u64::MAX));
        }
    }

    /// What must hold once a batch is committed.
    fn look(&self) {
        let Some((before, after)) = &self.heads else { return };
        let observer = &self.store.observer;
        let largest = observer.largest();
        if observer.was_rolled_back() && before.size < largest {
            observer.find(Oracle::NeverSmaller, || {
                format!("written after {} entries, though {largest} are published", before.size)
            });
        }
        let disk = lock(&self.store.drive.disk);
        let waiting = after.size.saturating_sub(published_size(&disk));
        if self.store.bound.is_some_and(|bound| waiting > bound) && !observer.was_rolled_back() {
            observer.find(Oracle::BoundedBacklog, || {
                format!("{waiting} entries wait for their quorum")
            });
        }
        for index in before.size..after.size {
            let is_good = || {
                let [leaf, _, payload, ..] = unpack::<6>(disk.get(Table::Entries, &index.to_be_bytes())?)?;
                let node = node_key(NodeId { level: 0, index });
                let is_leaf = disk.get(Table::Hashes, &node)?.as_slice() == leaf_hash(&leaf).as_bytes().as_slice();
                let blob = disk.get(Table::Blobs, &payload)?;
                (is_leaf && BlobRef::of(blob).hash.as_slice() == payload).then_some(())
            };
            if is_good().is_none() {
                observer.find(Oracle::StoredIsHashed, || {
                    format!("entry {index} is not what was hashed")
                });
            }
        }
    }
}

impl BatchTransaction for SimTransaction {
    type Rows = Self;

    fn rows(&mut self) -> &mut Self {
        self
    }

    async fn write(&mut self, batch: &Batch) -> Result<(), CommitError> {
        self.store.drive.chance.pause().await;
        let size = batch.after.size;
        for (index, entry) in (batch.before.size..).zip(&batch.entries) {
            self.put_entry(index, entry, batch.time)?;
        }
        for (node, hash) in &batch.hashes {
            self.put_new(Table::Hashes, &node_key(*node), hash.as_bytes().to_vec())?;
        }
        if let Some(map) = &batch.map {
            for (hash, node) in map.added() {
                self.put(Table::MapNodes, hash, pack(&[&node.to_bytes(), &[]]));
            }
            for hash in map.removed() {
                self.mark(Table::MapNodes, hash, size);
            }
        }
        for (subject, record) in &batch.records {
            self.put_record(subject, record, size);
        }
        self.flip();
        Ok(())
    }

    async fn swap_head(&mut self, before: &Head, after: &Head) -> Result<bool, CommitError> {
        self.store.drive.chance.pause().await;
        let found = head_of(&lock(&self.store.drive.disk));
        let is_same = match found {
            Some(head) => before.size != 0 && head.size == before.size && head.root == before.root,
            None => before.size == 0,
        };
        if !is_same {
            return Ok(false);
        }
        self.heads = Some((*before, *after));
        self.put(Table::Head, ONE, write_head(after));
        Ok(true)
    }

    async fn finish(mut self) -> Result<(), CommitError> {
        let change = std::mem::take(&mut self.stored);
        let written = self.store.drive.commit(&self.writer, change).await;
        // It may be there although it failed.
        self.store.tell_durable();
        written.map_err(|error| CommitError::Store(error.into()))?;
        self.look();
        Ok(())
    }
}

impl StoredRows for SimTransaction {
    async fn frontier(&mut self, size: u64) -> Result<Frontier, ReadError> {
        let rows = self.hashes(&Frontier::nodes(size));
        frontier_from(size, |key| rows.get(key))
    }

    async fn nodes(&mut self, nodes: Vec<NodeId>) -> Result<BTreeMap<NodeId, tlog::Hash>, ReadError> {
        let rows = self.hashes(&nodes);
        nodes_from(nodes, |key| rows.get(key))
    }

    async fn entries(&mut self, start: u64, end: u64) -> Result<Vec<StoredEntry>, ReadError> {
        self.store.drive.chance.pause().await;
        Ok((start..end).filter_map(|index| self.stored_entry(index)).collect())
    }

    async fn map_nodes(&mut self, hashes: &[Hash]) -> Result<BTreeMap<Hash, Vec<u8>>, ReadError> {
        Ok(self.by_hash(Table::MapNodes, hashes))
    }

    async fn records(&mut self, hashes: &[Hash]) -> Result<BTreeMap<Hash, Vec<u8>>, ReadError> {
        Ok(self.by_hash(Table::Records, hashes))
    }
}

impl SimTransaction {
    fn by_hash(&self, table: Table, hashes: &[Hash]) -> BTreeMap<Hash, Vec<u8>> {
        let row = |hash: &Hash| Some((*hash, kept(&self.get(table, hash)?)?));
        hashes.iter().filter_map(row).collect()
    }

    fn hashes(&self, nodes: &[NodeId]) -> BTreeMap<Vec<u8>, Vec<u8>> {
        let row = |node: &NodeId| {
            let key = node_key(*node);
            self.get(Table::Hashes, &key).map(|hash| (key, hash))
        };
        nodes.iter().filter_map(row).collect()
    }

    fn stored_entry(&self, index: u64) -> Option<StoredEntry> {
        let row = self.get(Table::Entries, &index.to_be_bytes())?;
        let [leaf, leaf_hash, payload_hash, subject, kind, time] = unpack::<6>(&row)?;
        Some(StoredEntry {
            payload: self.get(Table::Blobs, &payload_hash)?,
            leaf,
            leaf_hash,
            payload_hash,
            subject: String::from_utf8(subject).ok()?,
            kind: i64::try_from(number(&kind)?).ok()?,
            time: i64::try_from(number(&time)?).ok()?,
        })
    }
}
