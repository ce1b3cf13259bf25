//! A wallet and an issuer made of the two sides of this crate, without a network between them.

use jose::{Algorithm, PrivateJwk, Signer, SigningKey};
use oid4vci::wallet::{
    AuthorizedIssuance, CredentialFailure, CredentialStepError, HttpRequest, HttpResponse, PrepareError,
    PreparedIssuance, Reply, TokenFailure, TokenStepError, fetch_issuer_metadata,
};
use oid4vci::{
    AuthorizationServerMetadata, CredentialErrorCode, CredentialOffer, CredentialRequest, CredentialResponse,
    DpopExpectation, Identifier, IssuerMetadata, NoncePurpose, NonceResponse, NotificationEvent, NotificationRequest,
    PRE_AUTHORIZED_CODE, PreAuthorizedGrant, PresentedToken, ProofClient, ProofFreshness, ProofPolicy, ServerNonces,
    TokenErrorCode, TokenRequest, Transport, TxCodeHash, TxCodeInputError, UnverifiedDpop, VerifiedKeyProofs,
};
use serde_json::{Value, json};
use test_case::test_case;

const NOW: u64 = 1_800_000_000;
const ISSUER: &str = "https://issuer.example/agency";

fn random(seed: u8) -> impl FnMut(&mut [u8]) {
    let mut count = seed;
    move |out: &mut [u8]| {
        count = count.wrapping_add(1);
        out.fill(count);
    }
}

fn key(seed: u8) -> SigningKey {
    SigningKey::new(&PrivateJwk::generate_p256(&mut random(seed))).unwrap()
}

fn id() -> Identifier {
    Identifier::parse(ISSUER, Transport::Https).unwrap()
}

fn offer(grant: Value) -> CredentialOffer {
    let offer = json!({
        "credential_issuer": ISSUER,
        "credential_configuration_ids": ["card"],
        "grants": { PRE_AUTHORIZED_CODE: grant },
    });
    CredentialOffer::parse(offer.to_string().as_bytes(), Transport::Https).unwrap()
}

fn issuer_metadata(change: impl FnOnce(&mut Value)) -> IssuerMetadata {
    let mut metadata = json!({
        "credential_issuer": ISSUER,
        "credential_endpoint": "https://issuer.example/agency/credential",
        "nonce_endpoint": "https://issuer.example/agency/nonce",
        "notification_endpoint": "https://issuer.example/agency/notification",
        "batch_credential_issuance": { "batch_size": 2 },
        "credential_configurations_supported": { "card": {
            "format": "dc+sd-jwt", "vct": "urn:card:1",
            "cryptographic_binding_methods_supported": ["jwk"],
            "proof_types_supported": { "jwt": { "proof_signing_alg_values_supported": ["ES256"] } },
        } },
    });
    change(&mut metadata);
    IssuerMetadata::parse(metadata.to_string().as_bytes(), &id(), Transport::Https).unwrap()
}

fn server_metadata(change: impl FnOnce(&mut Value)) -> AuthorizationServerMetadata {
    let mut metadata = json!({
        "issuer": ISSUER,
        "token_endpoint": "https://issuer.example/agency/token",
        "grant_types_supported": [PRE_AUTHORIZED_CODE],
        "dpop_signing_alg_values_supported": ["ES256"],
        "pre-authorized_grant_anonymous_access_supported": true,
    });
    change(&mut metadata);
    let id = Identifier::parse(metadata["issuer"].as_str().unwrap(), Transport::Https).unwrap();
    AuthorizationServerMetadata::parse(metadata.to_string().as_bytes(), &id, Transport::Https).unwrap()
}

fn prepared(grant: Value) -> PreparedIssuance {
    PreparedIssuance::new(
        offer(grant),
        issuer_metadata(|_| ()),
        server_metadata(|_| ()),
        Algorithm::Es256,
    )
    .unwrap()
}

fn plain() -> Value {
    json!({ "pre-authorized_code": "code" })
}

/// Sends nothing anywhere: what an answer would look like.
fn answer<'a>(status: u16, dpop_nonce: Option<&'a str>, body: &'a str) -> HttpResponse<'a> {
    HttpResponse {
        status,
        content_type: Some("application/json"),
        dpop_nonce,
        body: body.as_bytes(),
    }
}

fn header<'a>(request: &'a HttpRequest, name: &str) -> &'a str {
    &request.headers.iter().find(|(header, _)| *header == name).unwrap().1
}

/// The issuer's memory in these tests.
struct TestIssuer {
    nonces: ServerNonces,
    dpop_nonces: ServerNonces,
    grant: PreAuthorizedGrant,
}

impl TestIssuer {
    fn new() -> Self {
        Self {
            nonces: ServerNonces::new(&[1; 32], &id(), NoncePurpose::KeyProof, 300),
            dpop_nonces: ServerNonces::new(&[1; 32], &id(), NoncePurpose::Dpop, 300),
            grant: PreAuthorizedGrant::new(Some(TxCodeHash::new("1234", [5; 16])), NOW + 600),
        }
    }

    /// Checks the DPoP proof as an endpoint does, and gives the thumbprint.
    fn dpop(&self, request: &HttpRequest, token: Option<&str>) -> Result<[u8; 32], oid4vci::DpopError> {
        let expected = DpopExpectation {
            method: "POST",
            url: &request.url,
            access_token: token,
            nonces: &self.dpop_nonces,
            now: NOW,
        };
        Ok(UnverifiedDpop::parse([header(request, "dpop")].into_iter())?
            .verify(&expected)?
            .jkt())
    }
}

fn authorized(issuer: &TestIssuer) -> AuthorizedIssuance {
    let nonce = issuer.dpop_nonces.issue(NOW, &mut random(1));
    let body = r#"{"access_token":"tok","token_type":"DPoP"}"#;
    match prepared(plain())
        .token_response(&answer(200, Some(&nonce), body))
        .unwrap()
    {
        Reply::Done(authorized) => authorized,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_card_is_issued() {
    let mut issuer = TestIssuer::new();
    let (dpop_key, card_keys) = (key(10), [key(20), key(30)]);
    assert_eq!(
        fetch_issuer_metadata(&id()).url.as_str(),
        "https://issuer.example/.well-known/openid-credential-issuer/agency"
    );
    let mut session = prepared(json!({ "pre-authorized_code": "code", "tx_code": { "length": 4 } }));
    let request = session
        .token_request(Some("1234"), &dpop_key, NOW, &mut random(40))
        .unwrap();
    let refused = issuer.dpop(&request, None).unwrap_err();
    assert_eq!(refused.token_code(), TokenErrorCode::UseDpopNonce);
    let nonce = issuer.dpop_nonces.issue(NOW, &mut random(1));
    let reply = session
        .token_response(&answer(400, Some(&nonce), r#"{"error":"use_dpop_nonce"}"#))
        .unwrap();
    assert!(matches!(reply, Reply::RepeatWithDpopNonce));

    let request = session
        .token_request(Some("1234"), &dpop_key, NOW, &mut random(50))
        .unwrap();
    assert_eq!(issuer.dpop(&request, None).unwrap(), dpop_key.public_jwk().thumbprint());
    let TokenRequest::PreAuthorizedCode(form) = TokenRequest::parse(&request.body).unwrap() else {
        panic!("form")
    };
    assert_eq!(form.pre_authorized_code, "code");
    issuer.grant.redeem(form.tx_code.as_deref(), NOW).unwrap();
    let body = r#"{"access_token":"tok","token_type":"DPoP","expires_in":300}"#;
    let Reply::Done(mut session) = session.token_response(&answer(200, None, body)).unwrap() else {
        panic!("token")
    };

    let c_nonce = NonceResponse {
        c_nonce: issuer.nonces.issue(NOW, &mut random(60)),
    };
    assert_eq!(session.nonce_request().unwrap().url.path(), "/agency/nonce");
    session
        .nonce_response(&answer(200, None, &serde_json::to_string(&c_nonce).unwrap()))
        .unwrap();
    let keys = card_keys.each_ref().map(|key| key as &dyn Signer);
    let request = session
        .credential_request("card", &keys, &dpop_key, NOW, &mut random(70))
        .unwrap();
    let token = PresentedToken::parse(Some(header(&request, "authorization"))).unwrap();
    issuer.dpop(&request, Some(token.as_str())).unwrap();
    let message = CredentialRequest::parse(&request.body).unwrap();
    let policy = ProofPolicy {
        issuer: &id(),
        algorithms: &[Algorithm::Es256],
        at_most: 2,
        client: ProofClient::Anonymous,
        freshness: ProofFreshness::Nonce(&issuer.nonces),
    };
    let proofs = VerifiedKeyProofs::verify(&message.jwt_proofs.unwrap(), &policy, NOW).unwrap();
    assert!(
        proofs
            .keys()
            .iter()
            .zip(&card_keys)
            .all(|(proven, key)| proven.same_key(key.public_jwk()))
    );

    let response = CredentialResponse::issued(vec!["a~".to_owned(), "b~".to_owned()], Some("n".to_owned()));
    let body = response.to_value().to_string();
    let Reply::Done(issued) = session.credential_response(&answer(200, None, &body), 2).unwrap() else {
        panic!("issued")
    };
    assert_eq!(issued.credentials, ["a~", "b~"]);
    let event = NotificationEvent::CredentialAccepted;
    let mut notifications = session.notifications().unwrap();
    let request = notifications
        .request("n", event, &dpop_key, NOW, &mut random(80))
        .unwrap();
    assert_eq!(NotificationRequest::parse(&request.body).unwrap().event, event);
    assert_eq!(notifications.response(&answer(204, None, "")).unwrap(), Reply::Done(()));
}

#[test_case(|_| (), |s| s["issuer"] = json!("https://evil.example") => PrepareError::OtherAuthorizationServer ; "mix up")]
#[test_case(|_| (), |s| s["grant_types_supported"] = json!(["authorization_code"]) => PrepareError::NoSupportedGrant ; "no grant")]
#[test_case(|_| (), |s| s["pre-authorized_grant_anonymous_access_supported"] = json!(false) => PrepareError::ClientNeedsName ; "no anonymous clients")]
#[test_case(|_| (), |s| s["dpop_signing_alg_values_supported"] = json!(["RS256"]) => PrepareError::NoDpop ; "no common dpop algorithm")]
#[test_case(|i| i["credential_configurations_supported"] = json!({}), |_| () => PrepareError::UnknownConfiguration("card".to_owned()) ; "unknown configuration")]
#[test_case(|i| i["credential_configurations_supported"]["card"]["proof_types_supported"]["jwt"]["key_attestations_required"] = json!({}), |_| ()
    => PrepareError::NoSupportedProof("card".to_owned()) ; "attestation required")]
fn an_offer_that_does_not_fit(issuer: fn(&mut Value), server: fn(&mut Value)) -> PrepareError {
    let (issuer, server) = (issuer_metadata(issuer), server_metadata(server));
    PreparedIssuance::new(offer(plain()), issuer, server, Algorithm::Es256).unwrap_err()
}

#[test]
fn an_offer_of_another_issuer_does_not_fit() {
    let mut offer = offer(plain());
    offer.credential_issuer = Identifier::parse("https://issuer.example", Transport::Https).unwrap();
    let result = PreparedIssuance::new(
        offer,
        issuer_metadata(|_| ()),
        server_metadata(|_| ()),
        Algorithm::Es256,
    );
    assert_eq!(result.unwrap_err(), PrepareError::OtherIssuer);
}

#[test_case(plain(), Some("1") => TokenStepError::TxCodeUnexpected ; "unexpected")]
#[test_case(json!({ "pre-authorized_code": "c", "tx_code": {} }), None => TokenStepError::TxCodeMissing ; "missing")]
#[test_case(json!({ "pre-authorized_code": "c", "tx_code": { "length": 4 } }), Some("12345")
    => TokenStepError::TxCodeInput(TxCodeInputError::Length) ; "wrong length never leaves the wallet")]
fn a_transaction_code_that_cannot_be_sent(grant: Value, typed: Option<&str>) -> TokenStepError {
    prepared(grant)
        .token_request(typed, &key(1), NOW, &mut random(2))
        .unwrap_err()
}

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

#[test]
fn a_request_needs_an_offered_card_a_nonce_and_keys_within_the_batch() {
    let issuer = TestIssuer::new();
    let mut session = authorized(&issuer);
    let (dpop, card) = (key(1), key(2));
    let ask = |session: &AuthorizedIssuance, card_id: &str, keys: &[&dyn Signer]| {
        session
            .credential_request(card_id, keys, &dpop, NOW, &mut random(3))
            .unwrap_err()
    };
    assert_eq!(ask(&session, "card", &[&card]), CredentialStepError::NonceMissing);
    session
        .nonce_response(&answer(200, None, r#"{"c_nonce":"n"}"#))
        .unwrap();
    assert_eq!(ask(&session, "other", &[&card]), CredentialStepError::NotOffered);
    assert_eq!(ask(&session, "card", &[]), CredentialStepError::BatchSize);
    assert_eq!(
        ask(&session, "card", &[&card, &card, &card]),
        CredentialStepError::BatchSize
    );
}

#[test_case(400, r#"{"error":"credential_request_denied"}"# => CredentialFailure::Refused(CredentialErrorCode::CredentialRequestDenied) ; "denied")]
#[test_case(401, r#"{"error":"invalid_token"}"# => CredentialFailure::Unauthorized(Some(oid4vci::AuthorizationErrorCode::InvalidToken)) ; "token expired")]
#[test_case(500, "" => CredentialFailure::Status(500) ; "server error")]
#[test_case(200, r#"{"credentials":[{"credential":"a"},{"credential":"b"}]}"# => CredentialFailure::MoreCredentialsThanKeys ; "one too many")]
#[test_case(200, r#"{"credentials":[{"credential":{}}]}"# => CredentialFailure::NotAString ; "object")]
#[test_case(202, r#"{"transaction_id":"t","interval":5}"# => CredentialFailure::Deferred { interval: 5 } ; "deferred")]
fn no_credentials(status: u16, body: &str) -> CredentialFailure {
    authorized(&TestIssuer::new())
        .credential_response(&answer(status, None, body), 1)
        .unwrap_err()
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
