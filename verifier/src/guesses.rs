//! Guesses at tokens and sessions.

use std::net::IpAddr;

use jose::UnixTime;
use service::AddressLimit;

use crate::error::ApiError;

/// Wrong tokens and wrong ids of sessions, by who tries them. Only what is
/// wrong is counted and refused: whoever knows the token, or the session, is
/// heard whatever others behind the same address tried.
#[derive(Debug)]
pub struct Guesses {
    tokens: AddressLimit,
    sessions: AddressLimit,
}

impl Guesses {
    /// This many wrong ones of each kind from one address in ten minutes.
    pub fn new(most: u32) -> Self {
        Self {
            tokens: AddressLimit::new(most),
            sessions: AddressLimit::new(most),
        }
    }

    /// Counts a wrong token of the interface, and says what it is answered
    /// with.
    pub(crate) fn wrong_token(&self, address: Option<IpAddr>, now: UnixTime) -> ApiError {
        answer(&self.tokens, address, now, ApiError::Unauthorised)
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
