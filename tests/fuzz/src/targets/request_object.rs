//! Request links and signed request objects. OpenID4VP 1.0 §5

use std::sync::LazyLock;

use jose::{Algorithm, JwsHeader, PrivateJwk, Signer, SigningKey, base64url, sign_compact};
use oid4vp::{
    ClientId, DcqlQuery, NewRequest, Nonce, PresentationRequest, REQUEST_TYP, RequestSigner, RequestUri,
    RequestUriMethod, ResponseMode, State, UnverifiedRequest, VerifierEvidence, WalletScheme,
};
use serde_json::{Value, json};
use url::Url;

use super::Target;
use crate::keys::{NOW, OWN, TRUSTED, signer};
use crate::{Reached, seeds};

pub(super) const TARGET: Target = Target {
    name: "request-object",
    asserts: "a link, written, reads the same; no request is authenticated but the one that the verifier signed; \
              a request that passed every check, made again from what was read of it, reads the same",
    body,
    seeds: inputs,
};

const DID: &str = "did:example:shop";
const KID: &str = "did:example:shop#assert-1";

struct Verifier {
    signer: SigningKey,
    link: RequestUri,
    request: String,
    claims: Value,
}

static VERIFIER: LazyLock<Verifier> = LazyLock::new(|| {
    let client_id = ClientId::from_did(DID).unwrap();
    let target = Url::parse("https://shop.example/request/1").unwrap();
    let key = testkit::credential::key(6)
        .public()
        .clone()
        .with_kid("session-1")
        .for_encryption()
        .unwrap();
    let query = json!({ "credentials": [{
        "id": "residence", "format": "dc+sd-jwt", "meta": { "vct_values": ["urn:holdfast:vct:residence:1"] },
        "claims": [{ "path": ["country"] }],
    }] });
    let signer = signer(&TRUSTED);
    let request = NewRequest {
        client_id: &client_id,
        response_uri: &Url::parse("https://shop.example/response/1").unwrap(),
        nonce: &Nonce::generate(&mut testkit::credential::random(1)),
        state: &State::generate(&mut testkit::credential::random(2)),
        query: &DcqlQuery::parse(&query).unwrap(),
        encryption_key: Some(&key),
        verifier_info: &[
            oid4vp::VerifierInfo::Bundle(vec![1, 2, 3]),
            oid4vp::VerifierInfo::Purpose("age".to_owned()),
        ],
        wallet_nonce: None,
        issued_at: NOW,
        expires_at: NOW + 300,
    };
    let request = request
        .sign(&RequestSigner::Did {
            kid: KID,
            signer: &signer,
        })
        .unwrap();
    let claims = base64url::decode(request.split('.').nth(1).unwrap()).unwrap();
    Verifier {
        signer,
        link: RequestUri::new(&client_id, target, RequestUriMethod::Post),
        request,
        claims: serde_json::from_slice(&claims).unwrap(),
    }
});

fn inputs() -> Vec<Vec<u8>> {
    let mut unencrypted = VERIFIER.claims.clone();
    unencrypted["response_mode"] = json!("direct_post");
    let mut texts = vec![
        VERIFIER.request.clone(),
        VERIFIER.claims.to_string(),
        unencrypted.to_string(),
        VERIFIER.link.to_link(WalletScheme::HaipVp),
        "openid4vp://?client_id=x509_san_dns%3Ashop.example&request_uri=https%3A%2F%2Fshop.example%2F1".to_owned(),
    ];
    for (path, text) in seeds::set("openid4vp-examples") {
        if path.components().any(|part| part.as_os_str() == "request") {
            texts.push(text);
        }
    }
    texts.into_iter().map(String::into_bytes).collect()
}

fn body(input: &[u8]) -> Reached {
    let Ok(text) = std::str::from_utf8(input) else {
        return Reached::Refused;
    };
    match input.first() {
        Some(b'{') => claims(text),
        Some(b'o' | b'h') => link(text),
        _ => request(text),
    }
}

fn link(text: &str) -> Reached {
    let Ok(link) = RequestUri::parse(text) else {
        return Reached::Refused;
    };
    for scheme in [WalletScheme::Openid4vp, WalletScheme::HaipVp] {
        assert_eq!(
            RequestUri::parse(&link.to_link(scheme)).as_ref(),
            Ok(&link),
            "what was written is read"
        );
    }
    assert!(matches!(link.request_uri().scheme(), "http" | "https") && link.request_uri().host().is_some());
    Reached::Read
}

fn request(text: &str) -> Reached {
    let Ok(request) = UnverifiedRequest::parse(text, &VERIFIER.link, None) else {
        return Reached::Refused;
    };
    assert_eq!(request.client_id().to_string(), VERIFIER.link.client_id());
    let _ = request.dangerous_bundle();
    let evidence = VerifierEvidence::DidKey {
        did: DID,
        kid: KID,
        key: VERIFIER.signer.public_jwk(),
    };
    let Ok(authenticated) = request.authenticate(evidence) else {
        return Reached::Read;
    };
    assert_eq!(text, VERIFIER.request, "authenticated what the verifier did not sign");
    authenticated.check(NOW).expect("a sound request");
    Reached::Accepted
}

/// Claims that the body signs itself, to get behind the signature.
fn claims(text: &str) -> Reached {
    let Some(request) = checked(text, &OWN) else {
        return Reached::Read;
    };
    let claims: Value = serde_json::from_str(text).expect("what the strict reader reads");
    assert_eq!(
        claims["response_uri"]
            .as_str()
            .and_then(|url| Url::parse(url).ok())
            .as_ref(),
        Some(request.response_uri())
    );
    assert_eq!(claims["nonce"], request.nonce().as_str());
    assert_eq!(
        claims.get("state").and_then(Value::as_str),
        request.state().map(State::as_str)
    );
    assert_eq!(&claims["dcql_query"], request.query().to_value());
    assert!(claims.get("transaction_data").is_none() && claims.get("redirect_uri").is_none());
    assert!(request.expires_at().is_none_or(|end| end > NOW));
    made_again(&request);
    Reached::Accepted
}

/// The request in these claims, from a verifier with this key.
fn checked(claims: &str, key: &PrivateJwk) -> Option<PresentationRequest> {
    let signer = signer(key);
    let header = JwsHeader::new(Algorithm::EdDsa).with_typ(REQUEST_TYP).with_kid(KID);
    let compact = sign_compact(&header, claims.as_bytes(), &signer).unwrap();
    let request = UnverifiedRequest::parse(&compact, &VERIFIER.link, None).ok()?;
    let evidence = VerifierEvidence::DidKey {
        did: DID,
        kid: KID,
        key: signer.public_jwk(),
    };
    request
        .authenticate(evidence)
        .expect("a request of ours")
        .check(NOW)
        .ok()
}

fn made_again(request: &PresentationRequest) {
    let encryption = match request.response_mode() {
        ResponseMode::DirectPost => None,
        ResponseMode::DirectPostJwt(encryption) => Some(encryption.key()),
    };
    let state = State::generate(&mut testkit::credential::random(3));
    let made = NewRequest {
        client_id: request.client_id(),
        response_uri: request.response_uri(),
        nonce: request.nonce(),
        state: request.state().unwrap_or(&state),
        query: request.query(),
        encryption_key: encryption,
        verifier_info: &[],
        wallet_nonce: None,
        issued_at: NOW,
        expires_at: request.expires_at().unwrap_or(NOW + 1),
    };
    let made = made
        .sign(&RequestSigner::Did {
            kid: KID,
            signer: &signer(&OWN),
        })
        .unwrap();
    let claims = base64url::decode(made.split('.').nth(1).unwrap()).unwrap();
    let again = checked(std::str::from_utf8(&claims).unwrap(), &OWN).expect("what was written is read");
    assert_eq!(again.response_uri(), request.response_uri());
    assert_eq!((again.nonce(), again.query()), (request.nonce(), request.query()));
    let key = |request: &PresentationRequest| match request.response_mode() {
        ResponseMode::DirectPost => None,
        ResponseMode::DirectPostJwt(encryption) => Some(encryption.key().clone()),
    };
    assert_eq!(
        key(&again).map(|key| key.thumbprint()),
        key(request).map(|key| key.thumbprint())
    );
}
