//! The examples of OpenID4VCI 1.0 that are messages of this crate, read from `../shared/vectors`.

use oid4vci::metadata::{FormatProfile, parse_configurations};
use oid4vci::{AuthorizationDetail, CredentialResponse};
use testkit::vectors::Table;

#[test]
fn every_example_of_these_messages_parses() {
    let Some(directory) = testkit::vectors::folder("openid4vci-examples") else {
        return;
    };
    let mut table = Table::new("openid4vci-examples");
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        if name.starts_with("authorization_details_") {
            let details = AuthorizationDetail::parse_array(text.as_bytes()).unwrap();
            assert!(!details[0].claims.as_ref().unwrap().is_empty(), "{name}");
            table.agrees("authorization details", true);
        } else if name.starts_with("credential_metadata_") {
            configurations(&name, &text);
            table.agrees("configuration", true);
        } else if name.starts_with("credential_response_") {
            response(&name, &text);
            table.agrees("credential response", true);
        } else {
            table.out_of_scope(
                "other",
                1,
                "the source note, and the key set of an issuer: no message of this crate",
            );
        }
    }
    table.check(&[
        ("authorization details", [2, 0, 0, 0]),
        ("configuration", [3, 0, 0, 0]),
        ("credential response", [3, 0, 0, 0]),
        ("other", [0, 0, 0, 2]),
    ]);
}

fn configurations(name: &str, text: &str) {
    let configurations = parse_configurations(text.as_bytes()).unwrap();
    let (_, configuration) = configurations.first_key_value().unwrap();
    match name {
        "credential_metadata_mso_mdoc.json" => {
            let doctype = "org.iso.18013.5.1.mDL".to_owned();
            assert_eq!(configuration.format, FormatProfile::MsoMdoc { doctype });
        }
        _ => assert!(name.contains(configuration.format.name()), "{name}"),
    }
    assert!(
        !configuration.credential_metadata.as_ref().unwrap().claims.is_empty(),
        "{name}"
    );
}

/// The examples are HTTP messages whose strings are wrapped for print; the wrapping is taken out.
fn response(name: &str, text: &str) {
    let (head, body) = text.split_once("\n\n").unwrap();
    let status: u16 = head.split(' ').nth(1).unwrap().parse().unwrap();
    let body: String = body.lines().map(str::trim_start).collect();
    let response = CredentialResponse::parse(status, body.as_bytes()).unwrap();
    let CredentialResponse::Issued { credentials, .. } = response else {
        panic!("{name}")
    };
    assert_eq!(credentials.len(), 1);
    assert_eq!(credentials[0].is_object(), name.contains("ldp_vc"), "{name}");
}

proptest::proptest! {
    #[test]
    fn no_message_panics(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200), text in ".{0,200}") {
        let id = oid4vci::Identifier::parse("https://issuer.example", oid4vci::Transport::Https).unwrap();
        for input in [bytes.as_slice(), text.as_bytes(), format!("{{{text}}}").as_bytes()] {
            let _ = oid4vci::IssuerMetadata::parse(input, &id, oid4vci::Transport::Https);
            let _ = oid4vci::AuthorizationServerMetadata::parse(input, &id, oid4vci::Transport::Https);
            let _ = oid4vci::CredentialOffer::parse(input, oid4vci::Transport::Https);
            let _ = oid4vci::NotificationRequest::parse(input);
            let _ = oid4vci::NonceResponse::parse(input);
            let _ = oid4vci::ErrorBody::parse(input);
            let _ = parse_configurations(input);
            let _ = AuthorizationDetail::parse_array(input);
        }
        let _ = oid4vci::Identifier::parse(&text, oid4vci::Transport::LoopbackHttp);
        let _ = oid4vci::PresentedToken::parse(Some(&text));
        let _ = oid4vci::UnverifiedDpop::parse([text.as_str()].into_iter());
    }
}
