//! A replica as bytes, so that a long replay can be gone on with later. No part of the ledger: whoever reads it has to
//! know that it is what was written.

use thiserror::Error;
use tlog::{HashSource, NodeId, Tree};

use super::{ReplayError, Replica};
use crate::hash::Hash;
use crate::leaf::{Head, LeafPointer};
use crate::object::ObjectRecord;
use crate::payload::{PayloadError, Policy};
use crate::record::{OrganisationRecord, PolicyRecord};
use crate::state::{Change, MapHeadState, PolicyState};
use cbor::{CborError, Reader, Writer};

const VERSION: u64 = 1;

/// Why bytes are no replica.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SnapshotError {
    /// Not deterministic CBOR of the shape.
    #[error("not a replica: {0}")]
    Cbor(#[from] CborError),
    /// The policy in it.
    #[error("the policy of the replica: {0}")]
    Policy(#[from] PayloadError),
    /// Its map cannot be built.
    #[error(transparent)]
    Map(#[from] ReplayError),
    /// The records make another map than the replica had.
    #[error("the records of the replica make another map")]
    MapRoot,
    /// The leaf hashes are not 32 bytes each.
    #[error("the leaf hashes of the replica are malformed")]
    Tree,
}

/// What stands beside the records.
struct Rest {
    map_head: Option<MapHeadState>,
    tree: Tree,
    newest: Option<(Vec<u8>, Vec<u8>)>,
    map_root: Hash,
}

impl Replica {
    /// The replica as bytes: records, policy, newest map head and the hash of every leaf, but for the nodes of the
    /// map, which follow from the records. 32 bytes an entry and some hundred an organisation.
    ///
    /// # Errors
    /// [`PayloadError`]: the policy cannot be written, which one that was read can.
    pub fn to_bytes(&self) -> Result<Vec<u8>, PayloadError> {
        // Every field is named, so that one that is added later is not forgotten here.
        let Self {
            origin,
            policy,
            organisations,
            objects,
            map,
            nodes: _,
            map_head,
            tree,
            newest,
            mark: _,
        } = self;
        let mut writer = Writer::new();
        writer.array(9).uint(VERSION).text(origin);
        match policy {
            Some(state) => writer
                .array(2)
                .bytes(&state.record.encode())
                .bytes(&state.policy.encode()?),
            None => writer.null(),
        };
        writer.array(organisations.len());
        for record in organisations.values() {
            writer.bytes(&record.encode());
        }
        writer.array(objects.len());
        for record in objects.values() {
            writer.bytes(&record.encode());
        }
        match map_head {
            Some(state) => writer
                .array(4)
                .uint(state.head.seq)
                .uint(state.head.leaf.index)
                .bytes(&state.head.leaf.hash)
                .uint(state.time),
            None => writer.null(),
        };
        writer.bytes(&leaf_hashes(tree));
        match newest {
            Some((leaf, payload)) => writer.array(2).bytes(leaf).bytes(payload),
            None => writer.null(),
        };
        writer.bytes(&map.root());
        Ok(writer.into_bytes())
    }

    /// Reads what [`Replica::to_bytes`] wrote. Nothing that it says is checked against a log: only that it fits
    /// together.
    ///
    /// # Errors
    /// [`SnapshotError`]
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SnapshotError> {
        let (mut replica, rest) = cbor::decode(bytes, read)?;
        if replica.map.root() != rest.map_root {
            return Err(SnapshotError::MapRoot);
        }
        replica.map_head = rest.map_head;
        replica.tree = rest.tree;
        replica.newest = rest.newest;
        Ok(replica)
    }
}

fn read(reader: &mut Reader<'_>) -> Result<(Replica, Rest), SnapshotError> {
    reader.array_of(9)?;
    reader.uint_of(VERSION)?;
    let mut replica = Replica::new(reader.text()?);
    if !reader.skip_null()? {
        reader.array_of(2)?;
        let record = PolicyRecord::parse(reader.bytes()?)?;
        let policy = Policy::parse(reader.bytes()?)?;
        let state = PolicyState { record, policy };
        replica.commit(&Change::Policy(Box::new(state)))?;
    }
    for _ in 0..reader.array()? {
        let record = OrganisationRecord::parse(reader.bytes()?)?;
        replica.commit(&Change::Organisation(Box::new(record)))?;
    }
    for _ in 0..reader.array()? {
        let record = ObjectRecord::parse(reader.bytes()?)?;
        replica.commit(&Change::Object(Box::new(record)))?;
    }
    let rest = Rest {
        map_head: read_map_head(reader)?,
        tree: read_tree(reader.bytes()?)?,
        newest: read_newest(reader)?,
        map_root: reader.bytes_of()?,
    };
    Ok((replica, rest))
}

fn read_map_head(reader: &mut Reader<'_>) -> Result<Option<MapHeadState>, CborError> {
    if reader.skip_null()? {
        return Ok(None);
    }
    reader.array_of(4)?;
    let seq = reader.uint()?;
    let leaf = LeafPointer {
        index: reader.uint()?,
        hash: reader.bytes_of()?,
    };
    Ok(Some(MapHeadState {
        head: Head { seq, leaf },
        time: reader.uint()?,
    }))
}

/// Leaf and payload of the newest entry.
type Newest = Option<(Vec<u8>, Vec<u8>)>;

fn read_newest(reader: &mut Reader<'_>) -> Result<Newest, CborError> {
    if reader.skip_null()? {
        return Ok(None);
    }
    reader.array_of(2)?;
    Ok(Some((reader.bytes()?.to_vec(), reader.bytes()?.to_vec())))
}

fn leaf_hashes(tree: &Tree) -> Vec<u8> {
    let leaf = |index| tree.hash(NodeId { level: 0, index });
    let hashes: Vec<[u8; 32]> = (0..tree.size()).filter_map(leaf).map(|hash| *hash.as_bytes()).collect();
    hashes.as_flattened().to_vec()
}

fn read_tree(bytes: &[u8]) -> Result<Tree, SnapshotError> {
    let (hashes, rest) = bytes.as_chunks::<32>();
    if !rest.is_empty() {
        return Err(SnapshotError::Tree);
    }
    let mut tree = Tree::default();
    for hash in hashes {
        tree.append(tlog::Hash::from_bytes(*hash));
    }
    Ok(tree)
}
