//! From frames in any order to the message. docs/offline-qr.md §4

use sha2::{Digest, Sha256};
use thiserror::Error;

use super::HASH_BYTES;
use super::frame::{Frame, FrameError, FrameId, FrameKind, Header};
use super::reed_solomon::{self, Symbol};

/// Messages that are collected at the same time.
const SETS: usize = 4;

/// Takes frames until one message is complete. Holds at most 4 times 48 symbols.
#[derive(Clone, Debug)]
pub struct FrameCollector {
    kind: FrameKind,
    /// The one that waited longest for a frame comes first.
    sets: Vec<Set>,
    complete: Option<(Progress, Vec<u8>)>,
}

/// How far the message of a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Which message.
    pub id: FrameId,
    /// Different frames held, at most `needed`.
    pub received: usize,
    /// How many give the message.
    pub needed: usize,
    /// What has become of it.
    pub state: ProgressState,
}

/// What has become of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProgressState {
    /// Frames are missing.
    Collecting,
    /// There are enough frames, and the hash does not hold: one of them was altered. More frames
    /// can mend it.
    Altered,
    /// The message is there.
    Complete,
}

/// Why there is no message yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CompleteError {
    /// Frames are missing.
    #[error("frames are missing")]
    Incomplete,
    /// There are enough frames, and the hash does not hold.
    #[error("a frame was altered")]
    Altered,
}

/// The frames of one message.
#[derive(Clone, Debug)]
struct Set {
    header: Header,
    /// The newest comes last; no index twice.
    held: Vec<(usize, Box<Symbol>)>,
    altered: bool,
}

impl FrameCollector {
    /// Nothing collected.
    pub fn new(kind: FrameKind) -> Self {
        Self {
            kind,
            sets: Vec::new(),
            complete: None,
        }
    }

    /// Takes one frame, in any order and as often as it comes. Once a message is complete, frames
    /// change nothing any more.
    ///
    /// # Errors
    /// [`FrameError`]; the collector is as it was.
    pub fn accept(&mut self, frame: &[u8]) -> Result<Progress, FrameError> {
        let frame = Frame::parse(frame)?;
        if frame.header.kind != self.kind {
            return Err(FrameError::Kind);
        }
        if let Some((progress, _)) = &self.complete {
            return Ok(*progress);
        }
        let known = self.sets.iter().position(|set| set.header == frame.header);
        let mut set = match known {
            Some(place) => self.sets.remove(place),
            None => Set::new(frame.header),
        };
        if set.put(usize::from(frame.index), frame.symbol)
            && let Some(message) = set.message()
        {
            let progress = set.progress(ProgressState::Complete);
            self.sets.clear();
            self.complete = Some((progress, message));
            return Ok(progress);
        }
        let state = if set.altered {
            ProgressState::Altered
        } else {
            ProgressState::Collecting
        };
        let progress = set.progress(state);
        self.sets.push(set);
        if self.sets.len() > SETS {
            self.sets.remove(0);
        }
        Ok(progress)
    }

    /// The message, once its hash held.
    ///
    /// # Errors
    /// [`CompleteError`]
    pub fn complete(&self) -> Result<&[u8], CompleteError> {
        match &self.complete {
            Some((_, message)) => Ok(message),
            None if self.sets.last().is_some_and(|set| set.altered) => Err(CompleteError::Altered),
            None => Err(CompleteError::Incomplete),
        }
    }

    /// Forgets everything, for the next message.
    pub fn reset(&mut self) {
        self.sets.clear();
        self.complete = None;
    }
}

impl Set {
    fn new(header: Header) -> Self {
        Self {
            header,
            held: Vec::new(),
            altered: false,
        }
    }

    /// Whether this is something new.
    fn put(&mut self, index: usize, symbol: &Symbol) -> bool {
        if let Some(place) = self.held.iter().position(|(known, _)| *known == index) {
            if self.held.get(place).is_some_and(|(_, known)| **known == *symbol) {
                return false;
            }
            self.held.remove(place);
        }
        self.held.push((index, Box::new(*symbol)));
        true
    }

    fn progress(&self, state: ProgressState) -> Progress {
        let needed = self.header.needed();
        Progress {
            id: self.header.id,
            received: self.held.len().min(needed),
            needed,
            state,
        }
    }

    /// The message from the newest k frames; where its hash does not hold and there are more, also
    /// without one of those. That is at most k+1 times the work of decoding.
    fn message(&mut self) -> Option<Vec<u8>> {
        let more = self.held.len().checked_sub(self.header.needed())?;
        let mut message = self.decode(None);
        if message.is_none() && more > 0 {
            message = (more..self.held.len()).find_map(|left_out| self.decode(Some(left_out)));
        }
        self.altered = message.is_none();
        message
    }

    fn decode(&self, left_out: Option<usize>) -> Option<Vec<u8>> {
        let needed = self.header.needed();
        let mut newest = Vec::with_capacity(needed);
        for (place, (index, symbol)) in self.held.iter().enumerate().rev() {
            if Some(place) != left_out && newest.len() < needed {
                newest.push((*index, &**symbol));
            }
        }
        if newest.len() < needed {
            return None;
        }
        let block: Vec<u8> = reed_solomon::restore(needed, &newest)?.concat();
        let (used, fill) = block.split_at_checked(self.header.block_bytes())?;
        let (hash, message) = used.split_first_chunk::<HASH_BYTES>()?;
        let holds = <[u8; HASH_BYTES]>::from(Sha256::digest(message)) == *hash
            && hash.starts_with(&self.header.id.0)
            && fill.iter().all(|byte| *byte == 0);
        holds.then(|| message.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{FRAME_BYTES, FrameSource};

    fn message(length: usize) -> Vec<u8> {
        (0..length).map(|number| (number * 7 + number / 256) as u8).collect()
    }

    fn source(length: usize) -> FrameSource {
        FrameSource::new(FrameKind::Answer, &message(length)).unwrap()
    }

    fn altered(frame: &[u8; FRAME_BYTES]) -> [u8; FRAME_BYTES] {
        let mut altered = *frame;
        altered[100] ^= 1;
        altered
    }

    #[test]
    fn progress_counts_different_frames() {
        let source = source(1500);
        let mut collector = FrameCollector::new(FrameKind::Answer);
        assert_eq!(collector.complete(), Err(CompleteError::Incomplete));
        let mut states = Vec::new();
        for index in [0, 0, 20, 3, 3] {
            let progress = collector.accept(&source.frames()[index]).unwrap();
            states.push((progress.received, progress.needed));
        }
        assert_eq!(states, [(1, 3), (1, 3), (2, 3), (3, 3), (3, 3)]);
        assert_eq!(collector.complete().unwrap(), message(1500));
        collector.reset();
        assert_eq!(collector.complete(), Err(CompleteError::Incomplete));
    }

    #[test]
    fn an_altered_frame_has_an_error_of_its_own_and_others_mend_it() {
        let source = source(1500);
        let frames = source.frames();
        let mut collector = FrameCollector::new(FrameKind::Answer);
        for frame in [altered(&frames[0]), frames[1]] {
            collector.accept(&frame).unwrap();
        }
        let progress = collector.accept(&frames[2]).unwrap();
        assert_eq!(progress.state, ProgressState::Altered);
        assert_eq!(collector.complete(), Err(CompleteError::Altered));
        assert_eq!(collector.accept(&frames[5]).unwrap().state, ProgressState::Complete);
        assert_eq!(collector.complete().unwrap(), message(1500));
    }

    #[test]
    fn the_right_frame_takes_the_place_of_the_altered_one() {
        let source = source(1500);
        let frames = source.frames();
        let mut collector = FrameCollector::new(FrameKind::Answer);
        for frame in [altered(&frames[0]), frames[1], frames[2]] {
            collector.accept(&frame).unwrap();
        }
        assert_eq!(collector.accept(&frames[0]).unwrap().state, ProgressState::Complete);
    }

    #[test]
    fn many_altered_frames_are_mended_by_k_right_ones() {
        let source = source(4000);
        let frames = source.frames();
        let mut collector = FrameCollector::new(FrameKind::Answer);
        for frame in &frames[..8] {
            collector.accept(&altered(frame)).unwrap();
        }
        assert_eq!(collector.complete(), Err(CompleteError::Altered));
        for frame in &frames[10..10 + source.needed()] {
            collector.accept(frame).unwrap();
        }
        assert_eq!(collector.complete().unwrap(), message(4000));
    }

    #[test]
    fn what_fills_up_is_zero() {
        let source = source(100);
        let mut frame = source.frames()[0];
        frame[FRAME_BYTES - 1] = 1;
        let mut collector = FrameCollector::new(FrameKind::Answer);
        assert_eq!(collector.accept(&frame).unwrap().state, ProgressState::Altered);
    }

    #[test]
    fn the_id_is_the_beginning_of_the_hash() {
        let mut frame = source(100).frames()[0];
        frame[3] ^= 1;
        let mut collector = FrameCollector::new(FrameKind::Answer);
        assert_eq!(collector.accept(&frame).unwrap().state, ProgressState::Altered);
    }

    #[test]
    fn frames_of_other_messages_and_of_another_k_disturb_nothing() {
        let (wanted, other) = (source(1500), source(1400));
        let mut wrong_k = wanted.frames()[0];
        wrong_k[5] = 2;
        let mut collector = FrameCollector::new(FrameKind::Answer);
        for index in 0..wanted.needed() {
            collector.accept(&wrong_k).unwrap();
            if index + 1 < other.needed() {
                collector.accept(&other.frames()[index]).unwrap();
            }
            collector.accept(&wanted.frames()[index]).unwrap();
        }
        assert_eq!(collector.complete().unwrap(), message(1500));
    }

    #[test]
    fn a_challenge_is_no_answer() {
        let challenge = FrameSource::new(FrameKind::Challenge, &message(10)).unwrap();
        let mut collector = FrameCollector::new(FrameKind::Answer);
        assert_eq!(collector.accept(&challenge.frames()[0]), Err(FrameError::Kind));
        assert_eq!(collector.complete(), Err(CompleteError::Incomplete));
    }

    #[test]
    fn at_most_four_messages_are_collected() {
        let mut collector = FrameCollector::new(FrameKind::Answer);
        let sources: Vec<FrameSource> = (0..20).map(|more| source(1500 + more)).collect();
        for source in &sources {
            collector.accept(&source.frames()[0]).unwrap();
        }
        assert_eq!(collector.sets.len(), SETS);
        // The first has been forgotten; the last four have not.
        let received = |collector: &mut FrameCollector, source: &FrameSource| {
            collector.accept(&source.frames()[1]).unwrap().received
        };
        assert_eq!(received(&mut collector, &sources[19]), 2);
        assert_eq!(received(&mut collector, &sources[0]), 1);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn any_k_frames_in_any_order_give_the_message(
            length in 1_usize..8161,
            order in Just((0..48_usize).collect::<Vec<_>>()).prop_shuffle(),
        ) {
            let source = source(length);
            let mut collector = FrameCollector::new(FrameKind::Answer);
            let shown = order.iter().filter(|index| **index < source.frames().len());
            for index in shown.take(source.needed()) {
                collector.accept(&source.frames()[*index]).unwrap();
            }
            let message = message(length);
            prop_assert_eq!(collector.complete(), Ok(message.as_slice()));
        }

        #[test]
        fn nothing_stops_the_collector(frames in prop::collection::vec((any::<[u8; 8]>(), any::<u8>()), 0..60)) {
            let mut collector = FrameCollector::new(FrameKind::Answer);
            for (header, fill) in frames {
                let mut frame = [fill; FRAME_BYTES];
                frame[..8].copy_from_slice(&header);
                // Mostly of one message, so that decoding begins.
                frame[0] = 0x12;
                frame[1..4].copy_from_slice(&[0; 3]);
                frame[5] = 1 + header[5] % 3;
                frame[6..8].copy_from_slice(&[1, 0]);
                let _ = collector.accept(&frame);
                prop_assert!(collector.sets.len() <= SETS);
            }
            prop_assert!(collector.complete().is_err());
        }
    }
}
