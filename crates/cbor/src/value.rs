use std::collections::HashSet;

use ciborium::Value;
use ciborium::value::Integer;
use jose::{Budget, Work};

use super::{ARRAY, BYTES, CborError, FALSE, MAP, NEGATIVE, NULL, Reader, TAG, TEXT, TRUE, UNSIGNED};

const HALF: u8 = 0xf9;
const SINGLE: u8 = 0xfa;
const DOUBLE: u8 = 0xfb;

impl<'a> Reader<'a> {
    /// An item of any kind, with all that is inside it.
    ///
    /// Every head is in its shortest form and every length is definite, so that an item without floats
    /// has one encoding but for the order of its maps, which is kept. No map has a key twice. Of simple
    /// values there are `false`, `true` and `null`, of floats those that are numbers.
    ///
    /// # Errors
    /// [`CborError`]; [`CborError::OverBudget`] where it has more [`Work::Values`], [`Work::Depth`] or
    /// [`Work::StringBytes`] than allowed.
    pub fn value(&mut self, budget: &mut Budget) -> Result<Value, CborError> {
        self.item(0, budget)
    }

    /// An item that lies inside so many others.
    fn item(&mut self, level: usize, budget: &mut Budget) -> Result<Value, CborError> {
        budget.spend(Work::Values, 1)?;
        let first = self.take(1)?.first().copied().ok_or(CborError::Truncated)?;
        match first {
            FALSE => return Ok(Value::Bool(false)),
            TRUE => return Ok(Value::Bool(true)),
            NULL => return Ok(Value::Null),
            HALF | SINGLE | DOUBLE => return self.float(first),
            _ => {}
        }
        let major = first >> 5;
        if major > TAG {
            return Err(CborError::Unsupported);
        }
        let number = self.number(first & 0x1f)?;
        match major {
            UNSIGNED => Ok(Value::Integer(number.into())),
            NEGATIVE => Integer::try_from(-1 - i128::from(number))
                .map(Value::Integer)
                .map_err(|_| CborError::UnexpectedValue),
            BYTES => Ok(Value::Bytes(self.string(number, budget)?.to_vec())),
            TEXT => std::str::from_utf8(self.string(number, budget)?)
                .map(|text| Value::Text(text.to_owned()))
                .map_err(|_| CborError::NotUtf8),
            _ => {
                budget.reach(Work::Depth, level + 1)?;
                self.inside(major, number, level + 1, budget)
            }
        }
    }

    /// What an array, map or tag has inside.
    fn inside(&mut self, major: u8, number: u64, level: usize, budget: &mut Budget) -> Result<Value, CborError> {
        match major {
            ARRAY => {
                let length = self.items(number, 1)?;
                let elements = (0..length).map(|_| self.item(level, budget));
                elements.collect::<Result<_, _>>().map(Value::Array)
            }
            MAP => self.entries(number, level, budget),
            _ => Ok(Value::Tag(number, Box::new(self.item(level, budget)?))),
        }
    }

    fn entries(&mut self, number: u64, level: usize, budget: &mut Budget) -> Result<Value, CborError> {
        let length = self.items(number, 2)?;
        let (mut entries, mut keys) = (Vec::new(), HashSet::new());
        for _ in 0..length {
            let before: &'a [u8] = self.0;
            let key = self.item(level, budget)?;
            let encoded = before.get(..before.len() - self.0.len());
            if !keys.insert(encoded) {
                return Err(CborError::DuplicateKey);
            }
            entries.push((key, self.item(level, budget)?));
        }
        Ok(Value::Map(entries))
    }

    /// A number of items that take at least so many bytes each: no more than there can be.
    fn items(&self, number: u64, bytes: u64) -> Result<u64, CborError> {
        if number > self.0.len() as u64 / bytes {
            return Err(CborError::Truncated);
        }
        Ok(number)
    }

    fn string(&mut self, length: u64, budget: &mut Budget) -> Result<&'a [u8], CborError> {
        let taken = self.take(length)?;
        budget.reach(Work::StringBytes, taken.len())?;
        Ok(taken)
    }

    /// A float of 16, 32 or 64 bits. RFC 8949 §3.3
    fn float(&mut self, first: u8) -> Result<Value, CborError> {
        let width = 1 << (first - HALF + 1);
        let bits = self
            .take(width)?
            .iter()
            .fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        let number = match first {
            HALF => half(bits as u16),
            SINGLE => f64::from(f32::from_bits(bits as u32)),
            _ => f64::from_bits(bits),
        };
        if !number.is_finite() {
            return Err(CborError::Unsupported);
        }
        Ok(Value::Float(number))
    }
}

/// The number that 16 bits stand for. RFC 8949 Appendix D
fn half(bits: u16) -> f64 {
    let (exponent, fraction) = (i32::from(bits >> 10 & 0x1f), f64::from(bits & 0x3ff));
    let size = match exponent {
        0 => fraction * 2_f64.powi(-24),
        31 => f64::NAN,
        _ => (1024.0 + fraction) * 2_f64.powi(exponent - 25),
    };
    if bits & 0x8000 == 0 { size } else { -size }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use test_case::test_case;

    use super::*;
    use crate::{OverBudget, Writer, decode_value};

    const BUDGET: Budget = Budget::NOTHING
        .allow(Work::Values, 64)
        .allow(Work::Depth, 4)
        .allow(Work::StringBytes, 16);

    fn read(text: &str) -> Result<Value, CborError> {
        decode_value(&hex::decode(text).unwrap(), &mut BUDGET.clone())
    }

    #[test_case("a201020304", Value::Map(vec![(1.into(), 2.into()), (3.into(), 4.into())]); "map")]
    #[test_case("a203040102", Value::Map(vec![(3.into(), 4.into()), (1.into(), 2.into())]); "map in another order")]
    #[test_case("d81841a0", Value::Tag(24, Box::new(Value::Bytes(vec![0xa0]))); "tag")]
    #[test_case("3bffffffffffffffff", Value::Integer((-18_446_744_073_709_551_616_i128).try_into().unwrap()); "least")]
    #[test_case("f93c00", Value::Float(1.0); "half")]
    #[test_case("f90001", Value::Float(5.960_464_477_539_063e-8); "smallest half")]
    #[test_case("f9c400", Value::Float(-4.0); "negative half")]
    #[test_case("fa47c35000", Value::Float(100_000.0); "single")]
    #[test_case("fb3ff199999999999a", Value::Float(1.1); "double")]
    #[test_case("83f4f5f6", Value::Array(vec![false.into(), true.into(), Value::Null]); "simple")]
    fn reads(text: &str, expected: Value) {
        assert_eq!(read(text), Ok(expected));
    }

    #[test_case("a201020103" => CborError::DuplicateKey; "key twice")]
    #[test_case("a2616101616102" => CborError::DuplicateKey; "text key twice")]
    #[test_case("1817" => CborError::NotShortest; "long number")]
    #[test_case("b801" => CborError::NotShortest; "long length of a map")]
    #[test_case("d80100" => CborError::NotShortest; "long tag")]
    #[test_case("9f00ff" => CborError::Unsupported; "indefinite array")]
    #[test_case("5f4100ff" => CborError::Unsupported; "indefinite bytes")]
    #[test_case("bf0000ff" => CborError::Unsupported; "indefinite map")]
    #[test_case("ff" => CborError::Unsupported; "lonely end")]
    #[test_case("f7" => CborError::Unsupported; "undefined")]
    #[test_case("f820" => CborError::Unsupported; "other simple value")]
    #[test_case("f97e00" => CborError::Unsupported; "not a number")]
    #[test_case("f97c00" => CborError::Unsupported; "infinite")]
    #[test_case("61ff" => CborError::NotUtf8; "no UTF 8")]
    #[test_case("a301020304" => CborError::Truncated; "map longer than the bytes")]
    #[test_case("9bffffffffffffffff" => CborError::Truncated; "array longer than the bytes")]
    #[test_case("5bffffffffffffffff" => CborError::Truncated; "string longer than the bytes")]
    #[test_case("d818" => CborError::Truncated; "tag of nothing")]
    #[test_case("fb3ff199" => CborError::Truncated; "float cut off")]
    #[test_case("" => CborError::Truncated; "nothing")]
    #[test_case("0000" => CborError::TrailingBytes; "two items")]
    #[test_case("818181818100" => CborError::OverBudget(OverBudget(Work::Depth)); "five levels of arrays")]
    #[test_case("a100a100a100a100a10000" => CborError::OverBudget(OverBudget(Work::Depth)); "five levels of maps")]
    #[test_case("c1c1c1c1c100" => CborError::OverBudget(OverBudget(Work::Depth)); "five levels of tags")]
    #[test_case("510000000000000000000000000000000000" => CborError::OverBudget(OverBudget(Work::StringBytes)); "long string")]
    fn refuses(text: &str) -> CborError {
        read(text).unwrap_err()
    }

    #[test]
    fn more_values_than_allowed_are_not_read() {
        let mut writer = Writer::new();
        writer.array(64);
        for _ in 0..64 {
            writer.null();
        }
        let refused = decode_value(&writer.into_bytes(), &mut BUDGET.clone());
        assert_eq!(refused, Err(CborError::OverBudget(OverBudget(Work::Values))));
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<i64>().prop_map(Value::from),
            any::<bool>().prop_map(Value::from),
            Just(Value::Null),
            any::<f64>()
                .prop_filter("a number", |float| float.is_finite())
                .prop_map(Value::from),
            ".{0,4}".prop_map(Value::from),
            prop::collection::vec(any::<u8>(), 0..16).prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
                prop::collection::btree_map(any::<u8>(), inner.clone(), 0..4)
                    .prop_map(|map| Value::Map(map.into_iter().map(|(key, value)| (key.into(), value)).collect())),
                (100_u64.., inner).prop_map(|(tag, value)| Value::Tag(tag, Box::new(value))),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_another_library_writes_is_read_the_same(value in any_value()) {
            let mut bytes = Vec::new();
            ciborium::into_writer(&value, &mut bytes).unwrap();
            let mut budget = BUDGET.allow(Work::Values, 1000).allow(Work::Depth, 8).allow(Work::StringBytes, 64);
            prop_assert_eq!(decode_value(&bytes, &mut budget), Ok(value));
        }

        #[test]
        fn whatever_is_read_is_written_by_another_library_and_read_the_same(bytes in any::<Vec<u8>>()) {
            if let Ok(value) = decode_value(&bytes, &mut BUDGET.clone()) {
                let mut again = Vec::new();
                ciborium::into_writer(&value, &mut again).unwrap();
                prop_assert_eq!(decode_value(&again, &mut BUDGET.clone()), Ok(value));
            }
        }
    }
}
