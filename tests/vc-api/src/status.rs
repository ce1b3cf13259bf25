use std::sync::{Mutex, MutexGuard, PoisonError};

use w3c_vc::{Bitstring, StatusEntry, StatusPurpose};

use crate::Problem;

/// What the bits of every list mean here.
pub(crate) const PURPOSE: StatusPurpose = StatusPurpose::Revocation;

/// The status list of one issuer, and how far its places are given away.
pub(crate) struct PublishedList {
    url: String,
    places: Mutex<Places>,
}

struct Places {
    next: u64,
    bits: Bitstring,
}

impl PublishedList {
    /// A list under this URL, no bit set and no place given away.
    pub(crate) fn new(url: String) -> Self {
        let bits = Bitstring::new(Bitstring::FEWEST);
        let places = Mutex::new(Places { next: 0, bits });
        Self { url, places }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The next place, for one credential. A run of the suites comes nowhere near the end of the list.
    pub(crate) fn allot(&self) -> StatusEntry {
        let mut places = self.places();
        let index = places.next;
        places.next += 1;
        StatusEntry {
            purpose: PURPOSE,
            index,
            list: self.url.clone(),
        }
    }

    pub(crate) fn set(&self, index: u64, on: bool) -> Result<(), Problem> {
        let set = self.places().bits.set(index, on);
        set.map_err(|_| Problem::malformed("the list has no such place"))
    }

    pub(crate) fn bits(&self) -> Bitstring {
        self.places().bits.clone()
    }

    fn places(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
