//! Client identifier and its prefix: how a verifier is authenticated.
//! OpenID4VP 1.0 §5.9
//!
//! ```text
//! x509_hash:Uvo3HtuIxuhC92rShpgqcT3YXwrqRxWEviRiA0OZszk
//! ```

use std::fmt;
use std::str::FromStr;

use jose::base64url;

/// A client identifier whose prefix is supported. It always stands for the
/// full string, prefix included. OpenID4VP 1.0 §5.9.3
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ClientId {
    /// SHA-256 of the leaf certificate in the request's `x5c`.
    X509Hash(CertificateHash),
    /// A DNS name in the leaf certificate.
    X509SanDns(DnsName),
    /// A DID with the key that signs the request.
    DecentralizedIdentifier(DidText),
}

/// SHA-256 of a DER-encoded certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CertificateHash(pub [u8; 32]);

/// A DNS name as it stands in the identifier.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DnsName(String);

/// A DID as it stands in the identifier, without path, query and fragment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DidText(String);

/// Why a client identifier was refused. OpenID4VP 1.0 §5.9
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClientIdError {
    /// No prefix: a pre-registered client, of which there are none. §5.9.2
    #[error("client id without a prefix: nobody is pre-registered")]
    NotPreRegistered,
    /// `redirect_uri:`, whose requests cannot be signed, and here only signed
    /// ones are read. §5.9.3
    #[error("the client id prefix `redirect_uri` cannot be used with signed requests")]
    CannotBeSigned,
    /// `origin:`, which is reserved and MUST be refused. §5.9.3
    #[error("the client id prefix `origin` is reserved")]
    ReservedOrigin,
    /// A prefix that is not supported. §5.9.1
    #[error("the client id prefix is not supported")]
    UnsupportedPrefix,
    /// `x509_hash:` without a base64url SHA-256 value. §5.9.3
    #[error("x509_hash is not followed by a SHA-256 value")]
    BadCertificateHash,
    /// `x509_san_dns:` without a DNS name. §5.9.3
    #[error("x509_san_dns is not followed by a DNS name")]
    BadDnsName,
    /// `decentralized_identifier:` without a DID. §5.9.3
    #[error("decentralized_identifier is not followed by a DID")]
    BadDid,
}

impl FromStr for ClientId {
    type Err = ClientIdError;

    /// The prefix is what stands before the first colon. §5.9.1
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (prefix, rest) = text.split_once(':').ok_or(ClientIdError::NotPreRegistered)?;
        match prefix {
            X509_HASH => certificate_hash(rest).map(Self::X509Hash),
            X509_SAN_DNS => dns_name(rest).map(Self::X509SanDns),
            DECENTRALIZED_IDENTIFIER => did(rest).map(Self::DecentralizedIdentifier),
            "redirect_uri" => Err(ClientIdError::CannotBeSigned),
            "origin" => Err(ClientIdError::ReservedOrigin),
            _ => Err(ClientIdError::UnsupportedPrefix),
        }
    }
}

impl ClientId {
    /// The prefixes that are read, as wallet metadata names them.
    /// OpenID4VP 1.0 §10.1
    pub const SUPPORTED_PREFIXES: [&str; 3] = [X509_HASH, X509_SAN_DNS, DECENTRALIZED_IDENTIFIER];

    /// The identifier's own prefix. OpenID4VP 1.0 §5.9.1
    pub fn prefix(&self) -> &'static str {
        match self {
            Self::X509Hash(_) => X509_HASH,
            Self::X509SanDns(_) => X509_SAN_DNS,
            Self::DecentralizedIdentifier(_) => DECENTRALIZED_IDENTIFIER,
        }
    }

    /// The identifier of a verifier known by this certificate.
    pub fn from_certificate_hash(sha256: [u8; 32]) -> Self {
        Self::X509Hash(CertificateHash(sha256))
    }

    /// The identifier of a verifier known by this DNS name of its certificate.
    pub fn from_dns_name(text: &str) -> Result<Self, ClientIdError> {
        dns_name(text).map(Self::X509SanDns)
    }

    /// The identifier of a verifier known by this DID.
    pub fn from_did(text: &str) -> Result<Self, ClientIdError> {
        did(text).map(Self::DecentralizedIdentifier)
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.prefix())?;
        match self {
            Self::X509Hash(hash) => f.write_str(&base64url::encode(hash.0)),
            Self::X509SanDns(name) => f.write_str(&name.0),
            Self::DecentralizedIdentifier(did) => f.write_str(&did.0),
        }
    }
}

impl DnsName {
    /// The name as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl DidText {
    /// The DID.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

const X509_HASH: &str = "x509_hash";
const X509_SAN_DNS: &str = "x509_san_dns";
const DECENTRALIZED_IDENTIFIER: &str = "decentralized_identifier";

fn certificate_hash(text: &str) -> Result<CertificateHash, ClientIdError> {
    let bytes = base64url::decode(text).map_err(|_| ClientIdError::BadCertificateHash)?;
    let hash = <[u8; 32]>::try_from(bytes).map_err(|_| ClientIdError::BadCertificateHash)?;
    Ok(CertificateHash(hash))
}

fn dns_name(text: &str) -> Result<DnsName, ClientIdError> {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    // An address is no DNS name, and a name ends in a label that is not all digits.
    let ends_in_digits = text
        .rsplit('.')
        .next()
        .is_none_or(|last| last.bytes().all(|b| b.is_ascii_digit()));
    if text.len() > 253 || ends_in_digits || !text.split('.').all(label) {
        return Err(ClientIdError::BadDnsName);
    }
    Ok(DnsName(text.to_owned()))
}

/// `did:method:method-specific-id`. DID Core §3.1
fn did(text: &str) -> Result<DidText, ClientIdError> {
    let mut parts = text.splitn(3, ':');
    let (scheme, method, id) = (parts.next(), parts.next(), parts.next());
    let method_ok =
        method.is_some_and(|m| !m.is_empty() && m.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));
    let id_ok =
        id.is_some_and(|id| !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_:%".contains(&b)));
    if scheme != Some("did") || !method_ok || !id_ok || text.ends_with(':') {
        return Err(ClientIdError::BadDid);
    }
    Ok(DidText(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("x509_hash:Uvo3HtuIxuhC92rShpgqcT3YXwrqRxWEviRiA0OZszk" ; "x509_hash")]
    #[test_case("x509_san_dns:client.example.org" ; "x509_san_dns")]
    #[test_case("decentralized_identifier:did:example:123" ; "did")]
    #[test_case("decentralized_identifier:did:webvh:QmScid:shop.localhost%3A8443" ; "did with a port")]
    fn round_trip(text: &str) {
        assert_eq!(text.parse::<ClientId>().unwrap().to_string(), text);
    }

    #[test_case("example-client" => ClientIdError::NotPreRegistered ; "no colon")]
    #[test_case("origin:https://verifier.example.com" => ClientIdError::ReservedOrigin ; "origin")]
    #[test_case("did:example:123" => ClientIdError::UnsupportedPrefix ; "did without a prefix")]
    #[test_case("redirect_uri:https://client.example.org/cb" => ClientIdError::CannotBeSigned ; "redirect_uri")]
    #[test_case("openid_federation:https://a.example" => ClientIdError::UnsupportedPrefix ; "federation")]
    #[test_case("verifier_attestation:verifier.example" => ClientIdError::UnsupportedPrefix ; "attestation")]
    #[test_case("X509_HASH:Uvo3HtuIxuhC92rShpgqcT3YXwrqRxWEviRiA0OZszk" => ClientIdError::UnsupportedPrefix ; "prefix in capitals")]
    #[test_case(" x509_hash:Uvo3HtuIxuhC92rShpgqcT3YXwrqRxWEviRiA0OZszk" => ClientIdError::UnsupportedPrefix ; "space before the prefix")]
    #[test_case("x509_san_dns::client.example.org" => ClientIdError::BadDnsName ; "colon twice")]
    #[test_case("x509_san_dns:client.example.org:443" => ClientIdError::BadDnsName ; "name with a port")]
    #[test_case("x509_san_dns:decentralized_identifier:did:example:123" => ClientIdError::BadDnsName ; "did behind the prefix of a name")]
    #[test_case("decentralized_identifier:x509_san_dns:client.example.org" => ClientIdError::BadDid ; "name behind the prefix of a did")]
    #[test_case(":x" => ClientIdError::UnsupportedPrefix ; "empty prefix")]
    #[test_case("x509_hash:Uvo3" => ClientIdError::BadCertificateHash ; "short hash")]
    #[test_case("x509_hash:Uvo3HtuIxuhC92rShpgqcT3YXwrqRxWEviRiA0OZszk=" => ClientIdError::BadCertificateHash ; "padded hash")]
    #[test_case("x509_san_dns:" => ClientIdError::BadDnsName ; "empty name")]
    #[test_case("x509_san_dns:a..b" => ClientIdError::BadDnsName ; "empty label")]
    #[test_case("x509_san_dns:192.0.2.1" => ClientIdError::BadDnsName ; "address")]
    #[test_case("x509_san_dns:x509_san_dns:a" => ClientIdError::BadDnsName ; "prefix twice")]
    #[test_case("x509_san_dns:*.example.org" => ClientIdError::BadDnsName ; "wildcard")]
    #[test_case("decentralized_identifier:123" => ClientIdError::BadDid ; "no did")]
    #[test_case("decentralized_identifier:did:example:123#key" => ClientIdError::BadDid ; "did url")]
    #[test_case("decentralized_identifier:did:Example:123" => ClientIdError::BadDid ; "method in capitals")]
    fn refused(text: &str) -> ClientIdError {
        text.parse::<ClientId>().unwrap_err()
    }
}
