//! URLs as identifiers: compared as plain strings, never normalised.

use std::fmt;

use serde::{Serialize, Serializer};
use url::{Host, Url};

/// Which URLs may be spoken to.
///
/// OpenID4VCI 1.0 asks for `https` everywhere; the development profile also takes plain http to this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// `https` only.
    Https,
    /// `https`, and `http` to `localhost` and `*.localhost`. Development profile only.
    LoopbackHttp,
}

impl Transport {
    /// Parses an endpoint URL: scheme as the policy allows, no fragment, no user name or password.
    pub fn endpoint(self, text: &str) -> Result<Url, UrlError> {
        let url = Url::parse(text).map_err(|_| UrlError::Malformed)?;
        match url.scheme() {
            "https" => {}
            "http" if self == Self::LoopbackHttp && is_localhost(&url) => {}
            _ => return Err(UrlError::Scheme),
        }
        if url.host().is_none() {
            return Err(UrlError::Malformed);
        }
        if url.fragment().is_some() {
            return Err(UrlError::Fragment);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(UrlError::UserInfo);
        }
        Ok(url)
    }
}

fn is_localhost(url: &Url) -> bool {
    matches!(url.host(), Some(Host::Domain(name)) if name == "localhost" || name.ends_with(".localhost"))
}

/// Why a text is not a usable identifier or endpoint URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UrlError {
    /// Not an absolute URL with a host.
    #[error("not an absolute URL with a host")]
    Malformed,
    /// A scheme the transport policy does not allow.
    #[error("the scheme is not allowed")]
    Scheme,
    /// A query component where none may be. OpenID4VCI 1.0 §12.2.1
    #[error("a query component is not allowed")]
    Query,
    /// A fragment component. OpenID4VCI 1.0 §12.2.1
    #[error("a fragment component is not allowed")]
    Fragment,
    /// A user name or password inside the URL.
    #[error("a user name or password is not allowed")]
    UserInfo,
}

/// A Credential Issuer Identifier or an Authorization Server identifier.
///
/// A case sensitive URL without query and fragment, kept and compared exactly as written.
/// OpenID4VCI 1.0 §12.2.1, RFC 8414 §2
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Identifier {
    text: String,
    url: Url,
}

impl Identifier {
    /// Parses an identifier as the transport policy allows.
    pub fn parse(text: &str, transport: Transport) -> Result<Self, UrlError> {
        let url = transport.endpoint(text)?;
        if url.query().is_some() {
            return Err(UrlError::Query);
        }
        Ok(Self {
            text: text.to_owned(),
            url,
        })
    }

    /// The identifier as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The host, as shown to a person.
    #[must_use]
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// Where the Credential Issuer Metadata is: the well-known path stands between host and path.
    /// OpenID4VCI 1.0 §12.2.2
    #[must_use]
    pub fn issuer_metadata_url(&self) -> Url {
        self.well_known("openid-credential-issuer")
    }

    /// Where the Authorization Server metadata is. RFC 8414 §3.1
    #[must_use]
    pub fn authorization_server_metadata_url(&self) -> Url {
        self.well_known("oauth-authorization-server")
    }

    fn well_known(&self, name: &str) -> Url {
        let mut url = self.url.clone();
        // RFC 8414 §3.1: a terminating slash is removed before the insertion.
        let path = url.path().strip_suffix('/').unwrap_or(url.path());
        let path = format!("/.well-known/{name}{path}");
        url.set_path(&path);
        url
    }
}

impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identifier({})", self.text)
    }
}

impl Serialize for Identifier {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("https://issuer.example" => "https://issuer.example/.well-known/openid-credential-issuer" ; "no path")]
    #[test_case("https://issuer.example/" => "https://issuer.example/.well-known/openid-credential-issuer" ; "slash")]
    #[test_case("https://issuer.example/tenant" => "https://issuer.example/.well-known/openid-credential-issuer/tenant" ; "path")]
    #[test_case("https://issuer.example:8443/a/b" => "https://issuer.example:8443/.well-known/openid-credential-issuer/a/b" ; "port and path")]
    fn well_known_stands_between_host_and_path(id: &str) -> String {
        Identifier::parse(id, Transport::Https)
            .unwrap()
            .issuer_metadata_url()
            .into()
    }

    #[test_case("issuer.example", Transport::Https => UrlError::Malformed ; "relative")]
    #[test_case("http://issuer.example", Transport::Https => UrlError::Scheme ; "http")]
    #[test_case("http://localhost:80", Transport::Https => UrlError::Scheme ; "http to localhost in production")]
    #[test_case("http://issuer.example", Transport::LoopbackHttp => UrlError::Scheme ; "http to another host in development")]
    #[test_case("http://localhost.example", Transport::LoopbackHttp => UrlError::Scheme ; "http to a lookalike")]
    #[test_case("https://issuer.example?x=1", Transport::Https => UrlError::Query ; "query")]
    #[test_case("https://issuer.example#x", Transport::Https => UrlError::Fragment ; "fragment")]
    #[test_case("https://user:pw@issuer.example", Transport::Https => UrlError::UserInfo ; "user info")]
    fn refused(id: &str, transport: Transport) -> UrlError {
        Identifier::parse(id, transport).unwrap_err()
    }

    #[test]
    fn development_allows_http_to_this_machine() {
        let id = Identifier::parse("http://agency.localhost:7001", Transport::LoopbackHttp).unwrap();
        assert_eq!(id.host(), "agency.localhost");
        assert_eq!(id.as_str(), "http://agency.localhost:7001");
    }
}
