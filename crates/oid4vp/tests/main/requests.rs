//! One case for each rule of a request object. OpenID4VP 1.0 §5

use jose::{Algorithm, JwsError, JwsHeader, Signer, sign_compact};
use oid4vp::{
    ClientIdError, DcqlError, ErrorCode, PresentationRequest, RequestError, ResponseMode, TokenError,
    UnverifiedRequest, VerifierEvidence,
};
use serde_json::{Value, json};
use test_case::test_case;

use crate::support::{DID, KID, NOW, Verifier, signer};

fn check(claims: &Value) -> Result<PresentationRequest, RequestError> {
    let verifier = Verifier::new();
    let request = UnverifiedRequest::parse(&verifier.sign(claims), &verifier.link(), None)?;
    let key = verifier.signer.public_jwk();
    request
        .authenticate(VerifierEvidence::DidKey {
            did: DID,
            kid: KID,
            key,
        })?
        .check(NOW)
}

fn with(name: &str, value: Value) -> RequestError {
    let mut claims = Verifier::new().claims();
    claims[name] = value;
    check(&claims).unwrap_err()
}

fn without(name: &str) -> RequestError {
    let mut claims = Verifier::new().claims();
    claims.as_object_mut().unwrap().remove(name);
    check(&claims).unwrap_err()
}

fn keys(keys: Value) -> RequestError {
    with("client_metadata", json!({ "jwks": { "keys": keys } }))
}

#[test]
fn a_good_request_passes() {
    assert!(check(&Verifier::new().claims()).is_ok());
}

#[test_case("aud", json!("https://wallet.example") => RequestError::WrongAudience ; "other audience")]
#[test_case("aud", json!(["https://self-issued.me/v2"]) => RequestError::WrongType("aud") ; "audience is an array")]
#[test_case("exp", json!(NOW) => RequestError::Expired ; "expired")]
#[test_case("exp", json!("1790000300") => RequestError::BadTime("exp") ; "exp is a string")]
#[test_case("exp", json!(null) => RequestError::BadTime("exp") ; "exp is null")]
#[test_case("exp", json!(-1) => RequestError::BadTime("exp") ; "exp is negative")]
#[test_case("iat", json!(1.5) => RequestError::BadTime("iat") ; "iat is a float")]
#[test_case("iat", json!(NOW + 61) => RequestError::NotYetValid ; "iat lies ahead")]
#[test_case("nbf", json!(NOW + 61) => RequestError::NotYetValid ; "nbf lies ahead")]
#[test_case("response_type", json!("vp_token id_token") => RequestError::UnsupportedResponseType ; "other response type")]
#[test_case("response_mode", json!("fragment") => RequestError::UnsupportedResponseMode ; "fragment")]
#[test_case("response_mode", json!("dc_api.jwt") => RequestError::UnsupportedResponseMode ; "dc api")]
#[test_case("redirect_uri", json!("https://shop.example/cb") => RequestError::RedirectUriPresent ; "redirect_uri")]
#[test_case("response_uri", json!("javascript:alert(1)") => RequestError::BadResponseUri ; "script as response_uri")]
#[test_case("response_uri", json!("/relative") => RequestError::BadResponseUri ; "relative response_uri")]
#[test_case("nonce", json!("") => RequestError::Nonce(TokenError::Empty) ; "empty nonce")]
#[test_case("nonce", json!("a b") => RequestError::Nonce(TokenError::NotUrlSafe) ; "nonce with a space")]
#[test_case("state", json!("ü") => RequestError::State(TokenError::NotUrlSafe) ; "state beyond ascii")]
#[test_case("scope", json!("id") => RequestError::QueryAndScope ; "query and scope")]
#[test_case("dcql_query", json!("{}") => RequestError::Dcql(DcqlError::NotAnObject("dcql_query")) ; "query as a string")]
#[test_case("transaction_data", json!(["e30"]) => RequestError::TransactionData ; "transaction data")]
#[test_case("verifier_info", json!([]) => RequestError::VerifierInfo ; "empty verifier_info")]
#[test_case("client_metadata", json!([]) => RequestError::WrongType("client_metadata") ; "metadata is an array")]
fn spoiled(name: &str, value: Value) -> RequestError {
    with(name, value)
}

#[test_case("aud" => RequestError::Missing("aud") ; "aud")]
#[test_case("client_id" => RequestError::Missing("client_id") ; "client_id")]
#[test_case("response_type" => RequestError::Missing("response_type") ; "response_type")]
#[test_case("response_mode" => RequestError::Missing("response_mode") ; "response_mode")]
#[test_case("response_uri" => RequestError::Missing("response_uri") ; "response_uri")]
#[test_case("nonce" => RequestError::Missing("nonce") ; "nonce")]
#[test_case("dcql_query" => RequestError::NoQuery ; "dcql_query")]
#[test_case("client_metadata" => RequestError::Missing("client_metadata") ; "client_metadata")]
fn missing(name: &str) -> RequestError {
    without(name)
}

#[test]
fn scope_alone_is_not_supported() {
    let mut claims = Verifier::new().claims();
    claims.as_object_mut().unwrap().remove("dcql_query");
    claims["scope"] = json!("id");
    let refused = check(&claims).unwrap_err();
    assert_eq!(
        (&refused, refused.code()),
        (&RequestError::ScopeNotSupported, ErrorCode::InvalidScope)
    );
}

#[test]
fn state_is_required_without_holder_binding() {
    let mut claims = Verifier::new().claims();
    claims["dcql_query"]["credentials"][0]["require_cryptographic_holder_binding"] = json!(false);
    claims.as_object_mut().unwrap().remove("state");
    assert_eq!(check(&claims).unwrap_err(), RequestError::StateRequired);
}

#[test]
fn only_formats_that_are_not_built() {
    let query = json!({ "credentials": [
        { "id": "m", "format": "jwt_vc_json", "meta": { "type_values": [["IDCredential"]] } }
    ] });
    let refused = with("dcql_query", query);
    assert_eq!(
        (&refused, refused.code()),
        (&RequestError::NoSupportedFormat, ErrorCode::VpFormatsNotSupported)
    );
}

#[test]
fn transaction_data_has_its_own_code() {
    assert_eq!(
        with("transaction_data", json!([])).code(),
        ErrorCode::InvalidTransactionData
    );
}

#[test]
fn every_member_of_the_query_language_is_taken() {
    let mut claims = Verifier::new().claims();
    claims["dcql_query"]["credentials"][0]["multiple"] = json!(true);
    claims["dcql_query"]["credentials"][0]["trusted_authorities"] =
        json!([{ "type": "aki", "values": ["s9tIpPmhxdiuNkHMEWNpYim8S8Y"] }]);
    assert!(check(&claims).is_ok());
}

/// `iss` is ignored, and so is whatever nobody has defined. OpenID4VP 1.0 §5
#[test]
fn what_does_not_count_is_ignored() {
    let mut claims = Verifier::new().claims();
    claims["iss"] = json!("https://somebody.else.example");
    claims["made_up"] = json!({ "a": [1] });
    claims["client_metadata"]["client_name"] = json!("Somebody else");
    assert!(check(&claims).is_ok());
}

fn jwk(change: impl Fn(&mut Value)) -> Value {
    let mut jwk = Verifier::new().encryption_key().to_value();
    change(&mut jwk);
    jwk
}

#[test]
fn encryption_keys() {
    let strip = |name: &'static str| jwk(move |jwk| drop(jwk.as_object_mut().unwrap().remove(name)));
    assert_eq!(keys(json!([])), RequestError::NoEncryptionKey);
    assert_eq!(keys(json!([strip("kid")])), RequestError::KeyWithoutKid);
    assert_eq!(keys(json!([jwk(|_| ()), jwk(|_| ())])), RequestError::KeyWithoutKid);
    assert_eq!(keys(json!([strip("alg")])), RequestError::KeyWithoutAlg);
    assert_eq!(
        keys(json!([jwk(|jwk| jwk["use"] = json!("sig"))])),
        RequestError::NoEncryptionKey
    );
    assert_eq!(
        keys(json!([jwk(|jwk| jwk["crv"] = json!("P-384"))])),
        RequestError::NoEncryptionKey
    );
    assert_eq!(
        keys(json!([jwk(|jwk| jwk["d"] = json!("AQ"))])),
        RequestError::EncryptionKey(jose::JwkError::PrivateMember)
    );
}

/// RFC 7517 §5: keys that cannot be used do not stand in the way of one that can.
#[test]
fn unusable_keys_are_ignored() {
    let named = |kid: &'static str, change: fn(&mut Value)| {
        jwk(move |jwk| {
            jwk["kid"] = json!(kid);
            change(jwk);
        })
    };
    let mut claims = Verifier::new().claims();
    claims["client_metadata"]["jwks"]["keys"] = json!([
        { "kty": "AKP", "kid": "pq", "use": "enc", "alg": "ML-KEM-4096", "pub": "AQ" },
        { "kty": "made-up", "kid": "odd", "x": 7 },
        named("384", |jwk| jwk["crv"] = json!("P-384")),
        named("none", |jwk| drop(jwk.as_object_mut().unwrap().remove("alg"))),
        named("off", |jwk| jwk["x"] = jwk["y"].clone()),
        named("usable", |jwk| drop(jwk.as_object_mut().unwrap().remove("use"))),
        named("second", |_| ()),
    ]);
    let request = check(&claims).unwrap();
    let ResponseMode::DirectPostJwt(encryption) = request.response_mode() else {
        panic!("not encrypted")
    };
    assert_eq!(encryption.key().kid(), Some("usable"));
}

#[test]
fn content_encryption_must_be_common() {
    let metadata = |values: Value| {
        with(
            "client_metadata",
            json!({ "jwks": { "keys": [jwk(|_| ())] }, "encrypted_response_enc_values_supported": values }),
        )
    };
    assert_eq!(metadata(json!(["A128CBC-HS256"])), RequestError::NoContentEncryption);
    assert_eq!(
        metadata(json!([])),
        RequestError::WrongType("encrypted_response_enc_values_supported")
    );
}

#[test_case("x509_hash:Uvo3HtuIxuhC92rShpgqcT3YXwrqRxWEviRiA0OZszk" => RequestError::ClientIdMismatch ; "another client id")]
#[test_case("decentralized_identifier:did:example:shop " => RequestError::ClientIdMismatch ; "a byte more")]
fn client_id_of_the_request(client_id: &str) -> RequestError {
    with("client_id", json!(client_id))
}

#[test]
fn a_reserved_client_id_is_refused() {
    let verifier = Verifier::new();
    let mut claims = verifier.claims();
    claims["client_id"] = json!("origin:https://shop.example");
    let link = "openid4vp://?client_id=origin%3Ahttps%3A%2F%2Fshop.example&request_uri=https%3A%2F%2Fshop.example";
    let link = oid4vp::RequestUri::parse(link).unwrap();
    let refused = UnverifiedRequest::parse(&verifier.sign(&claims), &link, None).unwrap_err();
    assert_eq!(refused, RequestError::ClientId(ClientIdError::ReservedOrigin));
}

#[test]
fn the_wallets_nonce_must_come_back() {
    let verifier = Verifier::new();
    for nonce in [None, Some("other")] {
        let refused = UnverifiedRequest::parse(&verifier.request(nonce), &verifier.link(), Some("mine"));
        assert_eq!(refused.unwrap_err(), RequestError::WalletNonceMismatch);
    }
    assert!(UnverifiedRequest::parse(&verifier.request(Some("mine")), &verifier.link(), Some("mine")).is_ok());
}

#[test]
fn another_type_of_token_is_no_request() {
    let verifier = Verifier::new();
    let header = JwsHeader::new(Algorithm::Es256).with_typ("kb+jwt").with_kid(KID);
    let token = sign_compact(&header, verifier.claims().to_string().as_bytes(), &verifier.signer).unwrap();
    let request = UnverifiedRequest::parse(&token, &verifier.link(), None).unwrap();
    let evidence = VerifierEvidence::DidKey {
        did: DID,
        kid: KID,
        key: verifier.signer.public_jwk(),
    };
    assert_eq!(
        request.authenticate(evidence).unwrap_err(),
        RequestError::Jws(JwsError::WrongType)
    );
}

#[test_case(DID, "did:example:shop#other" => RequestError::KidNotOfDid ; "key of another id")]
#[test_case("did:example:else", KID => RequestError::KidNotOfDid ; "document of another did")]
fn did_evidence(did: &str, kid: &str) -> RequestError {
    let verifier = Verifier::new();
    let request = UnverifiedRequest::parse(&verifier.request(None), &verifier.link(), None).unwrap();
    let key = verifier.signer.public_jwk();
    request
        .authenticate(VerifierEvidence::DidKey { did, kid, key })
        .unwrap_err()
}

#[test]
fn a_request_signed_by_another_key_is_refused() {
    let verifier = Verifier::new();
    let request = UnverifiedRequest::parse(&verifier.request(None), &verifier.link(), None).unwrap();
    let other = signer(9);
    let evidence = VerifierEvidence::DidKey {
        did: DID,
        kid: KID,
        key: other.public_jwk(),
    };
    assert!(matches!(
        request.authenticate(evidence),
        Err(RequestError::Jws(JwsError::Signature(_)))
    ));
}

#[test]
fn duplicate_names_are_refused_before_the_signature() {
    let verifier = Verifier::new();
    let payload = jose::base64url::encode(r#"{"client_id":"a","client_id":"b"}"#);
    let good = verifier.request(None);
    let (header, signature) = (good.split('.').next().unwrap(), good.rsplit('.').next().unwrap());
    let refused = UnverifiedRequest::parse(&format!("{header}.{payload}.{signature}"), &verifier.link(), None);
    assert_eq!(
        refused.unwrap_err(),
        RequestError::Json(jose::strict_json::StrictJsonError::DuplicateName)
    );
}
