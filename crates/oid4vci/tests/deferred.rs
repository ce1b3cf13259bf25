//! Credentials that the issuer needs time for. OpenID4VCI 1.0 §9

use jose::Algorithm;
use oid4vci::wallet::{CredentialAnswer, CredentialFailure, DeferredAnswer, DeferredSession, PreparedIssuance, Reply};
use oid4vci::{
    CredentialErrorCode, CredentialRequest, CredentialResponse, DeferredCredentialRequest, Encryption,
    EncryptionPolicy, MessageBody,
};
use serde_json::json;
use test_case::test_case;

use crate::encryption::{encrypted_session, encryption_key, jwt};
use crate::fixture::{NOW, answer, header, issuer_metadata, key, offer, plain, random, server_metadata};

#[test]
fn a_card_is_issued_later_and_encrypted_all_the_way() {
    let issuer_key = encryption_key();
    let policy = EncryptionPolicy {
        request: Encryption::Required,
        response: Encryption::Required,
        key: &issuer_key,
    };
    let mut session = encrypted_session();
    let (dpop, card) = (key(10), key(20));
    let request = session
        .credential_request("card", &[&card], &dpop, NOW, &mut random(30))
        .unwrap();
    assert_eq!(header(&request, "content-type"), "application/jwt");
    let message = CredentialRequest::open(MessageBody::Jwt(&request.body), &policy).unwrap();
    let later = CredentialResponse::Deferred {
        transaction_id: "t".to_owned(),
        interval: 5,
    };
    let body = message.response_encryption.unwrap().encrypt(&later.to_value()).unwrap();
    let Reply::Done(CredentialAnswer::Deferred(waiting)) = session.credential_response(&jwt(202, &body), 1).unwrap()
    else {
        panic!("deferred")
    };
    assert_eq!(waiting.interval(), 5);
    let stored = serde_json::to_string(&waiting).unwrap();
    let mut waiting: DeferredSession = serde_json::from_str(&stored).unwrap();
    let mut ask = |response: CredentialResponse| {
        let request = waiting.request(&dpop, NOW, &mut random(40)).unwrap();
        assert_eq!(request.url.path(), "/agency/deferred");
        let message = DeferredCredentialRequest::open(MessageBody::Jwt(&request.body), &policy).unwrap();
        assert_eq!(message.transaction_id, "t");
        let body = message
            .response_encryption
            .unwrap()
            .encrypt(&response.to_value())
            .unwrap();
        waiting.response(&jwt(response.status(), &body))
    };
    assert_eq!(ask(later), Ok(Reply::Done(DeferredAnswer::Later { interval: 5 })));
    let other = CredentialResponse::Deferred {
        transaction_id: "u".to_owned(),
        interval: 5,
    };
    assert_eq!(ask(other), Err(CredentialFailure::OtherTransaction));
    let issued = |credentials| CredentialResponse::Issued {
        credentials,
        notification_id: None,
    };
    let two = issued(vec![json!("a~"), json!("b~")]);
    assert_eq!(ask(two), Err(CredentialFailure::MoreCredentialsThanKeys));
    let Ok(Reply::Done(DeferredAnswer::Issued(issued))) = ask(issued(vec![json!("a~")])) else {
        panic!("issued")
    };
    assert_eq!(issued.credentials, ["a~"]);
}

#[test_case(400, r#"{"error":"invalid_transaction_id"}"# => CredentialFailure::Refused(CredentialErrorCode::InvalidTransactionId) ; "over")]
#[test_case(400, r#"{"error":"credential_request_denied"}"# => CredentialFailure::Refused(CredentialErrorCode::CredentialRequestDenied) ; "denied")]
#[test_case(401, r#"{"error":"invalid_token"}"# => CredentialFailure::Unauthorized(Some(oid4vci::AuthorizationErrorCode::InvalidToken)) ; "token expired")]
#[test_case(503, "" => CredentialFailure::Status(503) ; "busy")]
#[test_case(200, r#"{"transaction_id":"t","interval":5}"# => CredentialFailure::Response(oid4vci::CredentialResponseError::Status) ; "deferred with 200")]
fn nothing_to_collect(status: u16, body: &str) -> CredentialFailure {
    let metadata = issuer_metadata(|m| m["deferred_credential_endpoint"] = json!("https://issuer.example/deferred"));
    let mut session =
        PreparedIssuance::new(offer(plain()), metadata, server_metadata(|_| ()), Algorithm::Es256).unwrap();
    let token = r#"{"access_token":"tok","token_type":"DPoP"}"#;
    let Reply::Done(mut session) = session.token_response(&answer(200, None, token)).unwrap() else {
        panic!("token")
    };
    let deferred = answer(202, None, r#"{"transaction_id":"t","interval":5}"#);
    let Ok(Reply::Done(CredentialAnswer::Deferred(mut waiting))) = session.credential_response(&deferred, 1) else {
        panic!("deferred")
    };
    waiting.request(&key(1), NOW, &mut random(2)).unwrap();
    waiting.response(&answer(status, None, body)).unwrap_err()
}
