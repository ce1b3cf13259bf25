//! Parsers of outside bytes never panic, and what they accept reads back.

use oid4vp::{ClaimsPath, ClientId, DcqlQuery, DirectPost, RequestUri, UnverifiedRequest, WalletScheme};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::Verifier;

fn json_value() -> impl Strategy<Value = Value> {
    let names = prop::sample::select(vec![
        "id",
        "path",
        "values",
        "format",
        "meta",
        "claims",
        "claim_sets",
        "options",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[a-z+_-]{0,9}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 48, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((names.clone(), inner), 0..6).prop_map(|members| members
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect()),
        ]
    })
}

proptest! {
    #[test]
    fn queries(credentials in json_value(), sets in json_value()) {
        let _ = DcqlQuery::parse(&json!({ "credentials": credentials, "credential_sets": sets }));
    }

    #[test]
    fn paths_read_back(value in json_value()) {
        if let Ok(path) = ClaimsPath::parse(&value) {
            prop_assert_eq!(path.to_value(), value);
        }
    }

    #[test]
    fn client_ids_read_back(text in "(x509_hash|x509_san_dns|decentralized_identifier|origin):[a-zA-Z0-9:.%-]{0,60}") {
        if let Ok(client_id) = text.parse::<ClientId>() {
            prop_assert_eq!(client_id.to_string(), text);
        }
    }

    #[test]
    fn links(text in "openid4vp://\\?[a-z_=%&A-F0-9:/.]{0,120}") {
        if let Ok(link) = RequestUri::parse(&text) {
            prop_assert_eq!(RequestUri::parse(&link.to_link(WalletScheme::HaipVp)), Ok(link));
        }
    }

    #[test]
    fn forms(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = DirectPost::parse(&body);
    }

    #[test]
    fn request_objects(text in "[A-Za-z0-9_.-]{0,200}") {
        prop_assert!(UnverifiedRequest::parse(&text, &Verifier::new().link(), None).is_err());
    }
}
