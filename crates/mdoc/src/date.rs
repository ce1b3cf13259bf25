//! `tdate`: tag 0 around RFC 3339 text. ISO/IEC 18013-5 §9.1.2.4

use cbor::{Value, Writer};
use jose::UnixTime;

/// How a date is written: no fraction of a second, and `Z`. §9.1.2.4
const SHAPE: &[u8] = b"dddd-dd-ddTdd:dd:ddZ";
const TAG: u64 = 0;

/// Reads a date from 1970 on; `None` for any other spelling than `2026-11-20T12:00:00Z`.
pub(crate) fn read(value: &Value) -> Option<UnixTime> {
    let text = match value {
        Value::Tag(TAG, text) => text.as_text()?,
        _ => return None,
    };
    let fits = |(byte, shape): (u8, &u8)| match shape {
        b'd' => byte.is_ascii_digit(),
        _ => byte == *shape,
    };
    if text.len() != SHAPE.len() || !text.bytes().zip(SHAPE).all(fits) {
        return None;
    }
    let time: jiff::Timestamp = text.parse().ok()?;
    UnixTime::try_from(time.as_second()).ok()
}

/// The text of a date; `None` beyond the year 9999.
pub(crate) fn text(time: UnixTime) -> Option<String> {
    let time = jiff::Timestamp::from_second(i64::try_from(time).ok()?).ok()?;
    Some(time.to_string())
}

/// Writes the text of a date.
pub(crate) fn write(writer: &mut Writer, text: &str) {
    writer.tag(TAG).text(text);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use test_case::test_case;

    use super::*;

    fn tagged(tag: u64, text: &str) -> Value {
        Value::Tag(tag, Box::new(text.into()))
    }

    #[test_case("2020-10-01T13:30:02Z" => Some(1_601_559_002); "a date")]
    #[test_case("1970-01-01T00:00:00Z" => Some(0); "the first")]
    #[test_case("1969-12-31T23:59:59Z" => None; "before 1970")]
    #[test_case("2020-10-01T13:30:02.5Z" => None; "a fraction")]
    #[test_case("2020-10-01T13:30:02+00:00" => None; "another zone")]
    #[test_case("2020-10-01 13:30:02Z" => None; "a space")]
    #[test_case("2020-10-01t13:30:02z" => None; "small letters")]
    #[test_case("2020-13-01T13:30:02Z" => None; "no month")]
    #[test_case("2020-10-01" => None; "a day")]
    #[test_case("" => None; "nothing")]
    fn dates(text: &str) -> Option<UnixTime> {
        read(&tagged(0, text))
    }

    #[test]
    fn a_date_has_its_tag() {
        let text = "2020-10-01T13:30:02Z";
        assert_eq!(read(&tagged(1, text)), None);
        assert_eq!(read(&text.into()), None);
        assert_eq!(read(&Value::Tag(0, Box::new(5.into()))), None);
    }

    proptest! {
        #[test]
        fn a_date_comes_back(time in 0..253_402_207_200_u64) {
            prop_assert_eq!(read(&tagged(0, &text(time).unwrap())), Some(time));
        }

        #[test]
        fn any_text_is_read_or_not(text in ".{0,24}") {
            read(&tagged(0, &text));
        }
    }
}
