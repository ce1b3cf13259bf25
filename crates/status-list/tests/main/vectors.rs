//! The encodings of draft-ietf-oauth-status-list §4 and appendix D, and the token of §5.1: every
//! file of the specification's own examples.

use jose::strict_json::{self, Limits};
use jose::{Budget, OverBudget, PublicJwk, VerifyingKey, Work, base64url};
use proptest::prelude::*;
use serde_json::{Value, json};
use status_list::{Bits, ListError, OutOfRange, Status, StatusList, TokenError, UnverifiedToken};
use std::path::Path;
use test_case::test_case;
use testkit::vectors::Table;

const LIMIT: usize = 16 << 20;

/// What one file of the examples is for.
enum Example {
    /// A list in JSON: read, and compared with its values in `vectors.json`.
    Vector,
    /// A list in JSON with the byte array that it stands for.
    ByteArray,
    /// A signed token; refused under any other key, for any other list, and once it is changed.
    Token,
    /// The same token, decoded.
    DecodedToken,
    /// Not read here, and why.
    OutOfScope(&'static str),
}

const CBOR: Example = Example::OutOfScope("Status List Tokens of SD-JWT VC are JWT; CWT is not built");

/// Every file of the examples; one that is not named here fails the test.
fn example(name: &str) -> Option<Example> {
    Some(match name {
        "status_list_encoding1_long_json.md"
        | "status_list_encoding2_long_json.md"
        | "status_list_encoding4_json.md"
        | "status_list_encoding8_json.md" => Example::Vector,
        "status_list_encoding_json.md" | "status_list_encoding2_json.md" => Example::ByteArray,
        "status_list_jwt_raw.md" => Example::Token,
        "status_list_jwt.md" => Example::DecodedToken,
        "referenced_token_cwt.md"
        | "referenced_token_cwt_diag.md"
        | "status_list_cwt.md"
        | "status_list_cwt_diag.md"
        | "status_list_encoding1_long_cbor.md"
        | "status_list_encoding2_cbor.md"
        | "status_list_encoding2_cbor_diag.md"
        | "status_list_encoding2_long_cbor.md"
        | "status_list_encoding4_cbor.md"
        | "status_list_encoding8_cbor.md"
        | "status_list_encoding_cbor.md"
        | "status_list_encoding_cbor_diag.md" => CBOR,
        _ => return None,
    })
}

/// The public half of the key with which the specification signs its examples.
fn example_key() -> VerifyingKey {
    let jwk = json!({
        "kty": "EC", "crv": "P-256", "kid": "12", "use": "sig", "alg": "ES256",
        "x": "I3HWm_0Ds1dPMI-IWmf4mBmH-YaeAVbPVu7vB27CxXo",
        "y": "6N_d5Elj9bs1htgV3okJKIdbHEpkgTmAluYKJemzn1M",
    });
    VerifyingKey::new(&PublicJwk::parse(&jwk).unwrap()).unwrap()
}

fn inflated(limit: usize) -> Budget {
    Budget::NOTHING.allow(Work::Inflated, limit)
}

fn inflate(bits: Bits, bytes: &[u8], limit: usize) -> Result<StatusList, ListError> {
    StatusList::inflate(bits, bytes, &mut inflated(limit))
}

/// The list of an example file: JSON after one line of text, folded.
fn list(text: &str) -> StatusList {
    let json: Value =
        serde_json::from_str(&text[text.find('{').unwrap()..].replace("\n  ", "").replace('\n', "")).unwrap();
    let bits = Bits::try_from(json["bits"].as_u64().unwrap()).unwrap();
    inflate(bits, &base64url::decode(json["lst"].as_str().unwrap()).unwrap(), LIMIT).unwrap()
}

#[test]
fn every_example_of_the_specification() {
    let Some(folder) = testkit::vectors::folder("token-status-list") else {
        return;
    };
    let vectors: Value = serde_json::from_slice(&std::fs::read(folder.join("vectors.json")).unwrap()).unwrap();
    let mut table = Table::new("token-status-list");
    let mut names: Vec<String> = std::fs::read_dir(folder.join("examples"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    for name in names {
        let text = std::fs::read_to_string(folder.join("examples").join(&name)).unwrap();
        match example(&name).unwrap_or_else(|| panic!("{name} is not in the table")) {
            Example::Vector => {
                table.agrees("list", true);
                for _ in 0..vector(&vectors, &name, &list(&text)) {
                    table.agrees("status in a list", true);
                }
            }
            Example::ByteArray => {
                assert_eq!(list(&text).bytes(), byte_array(&text), "{name}");
                table.agrees("list", true);
            }
            // Refused under another key, for another list, after a change.
            Example::Token => {
                for _ in 0..token(&text, &folder) {
                    table.agrees("token", false);
                }
                table.agrees("token", true);
            }
            // Compared with the other by `token`.
            Example::DecodedToken => table.agrees("token", true),
            Example::OutOfScope(reason) => table.out_of_scope("CBOR", 1, reason),
        }
    }
    table.check(&[
        ("CBOR", [0, 0, 0, 12]),
        ("list", [6, 0, 0, 0]),
        ("status in a list", [293, 0, 0, 0]),
        ("token", [2, 3, 0, 0]),
    ]);
}

/// Compares a list with its values; how many those are.
fn vector(vectors: &Value, name: &str, list: &StatusList) -> usize {
    let is_of = |vector: &&Value| {
        let includes = vector["includes"].as_array().unwrap();
        includes.iter().any(|include| include.as_str().unwrap().ends_with(name))
    };
    let vector = vectors.as_array().unwrap().iter().find(is_of).unwrap();
    assert_eq!(u64::from(list.bits().number()), vector["bits"].as_u64().unwrap());
    assert_eq!(list.entries(), 1 << 20, "{name}");
    let values = vector["values"].as_object().unwrap();
    for (index, value) in values {
        let expected = Status::from(u8::try_from(value.as_u64().unwrap()).unwrap());
        assert_eq!(list.status(index.parse().unwrap()), Ok(expected), "{name} {index}");
    }
    let marked = (0..list.entries())
        .filter(|index| list.status(*index) != Ok(Status::Valid))
        .count();
    let expected = values.values().filter(|value| value.as_u64() != Some(0)).count();
    assert_eq!(marked, expected, "nothing else is marked in {name}");
    values.len()
}

/// Verifies the signed example, and what it must not be taken for; how many of those there are.
fn token(raw: &str, folder: &Path) -> usize {
    let compact = raw.replace('\n', "");
    let verify = |compact: &str, key: &VerifyingKey, uri: &str| {
        UnverifiedToken::parse(compact).and_then(|token| token.verify(key, uri, 1_686_920_170))
    };
    let uri = "https://example.com/statuslists/1";
    let read = verify(&compact, &example_key(), uri).unwrap();
    assert_eq!(read.list().bytes(), [0xb9, 0xa3]);
    assert_eq!(read.refresh_at(), Some(1_686_920_170 + 43_200));
    let payload = base64url::decode(compact.split('.').nth(1).unwrap()).unwrap();
    let mut payload = strict_json::parse(&payload, &Limits::MESSAGE).unwrap();
    payload.as_object_mut().unwrap().remove("iss");
    let decoded = std::fs::read_to_string(folder.join("examples/status_list_jwt.md")).unwrap();
    let decoded: Value = serde_json::from_str(decoded.split_once("\n.\n").unwrap().1).unwrap();
    assert_eq!(payload, decoded);

    let other = json!({ "kty": "EC", "crv": "P-256",
        "x": "b28d4MwZMjw8-00CG4xfnn9SLMVMM19SlqZpVb_uNtQ",
        "y": "Xv5zWwuoaTgdS6hV43yI6gBwTnjukmFQQnJ_kCxzqk8" });
    let other = VerifyingKey::new(&PublicJwk::parse(&other).unwrap()).unwrap();
    let changed = compact.replacen("NDMyMDB9.", "NDMyMDF9.", 1);
    assert_ne!(changed, compact);
    let refused = [
        verify(&compact, &other, uri),
        verify(&compact, &example_key(), "https://example.com/statuslists/2"),
        verify(&changed, &example_key(), uri),
    ];
    assert!(matches!(
        refused.each_ref().map(|result| result.as_ref().unwrap_err()),
        [TokenError::Jws(_), TokenError::Subject, TokenError::Jws(_)]
    ));
    refused.len()
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
    assert_eq!(
        inflate(Bits::One, &bomb, LIMIT),
        Err(ListError::OverBudget(OverBudget(Work::Inflated)))
    );
    let fits = StatusList::from_bytes(Bits::One, vec![0; LIMIT]).deflate();
    assert_eq!(inflate(Bits::One, &fits, LIMIT).unwrap().bytes().len(), LIMIT);
    let large = StatusList::from_bytes(Bits::One, vec![0; 200_000]);
    assert_eq!(inflate(Bits::One, &large.deflate(), usize::MAX), Ok(large));
}

#[test]
fn a_list_that_was_cut_off_changed_or_lengthened_is_refused() {
    let whole = StatusList::from_bytes(Bits::One, (0..=255).collect()).deflate();
    for cut in 0..whole.len() {
        assert_eq!(
            inflate(Bits::One, &whole[..cut], LIMIT),
            Err(ListError::Compression),
            "{cut}"
        );
    }
    let mut longer = whole.clone();
    longer.push(0);
    assert_eq!(inflate(Bits::One, &longer, LIMIT), Err(ListError::Compression));
    let mut checksum = whole;
    *checksum.last_mut().unwrap() ^= 1;
    assert_eq!(inflate(Bits::One, &checksum, LIMIT), Err(ListError::Compression));
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
        let read = inflate(bits, &list.deflate(), LIMIT).unwrap();
        prop_assert_eq!(&read, &list);
        for (index, value) in (0..).zip(model) {
            prop_assert_eq!(read.status(index), Ok(Status::from(value)));
        }
    }

    #[test]
    fn no_bytes_break_inflation_or_pass_the_limit(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(list) = inflate(Bits::Two, &bytes, 1024) {
            prop_assert!(list.bytes().len() <= 1024);
        }
    }
}
