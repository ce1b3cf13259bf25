//! Whether a registration certificate still counts: a status list for wallets that know no ledger. Each application has
//! a place of its own, so that what a later one took the place of counts no longer. docs/registration.md §4,
//! ETSI TS 119 475 clause 6.2.6, draft-ietf-oauth-status-list

use jose::UnixTime;
use status_list::{Bits, ListError, Status, StatusList, StatusReference};
use tokio::sync::Mutex;

use super::Portal;
use super::registration::STATUS_TIME_TO_LIVE;
use super::state::State;

/// Where the list is.
pub(super) const PATH: &str = "/portal/registrations.jwt";
/// Places of the list, at least: its length says nothing of how many there are.
const PLACES: u64 = 1 << 17;

/// The list that was served last, so that many readers cost one signature.
#[derive(Default)]
pub(super) struct ServedStatus(Mutex<Option<Served>>);

struct Served {
    places: Vec<(u64, Option<State>)>,
    signed_at: UnixTime,
    token: String,
}

/// Why there is no list.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StatusFailure {
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] sqlx::Error),
    /// A status does not fit into the list.
    #[error(transparent)]
    List(#[from] ListError),
    /// The registrar's key does not sign.
    #[error(transparent)]
    Sign(#[from] jose::SignError),
}

impl Portal {
    /// The place of an application's certificate.
    pub(crate) fn status_place(&self, index: u64) -> StatusReference {
        StatusReference::of_token(self.address(PATH), index)
    }

    /// The list as it is now, signed as the certificates are; not older than half its `ttl`.
    pub(crate) async fn registration_status(&self) -> Result<String, StatusFailure> {
        let inner = &self.inner;
        let mut served = inner.served_status.0.lock().await;
        let (places, now) = (inner.store.status_places().await?, self.now());
        let is_good = |last: &&Served| {
            let half = last.signed_at.saturating_add(STATUS_TIME_TO_LIVE / 2);
            last.places == places && (last.signed_at..half).contains(&now)
        };
        if let Some(last) = served.as_ref().filter(is_good) {
            return Ok(last.token.clone());
        }
        let token = inner.signer.sign_status(&list(&places)?, &self.address(PATH), now)?;
        *served = Some(Served {
            places,
            signed_at: now,
            token: token.clone(),
        });
        Ok(token)
    }
}

fn list(places: &[(u64, Option<State>)]) -> Result<StatusList, ListError> {
    let taken = places.iter().map(|(index, _)| index.saturating_add(1)).max();
    let mut list = StatusList::new(Bits::Two, PLACES.max(taken.unwrap_or_default()));
    for (index, state) in places {
        list.set(*index, status(*state))?;
    }
    Ok(list)
}

/// What is approved has a certificate once the ledger has it, a moment before it is called registered.
fn status(state: Option<State>) -> Status {
    match state {
        Some(State::Approved | State::Registered) => Status::Valid,
        Some(State::Suspended) => Status::Suspended,
        _ => Status::Invalid,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case(Some(State::Registered) => Status::Valid; "in force")]
    #[test_case(Some(State::Suspended) => Status::Suspended; "suspended")]
    #[test_case(Some(State::Replaced) => Status::Invalid; "replaced by a later one")]
    #[test_case(Some(State::Revoked) => Status::Invalid; "taken off")]
    #[test_case(Some(State::Expired) => Status::Invalid; "over")]
    #[test_case(None => Status::Invalid; "unknown")]
    fn what_the_list_says(state: Option<State>) -> Status {
        status(state)
    }

    #[test]
    fn the_list_is_as_long_for_few_as_for_many() {
        let few = list(&[(3, Some(State::Suspended))]).unwrap();
        assert_eq!((few.entries(), few.status(3)), (PLACES, Ok(Status::Suspended)));
        assert_eq!(few.status(4), Ok(Status::Valid));
        let many = list(&[(PLACES, Some(State::Revoked))]).unwrap();
        assert_eq!(many.status(PLACES), Ok(Status::Invalid));
    }
}
