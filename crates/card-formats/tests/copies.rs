//! Copies of one card cannot be told to belong together.

use std::collections::HashSet;

use testkit::credential::key;

use crate::sample::{NOW, issuer_key, samples, trusted};

#[test]
fn copies_say_the_same_and_share_nothing_that_is_random() {
    let issuer_key = issuer_key();
    for sample in samples() {
        let verified: Vec<_> = [20, 21, 22]
            .map(|number| {
                let holder = key(number);
                let received = sample.format.received(&sample.copy(holder.public(), number)).unwrap();
                received.verify(trusted(&issuer_key, NOW), holder.public()).unwrap()
            })
            .into();
        let mut marks = HashSet::new();
        for copy in &verified {
            assert_eq!(copy.values(), verified[0].values());
            let own = copy.marks();
            assert_eq!(own.is_empty(), !sample.withholds, "{:?}", sample.format);
            assert!(own.into_iter().all(|mark| marks.insert(mark)), "{:?}", sample.format);
        }
    }
}

#[test]
fn every_copy_is_as_long_as_the_others() {
    for sample in samples() {
        let lengths = [20, 21, 22].map(|number| sample.copy(key(number).public(), number).len());
        let spread = lengths.iter().max().unwrap() - lengths.iter().min().unwrap();
        assert!(spread <= sample.spread, "{:?}: {lengths:?}", sample.format);
    }
}
