//! Under which names and addresses the local network reaches this machine.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Addresses and names that a certificate of the local authority may carry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reachable {
    /// Private addresses, sorted.
    pub(crate) addresses: Vec<IpAddr>,
    /// The name of the machine in multicast DNS. RFC 6762 §3
    pub(crate) name: Option<String>,
}

impl Reachable {
    /// Of this machine, now, as far as a listener that is bound there answers.
    pub(crate) fn at(bound: SocketAddr) -> std::io::Result<Self> {
        let mut addresses: Vec<IpAddr> = if_addrs::get_if_addrs()?
            .into_iter()
            .map(|interface| interface.ip())
            .filter(|address| is_local(*address) && answers(bound, *address))
            .collect();
        addresses.sort();
        addresses.dedup();
        let system = rustix::system::uname();
        Ok(Self {
            addresses,
            name: system.nodename().to_str().ok().and_then(multicast_name),
        })
    }

    /// Each as the host of an address, those that every phone understands first.
    pub(crate) fn hosts(&self) -> Vec<String> {
        let addresses = self.addresses.iter().filter(|address| !address.is_loopback());
        let addresses = addresses.map(|address| match address {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => format!("[{address}]"),
        });
        addresses.chain(self.name.clone()).collect()
    }
}

/// A listener on all interfaces of IPv6 answers over IPv4 as well.
fn answers(bound: SocketAddr, address: IpAddr) -> bool {
    match bound.ip() {
        one if !one.is_unspecified() => one == address,
        IpAddr::V4(_) => address.is_ipv4(),
        IpAddr::V6(_) => true,
    }
}

/// Private (RFC 1918), shared (RFC 6598), unique local (RFC 4193) or loopback.
/// A link-local address of IPv6 needs a zone, which no address in a browser has.
fn is_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_loopback() || address.is_private() || is_shared(address),
        IpAddr::V6(address) => address.is_loopback() || address.is_unique_local(),
    }
}

fn is_shared(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    first == 100 && (64..128).contains(&second)
}

fn multicast_name(host: &str) -> Option<String> {
    let label = host.split('.').next()?.to_ascii_lowercase();
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let is_label = (1..=63).contains(&label.len()) && label.bytes().all(allowed) && !label.starts_with('-');
    (is_label && label != "localhost").then(|| format!("{label}.local"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("192.168.1.7" => true)]
    #[test_case("10.0.0.1" => true)]
    #[test_case("100.100.0.1" => true ; "shared")]
    #[test_case("127.0.0.1" => true ; "loopback")]
    #[test_case("fd00::1" => true ; "unique local")]
    #[test_case("100.128.0.1" => false ; "beyond shared")]
    #[test_case("203.0.113.9" => false ; "public")]
    #[test_case("fe80::1" => false ; "link local")]
    fn only_local_addresses_are_certified(text: &str) -> bool {
        is_local(text.parse().unwrap())
    }

    #[test_case("0.0.0.0:1", "192.168.1.7" => true)]
    #[test_case("0.0.0.0:1", "fd00::1" => false ; "of one family")]
    #[test_case("[::]:1", "192.168.1.7" => true ; "of both")]
    #[test_case("127.0.0.1:1", "192.168.1.7" => false ; "of one address")]
    fn only_what_answers_is_named(bound: &str, address: &str) -> bool {
        answers(bound.parse().unwrap(), address.parse().unwrap())
    }

    #[test]
    fn the_name_is_one_that_phones_resolve() {
        assert_eq!(
            multicast_name("Counter-2.shop.example").as_deref(),
            Some("counter-2.local")
        );
        assert_eq!(multicast_name("localhost"), None);
        assert_eq!(multicast_name("under_score"), None);
    }

    #[test]
    fn hosts_can_stand_in_an_address() {
        let reachable = Reachable {
            addresses: vec!["127.0.0.1".parse().unwrap(), "fd00::1".parse().unwrap()],
            name: Some("counter.local".to_owned()),
        };
        assert_eq!(reachable.hosts(), ["[fd00::1]", "counter.local"]);
    }
}
