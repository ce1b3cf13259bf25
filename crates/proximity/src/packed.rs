//! Packed bytes: raw DEFLATE whose window starts with a dictionary. RFC 1951; docs/offline-qr.md §1
//!
//! The library has no call for that, and needs none: what stands before is a stream of stored
//! blocks, written by us on both sides and left out of what is sent.

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

/// What messages of this kind often hold. Part of version 1: it never changes.
pub(crate) const DICTIONARY: &[u8] = include_bytes!("dictionary.txt");

/// Room for the head and the end of a stream.
const SLACK: usize = 1024;

/// Packs bytes.
pub(crate) fn pack(dictionary: &[u8], bytes: &[u8]) -> Vec<u8> {
    // Stored blocks are a packed form too, should the library refuse.
    deflate(dictionary, bytes).unwrap_or_else(|| stored(bytes, true))
}

fn deflate(dictionary: &[u8], bytes: &[u8]) -> Option<Vec<u8>> {
    let mut compress = Compress::new(Compression::best(), false);
    let mut out = Vec::with_capacity(dictionary.len() + bytes.len() + SLACK);
    // A sync flush ends at a whole byte and keeps the window: what follows is packed as if the
    // dictionary had been sent.
    compress.compress_vec(dictionary, &mut out, FlushCompress::Sync).ok()?;
    if compress.total_in() != dictionary.len() as u64 {
        return None;
    }
    out.clear();
    match compress.compress_vec(bytes, &mut out, FlushCompress::Finish) {
        Ok(Status::StreamEnd) => Some(out),
        _ => None,
    }
}

/// Unpacks what [`pack`] made; `None` for a stream that is malformed, cut off, followed by
/// something, or longer than `cap` bytes when unpacked.
pub(crate) fn unpack(dictionary: &[u8], packed: &[u8], cap: usize) -> Option<Vec<u8>> {
    let mut input = stored(dictionary, false);
    input.extend_from_slice(packed);
    let mut out = Vec::with_capacity(dictionary.len() + cap);
    let mut inflate = Decompress::new(false);
    match inflate.decompress_vec(&input, &mut out, FlushDecompress::Finish) {
        Ok(Status::StreamEnd) if inflate.total_in() == input.len() as u64 => {}
        _ => return None,
    }
    let bytes = out.get(dictionary.len()..)?;
    (bytes.len() <= cap).then(|| bytes.to_vec())
}

/// Stored blocks. RFC 1951 §3.2.4
fn stored(bytes: &[u8], last: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + SLACK);
    let mut rest = bytes;
    loop {
        let (block, after) = rest.split_at(rest.len().min(usize::from(u16::MAX)));
        let length = block.len() as u16;
        out.push(u8::from(last && after.is_empty()));
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(&(!length).to_le_bytes());
        out.extend_from_slice(block);
        rest = after;
        if rest.is_empty() {
            return out;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_the_dictionary_holds_costs_nearly_nothing() {
        let known = &DICTIONARY[100..600];
        assert!(pack(DICTIONARY, known).len() < 24);
        assert_eq!(unpack(DICTIONARY, &pack(DICTIONARY, known), 500).unwrap(), known);
    }

    #[test]
    fn the_dictionary_is_that_of_version_1() {
        use sha2::{Digest, Sha256};
        assert_eq!(
            hex::encode(Sha256::digest(DICTIONARY)),
            "51e32ee2e069036a79825cdce99e8730e937d10b9aedcf1f913ccfd623a20eb9"
        );
    }

    #[test]
    fn what_zlib_packs_with_this_dictionary_is_read() {
        // Python 3: zlib.compressobj(9, zlib.DEFLATED, -15, 9, zlib.Z_DEFAULT_STRATEGY, D)
        let packed = "434bf7b1d8925e486a71095a9e03174db50a8979290ac5f9c0f22603d40cc94b2d0700";
        let text =
            "{\"_sd\":[\"\u{1}\",\"\u{1}\"],\"iss\":\"did:webvh:QmTest\",\"age_over_18\":true} and something new";
        let unpacked = unpack(DICTIONARY, &hex::decode(packed).unwrap(), 79).unwrap();
        assert_eq!(unpacked, text.as_bytes());
    }

    #[test]
    fn another_dictionary_gives_other_bytes_or_none() {
        let packed = pack(DICTIONARY, &DICTIONARY[..300]);
        assert_ne!(unpack(&[0; 2397], &packed, 300).as_deref(), Some(&DICTIONARY[..300]));
    }

    #[test]
    fn a_stream_never_inflates_beyond_the_cap() {
        let packed = pack(b"x", &[0; 100_000]);
        assert!(packed.len() < 500);
        assert_eq!(unpack(b"x", &packed, 99_999), None);
        assert_eq!(unpack(b"x", &packed, 100_000).map(|bytes| bytes.len()), Some(100_000));
    }

    #[test]
    fn a_stream_that_is_cut_off_or_followed_is_refused() {
        let packed = pack(DICTIONARY, b"some text that is in no dictionary: 0123456789");
        for length in 0..packed.len() {
            assert_eq!(unpack(DICTIONARY, &packed[..length], 100), None, "{length}");
        }
        assert_eq!(unpack(DICTIONARY, &[packed, vec![0]].concat(), 100), None);
    }

    proptest! {
        #[test]
        fn everything_comes_back(dictionary: Vec<u8>, bytes: Vec<u8>) {
            prop_assert_eq!(unpack(&dictionary, &pack(&dictionary, &bytes), bytes.len()), Some(bytes.clone()));
            prop_assert_eq!(unpack(&dictionary, &stored(&bytes, true), bytes.len()), Some(bytes));
        }

        #[test]
        fn nothing_stops_the_reader(packed: Vec<u8>) {
            let _ = unpack(DICTIONARY, &packed, 1000);
        }
    }
}
