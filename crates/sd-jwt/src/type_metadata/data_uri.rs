//! Resources that a reference carries along. RFC 2397.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The octets of an SVG in a `data:` URI.
pub(super) fn svg(uri: &str) -> Option<Vec<u8>> {
    let (parameters, body) = uri.strip_prefix("data:image/svg+xml")?.split_once(',')?;
    if parameters.ends_with(";base64") {
        return STANDARD.decode(body).ok();
    }
    let mut octets = body.bytes();
    let mut decoded = Vec::with_capacity(body.len());
    while let Some(octet) = octets.next() {
        decoded.push(match octet {
            b'%' => 16 * digit(octets.next()?)? + digit(octets.next()?)?,
            other => other,
        });
    }
    Some(decoded)
}

fn digit(octet: u8) -> Option<u8> {
    let digit = char::from(octet).to_digit(16)?;
    u8::try_from(digit).ok()
}

#[cfg(test)]
mod tests {
    use super::svg;
    use test_case::test_case;

    #[test_case("data:image/svg+xml;base64,PHN2Zy8+" => Some("<svg/>".to_owned()); "base64")]
    #[test_case("data:image/svg+xml,%3Csvg/%3e" => Some("<svg/>".to_owned()); "percent encoded")]
    #[test_case("data:image/svg+xml;charset=utf-8,%3Csvg%2F%3E" => Some("<svg/>".to_owned()); "with a parameter")]
    #[test_case("data:image/svg+xml,%+f" => None; "no digit")]
    #[test_case("data:image/svg+xml,%3" => None; "cut off")]
    #[test_case("data:image/svg+xml;base64,%%%" => None; "no base64")]
    #[test_case("data:image/png;base64,AA==" => None; "another kind")]
    #[test_case("https://a.example/a.svg" => None; "an address")]
    fn carried(uri: &str) -> Option<String> {
        svg(uri).map(|octets| String::from_utf8(octets).unwrap())
    }
}
