//! One case for each rule of a response. OpenID4VP 1.0 §8

use jose::jwe::{self, ContentEncryption, JweError};
use jose::strict_json::StrictJsonError;
use jose::{OverBudget, Work};
use oid4vp::{DirectPost, ErrorCode, ReceivedResponse, ResponseError, ResponseExpectation};
use serde_json::{Value, json};
use test_case::test_case;

use crate::support::{Verifier, key};

fn form(pairs: &[(&str, &str)]) -> Vec<u8> {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
        .into_bytes()
}

fn open(body: &[u8]) -> Result<ReceivedResponse, ResponseError> {
    let verifier = Verifier::new();
    DirectPost::parse(body)?.open(&ResponseExpectation {
        query: &verifier.query,
        state: &verifier.state,
        decryption_key: Some(&verifier.session_key),
    })
}

fn open_plain(body: &[u8]) -> Result<ReceivedResponse, ResponseError> {
    let verifier = Verifier::new();
    DirectPost::parse(body)?.open(&ResponseExpectation {
        query: &verifier.query,
        state: &verifier.state,
        decryption_key: None,
    })
}

fn encrypted(payload: &str) -> Vec<u8> {
    let key = Verifier::new().encryption_key();
    let jwe = jwe::encrypt(payload.as_bytes(), &key, ContentEncryption::A256Gcm, None, None).unwrap();
    form(&[("response", &jwe)])
}

fn with_token(token: Value) -> Result<ReceivedResponse, ResponseError> {
    let state = Verifier::new().state;
    open(&encrypted(
        &json!({ "vp_token": token, "state": state.as_str() }).to_string(),
    ))
}

#[test]
fn a_good_response_opens() {
    assert!(matches!(
        with_token(json!({ "residence": ["x~"] })),
        Ok(ReceivedResponse::Presentations(_))
    ));
}

#[test_case(json!("x~") => ResponseError::NotAnObject ; "string")]
#[test_case(json!([]) => ResponseError::NotAnObject ; "array")]
#[test_case(json!({}) => ResponseError::EmptyToken ; "empty")]
#[test_case(json!({"other": ["x~"]}) => ResponseError::UnknownQueryId ; "unknown query")]
#[test_case(json!({"residence": "x~"}) => ResponseError::NotAnArray ; "string instead of array")]
#[test_case(json!({"residence": []}) => ResponseError::EmptyAnswer ; "empty array")]
#[test_case(json!({"residence": ["x~", "y~"]}) => ResponseError::MoreThanOne ; "two presentations")]
#[test_case(json!({"residence": [{}]}) => ResponseError::PresentationNotAString ; "object as presentation")]
fn vp_token(token: Value) -> ResponseError {
    with_token(token).unwrap_err()
}

#[test]
fn presentations_are_counted() {
    let mut verifier = Verifier::new();
    let mut query = verifier.query.to_value().clone();
    query["credentials"][0]["multiple"] = json!(true);
    verifier.query = oid4vp::DcqlQuery::parse(&query).unwrap();
    let parse = |count: usize| {
        let token = json!({ "residence": vec!["x~"; count] });
        oid4vp::UnverifiedVpToken::parse(&token, &verifier.query).map(|token| token.presentations().count())
    };
    assert_eq!(parse(2), Ok(2));
    assert_eq!(parse(16), Ok(16));
    assert_eq!(parse(17), Err(ResponseError::TooManyPresentations));
}

#[test]
fn state_must_be_the_sessions() {
    for payload in [json!({ "vp_token": {} }), json!({ "vp_token": {}, "state": "other" })] {
        assert_eq!(
            open(&encrypted(&payload.to_string())),
            Err(ResponseError::StateMismatch)
        );
    }
    assert_eq!(
        open(&form(&[("error", "access_denied")])),
        Err(ResponseError::StateMismatch)
    );
}

#[test]
fn payload_is_strict_json() {
    let state = Verifier::new().state;
    let twice = format!(r#"{{"state":"{state}","vp_token":{{"residence":["a~"],"residence":["b~"]}}}}"#);
    assert_eq!(
        open(&encrypted(&twice)),
        Err(ResponseError::Json(StrictJsonError::DuplicateName))
    );
    assert_eq!(open(&encrypted("[]")), Err(ResponseError::NotAnObject));
}

#[test]
fn a_plain_token_is_refused_where_encryption_was_asked_for() {
    let state = Verifier::new().state;
    let body = form(&[("vp_token", r#"{"residence":["x~"]}"#), ("state", state.as_str())]);
    assert_eq!(open(&body), Err(ResponseError::NotEncrypted));
    assert!(matches!(open_plain(&body), Ok(ReceivedResponse::Presentations(_))));
}

#[test]
fn an_encrypted_token_is_refused_where_none_was_asked_for() {
    assert_eq!(open_plain(&encrypted("{}")), Err(ResponseError::NotAskedToEncrypt));
}

#[test]
fn a_key_of_another_session_is_refused() {
    let other = key(7).with_kid("session-2").public().clone().for_encryption().unwrap();
    let jwe = jwe::encrypt(b"{}", &other, ContentEncryption::A128Gcm, None, None).unwrap();
    assert_eq!(open(&form(&[("response", &jwe)])), Err(ResponseError::WrongKey));
    let same_name = key(7).with_kid("session-1").public().clone().for_encryption().unwrap();
    let jwe = jwe::encrypt(b"{}", &same_name, ContentEncryption::A128Gcm, None, None).unwrap();
    assert_eq!(
        open(&form(&[("response", &jwe)])),
        Err(ResponseError::Jwe(JweError::Undecryptable))
    );
}

#[test_case(&[] => ResponseError::NoAnswer ; "nothing")]
#[test_case(&[("error", "a"), ("vp_token", "{}")] => ResponseError::NoAnswer ; "token and error")]
#[test_case(&[("error", "a"), ("error", "b")] => ResponseError::RepeatedParameter ; "error twice")]
#[test_case(&[("response", "x.y.z")] => ResponseError::Jwe(JweError::NotFiveParts) ; "a jws")]
fn forms(pairs: &[(&str, &str)]) -> ResponseError {
    open(&form(pairs)).unwrap_err()
}

#[test]
fn a_form_is_read_within_its_budget() {
    let most = oid4vp::budget::FORM.allowed(Work::Parameters);
    let mut pairs = vec![("x", "1"); most];
    assert_eq!(open(&form(&pairs)), Err(ResponseError::NoAnswer));
    pairs.push(("x", "1"));
    let refused = |work| Err(ResponseError::OverBudget(OverBudget(work)));
    assert_eq!(open(&form(&pairs)), refused(Work::Parameters));
    let longest = "a".repeat(oid4vp::budget::FORM.allowed(Work::Bytes));
    assert_eq!(open(&form(&[("x", &longest)])), refused(Work::Bytes));
}

#[test]
fn a_form_is_utf8() {
    assert_eq!(open(&[0xff, 0xfe]), Err(ResponseError::NotAForm));
}

#[test_case("access_denied" => ErrorCode::AccessDenied ; "refused")]
#[test_case("invalid_request" => ErrorCode::InvalidRequest ; "refused for its form")]
#[test_case("made_up" => ErrorCode::AccessDenied ; "unknown code")]
fn an_error_may_come_in_the_clear(code: &str) -> ErrorCode {
    let state = Verifier::new().state;
    match open(&form(&[("error", code), ("state", state.as_str())])) {
        Ok(ReceivedResponse::Refused(code)) => code,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_error_may_come_encrypted() {
    let payload = json!({ "error": "access_denied", "state": Verifier::new().state.as_str() });
    assert_eq!(
        open(&encrypted(&payload.to_string())),
        Ok(ReceivedResponse::Refused(ErrorCode::AccessDenied))
    );
}

#[test]
fn every_refusal_is_invalid_request() {
    assert_eq!(ResponseError::NotEncrypted.code(), ErrorCode::InvalidRequest);
}
