//! Links that the system hands to the app: bounded and checked before the window sees them.

#[cfg(target_os = "linux")]
mod defaults;
#[cfg(target_os = "linux")]
mod desktop_entry;
mod inbox;
#[cfg(target_os = "linux")]
pub(crate) mod registration;

pub(crate) use inbox::Inbox;

use url::Url;

/// The schemes of offers and requests, and of ecosystems. OpenID4VCI 1.0 §4.1, OpenID4VP 1.0 §5.1, HAIP 1.0 §4.2 and
/// §5.1, docs/ledger.md §9.3
pub(crate) const SCHEMES: [&str; 5] = [
    "openid-credential-offer",
    "haip-vci",
    "openid4vp",
    "haip-vp",
    "holdfast-ecosystem",
];

/// Characters of a link at most. An offer by value is the longest of them, and it fits a QR code.
const LONGEST: usize = 8 * 1024;

/// What is behind a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LinkKind {
    /// Somebody offers cards.
    Offer,
    /// Somebody asks.
    Request,
    /// Somebody names whom to trust.
    Ecosystem,
}

/// A link of one of our schemes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Link(String);

impl Link {
    /// `None` for everything that this wallet does not open.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() > LONGEST || text.chars().any(char::is_control) {
            return None;
        }
        let (scheme, rest) = text.split_once(':')?;
        let scheme = scheme.to_ascii_lowercase();
        let link = format!("{scheme}:{rest}");
        Url::parse(&link).ok()?;
        SCHEMES.contains(&scheme.as_str()).then_some(Self(link))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn kind(&self) -> LinkKind {
        match self.scheme() {
            "openid-credential-offer" | "haip-vci" => LinkKind::Offer,
            "holdfast-ecosystem" => LinkKind::Ecosystem,
            _ => LinkKind::Request,
        }
    }

    /// The host that the link leads to, as far as it says. Nobody vouches for it yet.
    pub(crate) fn host(&self) -> Option<String> {
        let link = Url::parse(&self.0).ok()?;
        let value = |wanted: &str| {
            link.query_pairs()
                .find(|(name, _)| name == wanted)
                .map(|(_, value)| value)
        };
        let target = match (
            value("request_uri").or(value("credential_offer_uri")),
            value("credential_offer"),
        ) {
            (Some(target), _) => target.into_owned(),
            (None, offer) => {
                let offer: serde_json::Value = serde_json::from_str(&offer?).ok()?;
                offer.get("credential_issuer")?.as_str()?.to_owned()
            }
        };
        let target = Url::parse(&target).ok()?;
        let host = wallet::plain_text(target.host_str()?);
        Some(
            target
                .port()
                .map_or_else(|| host.clone(), |port| format!("{host}:{port}")),
        )
    }

    fn scheme(&self) -> &str {
        self.0.split(':').next().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, Link};
    use test_case::test_case;

    #[test_case("openid4vp://?client_id=a&request_uri=b" => true ; "request")]
    #[test_case(" haip-vp://x\n" => true ; "white space around it")]
    #[test_case("OPENID-CREDENTIAL-OFFER://?credential_offer=%7B%7D" => true ; "schemes know no case")]
    #[test_case("haip-vci://x" => true ; "high assurance offer")]
    #[test_case("holdfast-ecosystem://add?pack=x&sha256=00" => true ; "ecosystem")]
    #[test_case("https://shop.example/" => false ; "a page")]
    #[test_case("javascript:alert(1)" => false ; "a script")]
    #[test_case("file:///etc/passwd" => false ; "a file")]
    #[test_case("openid4vp" => false ; "no link at all")]
    #[test_case("openid4vp://\u{1b}[2J" => false ; "control characters")]
    #[test_case("" => false ; "nothing")]
    fn accepted(text: &str) -> bool {
        Link::parse(text).is_some()
    }

    #[test_case("openid4vp://?request_uri=https%3A%2F%2Fshop.example%2Fr" => Some("shop.example".into()) ; "request")]
    #[test_case("haip-vci://?credential_offer_uri=http://a.localhost:8/o" => Some("a.localhost:8".into()) ; "offer elsewhere")]
    #[test_case("haip-vci://?credential_offer=%7B%22credential_issuer%22%3A%22https%3A%2F%2Fb.example%22%7D"
        => Some("b.example".into()) ; "offer in the link")]
    #[test_case("openid4vp://?request=eyJ" => None ; "says nothing")]
    fn leads_to(text: &str) -> Option<String> {
        Link::parse(text).expect("a link").host()
    }

    #[test]
    fn an_endless_link_is_refused() {
        let long = format!("openid4vp://?x={}", "a".repeat(LONGEST));
        assert_eq!(Link::parse(&long), None);
    }
}
