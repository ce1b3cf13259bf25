//! A credential and a status list of ours, verified by npm `@sd-jwt/sd-jwt-vc`.

use std::path::Path;

use jose::{Algorithm, JwsHeader, PrivateJwk, Signer, SigningKey};
use sd_jwt::{Challenge, CredentialDraft, Disclosable, Padding, Requirements, StatusReference, UnverifiedSdJwt};
use serde_json::{Value, json};
use service::{Clock, SystemClock};
use status_list::{Bits, Status, StatusClaims, StatusList, sign_token};

use super::libraries;

const URI: &str = "https://agency.example/status/1";
const INDEX: u64 = 4_711;
const NONCE: &str = "n-0S6_WzA2Mj";
const AUDIENCE: &str = "x509_hash:abc";

fn ask(folder: &Path, input: &Value) -> Result<Value, String> {
    super::ask(folder, "sd-jwt.mjs", input)
}

fn random(out: &mut [u8]) {
    service::random::fill(out);
}

/// A presentation that shows two of four claims, and the status list it points to.
fn input(status: Status) -> Value {
    let now = SystemClock.now();
    let day = now - now % 86_400;
    let issuer = SigningKey::new(&PrivateJwk::generate_p256(&mut random)).unwrap();
    let holder = SigningKey::new(&PrivateJwk::generate_p256(&mut random)).unwrap();
    let claims = json!({"given_name": "Ada", "family_name": "Muster", "age_over_18": true, "portrait": "data:,"});
    let draft = CredentialDraft {
        vct: "urn:holdfast:vct:person-identification:1".to_owned(),
        issuer: Some("did:webvh:x:agency.example".to_owned()),
        issued_at: day,
        not_before: day,
        expires: day + 86_400 * 14,
        holder_key: holder.public_jwk().clone(),
        status: Some(StatusReference::of_token(URI, INDEX)),
        claims: claims.as_object().unwrap().clone(),
        disclosable: Disclosable::EveryClaim,
        padding: Padding::To(16),
    };
    let compact = draft
        .issue(Some("did:webvh:x:agency.example#assert-1"), None, &mut random, &issuer)
        .unwrap();
    let key = jose::VerifyingKey::new(issuer.public_jwk()).unwrap();
    let (held, _) = UnverifiedSdJwt::parse(&compact)
        .unwrap()
        .receive(&key, holder.public_jwk(), Requirements::Anchored, now)
        .unwrap();
    let shown = held.select(&["family_name".into(), "age_over_18".into()]).unwrap();
    let presentation = shown
        .bind(
            Challenge {
                audience: AUDIENCE,
                nonce: NONCE,
            },
            now,
            &holder,
        )
        .unwrap();
    let mut list = StatusList::new(Bits::Two, 1 << 17);
    list.set(INDEX, status).unwrap();
    let said = StatusClaims {
        uri: URI,
        issued_at: now,
        expires: now + 60,
        time_to_live: 2,
        aggregation_uri: None,
    };
    let token = sign_token(JwsHeader::new(Algorithm::Es256), &said, &list, &issuer).unwrap();
    json!({
        "presentation": presentation, "issuerKey": issuer.public_jwk().to_value(), "statusToken": token,
        "nonce": NONCE, "audience": AUDIENCE,
    })
}

#[test]
fn a_credential_of_ours_is_believed_by_a_library_by_others() {
    let Some(folder) = libraries() else { return };
    let believed = ask(&folder, &input(Status::Valid)).unwrap();
    assert_eq!(believed["family_name"], "Muster");
    assert_eq!(believed["age_over_18"], true);
    assert!(
        believed.get("given_name").is_none() && believed.get("portrait").is_none(),
        "{believed}"
    );
    println!("@sd-jwt/sd-jwt-vc believes a presentation of ours");
}

#[test]
fn a_library_by_others_reads_our_status_list() {
    let Some(folder) = libraries() else { return };
    for status in [Status::Invalid, Status::Suspended] {
        let complaint = ask(&folder, &input(status)).unwrap_err();
        assert!(complaint.contains("Status is not valid"), "{complaint}");
    }
}

#[test]
fn a_library_by_others_refuses_a_changed_presentation() {
    let Some(folder) = libraries() else { return };
    let mut changed = input(Status::Valid);
    changed["nonce"] = "another".into();
    assert!(ask(&folder, &changed).is_err());
    let mut changed = input(Status::Valid);
    changed["issuerKey"] = input(Status::Valid)["issuerKey"].clone();
    assert!(ask(&folder, &changed).is_err());
}
