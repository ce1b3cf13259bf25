//! Contexts: held, pinned, and accepted as a whole.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use test_case::test_case;
use w3c_vc::{
    CREDENTIALS_V2, ContextError, Contexts, CredentialError, DocumentError, IssueError, UNDEFINED_TERMS_V2,
    UnverifiedCredential, issue,
};

use crate::fixture::{NOW, changed, contexts, credential, document, issuer, signer, signing, trusted, verify};

fn hash(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

#[test_case(json!(CREDENTIALS_V2) => ContextError::NotAnArray; "a text")]
#[test_case(json!({}) => ContextError::NotAnArray; "definitions alone")]
#[test_case(json!([]) => ContextError::BaseMissing; "none")]
#[test_case(json!([UNDEFINED_TERMS_V2, CREDENTIALS_V2]) => ContextError::BaseMissing; "another order")]
#[test_case(json!(["https://www.w3.org/2018/credentials/v1"]) => ContextError::BaseMissing; "version 1.1")]
#[test_case(json!([CREDENTIALS_V2, "https://a.example/v1"]) => ContextError::Unknown; "an unknown one")]
#[test_case(json!([CREDENTIALS_V2, {"given_name": "https://a.example/#family_name"}]) => ContextError::NotAccepted; "definitions in the document")]
#[test_case(json!([CREDENTIALS_V2, CREDENTIALS_V2]) => ContextError::NotAccepted; "twice the same")]
#[test_case(json!([CREDENTIALS_V2, 5]) => ContextError::NotAccepted; "a number")]
fn each_rule(context: Value) -> ContextError {
    let text = changed(&credential(), "/@context", context);
    match verify(&text).unwrap_err() {
        CredentialError::Document(DocumentError::Context(error)) => error,
        other => panic!("{other}"),
    }
}

#[test]
fn names_cannot_be_swapped_by_other_contexts() {
    // The same statements under other names: what a context in the document could do.
    let swap = json!([CREDENTIALS_V2, {
        "given_name": "https://www.w3.org/ns/credentials/undefined-term#family_name",
        "family_name": "https://www.w3.org/ns/credentials/undefined-term#given_name",
    }]);
    let text = changed(&credential(), "/@context", swap);
    let refused = verify(&text).unwrap_err();
    assert_eq!(refused, CredentialError::Document(ContextError::NotAccepted.into()));
}

#[test]
fn a_document_that_is_held_is_what_it_was_said_to_be() {
    let text = r#"{"@context": {"plate": "https://a.example/#plate"}}"#;
    let url = "https://a.example/v1";
    let other = contexts().with_document(url, text, &[0; 32]).unwrap_err();
    assert_eq!(other, ContextError::Hash);
    let broken = contexts().with_document(url, "{", &hash("{")).unwrap_err();
    assert_eq!(broken, ContextError::Syntax);
    let held = contexts().with_document(url, text, &hash(text)).unwrap();
    let mut plate = document();
    plate.insert("@context".to_owned(), json!([CREDENTIALS_V2, url]));
    plate["credentialSubject"] = json!({"id": "urn:x:1", "plate": "HD 1"});
    plate["type"] = json!(["VerifiableCredential"]);
    let signer = signer(&issuer());
    let issue = |contexts: &Contexts| issue(plate.clone(), contexts, &signing(&signer));
    let refused = issue(&held).unwrap_err();
    assert_eq!(refused, IssueError::Document(ContextError::NotAccepted.into()));
    let accepted = held.accepting(&[CREDENTIALS_V2, url]);
    let text = issue(&accepted).unwrap();
    let verified = UnverifiedCredential::parse(&text)
        .unwrap()
        .verify(&accepted, &trusted(&issuer()), NOW);
    assert!(verified.is_ok());
    assert_eq!(
        verify(&text).unwrap_err(),
        CredentialError::Document(ContextError::Unknown.into())
    );
}

#[test]
fn a_context_that_a_held_one_asks_for_is_not_fetched_either() {
    let text = r#"{"@context": ["https://b.example/v1", {"plate": "https://a.example/#plate"}]}"#;
    let url = "https://a.example/v1";
    let contexts = contexts().with_document(url, text, &hash(text)).unwrap();
    let contexts = contexts.accepting(&[CREDENTIALS_V2, url]);
    let mut plate = document();
    plate.insert("@context".to_owned(), json!([CREDENTIALS_V2, url]));
    let refused = issue(plate, &contexts, &signing(&signer(&issuer()))).unwrap_err();
    assert_eq!(refused, IssueError::Document(ContextError::Unknown.into()));
}
