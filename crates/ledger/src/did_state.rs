//! What a record keeps of a did:webvh log: enough to check the next line. docs/ledger.md §6.

use did::webvh::{LogError, LogState, StoredLogState};
use jose::UnixTime;

use crate::hash::{BlobRef, Hash};
use crate::keys::KEYS;
use crate::leaf::{read_blob_ref, write_blob_ref};
use crate::record::ascending;
use cbor::{CborError, Reader, Writer};

/// SHA-256 and its length, as a multihash says it.
const MULTIHASH: [u8; 2] = [0x12, 0x20];

/// State of a DID log after its newest line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DidState {
    pub(crate) number: u64,
    pub(crate) entry_hash: Hash,
    pub(crate) seconds: UnixTime,
    pub(crate) nanos: u32,
    pub(crate) next_key_hashes: Vec<Hash>,
    pub(crate) deactivated: bool,
    pub(crate) line: BlobRef,
}

impl DidState {
    /// Version number of the newest line; 1 is the first.
    pub fn version_number(&self) -> u64 {
        self.number
    }

    /// `versionId` of the newest line.
    pub fn version_id(&self) -> String {
        format!("{}-{}", self.number, multihash_text(&self.entry_hash))
    }

    /// `versionTime` of the newest line, whole seconds.
    pub fn version_time(&self) -> UnixTime {
        self.seconds
    }

    /// The newest line.
    pub fn line(&self) -> &BlobRef {
        &self.line
    }

    /// The state after a line that the `did` crate verified; `None` where a next key hash is not
    /// a SHA-256 multihash.
    pub(crate) fn after(state: &LogState, line: BlobRef) -> Option<Self> {
        let mut next_key_hashes: Vec<Hash> = state
            .next_key_hashes()
            .iter()
            .map(|text| digest_of(text))
            .collect::<Option<_>>()?;
        next_key_hashes.sort_unstable();
        next_key_hashes.dedup();
        Some(Self {
            number: state.version_id().number(),
            entry_hash: digest_of(state.version_id().entry_hash().as_str())?,
            seconds: state.version_time().seconds(),
            nanos: state.version_time().nanos(),
            next_key_hashes,
            deactivated: state.is_deactivated(),
            line,
        })
    }

    /// What the `did` crate needs to check the next line. A DID on the ledger keeps its name, so
    /// it is not portable any more; its update keys are spent with each line.
    pub(crate) fn log_state(&self, did: &str) -> Result<LogState, LogError> {
        LogState::dangerous_from_stored(StoredLogState {
            did: did.to_owned(),
            version_id: self.version_id(),
            version_seconds: self.seconds,
            version_nanos: self.nanos,
            update_keys: Vec::new(),
            next_key_hashes: self.next_key_hashes.iter().map(multihash_text).collect(),
            portable: false,
            deactivated: self.deactivated,
            witness: None,
        })
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.array(6).uint(self.number).bytes(&self.entry_hash);
        writer.array(2).uint(self.seconds).uint(u64::from(self.nanos));
        writer.array(self.next_key_hashes.len());
        for hash in &self.next_key_hashes {
            writer.bytes(hash);
        }
        writer.boolean(self.deactivated);
        write_blob_ref(writer, &self.line);
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, CborError> {
        reader.array_of(6)?;
        let number = reader.uint()?;
        let entry_hash = reader.bytes_of()?;
        reader.array_of(2)?;
        let seconds = reader.uint()?;
        let nanos = u32::try_from(reader.uint()?).map_err(|_| CborError::UnexpectedValue)?;
        let next_key_hashes = reader.list(KEYS, Reader::bytes_of)?;
        ascending(next_key_hashes.is_sorted_by(|a, b| a < b))?;
        let deactivated = reader.boolean()?;
        Ok(Self {
            number,
            entry_hash,
            seconds,
            nanos,
            next_key_hashes,
            deactivated,
            line: read_blob_ref(reader)?,
        })
    }
}

fn multihash_text(digest: &Hash) -> String {
    bs58::encode([&MULTIHASH, digest.as_slice()].concat()).into_string()
}

fn digest_of(text: &str) -> Option<Hash> {
    let mut bytes = [0; 64];
    let length = bs58::decode(text).onto(&mut bytes).ok()?;
    bytes.get(..length)?.strip_prefix(&MULTIHASH)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test]
    fn a_multihash_comes_back() {
        assert_eq!(digest_of(&multihash_text(&[7; 32])), Some([7; 32]));
    }

    #[test_case("" ; "empty")]
    #[test_case("0" ; "not_base58")]
    #[test_case("3yZe7d" ; "short")]
    #[test_case(&"z".repeat(200) ; "long")]
    fn another_text_is_no_digest(text: &str) {
        assert_eq!(digest_of(text), None);
    }
}
