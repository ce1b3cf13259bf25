//! Map heads.

use ledger::{MapHead, Rejection};
use testkit::Ledger;

use super::{NOW, changed};

#[test]
fn map_head_root() {
    let mut ledger = Ledger::new(NOW);
    let head = MapHead {
        root: [1; 32],
        ..ledger.sound_map_head()
    };
    assert_eq!(
        ledger.try_write(&ledger.map_head_leaf(&head)),
        Err(Rejection::MapHeadRoot)
    );
}

#[test]
fn map_head_size() {
    let mut ledger = Ledger::new(NOW);
    let sound = ledger.sound_map_head();
    let head = MapHead {
        size: sound.size + 1,
        ..sound
    };
    assert_eq!(
        ledger.try_write(&ledger.map_head_leaf(&head)),
        Err(Rejection::MapHeadSize)
    );
}

#[test]
fn map_head_time() {
    let mut ledger = Ledger::new(NOW);
    ledger.publish();
    let head = MapHead {
        time: NOW - 1,
        ..ledger.sound_map_head()
    };
    assert_eq!(
        ledger.try_write(&ledger.map_head_leaf(&head)),
        Err(Rejection::MapHeadTime)
    );
    let head = ledger.sound_map_head();
    assert!(
        ledger.try_write(&ledger.map_head_leaf(&head)).is_ok(),
        "the same second is not earlier"
    );
}

#[test]
fn map_heads_are_a_chain() {
    let mut ledger = Ledger::new(NOW);
    ledger.publish();
    let next = ledger.map_head_leaf(&ledger.sound_map_head());
    let again = changed(&next, |leaf| (leaf.seq, leaf.prev) = (0, None));
    assert!(matches!(
        ledger.try_write(&again),
        Err(Rejection::Conflict { head: Some(_) })
    ));
}

#[test]
fn a_map_head_does_not_change_the_map() {
    let mut ledger = Ledger::new(NOW);
    let before = ledger.sound_map_head().root;
    ledger.publish();
    assert_eq!(ledger.sound_map_head().root, before);
}
