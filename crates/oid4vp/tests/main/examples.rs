//! The specification's own examples, each of them: read and verified, refused
//! by the rule it breaks, or out of scope with its reason.

use std::collections::BTreeSet;
use std::path::Path;

use jose::{Algorithm, JwsError, JwsHeader, PublicJwk, VerifyingKey, base64url, sign_compact, strict_json};
use oid4vp::{
    Candidate, CredentialType, DcqlQuery, HolderBinding, Meta, RequestError, ResponseError, ResponseMode,
    UnverifiedRequest, UnverifiedVpToken, VerifierEvidence,
};
use sd_jwt::{KeyBindingPolicy, UnverifiedPresentation, UnverifiedSdJwt};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use testkit::vectors::{Table, folder};

use crate::support::{KID, NOW, Verifier};

/// Examples with an ellipsis for the query get this one instead.
const QUERY: &str = r#"{"credentials":[{"id":"q","format":"dc+sd-jwt","meta":{"vct_values":["t"]}}]}"#;
/// When the examples of SD-JWT were made.
const THEN: u64 = 1_744_743_394;

/// What an example is to us.
#[derive(Clone, Copy)]
enum Fate {
    Accepted,
    Refused,
    OutOfScope(&'static str),
}

/// Checks one example file, of which the text is given with its neighbours.
type Check = fn(&Example<'_>);

struct Example<'a> {
    folder: &'a Path,
    name: &'a str,
}

const EXAMPLES: [(&str, Fate, Check); 17] = [
    (
        "client_metadata/w3c_jwt_verifier_metadata.json",
        Fate::Accepted,
        metadata_without_keys,
    ),
    (
        "credentials/ldp_vc.json",
        Fate::OutOfScope("a credential of VCDM 1.1, and no message of this crate"),
        is_json,
    ),
    ("credentials/sd_jwt_vc.json", Fate::Accepted, credential),
    ("credentials/sd_jwt_vc_unsecured.json", Fate::Accepted, unsecured),
    (
        "digital_credentials_api/signed_request_payload.json",
        Fate::Refused,
        digital_credentials_api,
    ),
    ("query_lang/value_matching_simple.json", Fate::Accepted, value_matching),
    ("request/dcql_jwt_vc.json", Fate::Accepted, jwt_vc_query),
    ("request/dcql_ldp_vc.json", Fate::Accepted, ldp_vc_query),
    (
        "request/request_header_client_id_did.json",
        Fate::Refused,
        request_header,
    ),
    (
        "request/request_object_client_id_did.json",
        Fate::Refused,
        request_object,
    ),
    ("response/ldp_vc.json", Fate::Accepted, presentation_object),
    (
        "sd_jwt_vcld/01/kb_jwt_payload.json",
        Fate::Accepted,
        key_binding_payload,
    ),
    ("sd_jwt_vcld/01/kb_jwt_serialized.txt", Fate::Accepted, key_binding),
    ("sd_jwt_vcld/01/sd_jwt_issuance.txt", Fate::Accepted, issuance),
    ("sd_jwt_vcld/01/sd_jwt_payload.json", Fate::Accepted, payload),
    ("sd_jwt_vcld/01/sd_jwt_presentation.txt", Fate::Accepted, presentation),
    ("sd_jwt_vcld/01/verified_contents.json", Fate::Accepted, presentation),
];

#[test]
fn specification_examples() {
    let Some(folder) = folder("openid4vp-examples") else {
        return;
    };
    let found = files(&folder, Path::new(""));
    let mut known: BTreeSet<String> = EXAMPLES.iter().map(|(name, ..)| (*name).to_owned()).collect();
    known.insert("sd_jwt_vcld/01/user_claims.json".to_owned()); // read by `issuance`
    assert_eq!(found, known, "every example, and no other, has a line here");
    let mut table = Table::new("openid4vp-examples");
    table.agrees("sd_jwt_vcld", true); // the claims that `issuance` reads
    for (name, fate, check) in EXAMPLES {
        check(&Example { folder: &folder, name });
        let row = name.split('/').next().unwrap();
        match fate {
            Fate::Accepted => table.agrees(row, true),
            Fate::Refused => table.agrees(row, false),
            Fate::OutOfScope(reason) => table.out_of_scope(row, 1, reason),
        }
    }
    table.check(&[
        ("client_metadata", [1, 0, 0, 0]),
        ("credentials", [2, 0, 0, 1]),
        ("digital_credentials_api", [0, 1, 0, 0]),
        ("query_lang", [1, 0, 0, 0]),
        ("request", [2, 2, 0, 0]),
        ("response", [1, 0, 0, 0]),
        ("sd_jwt_vcld", [7, 0, 0, 0]),
    ]);
}

/// Every file but the words about where they come from.
fn files(folder: &Path, below: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(folder.join(below)).unwrap() {
        let entry = entry.unwrap();
        let path = below.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            found.extend(files(folder, &path));
        } else if !["SOURCE.txt", "README.md"].contains(&entry.file_name().to_str().unwrap()) {
            found.insert(path.to_str().unwrap().to_owned());
        }
    }
    found
}

impl Example<'_> {
    fn text(&self) -> String {
        self.read(self.name)
    }

    fn json(&self) -> Value {
        self.json_of(self.name)
    }

    fn json_of(&self, name: &str) -> Value {
        let text = self.read(name).replace("{ ... }", QUERY).replace("{...}", QUERY);
        serde_json::from_str(&text).unwrap()
    }

    /// A compact token, printed in lines.
    fn token(&self, name: &str) -> String {
        self.read(name).split_whitespace().collect()
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.join(name)).unwrap()
    }
}

fn is_json(example: &Example<'_>) {
    assert!(strict_json::parse(example.text().as_bytes(), &strict_json::Limits::MESSAGE).is_ok());
}

fn value_matching(example: &Example<'_>) {
    let query = DcqlQuery::parse(&example.json()).unwrap();
    let held = |code: &str| json!({ "family_name": "Doe", "given_name": "Jo", "postal_code": code, "address": { "street_address": "x" } });
    let satisfiable = |claims: &Value| {
        let candidate = Candidate {
            format: "dc+sd-jwt",
            kind: CredentialType::Vct("https://credentials.example.com/identity_credential"),
            claims,
            holder_binding: HolderBinding::Cryptographic,
            authorities: &[],
        };
        query.evaluate(&[candidate]).is_satisfiable()
    };
    assert!(satisfiable(&held("90211")));
    assert!(!satisfiable(&held("90212")));
}

fn jwt_vc_query(example: &Example<'_>) {
    let query = DcqlQuery::parse(&example.json()).unwrap();
    assert_eq!(
        query.credentials()[0].meta(),
        &Meta::TypeValues(vec![vec!["IDCredential".to_owned()]])
    );
}

fn ldp_vc_query(example: &Example<'_>) {
    let query = DcqlQuery::parse(&example.json()).unwrap();
    assert_eq!(query.credentials()[0].claims().len(), 7);
}

/// The example is signed with RS256, which is not allowed here.
fn request_header(example: &Example<'_>) {
    let verifier = Verifier::new();
    let good = verifier.request(None);
    let rest = good.split_once('.').unwrap().1;
    let request = format!("{}.{rest}", base64url::encode(example.json().to_string()));
    let refused = UnverifiedRequest::parse(&request, &verifier.link(), None).unwrap_err();
    assert_eq!(refused, RequestError::Jws(JwsError::AlgorithmNotAllowed));
}

/// The example is abridged: it has no `aud`. With one, it asks for a redirect,
/// which is not how signed requests are answered here.
fn request_object(example: &Example<'_>) {
    let mut claims = example.json();
    assert_eq!(check_by_did(&claims), RequestError::Missing("aud"));
    claims["aud"] = json!(oid4vp::STATIC_WALLET_AUDIENCE);
    assert_eq!(check_by_did(&claims), RequestError::Missing("response_mode"));
    claims["response_mode"] = json!("direct_post");
    assert_eq!(check_by_did(&claims), RequestError::RedirectUriPresent);
}

fn check_by_did(claims: &Value) -> RequestError {
    let mut verifier = Verifier::new();
    verifier.client_id = claims["client_id"].as_str().unwrap().parse().unwrap();
    let header = JwsHeader::new(Algorithm::Es256)
        .with_typ("oauth-authz-req+jwt")
        .with_kid("did:example:123#1");
    let request = sign_compact(&header, claims.to_string().as_bytes(), &verifier.signer).unwrap();
    let evidence = VerifierEvidence::DidKey {
        did: "did:example:123",
        kid: "did:example:123#1",
        key: jose::Signer::public_jwk(&verifier.signer),
    };
    let request = UnverifiedRequest::parse(&request, &verifier.link(), None).unwrap();
    request.authenticate(evidence).unwrap().check(NOW).unwrap_err()
}

/// A request over the Digital Credentials API names nobody in `client_id`, and
/// its response mode is none of a redirect.
fn digital_credentials_api(example: &Example<'_>) {
    let verifier = Verifier::new();
    let mut claims = example.json();
    let refused = UnverifiedRequest::parse(&verifier.sign(&claims), &verifier.link(), None).unwrap_err();
    assert_eq!(refused, RequestError::Missing("client_id"));
    claims["client_id"] = json!(verifier.client_id.to_string());
    claims["aud"] = json!(oid4vp::STATIC_WALLET_AUDIENCE);
    assert_eq!(
        check(&verifier, &claims).unwrap_err(),
        RequestError::UnsupportedResponseMode
    );
}

/// Without a key to encrypt to, the metadata serves where nothing is encrypted.
fn metadata_without_keys(example: &Example<'_>) {
    let verifier = Verifier::new();
    let mut claims = verifier.claims();
    claims["client_metadata"] = example.json();
    assert_eq!(check(&verifier, &claims).unwrap_err(), RequestError::Missing("jwks"));
    claims["response_mode"] = json!("direct_post");
    let request = check(&verifier, &claims).unwrap();
    assert!(matches!(request.response_mode(), ResponseMode::DirectPost));
}

fn check(verifier: &Verifier, claims: &Value) -> Result<oid4vp::PresentationRequest, RequestError> {
    let request = UnverifiedRequest::parse(&verifier.sign(claims), &verifier.link(), None)?;
    let evidence = VerifierEvidence::DidKey {
        did: crate::support::DID,
        kid: KID,
        key: jose::Signer::public_jwk(&verifier.signer),
    };
    request.authenticate(evidence)?.check(NOW)
}

/// A presentation of a format that is an object is its JSON; as a text it is refused.
fn presentation_object(example: &Example<'_>) {
    let query = json!({ "credentials": [
        { "id": "q", "format": "ldp_vc", "meta": { "type_values": [["IDCredential"]] } }
    ] });
    let query = DcqlQuery::parse(&query).unwrap();
    let token = json!({ "q": [example.json()] });
    let received = UnverifiedVpToken::parse(&token, &query).unwrap();
    let texts: Vec<&str> = received.presentations().map(|(_, text)| text).collect();
    assert_eq!(texts, [example.json().to_string()]);
    let token = json!({ "q": [example.json().to_string()] });
    assert_eq!(
        UnverifiedVpToken::parse(&token, &query),
        Err(ResponseError::PresentationNotAString)
    );
}

/// The disclosures that the specification prints beside the payload. Appendix B.3.2
const DISCLOSURES: [&str; 3] = [
    "WyIyR0xDNDJzS1F2ZUNmR2ZyeU5STjl3IiwgImdpdmVuX25hbWUiLCAiSm9obiJd",
    "WyJlbHVWNU9nM2dTTklJOEVZbnN4QV9BIiwgImZhbWlseV9uYW1lIiwgIkRvZSJd",
    "WyI2SWo3dE0tYTVpVlBHYm9TNXRtdlZBIiwgImJpcnRoZGF0ZSIsICIxOTQwLTAxLTAxIl0",
];

/// Only the payload is printed, so it is signed here.
fn credential(example: &Example<'_>) {
    let verifier = Verifier::new();
    let header = JwsHeader::new(Algorithm::Es256).with_typ(sd_jwt::TYP);
    let jws = sign_compact(&header, example.text().as_bytes(), &verifier.signer).unwrap();
    let compact = format!("{jws}~{}~", DISCLOSURES.join("~"));
    let key = VerifyingKey::new(jose::Signer::public_jwk(&verifier.signer)).unwrap();
    let verified = UnverifiedSdJwt::parse(&compact)
        .unwrap()
        .verify(&key, sd_jwt::TYP, THEN)
        .unwrap();
    let unsecured = example.json_of("credentials/sd_jwt_vc_unsecured.json");
    for (name, value) in unsecured.as_object().unwrap() {
        assert_eq!(verified.claims().get(name), Some(value), "{name}");
    }
    assert_eq!(verified.disclosed().count(), 3);
}

/// The claims before they are signed answer a query for their type.
fn unsecured(example: &Example<'_>) {
    let claims = example.json();
    let query = DcqlQuery::parse(&json!({ "credentials": [{ "id": "q", "format": "dc+sd-jwt",
        "meta": { "vct_values": ["https://credentials.example.com/identity_credential"] },
        "claims": [{ "path": ["birthdate"], "values": ["1940-01-01"] }] }] }));
    let candidate = Candidate {
        format: "dc+sd-jwt",
        kind: CredentialType::Vct(claims["vct"].as_str().unwrap()),
        claims: &claims,
        holder_binding: HolderBinding::Cryptographic,
        authorities: &[],
    };
    assert!(query.unwrap().evaluate(&[candidate]).is_satisfiable());
}

const VCLD: &str = "sd_jwt_vcld/01/";

/// The key with which the reference implementation signs its examples.
fn issuer_key() -> VerifyingKey {
    let jwk = json!({ "kty": "EC", "crv": "P-256",
        "x": "b28d4MwZMjw8-00CG4xfnn9SLMVMM19SlqZpVb_uNtQ",
        "y": "Xv5zWwuoaTgdS6hV43yI6gBwTnjukmFQQnJ_kCxzqk8" });
    VerifyingKey::new(&PublicJwk::parse(&jwk).unwrap()).unwrap()
}

/// With every disclosure the credential is what the user claims say.
fn issuance(example: &Example<'_>) {
    let compact = example.token(example.name);
    let verified = UnverifiedSdJwt::parse(&compact)
        .unwrap()
        .verify(&issuer_key(), sd_jwt::TYP, THEN)
        .unwrap();
    let expected = example.json_of(&format!("{VCLD}user_claims.json"));
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(verified.claims().get(name), Some(value), "{name}");
    }
}

/// The payload stands in the token as it is printed.
fn payload(example: &Example<'_>) {
    let compact = example.token(&format!("{VCLD}sd_jwt_issuance.txt"));
    assert_eq!(payload_of(compact.split('~').next().unwrap()), example.json());
}

fn presentation(example: &Example<'_>) {
    let shown = verified(example, "https://verifier.example.org", "1234567890").unwrap();
    let expected: Map<String, Value> =
        serde_json::from_value(example.json_of(&format!("{VCLD}verified_contents.json"))).unwrap();
    assert_eq!(shown, expected);
    assert!(verified(example, "https://other.example.org", "1234567890").is_err());
    assert!(verified(example, "https://verifier.example.org", "1234567891").is_err());
}

fn verified(
    example: &Example<'_>,
    audience: &str,
    nonce: &str,
) -> Result<Map<String, Value>, sd_jwt::PresentationError> {
    let compact = example.token(&format!("{VCLD}sd_jwt_presentation.txt"));
    let policy = KeyBindingPolicy::Required { audience, nonce };
    let presentation = UnverifiedPresentation::parse(&compact)?;
    Ok(presentation
        .verify(&issuer_key(), sd_jwt::TYP, policy, THEN)?
        .claims()
        .clone())
}

fn key_binding(example: &Example<'_>) {
    let compact = example.token(&format!("{VCLD}sd_jwt_presentation.txt"));
    assert_eq!(compact.rsplit('~').next().unwrap(), example.token(example.name));
}

/// The hash is that of the presentation before the key binding.
fn key_binding_payload(example: &Example<'_>) {
    let key_binding = example.token(&format!("{VCLD}kb_jwt_serialized.txt"));
    assert_eq!(payload_of(&key_binding), example.json());
    let compact = example.token(&format!("{VCLD}sd_jwt_presentation.txt"));
    let sd_jwt = compact.strip_suffix(&key_binding).unwrap();
    assert_eq!(
        example.json()["sd_hash"],
        json!(base64url::encode(Sha256::digest(sd_jwt)))
    );
}

fn payload_of(jws: &str) -> Value {
    let payload = jws.split('.').nth(1).unwrap();
    serde_json::from_slice(&base64url::decode(payload).unwrap()).unwrap()
}
