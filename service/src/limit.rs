//! How often one address may do something.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

/// For how long times are counted, in seconds.
const WINDOW: u64 = 600;
/// Most addresses remembered; beyond it, those whose window is over are
/// forgotten, and if there are none, nobody new may.
const MOST_ADDRESSES: usize = 10_000;

/// Counts by address, in windows of ten minutes.
#[derive(Debug)]
pub struct AddressLimit {
    most: u32,
    counts: Mutex<HashMap<Option<IpAddr>, Count>>,
}

#[derive(Debug, Clone, Copy)]
struct Count {
    since: u64,
    times: u32,
}

impl AddressLimit {
    /// So many times in ten minutes.
    #[must_use]
    pub fn new(most: u32) -> Self {
        Self {
            most,
            counts: Mutex::default(),
        }
    }

    /// Counts one.
    ///
    /// # Errors
    /// After how many seconds there may be another.
    pub fn count(&self, address: Option<IpAddr>, now: u64) -> Result<(), u32> {
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

fn left(since: u64, now: u64) -> u32 {
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
    use super::AddressLimit;

    #[test]
    fn one_address_has_its_share_and_gets_it_again() {
        let limit = AddressLimit::new(2);
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
