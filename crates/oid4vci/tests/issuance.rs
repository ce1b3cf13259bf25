//! A wallet and an issuer made of the two sides of this crate, without a network between them.

use jose::{Algorithm, JwsHeader, PrivateJwk, Signer, SigningKey};
use oid4vci::metadata::ProofForm;
use oid4vci::wallet::{
    Abilities, AttestedKeys, AuthorizedIssuance, ClientAttestation, CredentialAnswer, CredentialFailure,
    CredentialStepError, DeferredAnswer, DeferredSession, HttpRequest, HttpResponse, OwnAttester, PrepareError,
    PreparedIssuance, ProtectionError, Reply, ResponseFormError, TokenFailure, TokenStepError, WalletClient,
    fetch_challenge, fetch_issuer_metadata, read_challenge,
};
use oid4vci::{
    AuthorizationServerMetadata, CLIENT_ATTESTATION, CLIENT_ATTESTATION_POP, ClientAttestationDraft,
    ClientAttestationError, ClientExpectation, CredentialErrorCode, CredentialOffer, CredentialRequest,
    CredentialResponse, DeferredCredentialRequest, DpopExpectation, Encryption, EncryptionPolicy, Grants, Identifier,
    IssuerMetadata, MessageBody, NoncePurpose, NonceResponse, NotificationEvent, NotificationRequest,
    PRE_AUTHORIZED_CODE, PreAuthorizedGrant, PresentedToken, ProofClient, ProofFreshness, ProofPolicy, Proofs,
    ServerNonces, TokenErrorCode, TokenRequest, Transport, TrustedAttesters, TxCodeHash, TxCodeInputError,
    UnverifiedClientAttestation, UnverifiedDpop, VerifiedKeyProofs, make_client_attestation,
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
        attestation: None,
    };
    let proofs = VerifiedKeyProofs::verify(&message.proofs.unwrap(), &policy, NOW).unwrap();
    assert!(
        proofs
            .keys()
            .iter()
            .zip(&card_keys)
            .all(|(proven, key)| proven.same_key(key.public_jwk()))
    );

    let response = CredentialResponse::issued(vec!["a~".to_owned(), "b~".to_owned()], Some("n".to_owned()));
    let body = response.to_value().to_string();
    let reply = session.credential_response(&answer(200, None, &body), 2).unwrap();
    let Reply::Done(CredentialAnswer::Issued(issued)) = reply else {
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
    => PrepareError::AttestationNeeded ; "attestation required")]
#[test_case(|i| i["credential_configurations_supported"]["card"]["proof_types_supported"]["jwt"]["proof_signing_alg_values_supported"] = json!(["RS256"]), |_| ()
    => PrepareError::NoSupportedProof("card".to_owned()) ; "no common proof algorithm")]
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

/// The issuer's key for requests.
fn encryption_key() -> PrivateJwk {
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

fn encrypted_session() -> AuthorizedIssuance {
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

fn jwt(status: u16, body: &str) -> HttpResponse<'_> {
    HttpResponse {
        status,
        content_type: Some("application/jwt"),
        dpop_nonce: None,
        body: body.as_bytes(),
    }
}

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
    let two = CredentialResponse::issued(vec!["a~".to_owned(), "b~".to_owned()], None);
    assert_eq!(ask(two), Err(CredentialFailure::MoreCredentialsThanKeys));
    let one = CredentialResponse::issued(vec!["a~".to_owned()], None);
    let Ok(Reply::Done(DeferredAnswer::Issued(issued))) = ask(one) else {
        panic!("issued")
    };
    assert_eq!(issued.credentials, ["a~"]);
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

#[test]
fn attested_keys_are_asked_for_in_the_form_that_the_issuer_takes() {
    let attested = |m: &mut Value, kind: &str| {
        let proof = json!({ "proof_signing_alg_values_supported": ["ES256"], "key_attestations_required": {} });
        m["credential_configurations_supported"]["card"]["proof_types_supported"] = json!({ kind: proof });
    };
    let able = Abilities {
        algorithm: Algorithm::Es256,
        attests: true,
    };
    for (kind, form) in [("jwt", ProofForm::JwtAttested), ("attestation", ProofForm::Attestation)] {
        let metadata = issuer_metadata(|m| attested(m, kind));
        let refused = PreparedIssuance::new(
            offer(plain()),
            metadata.clone(),
            server_metadata(|_| ()),
            Algorithm::Es256,
        );
        assert_eq!(refused.unwrap_err(), PrepareError::AttestationNeeded);
        let mut session = PreparedIssuance::new(offer(plain()), metadata, server_metadata(|_| ()), able).unwrap();
        let token = r#"{"access_token":"tok","token_type":"DPoP"}"#;
        let Reply::Done(mut session) = session.token_response(&answer(200, None, token)).unwrap() else {
            panic!("token")
        };
        session
            .nonce_response(&answer(200, None, r#"{"c_nonce":"n"}"#))
            .unwrap();
        assert_eq!(session.c_nonce(), Some("n"));
        let (first, second) = (key(20), key(30));
        let keys = AttestedKeys {
            form,
            attestation: "attestation",
            keys: &[&first, &second],
        };
        let request = session
            .attested_credential_request("card", &keys, &key(10), NOW, &mut random(3))
            .unwrap();
        let proofs = CredentialRequest::parse(&request.body).unwrap().proofs.unwrap();
        match (form, proofs) {
            (ProofForm::JwtAttested, Proofs::Jwt(proofs)) => {
                let proof = jose::UnverifiedJws::parse(&proofs[0]).unwrap();
                assert_eq!(proofs.len(), 1);
                assert_eq!(proof.header().other()["key_attestation"], "attestation");
                assert!(proof.header().jwk().unwrap().same_key(first.public_jwk()));
            }
            (ProofForm::Attestation, Proofs::Attestation(sent)) => assert_eq!(sent, "attestation"),
            other => panic!("{other:?}"),
        }
    }
}

/// What an attester says about a wallet with this key.
fn client_attestation(instance: &SigningKey) -> ClientAttestation {
    let draft = ClientAttestationDraft {
        issuer: "https://attester.example",
        client_id: "https://wallet.example",
        key: instance.public_jwk(),
        wallet_name: None,
        wallet_link: None,
        expires_at: NOW + 60,
    };
    let header = JwsHeader::new(Algorithm::Es256).with_kid("attester-1");
    let attestation = make_client_attestation(&draft, header, &key(1), NOW).unwrap();
    let attester = OwnAttester {
        identifier: &Identifier::parse(draft.issuer, Transport::Https).unwrap(),
        algorithms: &[Algorithm::Es256],
        now: NOW,
    };
    ClientAttestation::parse(&attestation, instance.public_jwk(), &attester).unwrap()
}

/// HAIP 1.0 §4.4.1: with the code flow the wallet is attested where it pushes its request, too.
#[test]
fn a_wallet_says_what_it_is_before_anybody_signs_in() {
    let wants = |s: &mut Value| {
        s["authorization_endpoint"] = json!("https://issuer.example/agency/authorize");
        s["pushed_authorization_request_endpoint"] = json!("https://issuer.example/agency/par");
        s["grant_types_supported"] = json!(["authorization_code"]);
        s["response_types_supported"] = json!(["code"]);
        s["code_challenge_methods_supported"] = json!(["S256"]);
        s["authorization_response_iss_parameter_supported"] = json!(true);
        s["token_endpoint_auth_methods_supported"] = json!(["attest_jwt_client_auth"]);
    };
    let prepare = |abilities: Abilities| {
        let mut offer = offer(plain());
        offer.grants = Grants::default();
        PreparedIssuance::new(offer, issuer_metadata(|_| ()), server_metadata(wants), abilities)
    };
    let refused = prepare(Algorithm::Es256.into()).unwrap_err();
    assert_eq!(refused, PrepareError::AttestationNeeded);
    let able = Abilities {
        algorithm: Algorithm::Es256,
        attests: true,
    };
    let instance = key(2);
    let (attestation, callback) = (
        client_attestation(&instance),
        "https://wallet.example/cb".parse().unwrap(),
    );
    let client = WalletClient {
        client_id: attestation.client_id(),
        redirect_uri: &callback,
    };
    let pushing = prepare(able).unwrap().authorize(&client, &mut random(3)).unwrap();
    let mut request = pushing.request(&key(4), NOW, &mut random(5)).unwrap();
    attestation
        .add_to(&mut request, &id(), None, &instance, NOW, &mut random(6))
        .unwrap();
    assert_eq!(request.url.path(), "/agency/par");
    let verified = UnverifiedClientAttestation::parse(
        std::iter::once(header(&request, CLIENT_ATTESTATION)),
        std::iter::once(header(&request, CLIENT_ATTESTATION_POP)),
    );
    let attesters = TrustedAttesters::default();
    let expected = ClientExpectation {
        attesters: &attesters,
        algorithms: &[Algorithm::Es256],
        server: &id(),
        client_id: Some(client.client_id),
        dpop_jkt: None,
        now: NOW,
    };
    let refused = verified.unwrap().unwrap().verify(&expected).unwrap_err();
    assert!(
        matches!(refused, ClientAttestationError::Attester(_)),
        "nobody is trusted by himself: {refused}"
    );
}

#[test]
fn a_wallet_says_what_it_is_where_the_server_wants_to_know() {
    let wants = |s: &mut Value| {
        s["pre-authorized_grant_anonymous_access_supported"] = json!(false);
        s["token_endpoint_auth_methods_supported"] = json!(["attest_jwt_client_auth"]);
        s["challenge_endpoint"] = json!("https://issuer.example/agency/challenge");
    };
    let metadata = || issuer_metadata(|_| ());
    let refused = PreparedIssuance::new(offer(plain()), metadata(), server_metadata(wants), Algorithm::Es256);
    assert_eq!(refused.unwrap_err(), PrepareError::AttestationNeeded);
    let able = Abilities {
        algorithm: Algorithm::Es256,
        attests: true,
    };
    let session = PreparedIssuance::new(offer(plain()), metadata(), server_metadata(wants), able).unwrap();
    assert!(session.wants_attestation());
    let endpoint = session.server().challenge_endpoint.clone().unwrap();
    assert_eq!(fetch_challenge(&endpoint).method, "POST");
    let challenge = read_challenge(&answer(200, None, r#"{"attestation_challenge":"c"}"#)).unwrap();
    let instance = key(2);
    let attestation = client_attestation(&instance);
    assert_eq!(attestation.client_id(), "https://wallet.example");
    let mut request = session.token_request(None, &key(3), NOW, &mut random(4)).unwrap();
    for round in 0..2 {
        let random = &mut random(5 + round);
        attestation
            .add_to(&mut request, &id(), Some(&challenge), &instance, NOW, random)
            .unwrap();
    }
    let sent = |name: &str| request.headers.iter().filter(|(header, _)| *header == name).count();
    assert_eq!((sent(CLIENT_ATTESTATION), sent(CLIENT_ATTESTATION_POP)), (1, 1));
    let pop = jose::UnverifiedJws::parse(header(&request, CLIENT_ATTESTATION_POP)).unwrap();
    let claims: Value = serde_json::from_slice(pop.dangerous_unverified_payload()).unwrap();
    assert_eq!((&claims["challenge"], &claims["aud"]), (&json!("c"), &json!(ISSUER)));
}
