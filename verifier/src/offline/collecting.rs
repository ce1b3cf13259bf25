//! Frames of answers, until one is whole. docs/offline-qr.md §4

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use proximity::{FrameCollector, FrameKind, Progress, ProgressState};
use serde::Serialize;

/// Sessions for which frames are held; each takes 100 KB at most.
const MOST: usize = 64;

/// The collectors of open sessions. The one that waited longest for a frame makes room.
#[derive(Debug, Default)]
pub(crate) struct Collecting(Mutex<VecDeque<Known>>);

/// What is decoded for one session holds up no other.
#[derive(Debug)]
struct Known {
    session: String,
    collector: Arc<Mutex<Collector>>,
}

#[derive(Debug)]
struct Collector {
    frames: FrameCollector,
    progress: Option<Progress>,
}

/// How far the answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Frames {
    received: usize,
    needed: usize,
    state: State,
    /// Codes that are no frames of an answer.
    not_ours: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Collecting,
    Altered,
    Complete,
}

impl Collecting {
    /// Takes frames; gives the message too once it is whole. It may decode with each frame: not for
    /// a thread that serves.
    pub(crate) fn take(&self, session: &str, frames: &[Vec<u8>]) -> (Frames, Option<Vec<u8>>) {
        let collector = self.collector(session);
        let mut collector = collector.lock().unwrap_or_else(PoisonError::into_inner);
        let mut not_ours = 0;
        for frame in frames {
            match collector.frames.accept(frame) {
                Ok(progress) => collector.progress = Some(progress),
                Err(_) => not_ours += 1,
            }
        }
        let far = Frames::after(collector.progress, not_ours);
        let message = collector.frames.complete().ok().map(<[u8]>::to_vec);
        (far, message)
    }

    /// The collector of a session, which waits for a frame least of all from now on.
    fn collector(&self, session: &str) -> Arc<Mutex<Collector>> {
        let mut all = self.lock();
        let place = all.iter().position(|known| known.session == session);
        let known = place.and_then(|place| all.remove(place));
        let known = known.unwrap_or_else(|| Known::new(session));
        let collector = Arc::clone(&known.collector);
        all.push_back(known);
        if all.len() > MOST {
            all.pop_front();
        }
        collector
    }

    /// Forgets what came for a session: for the next message, and when it is over.
    pub(crate) fn forget(&self, session: &str) {
        self.lock().retain(|known| known.session != session);
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn new(session: &str) -> Self {
        let collector = Collector {
            frames: FrameCollector::new(FrameKind::Answer),
            progress: None,
        };
        Self {
            session: session.to_owned(),
            collector: Arc::new(Mutex::new(collector)),
        }
    }
}

impl Frames {
    fn after(progress: Option<Progress>, not_ours: usize) -> Self {
        Self {
            received: progress.map_or(0, |progress| progress.received),
            needed: progress.map_or(0, |progress| progress.needed),
            state: progress.map_or(State::Collecting, |progress| progress.state.into()),
            not_ours,
        }
    }
}

impl From<ProgressState> for State {
    fn from(state: ProgressState) -> Self {
        match state {
            ProgressState::Collecting => Self::Collecting,
            ProgressState::Altered => Self::Altered,
            ProgressState::Complete => Self::Complete,
        }
    }
}

#[cfg(test)]
mod tests {
    use proximity::FrameSource;

    use super::*;

    #[test]
    fn frames_of_one_session_are_no_frames_of_another_and_room_is_bounded() {
        let collecting = Collecting::default();
        let source = FrameSource::new(FrameKind::Answer, &[7; 1000]).unwrap();
        let frames: Vec<Vec<u8>> = source.sheet().iter().map(|frame| frame.to_vec()).collect();
        assert_eq!(frames.len(), 3);
        let (far, message) = collecting.take("a", &frames[..2]);
        assert_eq!((far.received, far.needed, message), (2, 3, None));
        let (far, message) = collecting.take("b", &frames[2..]);
        assert_eq!((far.received, far.state, message), (1, State::Collecting, None));
        let (far, message) = collecting.take("a", &[b"https://shop.example".to_vec(), frames[2].clone()]);
        assert_eq!((far.not_ours, far.state), (1, State::Complete));
        assert_eq!(message, Some(vec![7; 1000]));
        collecting.forget("a");
        assert_eq!(collecting.take("a", &frames[..1]).0.received, 1);
        for number in 0..MOST {
            collecting.take(&number.to_string(), &frames[..1]);
        }
        assert_eq!(collecting.lock().len(), MOST);
        assert!(!collecting.lock().iter().any(|known| known.session == "a"));
    }
}
