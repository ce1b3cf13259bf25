//! The link or QR code an offer comes in: by value or by reference. OpenID4VCI 1.0 §4.1.2 and §4.1.3

use jose::{OverBudget, Work};
use url::Url;

use crate::budget;
use crate::identifier::{Transport, UrlError};
use crate::offer::{CredentialOffer, OfferError};

/// Schemes an offer link may have. OpenID4VCI 1.0 §12.1, HAIP 1.0 §4.2
const SCHEMES: [&str; 2] = ["openid-credential-offer", "haip-vci"];

/// What a link carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OfferLink {
    /// The offer itself.
    ByValue(CredentialOffer),
    /// Where the offer is. The shell fetches it with GET, once the person wants it, and hands the body to
    /// [`CredentialOffer::parse`]. OpenID4VCI 1.0 §4.1.3
    ByReference(Url),
}

impl OfferLink {
    /// Parses a link with exactly one of `credential_offer` and `credential_offer_uri`.
    pub fn parse(link: &str, transport: Transport) -> Result<Self, OfferLinkError> {
        let mut budget = budget::OFFER_LINK.clone();
        budget.spend(Work::Bytes, link.len())?;
        let url = Url::parse(link).map_err(|_| OfferLinkError::NotALink)?;
        if !SCHEMES.contains(&url.scheme()) {
            return Err(OfferLinkError::Scheme);
        }
        let mut value = None;
        let mut reference = None;
        for (name, content) in url.query_pairs() {
            budget.spend(Work::Parameters, 1)?;
            let slot = match name.as_ref() {
                "credential_offer" => &mut value,
                "credential_offer_uri" => &mut reference,
                _ => continue,
            };
            if slot.replace(content).is_some() {
                return Err(OfferLinkError::ParameterTwice);
            }
        }
        match (value, reference) {
            (Some(value), None) => Ok(Self::ByValue(CredentialOffer::parse(value.as_bytes(), transport)?)),
            (None, Some(reference)) => Ok(Self::ByReference(
                transport.endpoint(&reference).map_err(OfferLinkError::Reference)?,
            )),
            (Some(_), Some(_)) => Err(OfferLinkError::ValueAndReference),
            (None, None) => Err(OfferLinkError::NoOffer),
        }
    }

    /// The link for this offer, as an issuer shows it.
    #[must_use]
    pub fn to_link(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        match self {
            Self::ByValue(offer) => {
                let json = serde_json::to_string(offer).unwrap_or_default();
                query.append_pair("credential_offer", &json)
            }
            Self::ByReference(url) => query.append_pair("credential_offer_uri", url.as_str()),
        };
        format!("{}://?{}", SCHEMES[0], query.finish())
    }
}

/// Why an offer link is refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum OfferLinkError {
    /// More bytes or parameters than [`budget::OFFER_LINK`] allows.
    #[error(transparent)]
    OverBudget(#[from] OverBudget),
    /// Not a URL.
    #[error("not a link")]
    NotALink,
    /// A link of another kind.
    #[error("not a link of a credential offer")]
    Scheme,
    /// A parameter stands twice.
    #[error("a parameter stands twice")]
    ParameterTwice,
    /// Both forms at once. OpenID4VCI 1.0 §4.1
    #[error("the link carries an offer and a reference")]
    ValueAndReference,
    /// Neither form.
    #[error("the link carries no offer")]
    NoOffer,
    /// The reference is not a URL that may be fetched.
    #[error("credential_offer_uri: {0}")]
    Reference(UrlError),
    /// The offer inside is refused.
    #[error(transparent)]
    Offer(#[from] OfferError),
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use test_case::test_case;

    use super::*;

    /// OpenID4VCI 1.0 §4.1.2, line breaks taken out.
    const BY_VALUE: &str = "openid-credential-offer://?credential_offer=%7B%22credential_issuer%22:%22https://credential-issuer.example.com%22,%22credential_configuration_ids%22:%5B%22org.iso.18013.5.1.mDL%22%5D,%22grants%22:%7B%22urn:ietf:params:oauth:grant-type:pre-authorized_code%22:%7B%22pre-authorized_code%22:%22oaKazRN8I0IbtZ0C7JuMn5%22,%22tx_code%22:%7B%22input_mode%22:%22text%22,%22description%22:%22Please%20enter%20the%20serial%20number%20of%20your%20physical%20drivers%20license%22%7D%7D%7D%7D";

    #[test]
    fn the_example_by_value_parses_and_comes_back() {
        let link = OfferLink::parse(BY_VALUE, Transport::Https).unwrap();
        let OfferLink::ByValue(offer) = &link else {
            panic!("by value")
        };
        assert_eq!(
            offer.credential_issuer.as_str(),
            "https://credential-issuer.example.com"
        );
        assert_eq!(
            offer.grants.pre_authorized_code.as_ref().unwrap().pre_authorized_code,
            "oaKazRN8I0IbtZ0C7JuMn5"
        );
        assert_eq!(OfferLink::parse(&link.to_link(), Transport::Https).unwrap(), link);
    }

    /// OpenID4VCI 1.0 §4.1.3, line breaks taken out.
    #[test_case("openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fserver%2Eexample%2Ecom%2Fcredential-offer%2FGkurKxf5T0Y-mnPFCHqWOMiZi4VS138cQO_V7PZHAdM" ; "openid")]
    #[test_case("haip-vci://?credential_offer_uri=https%3A%2F%2Fserver%2Eexample%2Ecom%2Fcredential-offer%2FGkurKxf5T0Y-mnPFCHqWOMiZi4VS138cQO_V7PZHAdM" ; "haip")]
    fn the_example_by_reference_parses_and_comes_back(text: &str) {
        let link = OfferLink::parse(text, Transport::Https).unwrap();
        let OfferLink::ByReference(url) = &link else {
            panic!("by reference")
        };
        assert_eq!(
            url.as_str(),
            "https://server.example.com/credential-offer/GkurKxf5T0Y-mnPFCHqWOMiZi4VS138cQO_V7PZHAdM"
        );
        assert_eq!(OfferLink::parse(&link.to_link(), Transport::Https).unwrap(), link);
    }

    #[test_case("no link" => OfferLinkError::NotALink ; "no link")]
    #[test_case("https://wallet.example/?credential_offer_uri=https://a.example" => OfferLinkError::Scheme ; "other scheme")]
    #[test_case("openid-credential-offer://?" => OfferLinkError::NoOffer ; "nothing")]
    #[test_case("openid-credential-offer://?credential_offer={}&credential_offer_uri=https://a.example" => OfferLinkError::ValueAndReference ; "both")]
    #[test_case("openid-credential-offer://?credential_offer_uri=https://a.example&credential_offer_uri=https://b.example" => OfferLinkError::ParameterTwice ; "twice")]
    #[test_case("openid-credential-offer://?credential_offer_uri=http://a.example" => OfferLinkError::Reference(UrlError::Scheme) ; "http reference")]
    #[test_case("openid-credential-offer://?credential_offer_uri=file:///etc/passwd" => OfferLinkError::Reference(UrlError::Scheme) ; "file reference")]
    fn refused(link: &str) -> OfferLinkError {
        OfferLink::parse(link, Transport::Https).unwrap_err()
    }

    #[test]
    fn a8_core_a_link_over_the_budget_is_refused() {
        let refused = |work| Err(OfferLinkError::OverBudget(OverBudget(work)));
        let parse = |link: &str| OfferLink::parse(link, Transport::Https);
        let reference = "openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fa.example";
        let longest = budget::OFFER_LINK.allowed(Work::Bytes) - reference.len() - "&x=".len();
        let padded = |bytes: usize| format!("{reference}&x={}", "a".repeat(bytes));
        assert!(parse(&padded(longest)).is_ok());
        assert_eq!(parse(&padded(longest + 1)), refused(Work::Bytes));
        let most = budget::OFFER_LINK.allowed(Work::Parameters) - 1;
        assert!(parse(&format!("{reference}{}", "&x=1".repeat(most))).is_ok());
        assert_eq!(
            parse(&format!("{reference}{}", "&x=1".repeat(most + 1))),
            refused(Work::Parameters)
        );
    }

    proptest! {
        #[test]
        fn parsing_never_panics(text in ".{0,200}") {
            let _ = OfferLink::parse(&text, Transport::LoopbackHttp);
            let _ = OfferLink::parse(&format!("openid-credential-offer://?credential_offer={text}"), Transport::Https);
        }

        #[test]
        fn a_reference_comes_back(path in "[a-zA-Z0-9_/-]{0,40}", query in "[a-z=&%+ ]{0,20}") {
            let url = Url::parse(&format!("https://issuer.example/{path}?{query}")).unwrap();
            let link = OfferLink::ByReference(url);
            prop_assert_eq!(OfferLink::parse(&link.to_link(), Transport::Https).unwrap(), link);
        }
    }
}
