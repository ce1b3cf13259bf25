//! SD-JWT VC: what a credential must have, and what a wallet takes.

use jose::claims::ClaimError;
use jose::{JwsError, PrivateJwk};
use sd_jwt::{
    Challenge, CredentialDraft, CredentialError, Disclosable, Integrity, IntegrityError, IssueError, KeyBindingError,
    KeyBindingPolicy, Padding, PresentationError, ReceiveError, Requirements, SdJwtError, StatusReference,
    UnverifiedPresentation, UnverifiedSdJwt,
};
use serde_json::{Value, json};
use status_list::StatusReferenceError;
use test_case::test_case;

use crate::fixture::{
    AUDIENCE, NONCE, NOW, digest_of, disclosure, holder, issuer, key, random, signer, typed, verifying,
};

const VCT: &str = "urn:holdfast:vct:residence:1";

fn draft(claims: Value) -> CredentialDraft {
    let Value::Object(claims) = claims else { unreachable!() };
    CredentialDraft {
        vct: VCT.to_owned(),
        issuer: Some("did:web:agency.example".to_owned()),
        issued_at: NOW - 100,
        not_before: NOW - 100,
        expires: NOW + 100,
        holder_key: holder().public().clone(),
        status: Some(StatusReference::of_token("https://agency.example/status/1", 7)),
        claims,
        disclosable: Disclosable::EveryClaim,
        padding: Padding::To(10),
    }
}

fn issued(draft: CredentialDraft) -> Result<String, IssueError> {
    draft.issue(
        Some("did:web:agency.example#k"),
        None,
        &mut random(),
        &signer(&issuer()),
    )
}

fn receive(text: &str, holder: &PrivateJwk) -> Result<(), ReceiveError> {
    UnverifiedSdJwt::parse(text)?
        .receive(&verifying(&issuer()), holder.public(), Requirements::Anchored, NOW)
        .map(drop)
}

#[test]
fn from_issuer_to_wallet_to_verifier() {
    let text = issued(draft(json!({ "locality": "Graz", "country": "AT" }))).unwrap();
    let unverified = UnverifiedSdJwt::parse(&text).unwrap();
    assert_eq!(unverified.hints().kid, Some("did:web:agency.example#k"));
    let (held, claims) = unverified
        .receive(&verifying(&issuer()), holder().public(), Requirements::Anchored, NOW)
        .unwrap();
    assert_eq!(claims.vct(), VCT);
    assert_eq!(claims.expires(), Some(NOW + 100));
    let text = held
        .select(&["country".into()])
        .unwrap()
        .bind(
            Challenge {
                audience: AUDIENCE,
                nonce: NONCE,
            },
            NOW,
            &signer(&holder()),
        )
        .unwrap();
    let verified = UnverifiedPresentation::parse(&text)
        .unwrap()
        .verify_credential(
            &verifying(&issuer()),
            Requirements::Anchored,
            KeyBindingPolicy::Required {
                audience: AUDIENCE,
                nonce: NONCE,
            },
            NOW,
        )
        .unwrap();
    assert_eq!(verified.claims()["country"], "AT");
    assert!(!verified.claims().contains_key("locality"));
    assert_eq!(verified.credential().issuer(), Some("did:web:agency.example"));
    assert_eq!(verified.credential().not_before(), Some(NOW - 100));
    assert_eq!(verified.credential().issued_at(), Some(NOW - 100));
    assert_eq!(verified.credential().status().unwrap().index, 7);
    assert!(verified.key_binding().is_some());
    assert_eq!(verified.disclosed().count(), 1);
}

#[test]
fn a_wallet_refuses_a_foreign_key() {
    let text = issued(draft(json!({}))).unwrap();
    assert_eq!(receive(&text, &holder()), Ok(()));
    assert_eq!(receive(&text, &key(9)), Err(ReceiveError::ForeignHolderKey));
}

#[test]
fn a_wallet_refuses_a_bound_token_from_an_issuer() {
    let text = issued(draft(json!({}))).unwrap() + "e30.e30.e30";
    assert_eq!(receive(&text, &holder()), Err(SdJwtError::KeyBindingPresent.into()));
}

#[test_case("vc+sd-jwt"; "old_name")]
#[test_case("JWT"; "jwt")]
#[test_case("application/dc+sd-jwt"; "media_type")]
fn the_typ_is_exact(typ: &str) {
    let text = typed(typ, &payload(), &[]);
    assert_eq!(
        receive(&text, &holder()),
        Err(SdJwtError::Jws(JwsError::WrongType).into())
    );
}

fn payload() -> Value {
    json!({
        "vct": VCT,
        "iss": "did:web:agency.example",
        "iat": NOW - 100,
        "nbf": NOW - 100,
        "exp": NOW + 100,
        "cnf": { "jwk": holder().public().to_value() },
        "status": { "status_list": { "idx": 7, "uri": "https://agency.example/status/1" } },
    })
}

/// The payload with one claim changed; `null` takes it out.
fn changed(name: &str, value: Value) -> Value {
    let mut payload = payload();
    if value.is_null() {
        payload.as_object_mut().unwrap().remove(name);
    } else {
        payload[name] = value;
    }
    payload
}

fn credential_error(payload: &Value, requirements: Requirements) -> Option<CredentialError> {
    let text = typed("dc+sd-jwt", payload, &[]);
    let result = UnverifiedPresentation::parse(&text).unwrap().verify_credential(
        &verifying(&issuer()),
        requirements,
        KeyBindingPolicy::NotRequired,
        NOW,
    );
    match result {
        Ok(_) => None,
        Err(PresentationError::Credential(error)) => Some(error),
        Err(other) => panic!("{other}"),
    }
}

#[test_case("vct", json!(null) => CredentialError::Claim(ClaimError::Missing("vct")); "vct_missing")]
#[test_case("vct", json!(1) => CredentialError::Claim(ClaimError::NotAString("vct")); "vct_is_a_number")]
#[test_case("vct", json!("") => CredentialError::EmptyType; "vct_is_empty")]
#[test_case("iss", json!(null) => CredentialError::Claim(ClaimError::Missing("iss")); "iss_missing")]
#[test_case("iss", json!(1) => CredentialError::Claim(ClaimError::NotAString("iss")); "iss_is_a_number")]
#[test_case("nbf", json!(null) => CredentialError::Claim(ClaimError::Missing("nbf")); "nbf_missing")]
#[test_case("exp", json!(null) => CredentialError::Claim(ClaimError::Missing("exp")); "exp_missing")]
#[test_case("cnf", json!(null) => CredentialError::Claim(ClaimError::Missing("cnf")); "cnf_missing")]
#[test_case("cnf", json!({ "kid": "1" }) => CredentialError::HolderKey(KeyBindingError::NoHolderKey); "cnf_by_kid")]
#[test_case("status", json!(null) => CredentialError::Claim(ClaimError::Missing("status")); "status_missing")]
#[test_case("status", json!({}) => CredentialError::Status(StatusReferenceError::NoStatusList); "status_of_another_kind")]
#[test_case("status", json!({ "status_list": { "idx": -1, "uri": "https://a.example/1" } }) => CredentialError::Status(StatusReferenceError::Index); "index_is_negative")]
#[test_case("status", json!({ "status_list": { "idx": "7", "uri": "https://a.example/1" } }) => CredentialError::Status(StatusReferenceError::Index); "index_is_text")]
#[test_case("status", json!({ "status_list": { "idx": 9_007_199_254_740_992_u64, "uri": "https://a.example/1" } }) => CredentialError::Status(StatusReferenceError::Index); "index_is_huge")]
#[test_case("status", json!({ "status_list": { "idx": 7 } }) => CredentialError::Status(StatusReferenceError::Uri); "uri_missing")]
fn refuses_credential(name: &str, value: Value) -> CredentialError {
    credential_error(&changed(name, value), Requirements::Anchored).unwrap()
}

#[test]
fn haip_asks_for_a_key_and_an_end() {
    let haip = |payload: &Value| credential_error(payload, Requirements::Haip);
    assert_eq!(haip(&changed("exp", json!(null))), None);
    assert_eq!(haip(&changed("status", json!(null))), None);
    assert_eq!(haip(&changed("iss", json!(null))), None);
    let mut neither = changed("exp", json!(null));
    neither.as_object_mut().unwrap().remove("status");
    assert_eq!(haip(&neither), Some(CredentialError::Claim(ClaimError::Missing("exp"))));
    assert_eq!(
        haip(&changed("cnf", json!(null))),
        Some(CredentialError::Claim(ClaimError::Missing("cnf")))
    );
}

#[test_case("iss"; "iss")]
#[test_case("nbf"; "nbf")]
#[test_case("exp"; "exp")]
#[test_case("cnf"; "cnf")]
#[test_case("vct"; "vct")]
#[test_case("vct#integrity"; "vct_integrity")]
#[test_case("aka_vcts"; "aka_vcts")]
#[test_case("status"; "status")]
fn a_claim_that_must_be_visible_is_refused_as_a_disclosure(name: &str) {
    let value = payload().get(name).cloned().unwrap_or(json!("x"));
    let claim = json!(["salt", name, value]);
    let mut payload = changed(name, json!(null));
    payload["_sd"] = json!([digest_of(&claim)]);
    let text = typed("dc+sd-jwt", &payload, &[disclosure(&claim)]);
    let Err(ReceiveError::Credential(CredentialError::Disclosed(found))) = receive(&text, &holder()) else {
        panic!("accepted");
    };
    assert_eq!(found, name);
    // Hidden by the holder, it is missing: nothing stands in for it.
    let hidden = typed("dc+sd-jwt", &payload, &[]);
    let required = !name.contains("vct#") && name != "aka_vcts";
    assert_eq!(receive(&hidden, &holder()).is_err(), required);
}

#[test]
fn a_part_of_a_claim_that_must_be_visible_is_refused_too() {
    let claim = json!(["salt", "uri", "https://attacker.example"]);
    let status = json!({ "status_list": { "idx": 7, "_sd": [digest_of(&claim)] } });
    let text = typed("dc+sd-jwt", &changed("status", status), &[disclosure(&claim)]);
    assert_eq!(
        receive(&text, &holder()),
        Err(CredentialError::Disclosed("status").into())
    );
}

#[test]
fn expiry_comes_before_the_rest() {
    let text = typed("dc+sd-jwt", &changed("exp", json!(NOW)), &[]);
    assert_eq!(receive(&text, &holder()), Err(SdJwtError::Expired.into()));
}

#[test]
fn an_issuer_cannot_hide_or_overwrite_its_own_claims() {
    let overwritten = draft(json!({ "exp": 1 }));
    assert_eq!(issued(overwritten), Err(IssueError::IssuerClaim("exp")));
    let mut visible = draft(json!({ "exp": 1 }));
    visible.disclosable = Disclosable::At(vec![]);
    assert_eq!(issued(visible), Err(IssueError::IssuerClaim("exp")));
    let mut hidden = draft(json!({ "a": 1 }));
    hidden.disclosable = Disclosable::At(vec!["vct".into()]);
    assert_eq!(issued(hidden), Err(IssueError::NeverDisclosable("vct")));
}

#[test]
fn further_types_and_the_hash_of_the_type_are_read() {
    let integrity = Integrity::of(b"type metadata");
    let claims = json!({ "vct#integrity": integrity.as_str(), "aka_vcts": ["urn:base"], "name": "Ada" });
    let text = issued(draft(claims)).unwrap();
    let (_, claims) = UnverifiedSdJwt::parse(&text)
        .unwrap()
        .receive(&verifying(&issuer()), holder().public(), Requirements::Anchored, NOW)
        .unwrap();
    assert_eq!(claims.other_types(), ["urn:base"]);
    assert_eq!(claims.type_integrity(), Some(&integrity));
    assert_eq!(claims.vct(), VCT, "the type itself stays the one that counts");
}

#[test_case(json!({ "aka_vcts": [] }) => CredentialError::OtherTypes; "none")]
#[test_case(json!({ "aka_vcts": "urn:base" }) => CredentialError::OtherTypes; "text")]
#[test_case(json!({ "aka_vcts": [VCT] }) => CredentialError::OtherTypes; "the type itself")]
#[test_case(json!({ "aka_vcts": [1] }) => CredentialError::OtherTypes; "a number")]
#[test_case(json!({ "aka_vcts": [""] }) => CredentialError::OtherTypes; "an empty one")]
#[test_case(json!({ "vct#integrity": "sha256-x" }) => CredentialError::TypeIntegrity(IntegrityError::Malformed); "malformed hash")]
#[test_case(json!({ "vct#integrity": "md5-AA" }) => CredentialError::TypeIntegrity(IntegrityError::Unsupported); "unknown hash")]
#[test_case(json!({ "vct#integrity": 1 }) => CredentialError::Claim(ClaimError::NotAString("vct#integrity")); "hash of a number")]
fn refuses_type(claims: Value) -> CredentialError {
    let text = issued(draft(claims)).unwrap();
    match receive(&text, &holder()).unwrap_err() {
        ReceiveError::Credential(error) => error,
        other => panic!("{other}"),
    }
}

#[test]
fn without_a_claim_to_hide_there_is_no_sd() {
    let mut open = draft(json!({ "name": "Ada" }));
    open.disclosable = Disclosable::At(vec![]);
    let text = issued(open).unwrap();
    assert_eq!(text.matches('~').count(), 1);
    let payload = jose::base64url::decode(text.split('.').nth(1).unwrap()).unwrap();
    let payload: Value = serde_json::from_slice(&payload).unwrap();
    assert!(payload.get("_sd").is_none() && payload.get("_sd_alg").is_none());
}
