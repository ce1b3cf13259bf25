//! The specification's own examples, as far as they concern these messages.

use jose::{Algorithm, JwsError, JwsHeader, sign_compact};
use oid4vp::{
    Candidate, CredentialType, DcqlQuery, HolderBinding, Meta, RequestError, ResponseError, UnverifiedRequest,
    UnverifiedVpToken, VerifierEvidence,
};
use serde_json::{Value, json};

use crate::support::{KID, NOW, Verifier, vectors};

/// Examples with an ellipsis for the query get this one instead.
const QUERY: &str = r#"{"credentials":[{"id":"q","format":"dc+sd-jwt","meta":{"vct_values":["t"]}}]}"#;

/// Checks one example file.
type Check = fn(&Value);

#[test]
fn specification_examples() {
    let Some(folder) = vectors("openid4vp-examples") else {
        return;
    };
    let read = |name: &str| {
        let text = std::fs::read_to_string(folder.join(name)).unwrap();
        let text = text.replace("{ ... }", QUERY).replace("{...}", QUERY);
        serde_json::from_str::<Value>(&text).unwrap()
    };
    let checks: [(&str, Check); 7] = [
        ("query_lang/value_matching_simple.json", value_matching),
        ("request/dcql_jwt_vc.json", jwt_vc_query),
        ("request/dcql_ldp_vc.json", ldp_vc_query),
        ("request/request_header_client_id_did.json", request_header),
        ("request/request_object_client_id_did.json", request_object),
        ("client_metadata/w3c_jwt_verifier_metadata.json", metadata_without_keys),
        ("response/ldp_vc.json", presentation_object),
    ];
    for (name, check) in checks {
        check(&read(name));
    }
    println!("COUNT: openid4vp-examples: {} files checked", checks.len());
}

fn value_matching(example: &Value) {
    let query = DcqlQuery::parse(example).unwrap();
    let held = |code: &str| json!({ "family_name": "Doe", "given_name": "Jo", "postal_code": code, "address": { "street_address": "x" } });
    let satisfiable = |claims: &Value| {
        let candidate = Candidate {
            format: "dc+sd-jwt",
            kind: CredentialType::Vct("https://credentials.example.com/identity_credential"),
            claims,
            holder_binding: HolderBinding::Cryptographic,
        };
        query.evaluate(&[candidate]).unwrap().is_satisfiable()
    };
    assert!(satisfiable(&held("90211")));
    assert!(!satisfiable(&held("90212")));
}

fn jwt_vc_query(example: &Value) {
    let query = DcqlQuery::parse(example).unwrap();
    assert_eq!(
        query.credentials()[0].meta(),
        &Meta::TypeValues(vec![vec!["IDCredential".to_owned()]])
    );
}

fn ldp_vc_query(example: &Value) {
    let query = DcqlQuery::parse(example).unwrap();
    assert_eq!(query.credentials()[0].claims().len(), 7);
}

/// The example is signed with RS256, which is not allowed here.
fn request_header(example: &Value) {
    let verifier = Verifier::new();
    let good = verifier.request(None);
    let rest = good.split_once('.').unwrap().1;
    let request = format!("{}.{rest}", jose::base64url::encode(example.to_string()));
    let refused = UnverifiedRequest::parse(&request, &verifier.link(), None).unwrap_err();
    assert_eq!(refused, RequestError::Jws(JwsError::AlgorithmNotAllowed));
}

/// The example is abridged: it has no `aud`.
fn request_object(example: &Value) {
    let mut verifier = Verifier::new();
    verifier.client_id = example["client_id"].as_str().unwrap().parse().unwrap();
    let header = JwsHeader::new(Algorithm::Es256)
        .with_typ("oauth-authz-req+jwt")
        .with_kid("did:example:123#1");
    let request = sign_compact(&header, example.to_string().as_bytes(), &verifier.signer).unwrap();
    let evidence = VerifierEvidence::DidKey {
        did: "did:example:123",
        kid: "did:example:123#1",
        key: jose::Signer::public_jwk(&verifier.signer),
    };
    let request = UnverifiedRequest::parse(&request, &verifier.link(), None).unwrap();
    let request = request.authenticate(evidence).unwrap();
    assert_eq!(request.check(NOW).unwrap_err(), RequestError::Missing("aud"));
}

fn metadata_without_keys(example: &Value) {
    let verifier = Verifier::new();
    let mut claims = verifier.claims();
    claims["client_metadata"] = example.clone();
    let request = UnverifiedRequest::parse(&verifier.sign(&claims), &verifier.link(), None).unwrap();
    let key = jose::Signer::public_jwk(&verifier.signer);
    let evidence = VerifierEvidence::DidKey {
        did: crate::support::DID,
        kid: KID,
        key,
    };
    let refused = request.authenticate(evidence).unwrap().check(NOW).unwrap_err();
    assert_eq!(refused, RequestError::Missing("jwks"));
}

/// A presentation of a format that is an object, which is not built.
fn presentation_object(example: &Value) {
    let query = json!({ "credentials": [
        { "id": "q", "format": "ldp_vc", "meta": { "type_values": [["IDCredential"]] } }
    ] });
    let query = DcqlQuery::parse(&query).unwrap();
    let token = json!({ "q": [example] });
    assert_eq!(
        UnverifiedVpToken::parse(&token, &query),
        Err(ResponseError::PresentationNotAString)
    );
}
