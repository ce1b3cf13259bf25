//! Frames of a disk's journal, each with a checksum.

use crate::disk::{Change, Table};
use crate::fields::{pack, unpack};

/// The bytes of a frame.
pub(crate) fn encode(change: &Change) -> Vec<u8> {
    let mut body = Vec::new();
    for ((table, key), row) in change {
        let (gone, row): (u8, &[u8]) = match row {
            Some(row) => (0, row.as_slice()),
            None => (1, &[]),
        };
        body.push(pack(&[&[*table as u8, gone], key, row]));
    }
    let body: Vec<&[u8]> = body.iter().map(Vec::as_slice).collect();
    let body = pack(&body);
    pack(&[&checksum(&body).to_be_bytes(), &body])
}

/// What a frame changes; `None` where it is not whole.
pub(crate) fn decode(frame: &[u8]) -> Option<Change> {
    let [sum, body] = unpack::<2>(frame)?;
    if sum != checksum(&body).to_be_bytes() {
        return None;
    }
    let mut change = Change::new();
    let mut left = body.as_slice();
    while !left.is_empty() {
        let (length, rest) = left.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let [tag, key, row] = unpack::<3>(rest.get(..length)?)?;
        let table = *Table::ALL.get(usize::from(*tag.first()?))?;
        change.insert((table, key), (tag.get(1) == Some(&0)).then_some(row));
        left = rest.get(length..)?;
    }
    Some(change)
}

/// FNV-1a.
fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
