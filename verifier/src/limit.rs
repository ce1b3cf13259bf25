//! How often one address may do something.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

use jose::UnixTime;

use crate::error::ApiError;

/// For how long times are counted, in seconds.
const WINDOW: UnixTime = 600;
/// Most addresses remembered; beyond it, those whose window is over are
/// forgotten, and if there are none, nobody new may.
const MOST_ADDRESSES: usize = 10_000;

/// Counts by address, in windows of ten minutes.
#[derive(Debug)]
pub(crate) struct Limit {
    most: u32,
    counts: Mutex<HashMap<Option<IpAddr>, Count>>,
}

#[derive(Debug, Clone, Copy)]
struct Count {
    since: UnixTime,
    times: u32,
}

/// Guesses at sessions and tokens: whoever is wrong too often is not listened
/// to for a while, whatever they say.
#[derive(Debug)]
pub struct Guesses(Limit);

impl Guesses {
    /// This many wrong ones from one address in ten minutes.
    pub fn new(most: u32) -> Self {
        Self(Limit::new(most))
    }

    /// Refuses an address that was wrong too often.
    pub(crate) fn listen(&self, address: Option<IpAddr>, now: UnixTime) -> Result<(), ApiError> {
        self.0.look(address, now).map_err(too_many)
    }

    /// Counts a wrong one, and says what it is answered with.
    pub(crate) fn wrong(&self, address: Option<IpAddr>, now: UnixTime, error: ApiError) -> ApiError {
        match self.0.count(address, now) {
            Ok(()) => error,
            Err(retry_after) => too_many(retry_after),
        }
    }
}

fn too_many(retry_after: u32) -> ApiError {
    ApiError::TooManyFromOne { retry_after }
}

impl Limit {
    pub(crate) fn new(most: u32) -> Self {
        Self {
            most,
            counts: Mutex::default(),
        }
    }

    /// Whether there may be another, or after how many seconds.
    fn look(&self, address: Option<IpAddr>, now: UnixTime) -> Result<(), u32> {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        match counts.get(&address.map(network)) {
            Some(count) if count.times >= self.most && now < count.since + WINDOW => Err(left(count.since, now)),
            _ => Ok(()),
        }
    }

    /// Counts one, or says after how many seconds there may be another.
    pub(crate) fn count(&self, address: Option<IpAddr>, now: UnixTime) -> Result<(), u32> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= MOST_ADDRESSES {
            counts.retain(|_, count| now < count.since + WINDOW);
        }
        let key = address.map(network);
        if counts.len() >= MOST_ADDRESSES && !counts.contains_key(&key) {
            return Err(left(now, now));
        }
        let count = counts.entry(key).or_insert(Count { since: now, times: 0 });
        if now >= count.since + WINDOW {
            *count = Count { since: now, times: 0 };
        }
        if count.times >= self.most {
            return Err(left(count.since, now));
        }
        count.times += 1;
        Ok(())
    }
}

fn left(since: UnixTime, now: UnixTime) -> u32 {
    u32::try_from((since + WINDOW).saturating_sub(now)).unwrap_or(u32::MAX)
}

/// One customer has a whole /64 of IPv6.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::Limit;

    #[test]
    fn one_address_has_its_share_and_gets_it_again() {
        let limit = Limit::new(2);
        let address = |text: &str| Some(text.parse().unwrap());
        let (one, same, other) = (
            address("2001:db8::1"),
            address("2001:db8::2"),
            address("2001:db8:0:1::1"),
        );
        assert_eq!(limit.count(one, 1_000), Ok(()));
        assert_eq!(limit.count(same, 1_001), Ok(()));
        assert_eq!(limit.count(one, 1_100), Err(500));
        assert_eq!(limit.count(other, 1_100), Ok(()));
        assert_eq!(limit.count(None, 1_100), Ok(()));
        assert_eq!(limit.count(one, 1_600), Ok(()));
    }
}
