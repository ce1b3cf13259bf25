//! Strict JSON.

use jose::strict_json::{Limits, StrictJsonError, from_slice, parse, parse_within};
use jose::{Budget, OverBudget, Work};
use proptest::prelude::*;
use serde_json::{Value, json};
use test_case::test_case;

const SMALL: Limits = Limits {
    bytes: 200,
    depth: 4,
    nodes: 10,
    string: 20,
};

fn over(work: Work) -> StrictJsonError {
    StrictJsonError::OverBudget(OverBudget(work))
}

#[test_case(br#"{"a":1,"a":2}"# => StrictJsonError::DuplicateName; "duplicate_at_the_top")]
#[test_case(br#"{"a":[{"b":{"c":1,"c":1}}]}"# => StrictJsonError::DuplicateName; "duplicate_inside")]
#[test_case(b"{\"a\":1,\"\\u0061\":2}" => StrictJsonError::DuplicateName; "duplicate_by_escape")]
#[test_case(b"[[[[[1]]]]]" => over(Work::Depth); "too_deep")]
#[test_case(b"[1,2,3,4,5,6,7,8,9,10]" => over(Work::Values); "too_many_nodes")]
#[test_case(br#""123456789012345678901""# => over(Work::StringBytes); "string_too_long")]
#[test_case(br#"{"123456789012345678901":1}"# => over(Work::StringBytes); "name_too_long")]
#[test_case(b"\xef\xbb\xbf{}" => StrictJsonError::ByteOrderMark; "byte_order_mark")]
#[test_case(b"{} {}" => StrictJsonError::TrailingBytes; "trailing_value")]
#[test_case(b"{}\0" => StrictJsonError::TrailingBytes; "trailing_zero")]
#[test_case(b"NaN" => StrictJsonError::Syntax; "nan")]
#[test_case(b"[Infinity]" => StrictJsonError::Syntax; "infinity")]
#[test_case(b"1e999" => StrictJsonError::Syntax; "overflowing_number")]
#[test_case(br#""\ud800""# => StrictJsonError::Syntax; "lone_high_surrogate")]
#[test_case(br#""\udc00x""# => StrictJsonError::Syntax; "lone_low_surrogate")]
#[test_case(b"\"\xff\"" => StrictJsonError::Syntax; "broken_utf8")]
#[test_case(b"" => StrictJsonError::Syntax; "empty")]
#[test_case(b"{'a':1}" => StrictJsonError::Syntax; "single_quotes")]
#[test_case(b"[1,]" => StrictJsonError::Syntax; "trailing_comma")]
fn refuses(text: &[u8]) -> StrictJsonError {
    parse(text, &SMALL).unwrap_err()
}

#[test]
fn refuses_a_long_text_unread() {
    assert_eq!(parse(&[b' '; 201], &SMALL), Err(over(Work::Bytes)));
}

#[test]
fn refuses_ten_thousand_levels_without_using_the_stack() {
    let text = "[".repeat(10_000) + &"]".repeat(10_000);
    assert_eq!(parse(text.as_bytes(), &Limits::MESSAGE), Err(over(Work::Depth)));
}

#[test]
fn thirty_two_levels_are_the_limit() {
    let nested = |levels| "[".repeat(levels) + &"]".repeat(levels);
    assert!(parse(nested(32).as_bytes(), &Limits::MESSAGE).is_ok());
    assert_eq!(parse(nested(33).as_bytes(), &Limits::MESSAGE), Err(over(Work::Depth)));
}

#[test]
fn documents_share_a_budget_and_what_a_broken_one_took_is_counted() {
    let mut budget = Limits::MESSAGE.add_to(Budget::NOTHING).allow(Work::Values, 7);
    assert!(parse_within(b"[1,2]", &mut budget).is_ok());
    assert_eq!((budget.spent(Work::Values), budget.spent(Work::Depth)), (3, 1));
    assert_eq!(parse_within(b"[[1,]]", &mut budget), Err(StrictJsonError::Syntax));
    assert_eq!((budget.spent(Work::Values), budget.spent(Work::Depth)), (6, 2));
    assert_eq!(parse_within(b"[1]", &mut budget), Err(over(Work::Values)));
    assert_eq!(budget.left(Work::Values), 0);
}

#[test]
fn reads_into_a_type() {
    assert_eq!(from_slice::<Vec<u8>>(b"[1, 2]", &SMALL), Ok(vec![1, 2]));
    assert_eq!(
        from_slice::<Vec<u8>>(br#"["secret"]"#, &SMALL),
        Err(StrictJsonError::Shape)
    );
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(".{0,4}", inner, 0..4).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn round_trip(value in value()) {
        prop_assert_eq!(parse(value.to_string().as_bytes(), &Limits::MESSAGE), Ok(value));
    }

    #[test]
    fn any_bytes_are_read_as_serde_json_reads_them_or_refused(bytes: Vec<u8>) {
        if let Ok(value) = parse(&bytes, &Limits::MESSAGE) {
            prop_assert_eq!(serde_json::from_slice::<Value>(&bytes).unwrap(), value);
        }
    }
}

#[test]
fn keeps_numbers_apart() {
    assert_eq!(
        parse(b"[0, -1, 1.5, 18446744073709551615]", &SMALL),
        Ok(json!([0, -1, 1.5, u64::MAX]))
    );
}
