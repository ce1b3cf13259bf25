//! Byte strings one after the other, each with its length before it.

/// Joins fields.
pub(crate) fn pack(fields: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(fields.iter().map(|field| field.len() + 4).sum());
    for field in fields {
        bytes.extend(u32::try_from(field.len()).unwrap_or(u32::MAX).to_be_bytes());
        bytes.extend_from_slice(field);
    }
    bytes
}

/// Takes fields apart; `None` where they are not so many, whole ones.
pub(crate) fn unpack<const N: usize>(mut bytes: &[u8]) -> Option<[Vec<u8>; N]> {
    let mut fields = Vec::with_capacity(N);
    while !bytes.is_empty() {
        let (length, rest) = bytes.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        fields.push(rest.get(..length)?.to_vec());
        bytes = rest.get(length..)?;
    }
    fields.try_into().ok()
}

/// A number as a field.
pub(crate) fn number(bytes: &[u8]) -> Option<u64> {
    Some(u64::from_be_bytes(bytes.try_into().ok()?))
}
