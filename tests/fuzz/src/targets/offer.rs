//! Credential offers and their links. OpenID4VCI 1.0 §4.1

use oid4vci::{CredentialOffer, OfferLink, Transport};
use serde_json::{Value, json};

use super::Target;
use crate::Reached;

pub(super) const TARGET: Target = Target {
    name: "offer",
    asserts: "an offer and its link, written, read the same; what is read offers something by https, each \
              configuration once; a code that was typed fits what the offer says of it",
    body,
    seeds: inputs,
};

fn inputs() -> Vec<Vec<u8>> {
    let pre_authorized = json!({
        "credential_issuer": "https://issuer.example/a",
        "credential_configuration_ids": ["pid", "residence"],
        "grants": {
            "urn:ietf:params:oauth:grant-type:pre-authorized_code": {
                "pre-authorized_code": "oaKazRN8I0IbtZ0C7JuMn5",
                "tx_code": { "length": 4, "input_mode": "numeric", "description": "Sent to you by post" },
            },
            "authorization_code": { "issuer_state": "eyJhbGciOiJSU0Et", "authorization_server": "https://as.example" },
        },
    });
    let plain = json!({ "credential_issuer": "https://issuer.example", "credential_configuration_ids": ["pid"] });
    let link = |offer: &Value| {
        let offer = CredentialOffer::parse(offer.to_string().as_bytes(), Transport::Https).unwrap();
        OfferLink::ByValue(offer).to_link()
    };
    let texts = [
        link(&pre_authorized),
        link(&plain),
        pre_authorized.to_string(),
        plain.to_string(),
        "openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fissuer.example%2Foffers%2F1%3Fa%3Db".to_owned(),
        "haip-vci://?credential_offer_uri=https%3A%2F%2Fissuer.example%2Foffers%2F1".to_owned(),
    ];
    texts.into_iter().map(String::into_bytes).collect()
}

fn body(input: &[u8]) -> Reached {
    if input.first() == Some(&b'{') {
        return CredentialOffer::parse(input, Transport::Https).map_or(Reached::Refused, |offer| {
            sound(&offer);
            Reached::Accepted
        });
    }
    let Ok(link) = std::str::from_utf8(input)
        .map_err(drop)
        .and_then(|text| OfferLink::parse(text, Transport::Https).map_err(drop))
    else {
        return Reached::Refused;
    };
    assert_eq!(
        OfferLink::parse(&link.to_link(), Transport::Https),
        Ok(link.clone()),
        "what was written is read"
    );
    match &link {
        OfferLink::ByValue(offer) => sound(offer),
        OfferLink::ByReference(url) => {
            assert_eq!(url.scheme(), "https");
            assert!(url.host().is_some() && url.username().is_empty() && url.fragment().is_none());
        }
    }
    Reached::Accepted
}

fn sound(offer: &CredentialOffer) {
    let written = serde_json::to_vec(offer).expect("an offer is JSON");
    assert_eq!(CredentialOffer::parse(&written, Transport::Https).as_ref(), Ok(offer));
    let ids = &offer.credential_configuration_ids;
    assert!(!ids.is_empty());
    assert_eq!(ids.iter().collect::<std::collections::HashSet<_>>().len(), ids.len());
    let issuer: url::Url = offer.credential_issuer.as_str().parse().expect("a URL");
    assert!(issuer.scheme() == "https" && issuer.query().is_none() && issuer.fragment().is_none());
    let Some(grant) = &offer.grants.pre_authorized_code else {
        return;
    };
    assert!(!grant.pre_authorized_code.is_empty());
    let quoted = format!("{:?}", grant.pre_authorized_code);
    let elsewhere = format!("{:?}", grant.tx_code).contains(&quoted);
    assert!(
        elsewhere || !format!("{grant:?}").contains(&quoted),
        "the code is in the log"
    );
    for typed in ["", "1234", "12a4", "493536"] {
        let accepted = grant
            .tx_code
            .as_ref()
            .is_some_and(|code| code.check_input(typed).is_ok());
        let length = grant.tx_code.as_ref().and_then(|code| code.length);
        assert!(!accepted || length.is_none_or(|length| length as usize == typed.len()));
    }
}
