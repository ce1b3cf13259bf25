//! The tree under a status snapshot, and proofs of one status in it. docs/ledger.md §4.5.

use thiserror::Error;
use tlog::{InclusionError, Tree, prove_inclusion};

use crate::hash::{Hash, leaf_hash};
use crate::record::SnapshotEntry;
use cbor::{CborError, Reader, Writer};

/// Bytes of a list in one leaf.
const CHUNK: usize = 128;

/// An uncompressed status list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListContent<'a> {
    /// Where its token is served.
    pub uri: &'a str,
    /// Bits of a status: 1, 2, 4 or 8.
    pub bits: u8,
    /// The list.
    pub bytes: &'a [u8],
}

/// The tree over the chunks of all lists of an agency.
#[derive(Clone, Debug)]
pub struct SnapshotTree {
    tree: Tree,
    chunks: Vec<Chunk>,
}

/// A leaf of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Chunk {
    uri: String,
    bits: u8,
    number: u64,
    bytes: Vec<u8>,
}

/// One chunk and its path: the status of each card in it, for who holds only the root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusProof {
    chunk: Chunk,
    index: u64,
    path: Vec<Hash>,
}

/// Why a tree cannot be made of lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SnapshotTreeError {
    /// Two lists have one uri.
    #[error("two status lists have one uri")]
    UriTwice,
    /// Not 1, 2, 4 or 8 bits a status.
    #[error("a status has 1, 2, 4 or 8 bits")]
    Bits,
}

/// Why a status proof proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum StatusProofError {
    /// Not deterministic CBOR of a proof's shape.
    #[error("not a status proof: {0}")]
    Cbor(#[from] CborError),
    /// The chunk is not in the tree of the snapshot.
    #[error(transparent)]
    Inclusion(#[from] InclusionError),
    /// The chunk is of another list.
    #[error("the status proof is of another list")]
    OtherList,
    /// The status is not in this chunk.
    #[error("the status is not in this chunk")]
    OtherChunk,
}

impl SnapshotTree {
    /// The tree over these lists, in any order.
    pub fn new(lists: &[ListContent<'_>]) -> Result<Self, SnapshotTreeError> {
        let mut lists = lists.to_vec();
        lists.sort_by_key(|list| list.uri);
        if !lists.is_sorted_by(|a, b| a.uri < b.uri) {
            return Err(SnapshotTreeError::UriTwice);
        }
        if !lists.iter().all(|list| matches!(list.bits, 1 | 2 | 4 | 8)) {
            return Err(SnapshotTreeError::Bits);
        }
        let mut tree = Tree::default();
        let mut chunks = Vec::new();
        for list in lists {
            for (number, bytes) in (0_u64..).zip(list.bytes.chunks(CHUNK)) {
                let chunk = Chunk {
                    uri: list.uri.to_owned(),
                    bits: list.bits,
                    number,
                    bytes: bytes.to_vec(),
                };
                tree.append(tlog::leaf_hash(&chunk.encode()));
                chunks.push(chunk);
            }
        }
        Ok(Self { tree, chunks })
    }

    /// Its root, as the payload names it.
    pub fn root(&self) -> Hash {
        *self.tree.root().as_bytes()
    }

    /// How many chunks.
    pub fn size(&self) -> u64 {
        self.tree.size()
    }

    /// The proof of a status, `None` where there is no such list or index.
    pub fn prove(&self, uri: &str, status_index: u64) -> Option<StatusProof> {
        let in_list = |chunk: &&Chunk| chunk.uri == uri;
        let bits = self.chunks.iter().find(in_list)?.bits;
        let (number, byte, _) = place(bits, status_index)?;
        let in_chunk = |chunk: &Chunk| chunk.uri == uri && chunk.number == number && byte < chunk.bytes.len();
        let index = self.chunks.iter().position(in_chunk)?;
        let index = index as u64;
        let path = prove_inclusion(index, self.size(), &self.tree).ok()?;
        let chunk = self.chunks.get(usize::try_from(index).ok()?)?.clone();
        Some(StatusProof {
            chunk,
            index,
            path: path.iter().map(|hash| *hash.as_bytes()).collect(),
        })
    }
}

impl StatusProof {
    /// The status value, if the proof is of this card in the snapshot of its agency's record.
    pub fn verify(&self, snapshot: &SnapshotEntry, uri: &str, status_index: u64) -> Result<u8, StatusProofError> {
        if self.chunk.uri != uri {
            return Err(StatusProofError::OtherList);
        }
        let (number, byte, shift) = place(self.chunk.bits, status_index).ok_or(StatusProofError::OtherChunk)?;
        if self.chunk.number != number {
            return Err(StatusProofError::OtherChunk);
        }
        let leaf = leaf_hash(&self.chunk.encode()).into();
        let path: Vec<tlog::Hash> = self.path.iter().map(|hash| (*hash).into()).collect();
        tlog::verify_inclusion(&leaf, self.index, snapshot.size, &snapshot.root.into(), &path)?;
        let byte = self.chunk.bytes.get(byte).ok_or(StatusProofError::OtherChunk)?;
        Ok(byte >> shift & (u8::MAX >> (8 - self.chunk.bits)))
    }

    /// The proof's bytes: CBOR `[chunk bstr, index, path bstr]`.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer
            .array(3)
            .bytes(&self.chunk.encode())
            .uint(self.index)
            .bytes(self.path.as_flattened());
        writer.into_bytes()
    }

    /// Reads what [`StatusProof::encode`] wrote.
    pub fn parse(bytes: &[u8]) -> Result<Self, StatusProofError> {
        cbor::decode(bytes, |reader: &mut Reader<'_>| {
            reader.array_of(3)?;
            let chunk = cbor::decode(reader.bytes()?, Chunk::read)?;
            let index = reader.uint()?;
            Ok(Self {
                chunk,
                index,
                path: crate::map::hashes(reader.bytes()?)?,
            })
        })
    }
}

impl Chunk {
    fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer
            .array(4)
            .text(&self.uri)
            .uint(u64::from(self.bits))
            .uint(self.number)
            .bytes(&self.bytes);
        writer.into_bytes()
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, CborError> {
        reader.array_of(4)?;
        let uri = reader.text()?.to_owned();
        let bits = match reader.uint()? {
            bits @ (1 | 2 | 4 | 8) => bits as u8,
            _ => return Err(CborError::UnexpectedValue),
        };
        let number = reader.uint()?;
        let bytes = reader.bytes()?;
        if bytes.is_empty() || bytes.len() > CHUNK {
            return Err(CborError::UnexpectedLength);
        }
        Ok(Self {
            uri,
            bits,
            number,
            bytes: bytes.to_vec(),
        })
    }
}

/// Chunk number, byte in the chunk and shift in the byte of a status.
/// draft-ietf-oauth-status-list §4.1
fn place(bits: u8, index: u64) -> Option<(u64, usize, u32)> {
    let bit = index.checked_mul(u64::from(bits))?;
    let byte = bit / 8;
    Some((byte / CHUNK as u64, (byte % CHUNK as u64) as usize, (bit % 8) as u32))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::BlobRef;

    fn tree() -> SnapshotTree {
        let long: Vec<u8> = (0..300).map(|number| number as u8).collect();
        SnapshotTree::new(&[
            ListContent {
                uri: "https://b.example/2",
                bits: 1,
                bytes: &[0b1010_0101; 128],
            },
            ListContent {
                uri: "https://a.example/1",
                bits: 2,
                bytes: &long,
            },
        ])
        .unwrap()
    }

    fn entry(tree: &SnapshotTree) -> SnapshotEntry {
        SnapshotEntry {
            root: tree.root(),
            size: tree.size(),
            time: 1,
            index: 1,
            payload: BlobRef::of(b""),
        }
    }

    #[test]
    fn every_status_is_proved() {
        let tree = tree();
        assert_eq!(tree.size(), 4);
        for index in 0..1200_u64 {
            let proof = tree.prove("https://a.example/1", index).unwrap();
            let proof = StatusProof::parse(&proof.encode()).unwrap();
            let expected = ((index / 4) as u8) >> (index % 4 * 2) & 3;
            assert_eq!(proof.verify(&entry(&tree), "https://a.example/1", index), Ok(expected));
        }
        assert_eq!(tree.prove("https://a.example/1", 1200), None);
        assert_eq!(tree.prove("https://c.example/1", 0), None);
    }

    #[test]
    fn a_proof_is_worth_nothing_elsewhere() {
        let tree = tree();
        let proof = tree.prove("https://b.example/2", 3).unwrap();
        let entry = entry(&tree);
        assert_eq!(proof.verify(&entry, "https://b.example/2", 2), Ok(1));
        assert_eq!(
            proof.verify(&entry, "https://a.example/1", 3),
            Err(StatusProofError::OtherList)
        );
        assert_eq!(
            proof.verify(&entry, "https://b.example/2", 1024),
            Err(StatusProofError::OtherChunk)
        );
        let mut changed = proof.clone();
        changed.chunk.bytes[0] ^= 1;
        let refused = changed.verify(&entry, "https://b.example/2", 3);
        assert_eq!(refused, Err(StatusProofError::Inclusion(InclusionError::RootMismatch)));
    }

    #[test]
    fn a_tree_needs_different_uris_and_known_widths() {
        let list = ListContent {
            uri: "https://a.example/1",
            bits: 1,
            bytes: &[0],
        };
        assert_eq!(
            SnapshotTree::new(&[list, list]).unwrap_err(),
            SnapshotTreeError::UriTwice
        );
        assert_eq!(
            SnapshotTree::new(&[ListContent { bits: 3, ..list }]).unwrap_err(),
            SnapshotTreeError::Bits
        );
    }
}
