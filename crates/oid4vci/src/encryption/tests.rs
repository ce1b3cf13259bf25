use test_case::test_case;

use super::*;
use crate::credential_request::{CredentialRequest, CredentialRequestError};
use crate::fixture::random;

fn key(seed: u8) -> PrivateJwk {
    PrivateJwk::generate_p256(&mut random(seed)).with_kid("issuer-1")
}

fn recipient(key: &PrivateJwk) -> PublicJwk {
    key.public().clone().for_encryption().unwrap()
}

fn seal(body: &Value, key: &PrivateJwk) -> String {
    jwe::encrypt(
        body.to_string().as_bytes(),
        &recipient(key),
        ContentEncryption::A128Gcm,
        None,
        None,
    )
    .unwrap()
}

fn policy(key: &PrivateJwk, request: Encryption, response: Encryption) -> EncryptionPolicy<'_> {
    EncryptionPolicy { request, response, key }
}

fn open(body: MessageBody<'_>, policy: &EncryptionPolicy<'_>) -> Result<CredentialRequest, MessageEncryptionError> {
    CredentialRequest::open(body, policy).map_err(|error| match error {
        CredentialRequestError::Encryption(error) => error,
        other => panic!("{other:?}"),
    })
}

fn plain() -> Value {
    json!({ "credential_identifier": "a" })
}

fn asking(change: impl FnOnce(&mut Value)) -> Value {
    let mut body = plain();
    let request = ResponseEncryptionRequest::new(key(9).public(), ContentEncryption::A256Gcm).unwrap();
    request.put(&mut body);
    change(&mut body[PARAMETER]);
    body
}

#[test]
fn an_encrypted_request_brings_the_key_for_an_encrypted_response() {
    let issuer = key(1);
    let sealed = seal(&asking(|_| ()), &issuer);
    let policy = policy(&issuer, Encryption::Required, Encryption::Required);
    let request = open(MessageBody::Jwt(sealed.as_bytes()), &policy).unwrap();
    let response = json!({ "credentials": [] });
    let compact = request.response_encryption.unwrap().encrypt(&response).unwrap();
    let jwe = UnverifiedJwe::parse(&compact).unwrap();
    assert_eq!(jwe.enc(), ContentEncryption::A256Gcm);
    let opened = jwe.decrypt(&key(9), &ENC).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&opened).unwrap(), response);
}

#[test_case(Encryption::Required, Encryption::Offered => Err(MessageEncryptionError::RequestNotEncrypted) ; "request required")]
#[test_case(Encryption::Offered, Encryption::Required => Err(MessageEncryptionError::ResponseNotEncrypted) ; "response required")]
#[test_case(Encryption::Offered, Encryption::Offered => Ok(()) ; "offered")]
#[test_case(Encryption::Off, Encryption::Off => Ok(()) ; "off")]
fn a_plain_request(request: Encryption, response: Encryption) -> Result<(), MessageEncryptionError> {
    let issuer = key(1);
    let body = plain().to_string();
    open(MessageBody::Json(body.as_bytes()), &policy(&issuer, request, response)).map(|_| ())
}

#[test]
fn a_key_in_a_plain_request_is_refused() {
    let issuer = key(1);
    let body = asking(|_| ()).to_string();
    let error = open(
        MessageBody::Json(body.as_bytes()),
        &policy(&issuer, Encryption::Offered, Encryption::Offered),
    );
    assert_eq!(error.unwrap_err(), MessageEncryptionError::KeyInPlainRequest);
}

#[test_case(|p| p["enc"] = json!("A128CBC-HS256") => MessageEncryptionError::Jwe(JweError::EncryptionNotAllowed) ; "enc")]
#[test_case(|p| p["zip"] = json!("DEF") => MessageEncryptionError::Compression ; "zip")]
#[test_case(|p| p["jwk"]["alg"] = json!("RSA1_5") => MessageEncryptionError::Key(JwkError::AlgorithmMismatch) ; "alg of another kind")]
#[test_case(|p| p["jwk"]["alg"] = json!("ES256") => MessageEncryptionError::KeyAlgorithm ; "alg of signatures")]
#[test_case(|p| { p["jwk"].as_object_mut().unwrap().remove("alg"); } => MessageEncryptionError::KeyAlgorithm ; "no alg")]
#[test_case(|p| p["jwk"]["use"] = json!("sig") => MessageEncryptionError::KeyAlgorithm ; "key for signatures")]
#[test_case(|p| p["jwk"]["d"] = p["jwk"]["x"].clone() => MessageEncryptionError::Key(JwkError::PrivateMember) ; "private key")]
#[test_case(|p| p["jwk"]["x"] = p["jwk"]["y"].clone() => MessageEncryptionError::Key(JwkError::InvalidPoint) ; "off the curve")]
#[test_case(|p| *p = json!("x") => MessageEncryptionError::Malformed ; "not an object")]
fn a_response_that_cannot_be_made(change: fn(&mut Value)) -> MessageEncryptionError {
    let issuer = key(1);
    let sealed = seal(&asking(change), &issuer);
    let policy = policy(&issuer, Encryption::Offered, Encryption::Offered);
    open(MessageBody::Jwt(sealed.as_bytes()), &policy).unwrap_err()
}

#[test]
fn nothing_is_encrypted_where_it_is_off() {
    let issuer = key(1);
    let sealed = seal(&asking(|_| ()), &issuer);
    let body = MessageBody::Jwt(sealed.as_bytes());
    let off = policy(&issuer, Encryption::Off, Encryption::Off);
    assert_eq!(
        open(body, &off).unwrap_err(),
        MessageEncryptionError::RequestsNotSupported
    );
    let requests = policy(&issuer, Encryption::Offered, Encryption::Off);
    assert_eq!(
        open(body, &requests).unwrap_err(),
        MessageEncryptionError::ResponsesNotSupported
    );
}

#[test]
fn a_request_for_another_key_is_refused() {
    let issuer = key(1);
    let policy = policy(&issuer, Encryption::Offered, Encryption::Offered);
    let nameless = PrivateJwk::generate_p256(&mut random(1));
    let sealed = seal(&plain(), &nameless);
    let refused = open(MessageBody::Jwt(sealed.as_bytes()), &policy).unwrap_err();
    assert_eq!(refused, MessageEncryptionError::OtherKey, "no kid");
    let sealed = seal(&plain(), &key(2));
    let refused = open(MessageBody::Jwt(sealed.as_bytes()), &policy).unwrap_err();
    assert_eq!(
        refused,
        MessageEncryptionError::Jwe(JweError::Undecryptable),
        "same kid"
    );
    let refused = open(MessageBody::Jwt(b"\xff.a.b.c.d"), &policy).unwrap_err();
    assert_eq!(refused, MessageEncryptionError::Jwe(JweError::NotFiveParts));
}
