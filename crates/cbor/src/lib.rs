//! CBOR in which every item has exactly one encoding. RFC 8949 §4.2.1
//!
//! Our own formats use integers, byte strings, text strings, arrays, `null` and booleans, each in its
//! shortest form (docs/ledger.md §1); a reader refuses everything else. Formats of others have maps,
//! tags and floats too: [`Reader::value`] reads an item of any kind within a [`Budget`].

mod value;

use jose::{Budget, OverBudget};
use thiserror::Error;

pub use ciborium::Value;

/// Why bytes are not deterministic CBOR of the expected shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CborError {
    /// The bytes end inside an item.
    #[error("the item is cut off")]
    Truncated,
    /// Bytes follow the item.
    #[error("bytes follow the item")]
    TrailingBytes,
    /// An integer or length is not in its shortest form. RFC 8949 §4.2.1
    #[error("a number is not in its shortest form")]
    NotShortest,
    /// A tag, map, float, indefinite length or reserved head.
    #[error("an item of a kind that is not used here")]
    Unsupported,
    /// Another type of item than the schema has at this place.
    #[error("another type of item was expected")]
    UnexpectedType,
    /// A text string is not UTF-8.
    #[error("a text is not UTF-8")]
    NotUtf8,
    /// An array or string has another length than the schema says.
    #[error("another length was expected")]
    UnexpectedLength,
    /// A value that the schema does not have at this place.
    #[error("a value that is not allowed at this place")]
    UnexpectedValue,
    /// A map has a key twice. RFC 8949 §5.6
    #[error("a map has a key twice")]
    DuplicateKey,
    /// More values, levels or bytes in a string than the budget allows.
    #[error(transparent)]
    OverBudget(#[from] OverBudget),
}

const UNSIGNED: u8 = 0;
const NEGATIVE: u8 = 1;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const MAP: u8 = 5;
const TAG: u8 = 6;
const FALSE: u8 = 0xf4;
const TRUE: u8 = 0xf5;
const NULL: u8 = 0xf6;

/// Writes items one after the other.
#[derive(Clone, Debug, Default)]
pub struct Writer(Vec<u8>);

impl Writer {
    /// A writer without items.
    pub fn new() -> Self {
        Self::default()
    }

    /// The bytes written.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// An array head; `length` items must follow.
    pub fn array(&mut self, length: usize) -> &mut Self {
        self.head(ARRAY, length as u64)
    }

    /// A map head; `length` keys must follow, each with its value. Their order is the caller's to
    /// keep: by the bytes of the encoded keys. RFC 8949 §4.2.1
    pub fn map(&mut self, length: usize) -> &mut Self {
        self.head(MAP, length as u64)
    }

    /// A tag; one item must follow.
    pub fn tag(&mut self, number: u64) -> &mut Self {
        self.head(TAG, number)
    }

    /// An unsigned integer.
    pub fn uint(&mut self, value: u64) -> &mut Self {
        self.head(UNSIGNED, value)
    }

    /// A signed integer.
    pub fn int(&mut self, value: i64) -> &mut Self {
        match u64::try_from(value) {
            Ok(value) => self.head(UNSIGNED, value),
            Err(_) => self.head(NEGATIVE, !value as u64),
        }
    }

    /// A byte string.
    pub fn bytes(&mut self, value: &[u8]) -> &mut Self {
        self.head(BYTES, value.len() as u64);
        self.0.extend_from_slice(value);
        self
    }

    /// A text string.
    pub fn text(&mut self, value: &str) -> &mut Self {
        self.head(TEXT, value.len() as u64);
        self.0.extend_from_slice(value.as_bytes());
        self
    }

    /// `true` or `false`.
    pub fn boolean(&mut self, value: bool) -> &mut Self {
        self.0.push(if value { TRUE } else { FALSE });
        self
    }

    /// `null`.
    pub fn null(&mut self) -> &mut Self {
        self.0.push(NULL);
        self
    }

    /// Items that are encoded already.
    pub fn raw(&mut self, items: &[u8]) -> &mut Self {
        self.0.extend_from_slice(items);
        self
    }

    fn head(&mut self, major: u8, value: u64) -> &mut Self {
        let major = major << 5;
        match value {
            0..=23 => self.0.push(major | value as u8),
            24..=0xff => self.0.extend_from_slice(&[major | 24, value as u8]),
            0x100..=0xffff => {
                self.0.push(major | 25);
                self.0.extend_from_slice(&(value as u16).to_be_bytes());
            }
            0x1_0000..=0xffff_ffff => {
                self.0.push(major | 26);
                self.0.extend_from_slice(&(value as u32).to_be_bytes());
            }
            _ => {
                self.0.push(major | 27);
                self.0.extend_from_slice(&value.to_be_bytes());
            }
        }
        self
    }
}

/// Reads items one after the other.
#[derive(Clone, Debug)]
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// A reader at the first byte.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Fails unless everything has been read.
    pub fn finish(self) -> Result<(), CborError> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(CborError::TrailingBytes)
        }
    }

    /// An array head: the number of items that follow. Bounded by the bytes left, since an item
    /// takes at least one.
    pub fn array(&mut self) -> Result<usize, CborError> {
        let length = self.expect(ARRAY)?;
        if length > self.0.len() as u64 {
            return Err(CborError::Truncated);
        }
        Ok(length as usize)
    }

    /// An array head of exactly this length.
    pub fn array_of(&mut self, length: usize) -> Result<(), CborError> {
        if self.array()? == length {
            Ok(())
        } else {
            Err(CborError::UnexpectedLength)
        }
    }

    /// An array of at most `cap` items; a longer one is refused before its first item is read.
    pub fn list<T, E: From<CborError>>(
        &mut self,
        cap: usize,
        mut read: impl FnMut(&mut Self) -> Result<T, E>,
    ) -> Result<Vec<T>, E> {
        let length = self.array()?;
        if length > cap {
            return Err(CborError::UnexpectedLength.into());
        }
        (0..length).map(|_| read(self)).collect()
    }

    /// An unsigned integer.
    pub fn uint(&mut self) -> Result<u64, CborError> {
        self.expect(UNSIGNED)
    }

    /// An unsigned integer with one allowed value, such as a version.
    pub fn uint_of(&mut self, value: u64) -> Result<(), CborError> {
        if self.uint()? == value {
            Ok(())
        } else {
            Err(CborError::UnexpectedValue)
        }
    }

    /// A signed integer.
    pub fn int(&mut self) -> Result<i64, CborError> {
        let (major, value) = self.head()?;
        let value = i64::try_from(value).map_err(|_| CborError::UnexpectedValue)?;
        match major {
            UNSIGNED => Ok(value),
            NEGATIVE => Ok(!value),
            _ => Err(CborError::UnexpectedType),
        }
    }

    /// A byte string.
    pub fn bytes(&mut self) -> Result<&'a [u8], CborError> {
        let length = self.expect(BYTES)?;
        self.take(length)
    }

    /// A byte string of a fixed length.
    pub fn bytes_of<const N: usize>(&mut self) -> Result<[u8; N], CborError> {
        self.bytes()?.try_into().map_err(|_| CborError::UnexpectedLength)
    }

    /// A text string.
    pub fn text(&mut self) -> Result<&'a str, CborError> {
        let length = self.expect(TEXT)?;
        std::str::from_utf8(self.take(length)?).map_err(|_| CborError::NotUtf8)
    }

    /// `true` or `false`.
    pub fn boolean(&mut self) -> Result<bool, CborError> {
        let value = match self.0.first() {
            Some(&TRUE) => true,
            Some(&FALSE) => false,
            Some(_) => return Err(CborError::UnexpectedType),
            None => return Err(CborError::Truncated),
        };
        self.take(1)?;
        Ok(value)
    }

    /// Reads a `null` if there is one, and says whether there was.
    pub fn skip_null(&mut self) -> Result<bool, CborError> {
        match self.0.first() {
            Some(&NULL) => self.take(1).map(|_| true),
            Some(_) => Ok(false),
            None => Err(CborError::Truncated),
        }
    }

    /// `null`, and nothing else.
    pub fn null(&mut self) -> Result<(), CborError> {
        if self.skip_null()? {
            Ok(())
        } else {
            Err(CborError::UnexpectedType)
        }
    }

    fn expect(&mut self, expected: u8) -> Result<u64, CborError> {
        match self.head()? {
            (major, value) if major == expected => Ok(value),
            _ => Err(CborError::UnexpectedType),
        }
    }

    fn head(&mut self) -> Result<(u8, u64), CborError> {
        let first = self.take(1)?[0];
        let (major, info) = (first >> 5, first & 0x1f);
        if major > ARRAY {
            let simple = matches!(first, FALSE | TRUE | NULL);
            return Err(if simple {
                CborError::UnexpectedType
            } else {
                CborError::Unsupported
            });
        }
        Ok((major, self.number(info)?))
    }

    /// The number of a head, whose first byte ended with `info`. RFC 8949 §3
    fn number(&mut self, info: u8) -> Result<u64, CborError> {
        let width = match info {
            0..=23 => return Ok(u64::from(info)),
            24..=27 => 1_u64 << (info - 24),
            _ => return Err(CborError::Unsupported),
        };
        let value = self
            .take(width)?
            .iter()
            .fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
        let least = match width {
            1 => 24,
            2 => 0x100,
            4 => 0x1_0000,
            _ => 0x1_0000_0000,
        };
        if value < least {
            Err(CborError::NotShortest)
        } else {
            Ok(value)
        }
    }

    fn take(&mut self, length: u64) -> Result<&'a [u8], CborError> {
        let length = usize::try_from(length).map_err(|_| CborError::Truncated)?;
        let (taken, rest) = self.0.split_at_checked(length).ok_or(CborError::Truncated)?;
        self.0 = rest;
        Ok(taken)
    }
}

/// Reads one item of any kind and refuses bytes after it; what it costs is taken from the budget.
///
/// # Errors
/// As [`Reader::value`], and [`CborError::TrailingBytes`].
pub fn decode_value(bytes: &[u8], budget: &mut Budget) -> Result<Value, CborError> {
    decode(bytes, |reader: &mut Reader<'_>| reader.value(budget))
}

/// Reads one item with `read` and refuses bytes after it.
pub fn decode<'a, T, E: From<CborError>>(
    bytes: &'a [u8],
    read: impl FnOnce(&mut Reader<'a>) -> Result<T, E>,
) -> Result<T, E> {
    let mut reader = Reader::new(bytes);
    let value = read(&mut reader)?;
    reader.finish()?;
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use test_case::test_case;

    #[test_case("1817" => Err(CborError::NotShortest) ; "23_in_two_bytes")]
    #[test_case("1900ff" => Err(CborError::NotShortest) ; "255_in_three_bytes")]
    #[test_case("1a0000ffff" => Err(CborError::NotShortest) ; "65535_in_five_bytes")]
    #[test_case("1b00000000ffffffff" => Err(CborError::NotShortest) ; "2_pow_32_less_1_in_nine_bytes")]
    #[test_case("18" => Err(CborError::Truncated) ; "cut_off")]
    #[test_case("0000" => Err(CborError::TrailingBytes) ; "trailing")]
    #[test_case("1f" => Err(CborError::Unsupported) ; "indefinite")]
    #[test_case("c100" => Err(CborError::Unsupported) ; "tag")]
    #[test_case("a0" => Err(CborError::Unsupported) ; "map")]
    #[test_case("f90000" => Err(CborError::Unsupported) ; "float")]
    #[test_case("f6" => Err(CborError::UnexpectedType) ; "null")]
    #[test_case("20" => Err(CborError::UnexpectedType) ; "negative")]
    #[test_case("1bffffffffffffffff" => Ok(u64::MAX) ; "largest")]
    fn uint(text: &str) -> Result<u64, CborError> {
        decode(&hex::decode(text).unwrap(), Reader::uint)
    }

    #[test]
    fn an_array_longer_than_the_bytes_left_is_cut_off() {
        assert_eq!(
            Reader::new(&[0x9a, 0xff, 0xff, 0xff, 0xff]).array(),
            Err(CborError::Truncated)
        );
    }

    #[test]
    fn a_list_beyond_its_cap_is_refused_before_its_first_item_is_read() {
        let refused = Reader::new(&[0x83, 0xf6, 0xf6, 0xf6]).list(2, Reader::uint);
        assert_eq!(refused, Err(CborError::UnexpectedLength));
    }

    #[test]
    fn text_must_be_utf8() {
        assert_eq!(Reader::new(&[0x61, 0xff]).text(), Err(CborError::NotUtf8));
    }

    proptest! {
        #[test]
        fn every_value_comes_back(number in any::<i64>(), bytes in any::<Vec<u8>>(), text in ".*", flag in any::<bool>()) {
            let mut writer = Writer::new();
            writer.array(5).int(number).bytes(&bytes).text(&text).boolean(flag).null();
            let encoded = writer.into_bytes();
            let mut reader = Reader::new(&encoded);
            prop_assert_eq!(reader.array_of(5), Ok(()));
            prop_assert_eq!(reader.int(), Ok(number));
            prop_assert_eq!(reader.bytes(), Ok(bytes.as_slice()));
            prop_assert_eq!(reader.text(), Ok(text.as_str()));
            prop_assert_eq!(reader.boolean(), Ok(flag));
            prop_assert_eq!(reader.null(), Ok(()));
            prop_assert_eq!(reader.finish(), Ok(()));
        }

        #[test]
        fn what_is_read_is_written_the_same(bytes in any::<Vec<u8>>()) {
            if let Ok(number) = decode(&bytes, Reader::int) {
                let mut writer = Writer::new();
                writer.int(number);
                prop_assert_eq!(writer.into_bytes(), bytes);
            }
        }
    }
}
