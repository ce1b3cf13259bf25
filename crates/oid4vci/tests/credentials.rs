//! Credential requests: what they need, what they ask for, and answers that give no credentials.

use jose::{Algorithm, Signer};
use oid4vci::wallet::{
    AuthorizedIssuance, CredentialAnswer, CredentialFailure, CredentialStepError, PreparedIssuance, Reply,
};
use oid4vci::{CredentialErrorCode, CredentialRequest};
use serde_json::json;
use test_case::test_case;

use crate::fixture::{
    NOW, TestIssuer, answer, authorized, issuer_metadata, key, offer, plain, prepared, random, server_metadata,
};

#[test]
fn a_request_needs_an_offered_card_a_nonce_and_keys_within_the_batch() {
    let issuer = TestIssuer::new();
    let mut session = authorized(&issuer);
    let (dpop, card) = (key(1), key(2));
    let ask = |session: &mut AuthorizedIssuance, card_id: &str, keys: &[&dyn Signer]| {
        session
            .credential_request(card_id, keys, &dpop, NOW, &mut random(3))
            .unwrap_err()
    };
    assert_eq!(ask(&mut session, "card", &[&card]), CredentialStepError::NonceMissing);
    session
        .nonce_response(&answer(200, None, r#"{"c_nonce":"n"}"#))
        .unwrap();
    assert_eq!(ask(&mut session, "other", &[&card]), CredentialStepError::NotOffered);
    assert_eq!(ask(&mut session, "card", &[]), CredentialStepError::BatchSize);
    assert_eq!(
        ask(&mut session, "card", &[&card, &card, &card]),
        CredentialStepError::BatchSize
    );
}

#[test_case(400, r#"{"error":"credential_request_denied"}"# => CredentialFailure::Refused(CredentialErrorCode::CredentialRequestDenied) ; "denied")]
#[test_case(401, r#"{"error":"invalid_token"}"# => CredentialFailure::Unauthorized(Some(oid4vci::AuthorizationErrorCode::InvalidToken)) ; "token expired")]
#[test_case(500, "" => CredentialFailure::Status(500) ; "server error")]
#[test_case(200, r#"{"credentials":[{"credential":"a"},{"credential":"b"}]}"# => CredentialFailure::MoreCredentialsThanKeys ; "one too many")]
#[test_case(200, r#"{"credentials":[{"credential":{}}]}"# => CredentialFailure::NotAString ; "object")]
#[test_case(202, r#"{"transaction_id":"t","interval":5}"# => CredentialFailure::NoDeferredEndpoint ; "deferred to nowhere")]
fn no_credentials(status: u16, body: &str) -> CredentialFailure {
    authorized(&TestIssuer::new())
        .credential_response(&answer(status, None, body), 1)
        .unwrap_err()
}

/// What a wallet reads of one credential in the answer of an issuer of W3C credentials.
fn w3c_answer(credential: &str) -> Result<Reply<CredentialAnswer>, CredentialFailure> {
    let metadata = issuer_metadata(|metadata| {
        metadata["credential_configurations_supported"]["card"] = json!({
            "format": "ldp_vc",
            "credential_definition": { "@context": ["https://www.w3.org/ns/credentials/v2"],
                "type": ["VerifiableCredential", "StudentCard"] },
            "cryptographic_binding_methods_supported": ["did:key"],
            "proof_types_supported": { "jwt": { "proof_signing_alg_values_supported": ["ES256"] } },
        });
    });
    let mut prepared =
        PreparedIssuance::new(offer(plain()), metadata, server_metadata(|_| ()), Algorithm::Es256).unwrap();
    let token = answer(200, None, r#"{"access_token":"tok","token_type":"DPoP"}"#);
    let Reply::Done(mut session) = prepared.token_response(&token).unwrap() else {
        panic!("token")
    };
    session
        .nonce_response(&answer(200, None, r#"{"c_nonce":"n"}"#))
        .unwrap();
    session
        .credential_request("card", &[&key(1)], &key(2), NOW, &mut random(3))
        .unwrap();
    let body = format!(r#"{{"credentials":[{{"credential":{credential}}}]}}"#);
    session.credential_response(&answer(200, None, &body), 1)
}

#[test]
fn a_credential_that_is_an_object_comes_as_its_json() {
    let Ok(Reply::Done(CredentialAnswer::Issued(issued))) = w3c_answer(r#"{ "type": ["VerifiableCredential"] }"#)
    else {
        panic!("credentials")
    };
    assert_eq!(issued.credentials, [r#"{"type":["VerifiableCredential"]}"#]);
    assert_eq!(w3c_answer(r#""eyJ~""#).unwrap_err(), CredentialFailure::NotAnObject);
}

#[test]
fn an_old_nonce_leads_to_a_fresh_one() {
    let mut session = authorized(&TestIssuer::new());
    let response = answer(400, None, r#"{"error":"invalid_nonce"}"#);
    assert_eq!(
        session.credential_response(&response, 1),
        Ok(Reply::RepeatWithFreshNonce)
    );
}

#[test]
fn a_dataset_named_in_the_token_response_is_asked_for_by_name() {
    let body = r#"{"access_token":"t","token_type":"DPoP","authorization_details":[{"type":"openid_credential","credential_configuration_id":"card","credential_identifiers":["card-7"]}]}"#;
    let Reply::Done(mut session) = prepared(plain()).token_response(&answer(200, None, body)).unwrap() else {
        panic!("token")
    };
    session
        .nonce_response(&answer(200, None, r#"{"c_nonce":"n"}"#))
        .unwrap();
    let request = session
        .credential_request("card", &[&key(1)], &key(2), NOW, &mut random(3))
        .unwrap();
    let requested = CredentialRequest::parse(&request.body).unwrap().requested;
    assert_eq!(requested, oid4vci::RequestedCredential::Identifier("card-7".to_owned()));
}
