use thiserror::Error;

/// Puts entries into a bundle: each with its length as big-endian u16 in front.
/// tlog-tiles, "Log entries"
///
/// # Errors
/// [`EntryBundleError::EntryTooLong`] for an entry of more than 65,535 bytes.
pub fn encode_entries<'a>(entries: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<u8>, EntryBundleError> {
    let mut bundle = Vec::new();
    for entry in entries {
        let length = u16::try_from(entry.len()).map_err(|_| EntryBundleError::EntryTooLong)?;
        bundle.extend_from_slice(&length.to_be_bytes());
        bundle.extend_from_slice(entry);
    }
    Ok(bundle)
}

/// Takes a bundle of `width` entries apart.
///
/// # Errors
/// When the bundle ends within an entry or has another number of them.
pub fn decode_entries(bundle: &[u8], width: u16) -> Result<Vec<&[u8]>, EntryBundleError> {
    let mut entries = Vec::with_capacity(usize::from(width));
    let mut rest = bundle;
    while !rest.is_empty() {
        let (length, tail) = rest.split_first_chunk::<2>().ok_or(EntryBundleError::Truncated)?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (entry, tail) = tail.split_at_checked(length).ok_or(EntryBundleError::Truncated)?;
        if entries.len() == usize::from(width) {
            return Err(EntryBundleError::Count);
        }
        entries.push(entry);
        rest = tail;
    }
    if entries.len() != usize::from(width) {
        return Err(EntryBundleError::Count);
    }
    Ok(entries)
}

/// Why bytes are not an entry bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EntryBundleError {
    /// An entry does not fit its length field.
    #[error("an entry is longer than 65,535 bytes")]
    EntryTooLong,
    /// The bundle ends within an entry.
    #[error("the entry bundle is cut off")]
    Truncated,
    /// More or fewer entries than the tile's width.
    #[error("the entry bundle has another number of entries than its width")]
    Count,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn refused() {
        assert_eq!(
            encode_entries([[0; 65_536].as_slice()]),
            Err(EntryBundleError::EntryTooLong)
        );
        assert_eq!(decode_entries(&[0], 1), Err(EntryBundleError::Truncated));
        assert_eq!(decode_entries(&[0, 2, 1], 1), Err(EntryBundleError::Truncated));
        assert_eq!(decode_entries(&[0, 0, 0, 0], 1), Err(EntryBundleError::Count));
        assert_eq!(decode_entries(&[0, 0], 2), Err(EntryBundleError::Count));
    }

    proptest! {
        #[test]
        fn round_trip(entries: Vec<Vec<u8>>) {
            let bundle = encode_entries(entries.iter().map(Vec::as_slice)).unwrap();
            prop_assert_eq!(decode_entries(&bundle, entries.len() as u16).unwrap(), entries);
        }

        #[test]
        fn never_panics(bytes: Vec<u8>, width: u16) {
            if let Ok(entries) = decode_entries(&bytes, width) {
                prop_assert_eq!(encode_entries(entries).unwrap(), bytes);
            }
        }
    }
}
