//! Host and port of did:webvh and did:web: `example.com%3A3000`.
//! did:webvh 1.0, "Method-Specific Identifier" and "The DID to HTTPS Transformation".

use percent_encoding::percent_decode_str;
use url::Host;

/// A domain name after IDNA and a port, as a URL takes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Authority {
    pub(crate) host: String,
    pub(crate) port: Option<u16>,
}

impl Authority {
    /// Reads the domain component of a method-specific identifier.
    pub(crate) fn parse(component: &str) -> Result<Self, HostError> {
        let (name, port) = split_port(component)?;
        Ok(Self {
            host: domain(name)?,
            port,
        })
    }
}

/// Path segments of a method-specific identifier, each decoded once and encoded again.
pub(crate) fn path<'a>(segments: impl Iterator<Item = &'a str>) -> Result<Vec<String>, HostError> {
    segments.map(segment).collect()
}

/// Separates `%3A<digits>`, whichever way the hexadecimal is written.
fn split_port(component: &str) -> Result<(&str, Option<u16>), HostError> {
    let lower = component.to_ascii_lowercase();
    let Some(at) = lower.rfind("%3a") else {
        return Ok((component, None));
    };
    let (name, rest) = component.split_at(at);
    if lower[..at].contains("%3a") {
        return Err(HostError::Port);
    }
    let digits = &rest[3..];
    if digits.is_empty() || digits.len() > 5 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(HostError::Port);
    }
    match digits.parse::<u16>() {
        Ok(port) if port > 0 => Ok((name, Some(port))),
        _ => Err(HostError::Port),
    }
}

/// Decodes once, applies IDNA and refuses every spelling of an IP address.
fn domain(encoded: &str) -> Result<String, HostError> {
    let decoded = decode(encoded)?;
    // A second layer of encoding would be taken off by the URL parser.
    if decoded.contains('%') {
        return Err(HostError::Encoding);
    }
    let name = match Host::parse(&decoded) {
        Ok(Host::Domain(name)) => name,
        Ok(Host::Ipv4(_) | Host::Ipv6(_)) => return Err(HostError::IpAddress),
        Err(url::ParseError::InvalidIpv4Address | url::ParseError::InvalidIpv6Address) => {
            return Err(HostError::IpAddress);
        }
        Err(_) => return Err(HostError::Domain),
    };
    let labels: Vec<&str> = name.split('.').collect();
    let well_formed = |label: &&str| {
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if name.len() > 253 || labels.len() < 2 || !labels.iter().all(well_formed) {
        return Err(HostError::Domain);
    }
    Ok(name)
}

fn segment(encoded: &str) -> Result<String, HostError> {
    let decoded = decode(encoded)?;
    let refused = decoded.is_empty()
        || decoded == "."
        || decoded == ".."
        || decoded.contains(['/', '\\', '\0'])
        || decoded.starts_with(char::is_whitespace)
        || decoded.ends_with(char::is_whitespace);
    if refused {
        return Err(HostError::PathSegment);
    }
    Ok(percent_encoding::utf8_percent_encode(&decoded, PATH_SEGMENT).to_string())
}

fn decode(encoded: &str) -> Result<String, HostError> {
    let text = percent_decode_str(encoded)
        .decode_utf8()
        .map_err(|_| HostError::Encoding)?;
    Ok(text.into_owned())
}

/// Everything but the unreserved characters of RFC 3986 §2.3.
const PATH_SEGMENT: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Why the place in a did:webvh or did:web is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HostError {
    /// The percent-encoding is not UTF-8 or is encoded twice.
    #[error("the percent-encoding is broken or twofold")]
    Encoding,
    /// The port is not `%3A` and 1 to 65535, or there is more than one.
    #[error("the port is malformed")]
    Port,
    /// An IPv4 or IPv6 address in any spelling.
    #[error("an IP address stands where a domain name is needed")]
    IpAddress,
    /// Not a fully qualified domain name after IDNA.
    #[error("the domain name is malformed")]
    Domain,
    /// A path segment is empty, `.`, `..`, padded with white space or holds a separator.
    #[error("a path segment is refused")]
    PathSegment,
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("example.com" => Ok(("example.com".into(), None)); "plain")]
    #[test_case("example.com%3A3000" => Ok(("example.com".into(), Some(3000))); "port")]
    #[test_case("example.com%3a3000" => Ok(("example.com".into(), Some(3000))); "port in lower case")]
    #[test_case("agency.localhost%3A8080" => Ok(("agency.localhost".into(), Some(8080))); "localhost name")]
    #[test_case("jp%E7%B4%8D%E8%B1%86.%E4%BE%8B.jp" => Ok(("xn--jp-cd2fp15c.xn--fsq.jp".into(), None)); "international")]
    #[test_case("example.com%3A0" => Err(HostError::Port); "port 0")]
    #[test_case("example.com%3A65536" => Err(HostError::Port); "port too large")]
    #[test_case("example.com%3A" => Err(HostError::Port); "no port")]
    #[test_case("example.com%3A1%3A2" => Err(HostError::Port); "two ports")]
    #[test_case("example.com%3A80x" => Err(HostError::Port); "port not digits")]
    #[test_case("10.0.0.1" => Err(HostError::IpAddress); "private address")]
    #[test_case("169.254.169.254" => Err(HostError::IpAddress); "link local")]
    #[test_case("127.0.0.1%3a8080" => Err(HostError::IpAddress); "address with lower case port")]
    #[test_case("127%2E0%2E0%2E1" => Err(HostError::IpAddress); "encoded dots")]
    #[test_case("0x7f000001" => Err(HostError::IpAddress); "hexadecimal")]
    #[test_case("2130706433" => Err(HostError::IpAddress); "decimal")]
    #[test_case("127.1" => Err(HostError::IpAddress); "short form")]
    #[test_case("%5B%3A%3A1%5D" => Err(HostError::Port); "ipv6")]
    #[test_case("%EF%BC%91%EF%BC%92%EF%BC%97.1" => Err(HostError::IpAddress); "full width digits")]
    #[test_case("127%252E0.0.1" => Err(HostError::Encoding); "encoded twice")]
    #[test_case("a%FF.com" => Err(HostError::Encoding); "not utf-8")]
    #[test_case("localhost" => Err(HostError::Domain); "one label")]
    #[test_case("example..com" => Err(HostError::Domain); "empty label")]
    #[test_case("example.com." => Err(HostError::Domain); "trailing dot")]
    #[test_case("a_b.com" => Err(HostError::Domain); "underscore")]
    fn authority(text: &str) -> Result<(String, Option<u16>), HostError> {
        Authority::parse(text).map(|a| (a.host, a.port))
    }

    #[test_case("dids" => Ok("dids".into()); "plain")]
    #[test_case("%E7%94%A8%E6%88%B7" => Ok("%E7%94%A8%E6%88%B7".into()); "encoded again")]
    #[test_case("%61%3ab" => Ok("a%3Ab".into()); "upper case hexadecimal")]
    #[test_case(".." => Err(HostError::PathSegment); "dot dot")]
    #[test_case("%2e%2e" => Err(HostError::PathSegment); "encoded dot dot")]
    #[test_case("a%2Fb" => Err(HostError::PathSegment); "slash")]
    #[test_case("a%5Cb" => Err(HostError::PathSegment); "backslash")]
    #[test_case("%00" => Err(HostError::PathSegment); "nul")]
    #[test_case("%20a" => Err(HostError::PathSegment); "white space")]
    #[test_case("" => Err(HostError::PathSegment); "empty")]
    fn path_segment(text: &str) -> Result<String, HostError> {
        segment(text)
    }
}
