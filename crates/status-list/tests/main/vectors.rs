//! The encodings of draft-ietf-oauth-status-list §4 and appendix D.

use jose::base64url;
use proptest::prelude::*;
use serde_json::Value;
use status_list::{Bits, ListError, OutOfRange, Status, StatusList};
use std::path::PathBuf;
use test_case::test_case;

const LIMIT: usize = 16 << 20;

fn folder() -> Option<PathBuf> {
    let beside = || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors"));
    let folder = std::env::var_os("HOLDFAST_VECTORS")
        .map_or_else(beside, PathBuf::from)
        .join("token-status-list");
    if !folder.is_dir() {
        println!("SKIPPED: vectors: token-status-list: the vectors are not beside the repository");
        return None;
    }
    Some(folder)
}

/// The list of an example file: JSON after one line of text, folded.
fn example(text: &str) -> StatusList {
    let json: Value =
        serde_json::from_str(&text[text.find('{').unwrap()..].replace("\n  ", "").replace('\n', "")).unwrap();
    let bits = Bits::try_from(json["bits"].as_u64().unwrap()).unwrap();
    StatusList::inflate(bits, &base64url::decode(json["lst"].as_str().unwrap()).unwrap(), LIMIT).unwrap()
}

#[test]
fn every_status_of_the_test_vectors_is_read() {
    let Some(folder) = folder() else { return };
    let vectors: Value = serde_json::from_slice(&std::fs::read(folder.join("vectors.json")).unwrap()).unwrap();
    let (mut lists, mut statuses) = (0, 0);
    for vector in vectors.as_array().unwrap() {
        for include in vector["includes"].as_array().unwrap() {
            let name = include.as_str().unwrap();
            if name.contains("cbor") {
                continue;
            }
            let Ok(text) = std::fs::read_to_string(folder.join(name)) else {
                continue;
            };
            let list = example(&text);
            assert_eq!(u64::from(list.bits().number()), vector["bits"].as_u64().unwrap());
            for (index, value) in vector["values"].as_object().unwrap() {
                let expected = Status::from(u8::try_from(value.as_u64().unwrap()).unwrap());
                assert_eq!(list.status(index.parse().unwrap()), Ok(expected), "{name} {index}");
                statuses += 1;
            }
            let marked = (0..list.entries())
                .filter(|index| list.status(*index) != Ok(Status::Valid))
                .count();
            let expected = vector["values"]
                .as_object()
                .unwrap()
                .values()
                .filter(|value| value.as_u64() != Some(0))
                .count();
            assert_eq!(marked, expected, "nothing else is marked in {name}");
            lists += 1;
        }
    }
    println!("token-status-list test vectors: {lists} lists, {statuses} statuses");
    assert_eq!((lists, statuses), (LISTS, STATUSES));
}

const LISTS: usize = 4;
const STATUSES: usize = 293;

#[test_case("status_list_encoding_json.md"; "one bit")]
#[test_case("status_list_encoding2_json.md"; "two bits")]
fn the_byte_arrays_of_the_examples(name: &str) {
    let Some(folder) = folder() else { return };
    let text = std::fs::read_to_string(folder.join("examples").join(name)).unwrap();
    assert_eq!(example(&text).bytes(), byte_array(&text));
}

fn byte_array(text: &str) -> Vec<u8> {
    let inner = text.split_once('[').unwrap().1.split_once(']').unwrap().0;
    inner
        .split(',')
        .map(|byte| u8::from_str_radix(byte.trim().trim_start_matches("0x"), 16).unwrap())
        .collect()
}

#[test]
fn d3_bits_are_numbered_from_the_lowest() {
    // draft-ietf-oauth-status-list §4.1, the example of 16 cards of one bit.
    let marked = [0, 3, 4, 5, 7, 8, 9, 13, 15];
    let mut list = StatusList::new(Bits::One, 16);
    for index in marked {
        list.set(index, Status::Invalid).unwrap();
    }
    assert_eq!(list.bytes(), [0xb9, 0xa3]);
    // What a reader of the highest bit first would see.
    assert_eq!(list.status(1), Ok(Status::Valid));
    assert_eq!(list.status(2), Ok(Status::Valid));
}

#[test_case(0; "zero")]
#[test_case(3; "three")]
#[test_case(16; "sixteen")]
fn d3_other_bits_are_refused(bits: u64) {
    assert_eq!(Bits::try_from(bits), Err(ListError::Bits));
}

#[test_case(Bits::One, 16; "one bit")]
#[test_case(Bits::Two, 8; "two bits")]
#[test_case(Bits::Four, 4; "four bits")]
#[test_case(Bits::Eight, 2; "eight bits")]
fn d2_an_index_beyond_the_end_says_nothing(bits: Bits, entries: u64) {
    let list = StatusList::from_bytes(bits, vec![0, 0]);
    assert_eq!(list.entries(), entries);
    assert_eq!(list.status(entries - 1), Ok(Status::Valid));
    for index in [entries, entries + 1, 1 << 53, u64::MAX] {
        assert_eq!(list.status(index), Err(OutOfRange));
    }
}

#[test]
fn d1_inflation_stops_at_the_limit() {
    let bomb = StatusList::from_bytes(Bits::One, vec![0; LIMIT + 1]).deflate();
    assert!(bomb.len() < 20_000);
    assert_eq!(StatusList::inflate(Bits::One, &bomb, LIMIT), Err(ListError::TooLarge));
    let fits = StatusList::from_bytes(Bits::One, vec![0; LIMIT]).deflate();
    assert_eq!(
        StatusList::inflate(Bits::One, &fits, LIMIT).unwrap().bytes().len(),
        LIMIT
    );
    let large = StatusList::from_bytes(Bits::One, vec![0; 200_000]);
    assert_eq!(StatusList::inflate(Bits::One, &large.deflate(), usize::MAX), Ok(large));
}

#[test]
fn a_list_that_was_cut_off_changed_or_lengthened_is_refused() {
    let whole = StatusList::from_bytes(Bits::One, (0..=255).collect()).deflate();
    for cut in 0..whole.len() {
        assert_eq!(
            StatusList::inflate(Bits::One, &whole[..cut], LIMIT),
            Err(ListError::Compression),
            "{cut}"
        );
    }
    let mut longer = whole.clone();
    longer.push(0);
    assert_eq!(
        StatusList::inflate(Bits::One, &longer, LIMIT),
        Err(ListError::Compression)
    );
    let mut checksum = whole;
    *checksum.last_mut().unwrap() ^= 1;
    assert_eq!(
        StatusList::inflate(Bits::One, &checksum, LIMIT),
        Err(ListError::Compression)
    );
}

#[test_case(Bits::One, Status::Suspended; "suspended in one bit")]
#[test_case(Bits::Two, Status::Other(4); "four in two bits")]
#[test_case(Bits::Four, Status::Invalid; "four bits are read only")]
#[test_case(Bits::Eight, Status::Invalid; "eight bits are read only")]
fn what_does_not_fit_is_not_written(bits: Bits, status: Status) {
    let mut list = StatusList::new(bits, 16);
    let before = list.clone();
    assert_eq!(list.set(0, status), Err(ListError::DoesNotFit));
    assert_eq!(
        list.set(0, Status::Valid).is_ok(),
        matches!(bits, Bits::One | Bits::Two)
    );
    assert_eq!(list, before);
}

proptest! {
    #[test]
    fn what_was_written_is_read_and_nothing_else_changes(
        two in any::<bool>(), writes in proptest::collection::vec((0_u64..4096, 0_u8..4), 0..200)
    ) {
        let bits = if two { Bits::Two } else { Bits::One };
        let mut list = StatusList::new(bits, 4096);
        let mut model = vec![0_u8; 4096];
        for (index, value) in writes {
            let value = if two { value } else { value & 1 };
            list.set(index, Status::from(value)).unwrap();
            model[usize::try_from(index).unwrap()] = value;
        }
        let read = StatusList::inflate(bits, &list.deflate(), LIMIT).unwrap();
        prop_assert_eq!(&read, &list);
        for (index, value) in (0..).zip(model) {
            prop_assert_eq!(read.status(index), Ok(Status::from(value)));
        }
    }

    #[test]
    fn no_bytes_break_inflation_or_pass_the_limit(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(list) = StatusList::inflate(Bits::Two, &bytes, 1024) {
            prop_assert!(list.bytes().len() <= 1024);
        }
    }
}
