//! Sessions as they were opened, held in memory until something happens to them.
//!
//! The file is the truth: it has a session before this has it, and this forgets it before the file changes. What a
//! wallet asks for can then be answered without a query, and the key need not be read again. That a request was fetched
//! is noted here alone where nothing depends on it: after a restart *scanned* is *open* again.
//!
//! How a session ended is held, too, until its business has asked for it once, which most do at once; not where a claim
//! is kept, which is in the file alone, nor where the outcome waits for a browser.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jose::UnixTime;
use oid4vp::{SessionState, VerifierSession};

use super::{NewSession, Session};

/// Most sessions held; those beyond it are read from the file.
const MOST: usize = 10_000;
/// Where so many are held, no outcome is: there must be room for those that are open.
const MOST_WITH_ENDED: usize = MOST / 2;

/// The sessions to which nothing has happened yet, and outcomes that nobody has asked for. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Fresh(Arc<Mutex<Sessions>>);

#[derive(Default)]
struct Sessions {
    by_id: HashMap<String, Session>,
    /// The ids, by what the wallet knows.
    ids: HashMap<String, String>,
}

impl Fresh {
    /// Holds a session that is in the file.
    pub(super) fn hold(&self, session: &NewSession) {
        let mut held = self.lock();
        if held.by_id.len() < MOST {
            held.ids
                .insert(session.wallet_id.as_str().to_owned(), session.id.clone());
            held.by_id.insert(session.id.clone(), Session::opened(session));
        }
    }

    /// Holds a session that has ended, as it is in the file; for its business alone.
    pub(super) fn hold_ended(&self, session: Session) {
        let mut held = self.lock();
        if held.by_id.len() < MOST_WITH_ENDED {
            held.by_id.insert(session.id.clone(), session);
        }
    }

    /// The session that the business knows by this id, if it is held; one that has ended is held no longer then.
    pub(super) fn session(&self, id: &str) -> Option<Session> {
        let mut held = self.lock();
        if held.by_id.get(id)?.answer.is_some() {
            return held.take(id);
        }
        held.by_id.get(id).cloned()
    }

    /// The session that the wallet knows by this id, if it is held.
    pub(super) fn wallet_session(&self, wallet_id: &str) -> Option<Session> {
        let held = self.lock();
        held.ids.get(wallet_id).and_then(|id| held.by_id.get(id)).cloned()
    }

    /// Notes that a wallet has fetched the request. `false` where it must be noted in the file: the session is not
    /// held, or it is on the same device, where no browser is bound any more once a wallet has seen the request.
    pub(super) fn mark_scanned(&self, id: &str) -> bool {
        match self.lock().by_id.get_mut(id) {
            Some(session) if session.same_device.is_none() && session.answer.is_none() => {
                session.progress = VerifierSession::restore(SessionState::Scanned, session.progress.expires_at());
                true
            }
            _ => false,
        }
    }

    /// Forgets a session that is about to change in the file; gives it as it was held.
    pub(super) fn forget(&self, id: &str) -> Option<Session> {
        self.lock().take(id)
    }

    /// Forgets, with their keys, those that are over.
    pub(super) fn sweep(&self, now: UnixTime) {
        let mut held = self.lock();
        held.by_id.retain(|_, session| session.progress.expires_at() > now);
        let Sessions { by_id, ids } = &mut *held;
        ids.retain(|_, id| by_id.contains_key(id));
    }

    fn lock(&self) -> MutexGuard<'_, Sessions> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sessions {
    fn take(&mut self, id: &str) -> Option<Session> {
        let session = self.by_id.remove(id)?;
        self.ids.remove(session.wallet_id.as_str());
        Some(session)
    }
}

impl fmt::Debug for Fresh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fresh")
    }
}

#[cfg(test)]
pub(super) mod tests {
    use jose::PrivateJwk;
    use oid4vp::{Nonce, SessionState, State};

    use super::{Fresh, MOST, MOST_WITH_ENDED};
    use crate::store::{NewSession, SameDevice, Session};
    use crate::verdict::{Ages, Judgement, Reason};

    pub(in crate::store) fn new(id: &str, expires_at: u64, same_device: Option<SameDevice>) -> NewSession {
        let mut random = service::random::fill;
        NewSession {
            id: id.to_owned(),
            wallet_id: State::generate(&mut random),
            business: "main".to_owned(),
            check_id: "adult".to_owned(),
            agreed: [0; 32],
            retention_days: 0,
            nonce: Nonce::generate(&mut random),
            encryption_key: None,
            created_at: 100,
            expires_at,
            same_device,
            operator: None,
            return_url: None,
            challenge: None,
        }
    }

    #[test]
    fn a_session_is_held_under_both_names_until_it_changes() {
        let fresh = Fresh::default();
        let mut opened = new("a", 400, None);
        opened.encryption_key = Some(PrivateJwk::generate_p256(&mut service::random::fill));
        fresh.hold(&opened);
        let held = fresh.session("a").unwrap();
        assert_eq!(held.nonce, opened.nonce);
        assert_eq!(held.progress.state(100), SessionState::Open);
        assert!(held.encryption_key.is_some() && held.answer.is_none());
        assert_eq!(fresh.wallet_session(opened.wallet_id.as_str()).unwrap().id, "a");
        fresh.forget("a");
        assert!(fresh.session("a").is_none());
        assert!(fresh.wallet_session(opened.wallet_id.as_str()).is_none());
        assert!(fresh.lock().ids.is_empty());
    }

    #[test]
    fn what_has_ended_is_held_until_it_was_asked_for_and_takes_no_room_of_what_is_open() {
        let fresh = Fresh::default();
        let ended = |id: &str| {
            let judgement = Judgement::of(Reason::Ok, Ages::default());
            Session::opened(&new(id, 400, None)).ended(SessionState::Answered, &judgement)
        };
        fresh.hold_ended(ended("a"));
        assert!(!fresh.mark_scanned("a"));
        let told = fresh.session("a").unwrap();
        assert!(told.answer.is_some());
        assert_eq!(told.progress.state(100), SessionState::Answered);
        assert!(fresh.session("a").is_none() && fresh.lock().ids.is_empty());
        for number in 0..MOST {
            fresh.hold_ended(ended(&number.to_string()));
        }
        assert_eq!(fresh.lock().by_id.len(), MOST_WITH_ENDED);
    }

    #[test]
    fn only_on_another_device_is_a_scan_noted_here() {
        let fresh = Fresh::default();
        let same_device = SameDevice {
            browser_secret: "secret".to_owned(),
            response_code: "code".to_owned(),
        };
        fresh.hold(&new("cross", 400, None));
        fresh.hold(&new("same", 400, Some(same_device)));
        assert!(fresh.mark_scanned("cross"));
        assert!(!fresh.mark_scanned("same"));
        assert!(!fresh.mark_scanned("unknown"));
        assert_eq!(
            fresh.session("cross").unwrap().progress.state(100),
            SessionState::Scanned
        );
        assert_eq!(fresh.session("same").unwrap().progress.state(100), SessionState::Open);
    }

    #[test]
    fn what_is_over_is_forgotten_and_no_more_are_held_than_allowed() {
        let fresh = Fresh::default();
        fresh.hold(&new("over", 300, None));
        for number in 0..MOST {
            fresh.hold(&new(&number.to_string(), 400, None));
        }
        assert_eq!(fresh.lock().by_id.len(), MOST);
        fresh.sweep(300);
        let held = fresh.lock();
        assert_eq!((held.by_id.len(), held.ids.len()), (MOST - 1, MOST - 1));
        assert!(!held.by_id.contains_key("over"));
    }
}
