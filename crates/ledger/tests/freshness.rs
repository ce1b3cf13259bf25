//! Freshness of a checkpoint, from cosignature to verdict. docs/ledger.md §10

use ledger::{Age, Clock, FreshnessError, FreshnessLimit, UnverifiedBundle};
use testkit::{Cosignatures, Ledger};

const NOW: u64 = 1_763_640_000;

/// Quorum time of a bundle with these cosignatures.
fn time(ledger: &mut Ledger, cosignatures: &Cosignatures) -> u64 {
    let did = ledger.registrar().did().to_string();
    let bytes = ledger.bundle_with(&did, cosignatures);
    UnverifiedBundle::parse(&bytes)
        .unwrap()
        .verify(&ledger.trust_pack(), &did)
        .unwrap()
        .time()
}

#[test]
fn a_fast_witness_cannot_freshen_a_checkpoint() {
    let mut ledger = Ledger::new(NOW);
    let fast = Cosignatures {
        witnesses: [Some(NOW + 9999), Some(NOW), Some(NOW - 50)],
        mirror: Some(NOW),
    };
    assert_eq!(
        time(&mut ledger, &fast),
        NOW,
        "the second newest of three witnesses, and the mirror"
    );
}

#[test]
fn k15_one_cosignature_in_the_future_changes_nothing() {
    let mut ledger = Ledger::new(NOW);
    let future = Cosignatures {
        witnesses: [Some(NOW + 9999), Some(NOW), None],
        mirror: Some(NOW),
    };
    let clock = Clock {
        device: NOW,
        newest_seen: 0,
    };
    assert_eq!(
        clock.age(time(&mut ledger, &future), FreshnessLimit::ONLINE),
        Ok(Age(0))
    );
}

#[test]
fn a_slow_mirror_ages_a_checkpoint() {
    let mut ledger = Ledger::new(NOW);
    let slow = Cosignatures {
        witnesses: [Some(NOW); 3],
        mirror: Some(NOW - 700),
    };
    let clock = Clock {
        device: NOW,
        newest_seen: 0,
    };
    let refused = clock.age(time(&mut ledger, &slow), FreshnessLimit::ONLINE);
    assert_eq!(refused, Err(FreshnessError::Stale { age: Age(700) }));
}

#[test]
fn an_idle_log_stays_fresh_by_new_cosignatures() {
    let mut ledger = Ledger::new(NOW);
    let first = ledger.publish();
    ledger.set_now(NOW + 3600);
    let later = ledger.publish();
    assert_eq!(
        first.dangerous_checkpoint(),
        later.dangerous_checkpoint(),
        "not an entry more"
    );
    assert_eq!(time(&mut ledger, &Cosignatures::all(NOW + 3600)), NOW + 3600);
}

#[test]
fn k17_a_frozen_log_is_stale() {
    let mut ledger = Ledger::new(NOW);
    let time = time(&mut ledger, &Cosignatures::all(NOW));
    let clock = Clock {
        device: NOW + 24 * 3600 + 1,
        newest_seen: 0,
    };
    let refused = clock.age(time, FreshnessLimit::OFFLINE);
    assert_eq!(
        refused,
        Err(FreshnessError::Stale {
            age: Age(24 * 3600 + 1)
        })
    );
}

#[test]
fn k15_a_quorum_time_over_five_minutes_ahead_means_a_wrong_clock() {
    let mut ledger = Ledger::new(NOW);
    let time = time(&mut ledger, &Cosignatures::all(NOW + 301));
    let clock = Clock {
        device: NOW,
        newest_seen: 0,
    };
    assert_eq!(clock.age(time, FreshnessLimit::ONLINE), Err(FreshnessError::ClockWrong));
    assert_eq!(clock.age(time - 1, FreshnessLimit::ONLINE), Ok(Age(0)));
}
