//! What the schemas of the kinds from 12 on refuse. docs/ledger.md §4; catalogue K11

use ledger::{Kind, Localized, Payload, PayloadError};
use serde_json::{Value, json};
use test_case::test_case;
use testkit::objects::{audit_snapshot, document, release, rule, schema, service};

use super::{NOW, with_organisation};

/// A payload of the kind, as JSON.
fn sample(kind: Kind) -> Value {
    let (_, owner) = with_organisation();
    let did = owner.did();
    let bytes = match kind {
        Kind::SchemaPublish => schema(did).encode(),
        Kind::RulePublish => rule(did).encode(),
        Kind::ServicePublish => service(did).encode(),
        Kind::Document => document(did, 1, None).encode(),
        Kind::AuditSnapshot => audit_snapshot(did, NOW, NOW + 1, 1).encode(),
        _ => release([1, 0, 0]).encode(),
    };
    serde_json::from_slice(&bytes.unwrap()).unwrap()
}

fn parse(kind: Kind, value: &Value) -> Result<(), PayloadError> {
    Payload::parse(kind, &serde_jcs::to_vec(value).unwrap()).map(|_| ())
}

const KINDS: [Kind; 6] = [
    Kind::SchemaPublish,
    Kind::RulePublish,
    Kind::ServicePublish,
    Kind::Document,
    Kind::AuditSnapshot,
    Kind::Release,
];

#[test]
fn a_sample_of_each_kind_follows_its_schema() {
    for kind in KINDS {
        assert_eq!(parse(kind, &sample(kind)), Ok(()), "{kind}");
    }
}

#[test]
fn a_member_that_the_schema_does_not_name_is_refused() {
    for kind in KINDS {
        let mut value = sample(kind);
        value["contact"] = json!("Jane Doe");
        assert!(matches!(parse(kind, &value), Err(PayloadError::Json(_))), "{kind}");
    }
}

#[test]
fn null_stands_for_no_optional_member() {
    for member in ["fee", "page", "rule", "time_limit_days", "until"] {
        let mut value = sample(Kind::ServicePublish);
        value[member] = Value::Null;
        let refused = parse(Kind::ServicePublish, &value);
        assert!(matches!(refused, Err(PayloadError::Json(_))), "{member}");
    }
    for member in ["supersedes", "uri"] {
        let mut value = sample(Kind::Document);
        value[member] = Value::Null;
        assert!(
            matches!(parse(Kind::Document, &value), Err(PayloadError::Json(_))),
            "{member}"
        );
    }
}

#[test]
fn bytes_that_are_no_utf8_are_refused() {
    for kind in KINDS {
        let mut bytes = serde_jcs::to_vec(&sample(kind)).unwrap();
        let place = bytes.len() - 3;
        bytes[place] = 0xff;
        assert!(
            matches!(Payload::parse(kind, &bytes), Err(PayloadError::Json(_))),
            "{kind}"
        );
    }
}

#[test_case(Kind::SchemaPublish, "/name/en", "Ask j.doe@office.example" => PayloadError::Personal("name") ; "schema_name")]
#[test_case(Kind::SchemaPublish, "/claims/0/name/en", "Call 030 123 456 78" => PayloadError::Personal("claim name") ; "claim_name")]
#[test_case(Kind::RulePublish, "/name/en", "For 850601-123456" => PayloadError::Personal("name") ; "rule_name")]
#[test_case(Kind::RulePublish, "/expression", "pid.age_over_18 == 'j@doe.example'" => PayloadError::Personal("expression") ; "expression")]
#[test_case(Kind::ServicePublish, "/name/en", "Ask j.doe@office.example" => PayloadError::Personal("name") ; "service_name")]
#[test_case(Kind::ServicePublish, "/text/en", "Call +49 (30) 123-4567" => PayloadError::Personal("text") ; "service_text")]
#[test_case(Kind::ServicePublish, "/legal_basis/0/name/en", "j@doe" => PayloadError::Personal("legal_basis") ; "legal_basis")]
#[test_case(Kind::ServicePublish, "/complaints", "https://j@office.example/" => PayloadError::Personal("complaints") ; "complaints")]
#[test_case(Kind::Document, "/title/en", "Letter to 123456789" => PayloadError::Personal("title") ; "title")]
#[test_case(Kind::Document, "/sha256", "AA" => PayloadError::Json(jose::strict_json::StrictJsonError::Shape) ; "short_hash")]
#[test_case(Kind::ServicePublish, "/complaints", "http://office.example/" => PayloadError::Text("complaints") ; "plain_http")]
#[test_case(Kind::ServicePublish, "/fee/currency", "eur" => PayloadError::Text("fee") ; "currency")]
#[test_case(Kind::ServicePublish, "/rule/subject", "a rule" => PayloadError::Text("rule") ; "rule_subject")]
#[test_case(Kind::RulePublish, "/expression", "" => PayloadError::Text("expression") ; "empty_expression")]
#[test_case(Kind::RulePublish, "/expression", "a\u{0}" => PayloadError::Text("expression") ; "control_character")]
#[test_case(Kind::RulePublish, "/queries/0/id", "other" => PayloadError::Text("queries") ; "query_of_no_claim")]
#[test_case(Kind::Release, "/artifacts/0/name", "a file" => PayloadError::Text("artifacts") ; "artifact_name")]
fn texts_that_are_refused(kind: Kind, pointer: &str, text: &str) -> PayloadError {
    let mut value = sample(kind);
    *value.pointer_mut(pointer).unwrap() = json!(text);
    parse(kind, &value).unwrap_err()
}

#[test_case(Kind::AuditSnapshot, "/from", json!(NOW + 1) => PayloadError::Period ; "empty_period")]
#[test_case(Kind::ServicePublish, "/fee/amount", json!(0) => PayloadError::Text("fee") ; "no_amount")]
#[test_case(Kind::ServicePublish, "/time_limit_days", json!(3651) => PayloadError::Text("time_limit_days") ; "time_limit")]
#[test_case(Kind::ServicePublish, "/legal_basis", json!([]) => PayloadError::Count("legal_basis") ; "no_legal_basis")]
#[test_case(Kind::RulePublish, "/claims", json!({"pid": "bool"}) => PayloadError::Text("claims") ; "claim_without_query")]
#[test_case(Kind::RulePublish, "/claims", json!({"1pid.a": "bool"}) => PayloadError::Text("claims") ; "query_that_begins_with_a_digit")]
#[test_case(Kind::RulePublish, "/subset", json!(2) => PayloadError::Text("expression") ; "another_subset")]
#[test_case(Kind::SchemaPublish, "/claims", json!([]) => PayloadError::Count("claims") ; "no_claim")]
#[test_case(Kind::Release, "/artifacts", json!([]) => PayloadError::Count("artifacts") ; "no_artifact")]
fn members_that_are_refused(kind: Kind, pointer: &str, member: Value) -> PayloadError {
    let mut value = sample(kind);
    *value.pointer_mut(pointer).unwrap() = member;
    parse(kind, &value).unwrap_err()
}

#[test]
fn a_path_twice_is_refused() {
    let (_, owner) = with_organisation();
    let mut schema = schema(owner.did());
    schema.claims.push(schema.claims[0].clone());
    assert_eq!(schema.encode(), Err(PayloadError::Order("claims")));
}

#[test]
fn a_label_of_201_characters_is_no_text() {
    assert!(Localized::english(&"a".repeat(200)).is_ok());
    assert!(Localized::english(&"a".repeat(201)).is_err());
}
