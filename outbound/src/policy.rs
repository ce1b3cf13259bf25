//! Where a client may connect to.

use std::net::IpAddr;

use url::{Host, Url};

use crate::address::is_public;
use crate::error::OutboundError;

/// Where a client may connect to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Policy {
    /// https to public addresses.
    Public,
    /// http or https to `localhost` and `*.localhost` on these ports, and
    /// nothing else: names only, never an address written out.
    Development {
        /// The ports of this run.
        ports: Vec<u16>,
    },
}

/// How the host of a checked URL becomes addresses.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// Through the resolver, each answer checked.
    Resolve,
    /// The URL holds a public address.
    Literal,
    /// Loopback, without DNS.
    Loopback,
}

impl Policy {
    /// Decides what can be decided before any name is resolved.
    pub(crate) fn check(&self, url: &Url) -> Result<Route, OutboundError> {
        if !url.username().is_empty() || url.password().is_some() {
            return Err(OutboundError::Credentials);
        }
        match (self, url.scheme()) {
            (_, "https") | (Self::Development { .. }, "http") => {}
            _ => return Err(OutboundError::Scheme),
        }
        let host = url.host().ok_or(OutboundError::Scheme)?;
        match self {
            Self::Public => check_public(host),
            Self::Development { ports } => check_development(host, url, ports),
        }
    }

    /// Whether a resolved address may be connected to.
    pub(crate) fn allows(&self, name: &str, address: IpAddr) -> bool {
        match self {
            Self::Public => is_public(address),
            Self::Development { .. } => is_localhost(name) && address.is_loopback(),
        }
    }
}

fn check_public(host: Host<&str>) -> Result<Route, OutboundError> {
    match host {
        Host::Domain(name) if is_localhost(name) => Err(OutboundError::Blocked),
        Host::Domain(_) => Ok(Route::Resolve),
        Host::Ipv4(v4) if is_public(v4.into()) => Ok(Route::Literal),
        Host::Ipv6(v6) if is_public(v6.into()) => Ok(Route::Literal),
        Host::Ipv4(_) | Host::Ipv6(_) => Err(OutboundError::Blocked),
    }
}

fn check_development(host: Host<&str>, url: &Url, ports: &[u16]) -> Result<Route, OutboundError> {
    let port_listed = url.port_or_known_default().is_some_and(|port| ports.contains(&port));
    match host {
        Host::Domain(name) if is_localhost(name) && port_listed => Ok(Route::Loopback),
        _ => Err(OutboundError::Blocked),
    }
}

/// `localhost` and every name under it, with or without the final dot (RFC 6761 §6.3).
pub(crate) fn is_localhost(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::{Policy, Route};
    use crate::error::OutboundError;
    use url::Url;

    fn public(text: &str) -> Result<Route, OutboundError> {
        Policy::Public.check(&Url::parse(text).unwrap())
    }

    fn development(text: &str) -> Result<Route, OutboundError> {
        Policy::Development { ports: vec![4000] }.check(&Url::parse(text).unwrap())
    }

    #[test]
    fn e5_bad_host_forms_are_blocked_before_resolution() {
        for text in [
            "https://127.0.0.1/",
            "https://127.1/",
            "https://0x7f000001/",
            "https://2130706433/",
            "https://0177.0.0.1/",
            "https://10.0.0.7/",
            "https://169.254.169.254/latest/meta-data",
            "https://100.64.1.1/",
            "https://[::1]/",
            "https://[::ffff:7f00:1]/",
            "https://[::ffff:8.8.8.8]/",
            "https://[fd00::1]/",
            "https://[fe80::1]/",
            "https://localhost/",
            "https://LOCALHOST./",
            "https://agency.localhost:8080/",
        ] {
            assert!(matches!(public(text), Err(OutboundError::Blocked)), "{text}");
        }
    }

    #[test]
    fn public_needs_https() {
        for text in [
            "http://agency.example/",
            "ftp://agency.example/",
            "file:///etc/passwd",
            "data:,x",
        ] {
            assert!(matches!(public(text), Err(OutboundError::Scheme)), "{text}");
        }
        assert_eq!(public("https://agency.example/").unwrap(), Route::Resolve);
        assert_eq!(public("https://1.1.1.1/").unwrap(), Route::Literal);
    }

    #[test]
    fn credentials_in_the_url_are_refused() {
        assert!(matches!(
            public("https://a:b@agency.example/"),
            Err(OutboundError::Credentials)
        ));
        assert!(matches!(
            public("https://a@agency.example/"),
            Err(OutboundError::Credentials)
        ));
    }

    #[test]
    fn development_reaches_localhost_names_on_listed_ports_only() {
        assert_eq!(development("http://localhost:4000/x").unwrap(), Route::Loopback);
        assert_eq!(development("http://agency.localhost:4000/x").unwrap(), Route::Loopback);
        for text in [
            "http://localhost:4001/",
            "http://localhost/",
            "http://127.0.0.1:4000/",
            "http://2130706433:4000/",
            "http://[::1]:4000/",
            "http://agency.example:4000/",
            "http://localhost.example:4000/",
            "http://notlocalhost:4000/",
            "https://1.1.1.1:4000/",
        ] {
            assert!(matches!(development(text), Err(OutboundError::Blocked)), "{text}");
        }
    }
}
