//! Receipts. Entries that were published together ask for theirs at the same moment, and these have nearly all hashes in
//! common: they are loaded once.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use sqlx::SqliteConnection;
use tlog::{NodeId, TransparencyProof, UnverifiedCheckpoint, inclusion_nodes, prove_inclusion};
use tokio::sync::Mutex;

use super::read::nodes_of;
use super::{ReadError, Store, signed, unsigned};

/// Entries whose receipts are loaded together at most: a few batches.
const TOGETHER: u64 = 2048;

/// What the newest receipts are made of. What is in it never changes, since a receipt does not.
#[derive(Clone, Debug, Default)]
pub(super) struct NewestReceipts(Arc<Mutex<Option<Arc<Receipts>>>>);

/// What the receipts of some entries are made of: the first published checkpoint that has them, and hashes.
#[derive(Debug)]
struct Receipts {
    of: Range<u64>,
    checkpoint: UnverifiedCheckpoint,
    hashes: BTreeMap<NodeId, tlog::Hash>,
}

impl Store {
    /// The receipt of an entry: its inclusion in the first published checkpoint that has
    /// it, so that asking again gives the same. `None` until then.
    ///
    /// # Errors
    /// [`ReadError`]
    pub async fn receipt(&self, index: u64) -> Result<Option<TransparencyProof>, ReadError> {
        let Some(receipts) = self.receipts_with(index).await? else {
            return Ok(None);
        };
        let size = receipts.size();
        let hashes = prove_inclusion(index, size, &receipts.hashes).map_err(|_| ReadError::Damaged("tree"))?;
        Ok(Some(TransparencyProof {
            extra: None,
            index,
            hashes,
            checkpoint: receipts.checkpoint.clone(),
        }))
    }

    async fn receipts_with(&self, index: u64) -> Result<Option<Arc<Receipts>>, ReadError> {
        // Held while they are loaded: whoever asks meanwhile finds them.
        let mut newest = self.receipts.0.lock().await;
        if let Some(found) = newest.as_ref().filter(|receipts| receipts.of.contains(&index)) {
            return Ok(Some(Arc::clone(found)));
        }
        let mut connection = self.sqlite.read().await?;
        let known = newest.as_ref().map_or(0, |receipts| receipts.size());
        let Some(loaded) = Receipts::load(&mut connection, index, known).await? else {
            return Ok(None);
        };
        let loaded = Arc::new(loaded);
        if loaded.size() > known {
            *newest = Some(Arc::clone(&loaded));
        }
        Ok(Some(loaded))
    }
}

impl Receipts {
    fn size(&self) -> u64 {
        self.checkpoint.dangerous_checkpoint().size()
    }

    /// What the receipt of this entry is made of; of a checkpoint larger than `known` with those of the entries that
    /// came with it.
    async fn load(connection: &mut SqliteConnection, index: u64, known: u64) -> Result<Option<Self>, ReadError> {
        let row: Option<(i64, Vec<u8>, Option<i64>)> = sqlx::query_as(
            "SELECT size, note, (SELECT max(size) FROM receipts WHERE size <= ?1) FROM receipts WHERE size > ?1
             ORDER BY size LIMIT 1",
        )
        .bind(signed(index))
        .fetch_optional(&mut *connection)
        .await?;
        let Some((size, note, before)) = row else {
            return Ok(None);
        };
        let (size, before) = (unsigned(size), before.map_or(0, unsigned));
        let of = if size > known && size.saturating_sub(before) <= TOGETHER {
            before..size
        } else {
            index..index.saturating_add(1)
        };
        let mut nodes = BTreeSet::new();
        for index in of.clone() {
            nodes.extend(inclusion_nodes(index, size).map_err(|_| ReadError::Damaged("tree"))?);
        }
        let hashes = nodes_of(connection, nodes.into_iter().collect()).await?;
        let checkpoint = UnverifiedCheckpoint::parse(&note).map_err(|_| ReadError::Damaged("note"))?;
        if checkpoint.dangerous_checkpoint().size() != size {
            return Err(ReadError::Damaged("note"));
        }
        Ok(Some(Self { of, checkpoint, hashes }))
    }
}
