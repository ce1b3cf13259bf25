//! Guesses at tokens, sessions and codes of invitations.

use std::net::IpAddr;

use jose::UnixTime;
use service::AddressLimit;

use crate::error::ApiError;

/// Wrong tokens, ids of sessions and codes, by who tries them. Only what is
/// wrong is counted and refused: whoever knows the token, or the session, is
/// heard whatever others behind the same address tried.
#[derive(Debug)]
pub struct Guesses {
    tokens: AddressLimit,
    sessions: AddressLimit,
    codes: AddressLimit,
}

impl Guesses {
    /// This many wrong ones of each kind from one address in ten minutes.
    pub fn new(most: u32) -> Self {
        Self {
            tokens: AddressLimit::new(most),
            sessions: AddressLimit::new(most),
            codes: AddressLimit::new(most),
        }
    }

    /// Counts a wrong token of the interface, and says what it is answered
    /// with.
    pub(crate) fn wrong_token(&self, address: Option<IpAddr>, now: UnixTime) -> ApiError {
        answer(&self.tokens, address, now, ApiError::Unauthorised)
    }

    /// Counts a code of no invitation, and says what it is answered with.
    pub(crate) fn wrong_code(&self, address: Option<IpAddr>, now: UnixTime) -> ApiError {
        answer(&self.codes, address, now, ApiError::WrongCode)
    }

    /// Counts an id of no session that a browser brought, and says what it is
    /// answered with.
    pub(crate) fn no_session(&self, address: Option<IpAddr>, now: UnixTime) -> ApiError {
        answer(&self.sessions, address, now, ApiError::NotFound)
    }
}

fn answer(limit: &AddressLimit, address: Option<IpAddr>, now: UnixTime, error: ApiError) -> ApiError {
    match limit.count(address, now) {
        Ok(()) => error,
        Err(retry_after) => ApiError::TooManyFromOne { retry_after },
    }
}
