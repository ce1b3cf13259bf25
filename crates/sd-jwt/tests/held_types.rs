//! Type metadata that somebody holds. draft-ietf-oauth-sd-jwt-vc §5.3.4, §5.7, §6.

use sd_jwt::type_metadata::{ClaimRuleError, HeldTypeError, HeldTypes, TypeMetadataError};
use sd_jwt::{Integrity, IntegrityError, TYP, VerifiedCredential};
use serde_json::{Value, json};

use crate::fixture::{NOW, credential_in, holder, typed};
use crate::type_documents::VCT;

const BASE: &str = "https://types.example/base";

fn document(vct: &str, extends: Option<&str>, mandatory: &str) -> Vec<u8> {
    let mut document = json!({ "vct": vct, "claims": [{ "path": [mandatory], "mandatory": true }] });
    if let Some(base) = extends {
        document["extends"] = json!(base);
    }
    document.to_string().into_bytes()
}

/// A credential with one open claim, `name`.
fn presented(more: &Value) -> VerifiedCredential {
    let mut payload = json!({
        "vct": VCT, "exp": NOW + 100, "cnf": { "jwk": holder().public().to_value() }, "name": "Ada",
    });
    for (name, value) in more.as_object().unwrap() {
        payload[name] = value.clone();
    }
    credential_in(&typed(TYP, &payload, &[]))
}

#[test]
fn nothing_is_asked_of_a_type_of_which_nothing_is_held() {
    let held = HeldTypes::default();
    assert_eq!(held.check_presented(&presented(&json!({}))), Ok(()));
    assert_eq!(held.missing(VCT), Some(VCT.to_owned()));
}

#[test]
fn a_type_is_known_once_all_that_it_extends_is_held() {
    let mut held = HeldTypes::default();
    held.hold(VCT, &document(VCT, Some(BASE), "name")).unwrap();
    assert!(held.known(VCT).is_none());
    assert_eq!(held.missing(VCT), Some(BASE.to_owned()));
    assert_eq!(
        held.check_presented(&presented(&json!({}))),
        Ok(()),
        "nothing is known yet"
    );
    held.hold(BASE, &document(BASE, None, "degree")).unwrap();
    assert_eq!((held.missing(VCT), held.known(VCT).is_some()), (None, true));
    let refused = held.check_presented(&presented(&json!({}))).unwrap_err();
    assert!(
        matches!(refused, HeldTypeError::Rule(ClaimRuleError::Missing(_))),
        "{refused}"
    );
    assert_eq!(held.check_presented(&presented(&json!({ "degree": "M" }))), Ok(()));
}

#[test]
fn a_document_takes_the_place_of_its_own_type_alone() {
    let mut held = HeldTypes::default();
    let good = document(VCT, None, "name");
    held.hold(VCT, &good).unwrap();
    let other = document(VCT, None, "degree");
    assert_eq!(held.hold(BASE, &other), Err(TypeMetadataError::OtherType));
    assert!(held.hold(VCT, b"[]").is_err());
    assert_eq!(held.document(VCT), Some(good.as_slice()));
    held.hold(VCT, &other).unwrap();
    assert_eq!(held.document(VCT), Some(other.as_slice()));
    assert!(held.check_presented(&presented(&json!({}))).is_err());
}

#[test]
fn the_document_must_be_the_one_that_the_credential_means() {
    let mut held = HeldTypes::default();
    let good = document(VCT, None, "name");
    held.hold(VCT, &good).unwrap();
    let meant = |integrity: &Integrity| presented(&json!({ "vct#integrity": integrity.as_str() }));
    assert_eq!(held.check_presented(&meant(&Integrity::of(&good))), Ok(()));
    let refused = held.check_presented(&meant(&Integrity::of(b"another")));
    let mismatch = TypeMetadataError::Integrity(IntegrityError::Mismatch);
    assert_eq!(refused, Err(HeldTypeError::Metadata(mismatch)));
}

#[test]
fn a_type_that_breaks_a_rule_with_what_it_extends_lets_nothing_pass() {
    let mut held = HeldTypes::default();
    let loose = json!({ "vct": VCT, "extends": BASE, "claims": [{ "path": ["name"], "mandatory": false }] });
    held.hold(VCT, loose.to_string().as_bytes()).unwrap();
    held.hold(BASE, &document(BASE, None, "name")).unwrap();
    assert_eq!((held.missing(VCT), held.known(VCT).is_none()), (None, true));
    let refused = held.check_presented(&presented(&json!({}))).unwrap_err();
    assert!(
        matches!(refused, HeldTypeError::Metadata(TypeMetadataError::Loosened(_))),
        "{refused}"
    );
}
