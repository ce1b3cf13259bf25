//! A disk with rows on it. What was written and not synced may be gone after a power cut, as a whole, in the middle, or
//! in any order; a sync may fail; there may be no room; bits may flip; and somebody may put an old copy back.
//!
//! Rows change by frames of a journal, each with a checksum, as in a write-ahead log. A frame counts once it is synced.
//! One whose sync failed is nobody's: the next frame is written over it, or a new start finds it whole and takes it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::sync::{Arc, Mutex};

use sqlx::error::{DatabaseError, ErrorKind};

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
    /// So many frames break off.
    pub(crate) failing_writes: u32,
    /// So many frames are written and synced, and it is told that they failed.
    pub(crate) untold: u32,
    /// In so many batches a bit flips on its way to the disk.
    pub(crate) flips: u32,
}

/// Why a frame was not written.
#[derive(Clone, Copy, Debug)]
pub(crate) enum DiskError {
    Full,
    Write,
    Sync,
}

impl fmt::Display for DiskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl Error for DiskError {}

/// As SQLite says it.
impl DatabaseError for DiskError {
    fn message(&self) -> &str {
        match self {
            Self::Full => "no room on the disk",
            Self::Write => "the disk does not write",
            Self::Sync => "the disk does not sync",
        }
    }

    fn code(&self) -> Option<Cow<'_, str>> {
        // SQLITE_FULL, SQLITE_IOERR_WRITE, SQLITE_IOERR_FSYNC
        let code = match self {
            Self::Full => "13",
            Self::Write => "778",
            Self::Sync => "1034",
        };
        Some(code.into())
    }

    fn as_error(&self) -> &(dyn Error + Send + Sync + 'static) {
        self
    }

    fn as_error_mut(&mut self) -> &mut (dyn Error + Send + Sync + 'static) {
        self
    }

    fn into_error(self: Box<Self>) -> Box<dyn Error + Send + Sync + 'static> {
        self
    }

    fn kind(&self) -> ErrorKind {
        ErrorKind::Other
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
    /// What a mistake goes back to.
    kept: Option<Rows>,
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

    /// A mistake may go back to what is there now.
    pub(crate) fn keep(&mut self) {
        self.kept = Some(self.rows.clone());
    }

    /// A mistake: what was written since then is gone, as if it had never been synced.
    pub(crate) fn take_back(&mut self) {
        if let Some(rows) = &self.kept {
            self.synced.clone_from(rows);
            self.rows.clone_from(rows);
            self.journal.clear();
            self.has_ghost = false;
        }
    }

    fn sync(&mut self) -> Result<(), DiskError> {
        if take_one(&mut self.faults.failing_syncs) {
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
            if take_one(&mut disk.faults.failing_writes) {
                return Err(DiskError::Write);
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
        if take_one(&mut disk.faults.untold) {
            return Err(DiskError::Write);
        }
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

/// Whether one of so many faults is left; it happens now.
fn take_one(left: &mut u32) -> bool {
    let happens = *left > 0;
    *left = left.saturating_sub(1);
    happens
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
