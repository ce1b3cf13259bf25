//! Request and response between both sides.

use jose::Signer;
use oid4vp::{
    Answers, DirectPost, ReceivedResponse, RequestUri, ResponseExpectation, UnverifiedRequest, VerifierEvidence,
    VpToken, WalletScheme,
};

use crate::support::{DID, KID, NOW, Verifier};

fn received(verifier: &Verifier) -> oid4vp::PresentationRequest {
    let link = verifier.link().to_link(WalletScheme::Openid4vp);
    let link = RequestUri::parse(&link).unwrap();
    let request = UnverifiedRequest::parse(&verifier.request(Some("wn")), &link, Some("wn")).unwrap();
    let key = verifier.signer.public_jwk();
    request
        .authenticate(VerifierEvidence::DidKey {
            did: DID,
            kid: KID,
            key,
        })
        .unwrap()
        .check(NOW)
        .unwrap()
}

fn expected(verifier: &Verifier) -> ResponseExpectation<'_> {
    ResponseExpectation {
        query: &verifier.query,
        state: &verifier.state,
        decryption_key: Some(&verifier.session_key),
    }
}

#[test]
fn a_presentation_arrives() {
    let verifier = Verifier::new();
    let request = received(&verifier);
    assert_eq!(request.nonce(), &verifier.nonce);
    assert_eq!(
        request.client_id().to_string(),
        format!("decentralized_identifier:{DID}")
    );
    let mut token = VpToken::new();
    token.insert(request.query().credentials()[0].id().clone(), "eyJ~kb".to_owned());
    let (target, body) = request.respond(&token).unwrap();
    assert_eq!(target, verifier.response_uri);
    assert!(!body.as_str().contains("vp_token"), "the token is encrypted");

    let response = DirectPost::parse(body.as_str().as_bytes())
        .unwrap()
        .open(&expected(&verifier))
        .unwrap();
    let ReceivedResponse::Presentations(token) = response else {
        panic!("{response:?}")
    };
    let presentations: Vec<_> = token.presentations().map(|(id, text)| (id.as_str(), text)).collect();
    assert_eq!(presentations, [("residence", "eyJ~kb")]);
}

#[test]
fn a_refusal_arrives() {
    let verifier = Verifier::new();
    let (_, body) = received(&verifier).refuse();
    let response = DirectPost::parse(body.as_str().as_bytes())
        .unwrap()
        .open(&expected(&verifier))
        .unwrap();
    assert_eq!(response, ReceivedResponse::Refused(oid4vp::ErrorCode::AccessDenied));
}

#[test]
fn a_discarded_presentation_leaves_its_query_open() {
    let verifier = Verifier::new();
    let id = verifier.query.credentials()[0].id().clone();
    let mut answers: Answers<'_, u8, &str> = Answers::new(&verifier.query);
    answers.record(id.clone(), Err("revoked"));
    assert_eq!(
        answers.finish().unwrap_err().into_discarded(),
        [(id.clone(), "revoked")]
    );

    let mut answers: Answers<'_, u8, &str> = Answers::new(&verifier.query);
    answers.record(id.clone(), Ok(7));
    assert_eq!(answers.finish().unwrap().into_presentations(), [(id, 7)]);

    let nothing: Answers<'_, u8, &str> = Answers::new(&verifier.query);
    assert!(nothing.finish().is_err());
}
