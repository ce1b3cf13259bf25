//! The verifier's session: one request, at most one answer.
//! OpenID4VP 1.0 §14.1.1
//!
//! ```text
//! open → scanned → answered | refused
//!   └───────┴────→ expired
//! ```

use std::fmt;
use std::str::FromStr;

use jose::UnixTime;

/// Where a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SessionState {
    /// Nobody has fetched the request.
    Open,
    /// A wallet has fetched the request.
    Scanned,
    /// A response was taken; there is a verdict.
    Answered,
    /// The holder showed nothing.
    Refused,
    /// Time ran out.
    Expired,
}

/// A session as its moves see it; whoever stores it compares and swaps the
/// state, so that two answers cannot both win.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerifierSession {
    state: SessionState,
    expires_at: UnixTime,
}

/// Why a session cannot move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// The session has run out.
    #[error("the session has expired")]
    Expired,
    /// The session has its answer: a nonce is used once.
    #[error("the session is closed")]
    Closed,
}

/// Text that names no [`SessionState`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown session state")]
pub struct UnknownSessionState;

impl VerifierSession {
    /// A new session.
    pub fn open(expires_at: UnixTime) -> Self {
        Self {
            state: SessionState::Open,
            expires_at,
        }
    }

    /// A stored session.
    pub fn restore(state: SessionState, expires_at: UnixTime) -> Self {
        Self { state, expires_at }
    }

    /// Where it stands at that time: an open session whose time is over is
    /// expired, whether or not anyone has written that down.
    pub fn state(self, now: UnixTime) -> SessionState {
        match self.state {
            SessionState::Open | SessionState::Scanned if now >= self.expires_at => SessionState::Expired,
            state => state,
        }
    }

    /// When it ends.
    pub fn expires_at(self) -> UnixTime {
        self.expires_at
    }

    /// The request is fetched; once or several times makes no difference.
    pub fn scan(self, now: UnixTime) -> Result<Self, SessionError> {
        self.move_to(now, SessionState::Scanned)
    }

    /// A response is taken.
    pub fn answer(self, now: UnixTime) -> Result<Self, SessionError> {
        self.move_to(now, SessionState::Answered)
    }

    /// The holder shows nothing.
    pub fn refuse(self, now: UnixTime) -> Result<Self, SessionError> {
        self.move_to(now, SessionState::Refused)
    }

    fn move_to(self, now: UnixTime, next: SessionState) -> Result<Self, SessionError> {
        match self.state(now) {
            SessionState::Open | SessionState::Scanned => Ok(Self { state: next, ..self }),
            SessionState::Expired => Err(SessionError::Expired),
            SessionState::Answered | SessionState::Refused => Err(SessionError::Closed),
        }
    }
}

impl SessionState {
    const ALL: [Self; 5] = [Self::Open, Self::Scanned, Self::Answered, Self::Refused, Self::Expired];

    /// The word for the interface and the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Scanned => "scanned",
            Self::Answered => "answered",
            Self::Refused => "refused",
            Self::Expired => "expired",
        }
    }
}

impl fmt::Display for SessionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for SessionState {
    type Err = UnknownSessionState;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or(UnknownSessionState)
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test]
    fn a_session_answers_once() {
        let scanned = VerifierSession::open(100).scan(10).unwrap().scan(11).unwrap();
        let answered = scanned.answer(12).unwrap();
        assert_eq!(answered.state(1_000), SessionState::Answered);
        assert_eq!(answered.answer(13), Err(SessionError::Closed));
        assert_eq!(answered.refuse(13), Err(SessionError::Closed));
        assert_eq!(answered.scan(13), Err(SessionError::Closed));
    }

    #[test]
    fn a_refusal_is_final() {
        let refused = VerifierSession::open(100).refuse(10).unwrap();
        assert_eq!(refused.answer(11), Err(SessionError::Closed));
    }

    #[test_case(99 => Ok(SessionState::Answered) ; "one second before")]
    #[test_case(100 => Err(SessionError::Expired) ; "at the end")]
    fn expires(now: UnixTime) -> Result<SessionState, SessionError> {
        VerifierSession::open(100).answer(now).map(|session| session.state(now))
    }

    #[test]
    fn names_read_back() {
        for state in SessionState::ALL {
            assert_eq!(state.as_str().parse(), Ok(state));
        }
    }
}
