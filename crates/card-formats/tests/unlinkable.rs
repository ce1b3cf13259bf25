//! Whoever sees two showings cannot tell whether they are of one person or of two.

use std::collections::HashSet;

use card_formats::Holder;
use jose::base64url;
use serde_json::{Value, json};
use testkit::credential::{key, signer};

use crate::sample::{NOW, Sample, binding, said, samples};

/// As much as cannot be the same by accident.
const WINDOW: usize = 12;
/// Where something that differs stands beside something that does not, a byte or two of it may be the same by accident;
/// an identifier of sixteen bytes would be in more than twenty windows.
const BY_ACCIDENT: usize = 8;

/// Every run of bytes in a presentation, once its parts are decoded.
fn windows(presentation: &str) -> HashSet<Vec<u8>> {
    let parts = presentation.split(['.', '~']);
    let bytes = parts.flat_map(|part| base64url::decode(part).unwrap_or_else(|_| part.as_bytes().to_vec()));
    let bytes: Vec<u8> = bytes.collect();
    bytes.windows(WINDOW).map(<[u8]>::to_vec).collect()
}

/// Shows the age of the copy of this number to one verifier.
fn shows(sample: &Sample, said: Value, number: u64) -> HashSet<Vec<u8>> {
    let (holder, answer_key) = (key(number), key(4));
    let copy = sample.copy_saying(said, holder.public(), number);
    let signer = signer(&holder);
    let by = Holder { key: &signer, now: NOW };
    let paths = [(sample.place)("age_over_18")];
    let held = sample.format.held(&copy).unwrap();
    windows(&held.present(&paths, binding(answer_key.public()), by).unwrap())
}

/// Somebody else, of whom the same is shown: where nothing can be withheld that is everything.
fn stranger(sample: &Sample) -> Value {
    if !sample.withholds {
        return said();
    }
    json!({
        "family_name": "Another",
        "given_name": "Person",
        "birth_date": "1971-02-03",
        "age_over_18": true,
        "categories": ["A"],
    })
}

#[test]
fn two_showings_of_one_person_share_nothing_that_those_of_two_people_do_not() {
    for sample in samples() {
        let (first, second) = (shows(&sample, said(), 20), shows(&sample, said(), 21));
        let other = shows(&sample, stranger(&sample), 22);
        let shared = |with: &HashSet<Vec<u8>>| {
            let both = first.intersection(with);
            both.filter(|window| !other.contains(*window)).count()
        };
        assert!(
            shared(&second) <= BY_ACCIDENT,
            "{:?}: {}",
            sample.format,
            shared(&second)
        );
        // One copy shown twice is recognised.
        let again = shows(&sample, said(), 20);
        assert!(shared(&again) > 10 * BY_ACCIDENT, "{:?}", sample.format);
    }
}
