//! Requests and answers that are encrypted. OpenID4VCI 1.0 §10

use jose::{Algorithm, PrivateJwk};
use oid4vci::CredentialErrorCode;
use oid4vci::wallet::{
    AuthorizedIssuance, CredentialFailure, HttpResponse, PrepareError, PreparedIssuance, ProtectionError, Reply,
    ResponseFormError,
};
use serde_json::{Value, json};
use test_case::test_case;

use crate::fixture::{NOW, answer, id, issuer_metadata, key, offer, plain, random, server_metadata};

/// The issuer's key for requests.
pub(crate) fn encryption_key() -> PrivateJwk {
    oid4vci::derive_encryption_key(&[8; 32], &id())
}

fn encrypted_metadata(metadata: &mut Value) {
    let key = encryption_key().public().clone().for_encryption().unwrap();
    metadata["deferred_credential_endpoint"] = json!("https://issuer.example/agency/deferred");
    metadata["credential_request_encryption"] = json!({
        "jwks": { "keys": [key.to_value()] }, "enc_values_supported": ["A128GCM"], "encryption_required": true,
    });
    metadata["credential_response_encryption"] = json!({
        "alg_values_supported": ["ECDH-ES"], "enc_values_supported": ["A256GCM"], "encryption_required": true,
    });
}

pub(crate) fn encrypted_session() -> AuthorizedIssuance {
    let metadata = issuer_metadata(encrypted_metadata);
    let mut session =
        PreparedIssuance::new(offer(plain()), metadata, server_metadata(|_| ()), Algorithm::Es256).unwrap();
    let body = r#"{"access_token":"tok","token_type":"DPoP"}"#;
    let Reply::Done(mut session) = session.token_response(&answer(200, None, body)).unwrap() else {
        panic!("token")
    };
    session
        .nonce_response(&answer(200, None, r#"{"c_nonce":"n"}"#))
        .unwrap();
    session
}

pub(crate) fn jwt(status: u16, body: &str) -> HttpResponse<'_> {
    HttpResponse {
        status,
        content_type: Some("application/jwt"),
        dpop_nonce: None,
        body: body.as_bytes(),
    }
}

#[test]
fn a_plain_answer_to_a_request_for_an_encrypted_one_is_refused() {
    let mut session = encrypted_session();
    session
        .credential_request("card", &[&key(20)], &key(10), NOW, &mut random(30))
        .unwrap();
    let plain = answer(200, None, r#"{"credentials":[{"credential":"a~"}]}"#);
    let refused = session.credential_response(&plain, 1);
    assert_eq!(refused, Err(CredentialFailure::Form(ResponseFormError::NotEncrypted)));
    session
        .nonce_response(&answer(200, None, r#"{"c_nonce":"n"}"#))
        .unwrap();
    session
        .credential_request("card", &[&key(20)], &key(10), NOW, &mut random(31))
        .unwrap();
    let error = answer(400, None, r#"{"error":"credential_request_denied"}"#);
    let refused = session.credential_response(&error, 1);
    assert_eq!(
        refused,
        Err(CredentialFailure::Refused(CredentialErrorCode::CredentialRequestDenied)),
        "errors are never encrypted"
    );
}

#[test_case(|m| m["credential_request_encryption"]["enc_values_supported"] = json!(["A128CBC-HS256"])
    => PrepareError::Protection(ProtectionError::Request) ; "requests")]
#[test_case(|m| m["credential_response_encryption"]["alg_values_supported"] = json!(["RSA-OAEP"])
    => PrepareError::Protection(ProtectionError::Response) ; "responses")]
#[test_case(|m| { m.as_object_mut().unwrap().remove("credential_request_encryption"); }
    => PrepareError::Protection(ProtectionError::Response) ; "responses without requests")]
fn encryption_that_is_required_and_not_known(change: fn(&mut Value)) -> PrepareError {
    let metadata = issuer_metadata(|metadata| {
        encrypted_metadata(metadata);
        change(metadata);
    });
    PreparedIssuance::new(offer(plain()), metadata, server_metadata(|_| ()), Algorithm::Es256).unwrap_err()
}
