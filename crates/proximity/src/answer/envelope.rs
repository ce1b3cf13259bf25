//! What of an answer is not encrypted. docs/offline-qr.md §3

use cbor::{CborError, Reader, Writer};
use jose::jwe::BareJwe;

const VERSION: u64 = 1;

/// An answer, closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Envelope {
    /// The first bytes of the challenge's hash.
    pub(super) challenge_tag: [u8; 8],
    pub(super) jwe: BareJwe,
}

impl Envelope {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer
            .array(6)
            .uint(VERSION)
            .bytes(&self.challenge_tag)
            .bytes(&self.jwe.epk)
            .bytes(&self.jwe.iv)
            .bytes(&self.jwe.ciphertext)
            .bytes(&self.jwe.tag);
        writer.into_bytes()
    }

    pub(super) fn parse(bytes: &[u8]) -> Result<Self, CborError> {
        cbor::decode(bytes, |reader: &mut Reader<'_>| {
            reader.array_of(6)?;
            reader.uint_of(VERSION)?;
            let challenge_tag = reader.bytes_of()?;
            let jwe = BareJwe {
                epk: reader.bytes_of()?,
                iv: reader.bytes_of()?,
                ciphertext: reader.bytes()?.to_vec(),
                tag: reader.bytes_of()?,
            };
            Ok(Self { challenge_tag, jwe })
        })
    }
}

/// The tag of a challenge of this hash.
pub(super) fn tag_of(hash: &[u8; 32]) -> [u8; 8] {
    let mut tag = [0; 8];
    for (to, from) in tag.iter_mut().zip(hash) {
        *to = *from;
    }
    tag
}
