//! Wallets as OAuth clients: public ones, known by name. RFC 6749 §2.1 and §3.1.2, RFC 8252 §7.3

use serde::Deserialize;
use url::{Host, Url};

/// A wallet that may ask, and where its answers may go.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WalletClient {
    /// Its name.
    pub client_id: String,
    /// Addresses, compared as plain strings. One on a loopback address without a port stands for all of its ports.
    pub redirect_uris: Vec<String>,
}

impl WalletClient {
    /// The address that a request names, if it is one of this wallet's.
    #[must_use]
    pub fn redirect_uri(&self, asked: &str) -> Option<Url> {
        let url = Url::parse(asked).ok()?;
        self.redirect_uris
            .iter()
            .any(|registered| registered == asked || is_with_port(registered, asked, &url))
            .then_some(url)
    }
}

/// RFC 8252 §7.3: a native app takes whatever port is free.
fn is_with_port(registered: &str, asked: &str, url: &Url) -> bool {
    let Ok(base) = Url::parse(registered) else { return false };
    let loopback = match base.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        _ => false,
    };
    let (true, "http", None, Some(port)) = (loopback, base.scheme(), base.port(), url.port()) else {
        return false;
    };
    let mut with_port = base;
    with_port.set_port(Some(port)).is_ok() && with_port.as_str() == asked
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::WalletClient;

    #[test_case("https://wallet.example/cb" => true ; "registered")]
    #[test_case("https://wallet.example/cb/" => false ; "one slash")]
    #[test_case("https://wallet.example/CB" => false ; "other case")]
    #[test_case("https://wallet.example:444/cb" => false ; "a port on a host")]
    #[test_case("http://127.0.0.1:4711/authorized" => true ; "any port of loopback")]
    #[test_case("http://127.0.0.1:4711/authorized/" => false ; "one slash on loopback")]
    #[test_case("http://127.0.0.1:4711/authorized?x=1" => false ; "a query on loopback")]
    #[test_case("http://127.0.0.2:4711/authorized" => false ; "another loopback address")]
    #[test_case("https://127.0.0.1:4711/authorized" => false ; "another scheme")]
    #[test_case("http://localhost:4711/authorized" => false ; "a name is not an address")]
    #[test_case("http://user@127.0.0.1:4711/authorized" => false ; "with a user")]
    #[test_case("org.holdfast.wallet:/authorized" => true ; "private scheme")]
    #[test_case("not an address" => false ; "no address")]
    fn h5_issuer_redirect_uris_are_compared_as_text(asked: &str) -> bool {
        let client = WalletClient {
            client_id: "wallet".to_owned(),
            redirect_uris: [
                "https://wallet.example/cb",
                "http://127.0.0.1/authorized",
                "org.holdfast.wallet:/authorized",
            ]
            .map(str::to_owned)
            .to_vec(),
        };
        client.redirect_uri(asked).is_some()
    }
}
