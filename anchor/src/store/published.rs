//! What is published: the quorate checkpoint, bundles.

use jose::UnixTime;
use ledger::{
    BlobRef, BundleParts, Family, Hash, Map, MapHead, MapProof, MemoryNodes, ObjectRecord, OrganisationRecord,
    PolicyRecord, encode_bundles, map_key,
};
use sqlx::SqliteConnection;
use tlog::{UnverifiedCheckpoint, inclusion_nodes, prove_inclusion};

use super::read::{blob, entry, nodes_of};
use super::{ReadError, Store, signed, unsigned, with_nodes};
use crate::landmarks;
use crate::read::Attachment;

/// The newest checkpoint that had a quorum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// How many entries it covers.
    pub size: u64,
    /// The signed note.
    pub note: Vec<u8>,
    /// When its quorum was reached.
    pub time: UnixTime,
}

impl Store {
    /// The newest published checkpoint.
    ///
    /// # Errors
    /// [`ReadError`]
    pub async fn published(&self) -> Result<Option<Published>, ReadError> {
        let mut connection = self.sqlite.read().await?;
        published(&mut connection).await
    }

    /// Publishes a checkpoint: it becomes the newest, the receipt of its size and the landmark of
    /// its hour where it is the first, and what only older trees needed is dropped.
    ///
    /// # Errors
    /// [`ReadError`]
    pub async fn publish(&self, published: &Published) -> Result<(), ReadError> {
        let landmark = self.landmark_of(published).await;
        let mut transaction = self.sqlite.writer().begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query("INSERT OR IGNORE INTO receipts (size, note) VALUES (?, ?)")
            .bind(signed(published.size))
            .bind(published.note.as_slice())
            .execute(&mut *transaction)
            .await?;
        sqlx::query(
            "INSERT INTO published (id, size, note, time) VALUES (1, ?, ?, ?)
             ON CONFLICT (id) DO UPDATE SET size = excluded.size, note = excluded.note, time = excluded.time
             WHERE excluded.size >= published.size",
        )
        .bind(signed(published.size))
        .bind(published.note.as_slice())
        .bind(signed(published.time))
        .execute(&mut *transaction)
        .await?;
        if let Some(landmark) = &landmark {
            landmarks::keep(&mut transaction, landmark).await?;
        }
        for table in [
            "DELETE FROM map_nodes WHERE removed_at <= ?",
            "DELETE FROM records WHERE removed_at <= ?",
        ] {
            sqlx::query(table)
                .bind(signed(published.size))
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// The proof bundle of an organisation at the published checkpoint; `None` before the first.
    ///
    /// # Errors
    /// [`ReadError`]
    pub async fn bundle(&self, did: &str, with: &[Attachment]) -> Result<Option<Vec<u8>>, ReadError> {
        // One read transaction: the checkpoint and the nodes it needs, or none of them.
        let mut transaction = self.sqlite.reader().begin().await?;
        let Some(published) = published(&mut transaction).await? else {
            return Ok(None);
        };
        let basis = Basis::load(&mut transaction, &published).await?;
        let mut nodes = MemoryNodes::default();
        basis.bundle(&mut transaction, &mut nodes, did, with).await.map(Some)
    }

    /// Bundles of every organisation that has ever been accredited, with accreditation and
    /// newest status snapshot: one that lost its accreditation is in it, so that readers of
    /// the set learn that too. `None` before the first checkpoint.
    ///
    /// # Errors
    /// [`ReadError`]
    pub async fn accredited(&self) -> Result<Option<Vec<u8>>, ReadError> {
        let mut transaction = self.sqlite.reader().begin().await?;
        let Some(published) = published(&mut transaction).await? else {
            return Ok(None);
        };
        let subjects = accredited_subjects(&mut transaction).await?;
        let basis = Basis::load(&mut transaction, &published).await?;
        let mut nodes = MemoryNodes::default();
        let mut bundles = Vec::with_capacity(subjects.len());
        for subject in &subjects {
            let bundle = basis.bundle(&mut transaction, &mut nodes, subject, &Attachment::ACCREDITED);
            bundles.push(bundle.await?);
        }
        Ok(Some(encode_bundles(bundles.iter().map(Vec::as_slice))))
    }
}

/// What every bundle of one checkpoint has in common.
pub(super) struct Basis {
    pub(super) note: UnverifiedCheckpoint,
    pub(super) leaf: Vec<u8>,
    pub(super) payload: Vec<u8>,
    pub(super) inclusion: Vec<tlog::Hash>,
    map: Map,
    /// The map head's.
    pub(super) time: UnixTime,
}

impl Basis {
    pub(super) async fn load(connection: &mut SqliteConnection, published: &Published) -> Result<Self, ReadError> {
        let last = published.size.checked_sub(1).ok_or(ReadError::Damaged("published"))?;
        let map_head = entry(connection, last).await?;
        let (leaf, payload) = map_head.ok_or(ReadError::Damaged("map head"))?;
        let map_head = MapHead::parse(&payload).map_err(|_| ReadError::Damaged("map head"))?;
        Ok(Self {
            note: UnverifiedCheckpoint::parse(&published.note).map_err(|_| ReadError::Damaged("note"))?,
            leaf,
            payload,
            inclusion: inclusion(connection, last, published.size).await?,
            map: Map::at(map_head.root),
            time: map_head.time,
        })
    }

    /// What the map says about an organisation: the record, and the proof of it or of its absence.
    pub(super) async fn state(
        &self,
        connection: &mut SqliteConnection,
        nodes: &mut MemoryNodes,
        did: &str,
    ) -> Result<(MapProof, Option<Vec<u8>>), ReadError> {
        self.state_of(connection, nodes, &map_key(Family::Organisation, did))
            .await
    }

    /// What the map says about a key.
    async fn state_of(
        &self,
        connection: &mut SqliteConnection,
        nodes: &mut MemoryNodes,
        key: &Hash,
    ) -> Result<(MapProof, Option<Vec<u8>>), ReadError> {
        let (value, map_proof) = with_nodes(connection, nodes, |nodes| self.map.prove(nodes, key)).await?;
        let record = match value {
            Some(value) => Some(record(connection, &value).await?),
            None => None,
        };
        Ok((map_proof, record))
    }

    async fn bundle(
        &self,
        connection: &mut SqliteConnection,
        nodes: &mut MemoryNodes,
        did: &str,
        with: &[Attachment],
    ) -> Result<Vec<u8>, ReadError> {
        let (map_proof, record) = self.state(connection, nodes, did).await?;
        let blobs = match &record {
            Some(record) => {
                let record = OrganisationRecord::parse(record).map_err(|_| ReadError::Damaged("record"))?;
                attachments(connection, &record, with).await?
            }
            None => Vec::new(),
        };
        self.encode(&map_proof, record.as_deref(), &blobs)
    }

    /// The bundle of a policy or object, with the payload that its record names.
    pub(super) async fn object_bundle(
        &self,
        connection: &mut SqliteConnection,
        nodes: &mut MemoryNodes,
        family: Family,
        subject: &str,
    ) -> Result<Vec<u8>, ReadError> {
        let (map_proof, record) = self.state_of(connection, nodes, &map_key(family, subject)).await?;
        let mut blobs = Vec::new();
        if let Some(record) = &record {
            let payload = match family {
                Family::Policy => PolicyRecord::parse(record).map(|record| record.payload),
                _ => ObjectRecord::parse(record).map(|record| record.payload),
            };
            let payload = payload.map_err(|_| ReadError::Damaged("record"))?;
            let bytes = blob(connection, &payload.hash).await?;
            blobs.push(bytes.ok_or(ReadError::Damaged("blob"))?);
        }
        self.encode(&map_proof, record.as_deref(), &blobs)
    }

    fn encode(&self, map_proof: &MapProof, record: Option<&[u8]>, blobs: &[Vec<u8>]) -> Result<Vec<u8>, ReadError> {
        let blobs: Vec<&[u8]> = blobs.iter().map(Vec::as_slice).collect();
        BundleParts {
            note: &self.note,
            map_head_leaf: &self.leaf,
            map_head_payload: &self.payload,
            inclusion: &self.inclusion,
            map_proof,
            record,
            blobs: &blobs,
        }
        .encode()
        .map_err(|_| ReadError::Damaged("note"))
    }
}

pub(super) async fn published(connection: &mut SqliteConnection) -> Result<Option<Published>, ReadError> {
    let row: Option<(i64, Vec<u8>, i64)> = sqlx::query_as("SELECT size, note, time FROM published")
        .fetch_optional(connection)
        .await?;
    Ok(row.map(|(size, note, time)| Published {
        size: unsigned(size),
        note,
        time: unsigned(time),
    }))
}

/// Every organisation that has ever been accredited, in the newest committed state.
pub(super) async fn accredited_subjects(connection: &mut SqliteConnection) -> Result<Vec<String>, ReadError> {
    Ok(
        sqlx::query_scalar("SELECT subject FROM subjects WHERE accredited = 1 ORDER BY subject")
            .fetch_all(connection)
            .await?,
    )
}

async fn inclusion(connection: &mut SqliteConnection, index: u64, size: u64) -> Result<Vec<tlog::Hash>, ReadError> {
    let damaged = |_| ReadError::Damaged("tree");
    let nodes = nodes_of(connection, inclusion_nodes(index, size).map_err(damaged)?).await?;
    prove_inclusion(index, size, &nodes).map_err(damaged)
}

async fn record(connection: &mut SqliteConnection, value: &Hash) -> Result<Vec<u8>, ReadError> {
    let row: Option<Vec<u8>> = sqlx::query_scalar("SELECT record FROM records WHERE hash = ?")
        .bind(value.as_slice())
        .fetch_optional(connection)
        .await?;
    row.filter(|record| BlobRef::of(record).hash == *value)
        .ok_or(ReadError::Damaged("record"))
}

pub(super) async fn attachments(
    connection: &mut SqliteConnection,
    record: &OrganisationRecord,
    with: &[Attachment],
) -> Result<Vec<Vec<u8>>, ReadError> {
    let mut blobs = Vec::new();
    for attachment in with {
        if let Some(named) = attachment.payload(record) {
            let bytes = blob(connection, &named.hash).await?;
            blobs.push(bytes.ok_or(ReadError::Damaged("blob"))?);
        }
    }
    Ok(blobs)
}
