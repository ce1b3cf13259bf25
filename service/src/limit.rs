//! How often one address may do something.
//!
//! An address of IPv6 counts twice: with the /64 that every customer has, and with the /48 that a customer may have,
//! which holds 65,536 of them. RFC 6177 §2

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Mutex, PoisonError};

/// For how long times are counted, in seconds.
const WINDOW: u64 = 600;
/// How many times what one address may a /48 may: some are a company or a village.
const SITE_SHARE: u32 = 16;
/// Most networks remembered. Beyond it, those whose window is over are forgotten, then those that did least: a flood of
/// new addresses shuts nobody out, and hides nobody who has done much.
const MOST_NETWORKS: usize = 20_000;
/// How many are left once some had to be forgotten, so that this is seldom done.
const KEPT: usize = MOST_NETWORKS / 4 * 3;

/// Counts by address, in windows of ten minutes.
#[derive(Debug)]
pub struct AddressLimit {
    most: u32,
    counts: Mutex<HashMap<Network, Count>>,
}

/// What is counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Network {
    /// Callers whose address is not known.
    Unknown,
    /// One address of IPv4.
    Address(Ipv4Addr),
    /// The /64 that an address of IPv6 is in.
    Subnet(u128),
    /// The /48 that an address of IPv6 is in.
    Site(u128),
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
        let (near, site) = networks(address);
        let mut counted = vec![(near, self.most)];
        counted.extend(site.map(|site| (site, self.most.saturating_mul(SITE_SHARE))));
        for (network, most) in &counted {
            let held = counts.get(network).copied().filter(|count| count.is_open(now));
            let count = held.unwrap_or(Count::new(now));
            if count.times >= *most {
                return Err(count.left(now));
            }
        }
        if counts.len() + counted.len() > MOST_NETWORKS {
            make_room(&mut counts, now);
        }
        for (network, _) in counted {
            let count = counts.entry(network).or_insert(Count::new(now));
            if !count.is_open(now) {
                *count = Count::new(now);
            }
            count.times += 1;
        }
        Ok(())
    }
}

impl Count {
    fn new(now: u64) -> Self {
        Self { since: now, times: 0 }
    }

    fn is_open(&self, now: u64) -> bool {
        now < self.since + WINDOW
    }

    fn left(&self, now: u64) -> u32 {
        u32::try_from((self.since + WINDOW).saturating_sub(now)).unwrap_or(u32::MAX)
    }
}

/// Forgets those whose window is over, and then whoever did least, longest ago.
fn make_room(counts: &mut HashMap<Network, Count>, now: u64) {
    counts.retain(|_, count| count.is_open(now));
    let surplus = counts.len().saturating_sub(KEPT);
    let mut least: Vec<(u32, u64, Network)> = counts
        .iter()
        .map(|(network, count)| (count.times, count.since, *network))
        .collect();
    least.sort_unstable_by_key(|(times, since, _)| (*times, *since));
    for (.., network) in least.iter().take(surplus) {
        counts.remove(network);
    }
}

/// What an address counts with: near by, and at large where that is something else.
fn networks(address: Option<IpAddr>) -> (Network, Option<Network>) {
    match address.map(|address| address.to_canonical()) {
        None => (Network::Unknown, None),
        Some(IpAddr::V4(address)) => (Network::Address(address), None),
        Some(IpAddr::V6(address)) => {
            let bits = address.to_bits();
            (Network::Subnet(bits >> 64), Some(Network::Site(bits >> 80)))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

    use super::{AddressLimit, MOST_NETWORKS, SITE_SHARE};

    const NOW: u64 = 1_000;

    fn v6(text: &str) -> Option<IpAddr> {
        Some(text.parse::<Ipv6Addr>().unwrap().into())
    }

    /// An address in the /64 of this number of a /48 of this number.
    fn of_site(site: u32, subnet: u16) -> Option<IpAddr> {
        let bits = (u128::from(0x2000_0000_u32 + site) << 96) | (u128::from(subnet) << 64) | 1;
        Some(Ipv6Addr::from_bits(bits).into())
    }

    #[test]
    fn one_address_has_its_share_and_gets_it_again() {
        let limit = AddressLimit::new(2);
        let (one, same, other) = (v6("2001:db8::1"), v6("2001:db8::2"), v6("2001:db8:0:1::1"));
        assert_eq!(limit.count(one, 1_000), Ok(()));
        assert_eq!(limit.count(same, 1_001), Ok(()));
        assert_eq!(limit.count(one, 1_100), Err(500));
        assert_eq!(limit.count(other, 1_100), Ok(()));
        assert_eq!(limit.count(None, 1_100), Ok(()));
        assert_eq!(limit.count(one, 1_600), Ok(()));
    }

    #[test]
    fn an_address_in_the_other_writing_is_the_same() {
        let limit = AddressLimit::new(1);
        assert_eq!(limit.count(Some(Ipv4Addr::new(192, 0, 2, 1).into()), NOW), Ok(()));
        assert_eq!(limit.count(v6("::ffff:192.0.2.1"), NOW), Err(600));
        assert_eq!(limit.count(v6("::ffff:192.0.2.2"), NOW), Ok(()));
    }

    #[test]
    fn a_site_has_a_larger_share_of_its_own_and_no_more() {
        let limit = AddressLimit::new(2);
        for subnet in 0..u16::try_from(SITE_SHARE).unwrap() {
            for _ in 0..2 {
                assert_eq!(limit.count(of_site(1, subnet), NOW), Ok(()));
            }
        }
        assert_eq!(limit.count(of_site(1, 999), NOW + 1), Err(599));
        assert_eq!(limit.count(of_site(2, 999), NOW + 1), Ok(()));
        assert_eq!(limit.count(of_site(1, 999), NOW + 600), Ok(()));
    }

    #[test]
    fn what_is_refused_counts_nowhere() {
        let limit = AddressLimit::new(1);
        for _ in 0..100 {
            let _ = limit.count(of_site(1, 1), NOW);
        }
        assert_eq!(limit.count(of_site(1, 2), NOW), Ok(()));
    }

    #[test]
    fn a_flood_of_addresses_shuts_nobody_out_and_hides_nobody() {
        let limit = AddressLimit::new(2);
        let busy = Some(Ipv4Addr::new(192, 0, 2, 1).into());
        for _ in 0..2 {
            assert_eq!(limit.count(busy, NOW), Ok(()));
        }
        for site in 0..u32::try_from(MOST_NETWORKS).unwrap() {
            assert_eq!(limit.count(of_site(site, 0), NOW + 1), Ok(()), "{site}");
            assert!(limit.counts.lock().unwrap().len() <= MOST_NETWORKS);
        }
        assert_eq!(limit.count(busy, NOW + 1), Err(599));
        assert_eq!(limit.count(Some(Ipv4Addr::new(192, 0, 2, 2).into()), NOW + 1), Ok(()));
    }

    #[test]
    fn whose_window_is_over_is_forgotten_first() {
        let limit = AddressLimit::new(9);
        let long_ago = Some(Ipv4Addr::new(192, 0, 2, 1).into());
        for _ in 0..9 {
            assert_eq!(limit.count(long_ago, NOW), Ok(()));
        }
        for site in 0..u32::try_from(MOST_NETWORKS / 2).unwrap() {
            assert_eq!(limit.count(of_site(site, 0), NOW + 600), Ok(()));
        }
        let (near, _) = super::networks(long_ago);
        assert!(!limit.counts.lock().unwrap().contains_key(&near));
    }

    #[test]
    fn none_is_none() {
        assert_eq!(AddressLimit::new(0).count(None, NOW), Err(600));
    }
}
