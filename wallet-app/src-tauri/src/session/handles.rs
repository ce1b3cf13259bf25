//! What the window may act on, by one-time names. All of it ends with the open wallet.

use super::Slot;
use crate::dto::{Received, Shared};
use crate::error::WalletError;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use wallet::{ArrivalId, OpenChallenge, OpenOffer, OpenRequest, OsRandom, ShownAnswer, Unanswerable};

/// A request that was shown, and until when it may be answered.
#[derive(Debug)]
pub(crate) struct ShownRequest {
    pub(crate) request: OpenRequest,
    pub(crate) until: u64,
}

/// How a request was answered.
#[derive(Clone, Debug)]
pub(crate) enum Answered {
    /// The person agreed.
    Shared(Shared),
    /// The person refused.
    Refused,
}

/// What the person said of cards that came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decided {
    /// "Yes, this is me."
    Kept,
    /// "No."
    Rejected,
}

/// Something with a handle.
#[derive(Clone, Debug)]
pub(crate) enum Held {
    /// An offer.
    Offer(Arc<Slot<OpenOffer, Received>>),
    /// A request.
    Request(Arc<Slot<ShownRequest, Answered>>),
    /// A challenge, and then the codes that answer it.
    Challenge(Arc<Slot<OpenChallenge, Arc<ShownAnswer>>>),
    /// A request that no card answers.
    Unanswerable(Arc<Slot<Box<Unanswerable>, ()>>),
    /// Cards that came and wait for an answer.
    Arrival(Arc<Slot<ArrivalId, Decided>>),
}

/// Handles at most; of more the oldest are closed.
const MOST: usize = 64;

/// The things of one open wallet.
#[derive(Debug, Default)]
pub(crate) struct Handles {
    held: Mutex<VecDeque<(String, Held)>>,
}

impl Handles {
    pub(crate) fn offer(&self, offer: OpenOffer) -> String {
        self.keep(fresh(), Held::Offer(Arc::new(Slot::new(offer))))
    }

    /// The same question may be opened again, for more time; then the earlier handle is as good as gone.
    pub(crate) fn request(&self, request: ShownRequest) -> String {
        let same = |shown: &ShownRequest| shown.request.asks_the_same(&request.request);
        self.lock()
            .retain(|(_, held)| !matches!(held, Held::Request(slot) if slot.waits_with(same)));
        self.keep(fresh(), Held::Request(Arc::new(Slot::new(request))))
    }

    /// The same: scanned again, the earlier handle is as good as gone.
    pub(crate) fn challenge(&self, challenge: OpenChallenge) -> String {
        let same = |waiting: &OpenChallenge| waiting.asks_the_same(&challenge);
        self.lock()
            .retain(|(_, held)| !matches!(held, Held::Challenge(slot) if slot.waits_with(same)));
        self.keep(fresh(), Held::Challenge(Arc::new(Slot::new(challenge))))
    }

    pub(crate) fn unanswerable(&self, request: Box<Unanswerable>) -> String {
        self.keep(fresh(), Held::Unanswerable(Arc::new(Slot::new(request))))
    }

    /// Cards that came keep their name: the wallet tells of them more than once.
    pub(crate) fn arrival(&self, id: ArrivalId) -> String {
        let handle = id.as_str().to_owned();
        match self.find(&handle) {
            Ok(_) => handle,
            Err(_) => self.keep(handle, Held::Arrival(Arc::new(Slot::new(id)))),
        }
    }

    /// What a handle names.
    pub(crate) fn find(&self, handle: &str) -> Result<Held, WalletError> {
        let held = self.lock();
        let found = held.iter().find(|(name, _)| name == handle);
        found.map(|(_, held)| held.clone()).ok_or_else(WalletError::handle_gone)
    }

    /// Everything that has a handle; from now on nothing has.
    pub(crate) fn drain(&self) -> Vec<Held> {
        self.lock().drain(..).map(|(_, held)| held).collect()
    }

    /// Forgets it.
    pub(crate) fn forget(&self, handle: &str) {
        self.lock().retain(|(name, _)| name != handle);
    }

    fn keep(&self, handle: String, thing: Held) -> String {
        let mut held = self.lock();
        if held.len() == MOST {
            held.pop_front();
        }
        held.push_back((handle.clone(), thing));
        handle
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<(String, Held)>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn fresh() -> String {
    URL_SAFE_NO_PAD.encode(OsRandom::bytes::<16>())
}
