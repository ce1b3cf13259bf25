//! A wallet and an issuer made of the two sides of this crate, without a network between them: a card from offer to
//! notification.

use jose::{Algorithm, Signer};
use oid4vci::wallet::{CredentialAnswer, Reply, fetch_issuer_metadata};
use oid4vci::{
    CredentialRequest, CredentialResponse, NonceResponse, NotificationEvent, NotificationRequest, PresentedToken,
    ProofClient, ProofFreshness, ProofPolicy, TokenErrorCode, TokenRequest, VerifiedKeyProofs,
};
use serde_json::json;

use crate::fixture::{NOW, TestIssuer, answer, header, id, key, prepared, random};

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

    let response = CredentialResponse::Issued {
        credentials: vec![json!("a~"), json!("b~")],
        notification_id: Some("n".to_owned()),
    };
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
