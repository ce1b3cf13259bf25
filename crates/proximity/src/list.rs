//! Bounded lists.

use ledger::cbor::{CborError, Reader};

/// A list of at most `cap` items; a longer one is refused before its first item is read.
pub(crate) fn list<'a, T, E: From<CborError>>(
    reader: &mut Reader<'a>,
    cap: usize,
    mut read: impl FnMut(&mut Reader<'a>) -> Result<T, E>,
) -> Result<Vec<T>, E> {
    let length = reader.array()?;
    if length > cap {
        return Err(CborError::UnexpectedLength.into());
    }
    (0..length).map(|_| read(reader)).collect()
}
