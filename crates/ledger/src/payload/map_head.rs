//! Map head payload. docs/ledger.md §4.6.

use jose::UnixTime;

use super::PayloadError;
use crate::hash::Hash;
use cbor::{Reader, Writer};

/// Root of the map after the first `size` entries; itself entry number `size`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MapHead {
    /// Root of the map.
    pub root: Hash,
    /// How many entries it covers.
    pub size: u64,
    /// When the log wrote it.
    pub time: UnixTime,
}

impl MapHead {
    /// Reads the payload.
    pub fn parse(bytes: &[u8]) -> Result<Self, PayloadError> {
        cbor::decode(bytes, |reader: &mut Reader<'_>| {
            reader.array_of(3)?;
            Ok(Self {
                root: reader.bytes_of()?,
                size: reader.uint()?,
                time: reader.uint()?,
            })
        })
    }

    /// The payload's bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.array(3).bytes(&self.root).uint(self.size).uint(self.time);
        writer.into_bytes()
    }
}
