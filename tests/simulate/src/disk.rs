//! A disk with rows on it. What was written and not synced may be gone after a power cut, as a whole, in the middle, or
//! in any order; a sync may fail; there may be no room; bits may flip; and somebody may put an old copy back.
//!
//! Rows change by frames of a journal, each with a checksum, as in a write-ahead log. A frame counts once it is synced.
//! One whose sync failed is nobody's: the next frame is written over it, or a new start finds it whole and takes it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use crate::chance::{Chance, give_way};
use crate::frame::{decode, encode};
use crate::lock;

/// How much of a frame is written at once.
const SECTOR: usize = 512;

/// The tables of log and witness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Table {
    Entries,
    Leaves,
    Blobs,
    Hashes,
    MapNodes,
    Records,
    Subjects,
    Head,
    Published,
    Receipts,
    Newest,
    Cosigned,
    Evidence,
}

impl Table {
    pub(crate) const ALL: [Self; 13] = [
        Self::Entries,
        Self::Leaves,
        Self::Blobs,
        Self::Hashes,
        Self::MapNodes,
        Self::Records,
        Self::Subjects,
        Self::Head,
        Self::Published,
        Self::Receipts,
        Self::Newest,
        Self::Cosigned,
        Self::Evidence,
    ];
}

/// Where a row is.
pub(crate) type Key = (Table, Vec<u8>);
/// Rows.
pub(crate) type Rows = BTreeMap<Key, Vec<u8>>;
/// Rows that come, change or go (`None`).
pub(crate) type Change = BTreeMap<Key, Option<Vec<u8>>>;

/// What a disk does wrong, from now on.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Faults {
    /// There is no room for another frame.
    pub(crate) is_full: bool,
    /// So many syncs fail.
    pub(crate) failing_syncs: u32,
    /// In so many batches a bit flips on its way to the disk.
    pub(crate) flips: u32,
}

/// Why a frame was not written.
#[derive(Clone, Copy, Debug)]
pub(crate) enum DiskError {
    Full,
    Sync,
}

impl From<DiskError> for sqlx::Error {
    fn from(error: DiskError) -> Self {
        Self::Io(std::io::Error::other(match error {
            DiskError::Full => "no room on the disk",
            DiskError::Sync => "the disk does not sync",
        }))
    }
}

/// A disk. Copies are backups.
#[derive(Clone, Debug, Default)]
pub(crate) struct Disk {
    /// What survives a power cut.
    synced: Rows,
    /// What is read.
    rows: Rows,
    /// Frames that were written since the last sync that went well.
    journal: Vec<Vec<u8>>,
    /// The last frame of the journal counts for nobody.
    has_ghost: bool,
    is_locked: bool,
    pub(crate) faults: Faults,
}

impl Disk {
    pub(crate) fn get(&self, table: Table, key: &[u8]) -> Option<&Vec<u8>> {
        self.rows.get(&(table, key.to_vec()))
    }

    /// A row as it is after a power cut.
    pub(crate) fn survivor(&self, table: Table, key: &[u8]) -> Option<&Vec<u8>> {
        self.synced.get(&(table, key.to_vec()))
    }

    /// All rows.
    pub(crate) fn rows(&self) -> &Rows {
        &self.rows
    }

    /// The power is cut: of each sector that was not synced nobody knows whether it is there.
    pub(crate) fn cut_power(&mut self, chance: &Chance) {
        for frame in &mut self.journal {
            for sector in frame.chunks_mut(SECTOR) {
                if chance.one_in(2) {
                    sector.fill(0);
                }
            }
        }
        self.open();
    }

    /// The first program opens the disk again: whole frames count, in order, up to the first that is not whole.
    pub(crate) fn open(&mut self) {
        for frame in std::mem::take(&mut self.journal) {
            let Some(change) = decode(&frame) else { break };
            apply(&mut self.synced, change);
        }
        self.rows = self.synced.clone();
        self.has_ghost = false;
        self.is_locked = false;
    }

    /// A bit flips in a row of these tables; false where there is none.
    pub(crate) fn flip(&mut self, tables: &[Table], chance: &Chance) -> bool {
        let of = |key: &&Key| tables.contains(&key.0);
        let keys: Vec<Key> = self.rows.keys().filter(of).cloned().collect();
        let Some(key) = keys.get(chance.place(keys.len())) else {
            return false;
        };
        let place = chance.below(u64::MAX);
        for rows in [&mut self.rows, &mut self.synced] {
            if let Some(row) = rows.get_mut(key) {
                flip_bit(row, place);
            }
        }
        true
    }

    fn sync(&mut self) -> Result<(), DiskError> {
        if self.faults.failing_syncs > 0 {
            self.faults.failing_syncs -= 1;
            return Err(DiskError::Sync);
        }
        for frame in std::mem::take(&mut self.journal) {
            if let Some(change) = decode(&frame) {
                apply(&mut self.synced, change);
            }
        }
        Ok(())
    }
}

/// One program's hold on a disk.
#[derive(Clone, Debug)]
pub(crate) struct Drive {
    pub(crate) disk: Arc<Mutex<Disk>>,
    pub(crate) chance: Chance,
    /// A mistake: what is written counts before it is synced.
    pub(crate) is_lazy: bool,
}

impl Drive {
    /// Reads, which may take time.
    pub(crate) async fn read<T>(&self, from: impl FnOnce(&Disk) -> T + Send) -> T {
        self.chance.pause().await;
        from(&lock(&self.disk))
    }

    /// The one lock for writing.
    pub(crate) async fn writer(&self) -> Writer {
        self.chance.pause().await;
        while std::mem::replace(&mut lock(&self.disk).is_locked, true) {
            give_way().await;
        }
        Writer {
            disk: Arc::clone(&self.disk),
        }
    }

    /// Writes a frame, syncs it, and lets readers see it. `_writer` shows that the lock is held.
    pub(crate) async fn commit(&self, _writer: &Writer, change: Change) -> Result<(), DiskError> {
        let frame = encode(&change);
        self.begin_frame();
        for sector in frame.chunks(SECTOR) {
            self.chance.pause().await;
            let mut disk = lock(&self.disk);
            if disk.faults.is_full {
                return Err(DiskError::Full);
            }
            if let Some(last) = disk.journal.last_mut() {
                last.extend_from_slice(sector);
            }
        }
        self.chance.pause().await;
        let mut disk = lock(&self.disk);
        if !self.is_lazy {
            disk.sync()?;
        }
        apply(&mut disk.rows, change);
        disk.has_ghost = false;
        Ok(())
    }

    /// Until it is committed, a frame is nobody's.
    fn begin_frame(&self) {
        let mut disk = lock(&self.disk);
        if std::mem::replace(&mut disk.has_ghost, true) {
            disk.journal.pop();
        }
        disk.journal.push(Vec::new());
    }
}

/// The lock for writing, until it is dropped.
#[derive(Debug)]
pub(crate) struct Writer {
    disk: Arc<Mutex<Disk>>,
}

impl Drop for Writer {
    fn drop(&mut self) {
        lock(&self.disk).is_locked = false;
    }
}

/// Flips one bit.
pub(crate) fn flip_bit(row: &mut [u8], place: u64) {
    let length = (row.len() as u64).max(1);
    let at = usize::try_from(place % length).unwrap_or_default();
    if let Some(byte) = row.get_mut(at) {
        *byte ^= 1 << ((place >> 32) % 8);
    }
}

fn apply(rows: &mut Rows, change: Change) {
    for (key, row) in change {
        match row {
            Some(row) => rows.insert(key, row),
            None => rows.remove(&key),
        };
    }
}
