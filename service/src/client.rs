//! Where a request comes from, also behind a reverse proxy.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, HeaderName};

/// The address of the caller, in the extensions of every request that came
/// through the listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

impl ClientAddress {
    /// Who is at the other end, or, if that is a proxy that is trusted, who it
    /// says is: the last address in `X-Forwarded-For` that is no such proxy.
    /// What stands before it, anybody can write there.
    #[must_use]
    pub fn of(peer: SocketAddr, headers: &HeaderMap, trusted_proxies: &[IpAddr]) -> Self {
        let trusted = |address: &IpAddr| trusted_proxies.contains(address);
        let peer = peer.ip().to_canonical();
        if !trusted(&peer) {
            return Self(peer);
        }
        let values: Vec<&str> = headers
            .get_all(FORWARDED_FOR)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .collect();
        let mut client = peer;
        for value in values.iter().rev() {
            let Ok(address) = value.trim().parse::<IpAddr>() else {
                break;
            };
            client = address.to_canonical();
            if !trusted(&client) {
                break;
            }
        }
        Self(client)
    }
}

#[cfg(test)]
mod tests {
    use super::ClientAddress;
    use http::{HeaderMap, HeaderValue};
    use test_case::test_case;

    #[test_case("192.0.2.1", "" => "192.0.2.1"; "direct")]
    #[test_case("192.0.2.1", "198.51.100.7" => "192.0.2.1"; "a caller cannot choose its address")]
    #[test_case("10.0.0.1", "198.51.100.7" => "198.51.100.7"; "behind a proxy")]
    #[test_case("::ffff:10.0.0.1", "198.51.100.7" => "198.51.100.7"; "a mapped address is the same one")]
    #[test_case("10.0.0.1", "203.0.113.9, 198.51.100.7" => "198.51.100.7"; "what the caller wrote does not count")]
    #[test_case("10.0.0.1", "203.0.113.9, 198.51.100.7, 10.0.0.2" => "198.51.100.7"; "two proxies")]
    #[test_case("10.0.0.1", "unknown" => "10.0.0.1"; "no address")]
    fn client(peer: &str, forwarded: &str) -> String {
        let proxies = ["10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap()];
        let mut headers = HeaderMap::new();
        if !forwarded.is_empty() {
            headers.insert("x-forwarded-for", HeaderValue::from_str(forwarded).unwrap());
        }
        let peer = std::net::SocketAddr::new(peer.parse().unwrap(), 4711);
        ClientAddress::of(peer, &headers, &proxies).0.to_string()
    }
}
