//! Answers to a token request that give no token.

use oid4vci::TokenErrorCode;
use oid4vci::wallet::{HttpResponse, Reply, TokenFailure};
use test_case::test_case;

use crate::fixture::{answer, plain, prepared};

#[test_case(400, r#"{"error":"invalid_grant"}"# => TokenFailure::Refused(TokenErrorCode::InvalidGrant) ; "wrong code")]
#[test_case(400, r#"{"error":"use_dpop_nonce"}"# => TokenFailure::Refused(TokenErrorCode::UseDpopNonce) ; "nonce asked for and not given")]
#[test_case(503, "busy" => TokenFailure::Status(503) ; "busy")]
#[test_case(200, r#"{"access_token":"t","token_type":"Bearer"}"# => TokenFailure::NotBound ; "bearer")]
fn no_token(status: u16, body: &str) -> TokenFailure {
    prepared(plain())
        .token_response(&answer(status, None, body))
        .unwrap_err()
}

#[test]
fn a_token_that_is_not_json_is_refused() {
    let body = br#"{"access_token":"t","token_type":"DPoP"}"#;
    let response = HttpResponse {
        status: 200,
        content_type: Some("text/html"),
        dpop_nonce: None,
        body,
    };
    assert_eq!(
        prepared(plain()).token_response(&response).unwrap_err(),
        TokenFailure::NotJson
    );
}

#[test]
fn a_server_that_asks_twice_for_the_same_nonce_is_not_asked_again() {
    let mut session = prepared(plain());
    let response = answer(400, Some("n"), r#"{"error":"use_dpop_nonce"}"#);
    assert!(matches!(
        session.token_response(&response),
        Ok(Reply::RepeatWithDpopNonce)
    ));
    let again = session.token_response(&response).unwrap_err();
    assert_eq!(again, TokenFailure::Refused(TokenErrorCode::UseDpopNonce));
}
