//! Frames of QR codes, in any order. docs/offline-qr.md §4

use std::sync::LazyLock;

use proximity::{
    CompleteError, FRAME_BYTES, FrameCollector, FrameKind, FrameSource, MAX_SYMBOLS, Progress, ProgressState,
    SYMBOL_BYTES,
};

use super::Target;
use crate::{Dice, Reached};

pub(super) const TARGET: Target = Target {
    name: "qr-frame",
    asserts: "what is no frame changes nothing; whatever is complete was sent, and at least as many of the frames \
              that came as it needs are those that its sender makes of it; a message comes back whatever was lost, \
              doubled or altered on the way, once its own frames come",
    body,
    seeds: inputs,
};

const KINDS: [FrameKind; 2] = [FrameKind::Challenge, FrameKind::Answer];
const HASH_BYTES: usize = 32;
const LONGEST: usize = MAX_SYMBOLS * SYMBOL_BYTES - HASH_BYTES;

/// What is in the films.
static SENT: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let message = |length: usize| {
        (0..length)
            .map(|number| (number * 7 + number / 256) as u8)
            .collect::<Vec<u8>>()
    };
    [1, 480, 481, 1500].map(message).to_vec()
});

fn inputs() -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for (message, kind) in SENT.iter().zip(KINDS.into_iter().cycle()) {
        let source = FrameSource::new(kind, message).unwrap();
        // All that is needed, the same from recovery symbols, and one with a gap and a stranger between.
        all.push(source.sheet().concat());
        all.push(
            source
                .cycle()
                .skip(source.needed() + 5)
                .take(source.needed())
                .flatten()
                .copied()
                .collect(),
        );
        let other = FrameSource::new(kind, b"another message").unwrap();
        let mixed = source
            .cycle()
            .step_by(3)
            .take(source.needed() + 1)
            .chain(other.frames().get(..2).unwrap());
        all.push(mixed.flatten().copied().collect());
        all.push([b"\xff\0\0\0\0\0\0\x01".as_slice(), message].concat());
    }
    all.push([b"\xff\0\0\0\0\0\0\x02".as_slice(), &[3; LONGEST]].concat());
    all
}

/// A film begins as a frame does; everything else is a message with the chances of its way.
fn body(input: &[u8]) -> Reached {
    if input.first().is_some_and(|first| first >> 4 == 1) {
        let reached = KINDS.map(|kind| film(input, kind));
        return reached.into_iter().max().unwrap();
    }
    match input.split_first_chunk() {
        Some((chance, message)) => sent(message, &mut Dice::new(u64::from_be_bytes(*chance))),
        None => Reached::Refused,
    }
}

fn film(input: &[u8], kind: FrameKind) -> Reached {
    let mut collector = FrameCollector::new(kind);
    let mut taken: Vec<&[u8]> = Vec::new();
    for frame in input.chunks(FRAME_BYTES) {
        let before = state(&collector);
        match collector.accept(frame) {
            Ok(progress) => {
                check_progress(&collector, progress);
                taken.push(frame);
            }
            Err(_) => assert_eq!(state(&collector), before, "changed by what is no frame"),
        }
        if before.is_ok() {
            assert_eq!(state(&collector), before, "changed after it was complete");
        }
    }
    let Ok(message) = collector.complete() else {
        return if taken.is_empty() {
            Reached::Refused
        } else {
            Reached::Read
        };
    };
    let known = SENT.iter().any(|sent| sent == message) || message == b"another message";
    assert!(known, "complete, and nobody sent it");
    let source = FrameSource::new(kind, message).unwrap();
    let own = source.frames().iter().filter(|frame| taken.contains(&frame.as_slice()));
    assert!(
        own.count() >= source.needed(),
        "complete with fewer frames than it needs"
    );
    Reached::Accepted
}

fn state(collector: &FrameCollector) -> Result<Vec<u8>, CompleteError> {
    collector.complete().map(<[u8]>::to_vec)
}

fn check_progress(collector: &FrameCollector, progress: Progress) {
    assert!((1..=MAX_SYMBOLS).contains(&progress.needed));
    assert!((1..=progress.needed).contains(&progress.received));
    let complete = state(collector);
    match progress.state {
        ProgressState::Collecting => assert_eq!(complete, Err(CompleteError::Incomplete)),
        ProgressState::Altered => assert_eq!(complete, Err(CompleteError::Altered)),
        ProgressState::Complete => assert!(complete.is_ok()),
    }
}

/// Sends a message over a bad way, and then over a good one.
fn sent(message: &[u8], dice: &mut Dice) -> Reached {
    let kind = KINDS[dice.below(2)];
    let Ok(source) = FrameSource::new(kind, message) else {
        assert!(message.is_empty() || message.len() > LONGEST);
        return Reached::Refused;
    };
    assert_eq!(source.needed(), (message.len() + HASH_BYTES).div_ceil(SYMBOL_BYTES));
    let mut collector = FrameCollector::new(kind);
    for _ in 0..dice.below(3 * source.needed() + 1) {
        let mut frame = *dice.pick(source.frames()).unwrap();
        if dice.once_in(6) {
            frame[dice.below(FRAME_BYTES)] ^= 1 << dice.below(8);
        }
        if let Ok(progress) = collector.accept(&frame) {
            check_progress(&collector, progress);
        }
        if let Ok(complete) = collector.complete() {
            assert_eq!(complete, message, "complete, and another message");
        }
    }
    let first = dice.below(source.frames().len());
    for frame in source.cycle().skip(first).take(source.frames().len()) {
        assert!(collector.accept(frame).is_ok());
    }
    assert_eq!(collector.complete(), Ok(message), "a good way does not mend it");
    Reached::Accepted
}
