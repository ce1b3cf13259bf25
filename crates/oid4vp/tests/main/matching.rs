//! Selecting claims and credentials. OpenID4VP 1.0 §6.4

use oid4vp::{Authority, AuthorityType, Candidate, ClaimsPath, CredentialType, DcqlQuery, HolderBinding, Requirement};
use serde_json::{Value, json};
use test_case::test_case;

fn candidate(claims: &Value) -> Candidate<'_> {
    Candidate {
        format: "dc+sd-jwt",
        kind: CredentialType::Vct("t"),
        claims,
        holder_binding: HolderBinding::Cryptographic,
        authorities: &[],
    }
}

fn query(credential: Value) -> DcqlQuery {
    let mut credential = credential;
    credential["id"] = json!("q");
    credential["format"] = json!("dc+sd-jwt");
    credential["meta"] = json!({ "vct_values": ["s", "t"] });
    DcqlQuery::parse(&json!({ "credentials": [credential] })).unwrap()
}

fn names(paths: &[ClaimsPath]) -> Vec<String> {
    paths.iter().map(ToString::to_string).collect()
}

fn needed(query: &DcqlQuery, claims: &Value) -> Option<Vec<String>> {
    let evaluation = query.evaluate(&[candidate(claims)]);
    evaluation
        .matches(query.credentials()[0].id())
        .first()
        .map(|found| names(found.needed()))
}

#[test]
fn without_claims_nothing_is_shown() {
    assert_eq!(needed(&query(json!({})), &json!({ "a": 1 })), Some(vec![]));
}

#[test]
fn without_claim_sets_all_claims_are_needed() {
    let query = query(json!({ "claims": [{ "path": ["a"] }, { "path": ["b"] }] }));
    assert_eq!(
        needed(&query, &json!({ "a": 1, "b": 2, "c": 3 })),
        Some(vec!["a".into(), "b".into()])
    );
    assert_eq!(needed(&query, &json!({ "a": 1 })), None);
}

#[test]
fn the_first_satisfiable_set_is_preferred() {
    let query = query(json!({
        "claims": [{ "id": "a", "path": ["a"] }, { "id": "b", "path": ["b"] }, { "id": "c", "path": ["c"] }],
        "claim_sets": [["a", "c"], ["b"], ["a", "b", "c"]]
    }));
    assert_eq!(
        needed(&query, &json!({ "a": 1, "b": 2, "c": 3 })),
        Some(vec!["a".into(), "c".into()])
    );
    assert_eq!(needed(&query, &json!({ "a": 1, "b": 2 })), Some(vec!["b".into()]));
    assert_eq!(needed(&query, &json!({ "a": 1 })), None);
}

#[test]
fn larger_sets_offer_optional_claims() {
    let query = query(json!({
        "claims": [{ "id": "a", "path": ["a"] }, { "id": "b", "path": ["b"] }, { "id": "c", "path": ["c"] }],
        "claim_sets": [["a"], ["a", "b"], ["b", "c"]]
    }));
    let claims = json!({ "a": 1, "b": 2, "c": 3 });
    let evaluation = query.evaluate(&[candidate(&claims)]);
    let found = &evaluation.matches(query.credentials()[0].id())[0];
    let optional: Vec<String> = found.optional().iter().map(ToString::to_string).collect();
    assert_eq!(optional, ["b"]);
    let b = ClaimsPath::top_level("b");
    assert_eq!(names(found.with_optional(&[b]).unwrap().paths()), ["a", "b"]);
    assert_eq!(found.with_optional(&[ClaimsPath::top_level("c")]), None);
    assert_eq!(names(found.with_optional(&[]).unwrap().paths()), ["a"]);
}

#[test]
fn a_repeated_claim_is_shown_once() {
    let query = query(json!({ "claims": [{ "path": ["a"] }, { "path": ["a"] }] }));
    assert_eq!(needed(&query, &json!({ "a": 1 })), Some(vec!["a".into()]));
}

#[test_case(json!(["x", 7]), json!(7) => true ; "equal number")]
#[test_case(json!(["7"]), json!(7) => false ; "equal text of another type")]
#[test_case(json!([1]), json!(true) => false ; "one is not true")]
#[test_case(json!(["B"]), json!("b") => false ; "case counts")]
fn values_match_in_type_and_value(values: Value, held: Value) -> bool {
    let query = query(json!({ "claims": [{ "path": ["a"], "values": values }] }));
    needed(&query, &json!({ "a": held })).is_some()
}

#[test]
fn a_value_matches_any_selected_element() {
    let query = query(json!({ "claims": [{ "path": ["n", null], "values": ["NL"] }] }));
    assert!(needed(&query, &json!({ "n": ["BE", "NL"] })).is_some());
    assert!(needed(&query, &json!({ "n": ["BE"] })).is_none());
}

#[test]
fn format_type_and_binding_must_fit() {
    let query = query(json!({}));
    let claims = json!({});
    let good = candidate(&claims);
    let others = [
        Candidate {
            format: "vc+sd-jwt",
            ..good
        },
        Candidate {
            kind: CredentialType::Vct("u"),
            ..good
        },
        Candidate {
            kind: CredentialType::Doctype("t"),
            ..good
        },
        Candidate {
            holder_binding: HolderBinding::None,
            ..good
        },
    ];
    for other in others {
        assert!(!query.evaluate(&[other]).is_satisfiable(), "{other:?}");
    }
    assert!(query.evaluate(&[good]).is_satisfiable());
}

#[test]
fn required_sets_decide_and_optional_ones_do_not() {
    let one = |id: &str, vct: &str| json!({ "id": id, "format": "dc+sd-jwt", "meta": { "vct_values": [vct] } });
    let query = DcqlQuery::parse(&json!({
        "credentials": [one("a", "t"), one("b", "u"), one("c", "v")],
        "credential_sets": [
            { "options": [["b"], ["a"]] },
            { "options": [["a", "c"]], "required": false }
        ]
    }))
    .unwrap();
    let claims = json!({});
    let evaluation = query.evaluate(&[candidate(&claims)]);
    assert!(evaluation.is_satisfiable());
    let [required, optional] = evaluation.sets() else {
        panic!("two sets")
    };
    assert_eq!(required.requirement(), Requirement::Required);
    assert_eq!(required.options().len(), 1);
    assert_eq!(required.options()[0][0].as_str(), "a");
    assert_eq!(
        (optional.requirement(), optional.options().len()),
        (Requirement::Optional, 0)
    );
    assert!(!query.evaluate(&[]).is_satisfiable());
}

#[test_case(json!([{ "type": "aki", "values": ["AQID"] }]) => true ; "the key of its authority")]
#[test_case(json!([{ "type": "aki", "values": ["AAAA", "AQID"] }]) => true ; "one of two keys")]
#[test_case(json!([{ "type": "etsi_tl", "values": ["https://list.example"] }, { "type": "aki", "values": ["AQID"] }]) => true ; "one of two conditions")]
#[test_case(json!([{ "type": "aki", "values": ["AQIE"] }]) => false ; "another key")]
#[test_case(json!([{ "type": "aki", "values": ["AQID="] }]) => false ; "padded")]
#[test_case(json!([{ "type": "etsi_tl", "values": ["AQID"] }]) => false ; "the same value of another type")]
#[test_case(json!([{ "type": "openid_federation", "values": ["https://anchor.example"] }]) => false ; "a type that nothing is known of")]
#[test_case(json!([{ "type": "later", "values": ["AQID"] }]) => false ; "a type of another specification")]
fn one_of_the_authorities_must_certify(asked: Value) -> bool {
    let query = query(json!({ "trusted_authorities": asked }));
    let (claims, authorities) = (json!({}), [Authority::of_key(&[1, 2, 3])]);
    let held = Candidate {
        authorities: &authorities,
        ..candidate(&claims)
    };
    let nobody = query.evaluate(&[candidate(&claims)]);
    assert!(!nobody.is_satisfiable(), "without a chain nothing matches");
    query.evaluate(&[held]).is_satisfiable()
}

#[test]
fn an_authority_of_a_list_is_compared_where_it_is_known() {
    let query = query(json!({ "trusted_authorities": [{ "type": "etsi_tl", "values": ["https://list.example"] }] }));
    let (claims, authorities) = (
        json!({}),
        [Authority::new(AuthorityType::EtsiTrustedList, "https://list.example")],
    );
    let held = Candidate {
        authorities: &authorities,
        ..candidate(&claims)
    };
    assert!(query.evaluate(&[held]).is_satisfiable());
}

#[test]
fn several_credentials_answer_a_query_that_takes_several() {
    let query = query(json!({ "multiple": true, "claims": [{ "path": ["a"] }] }));
    let (one, two, none) = (json!({ "a": 1 }), json!({ "a": 2 }), json!({ "b": 3 }));
    let evaluation = query.evaluate(&[candidate(&one), candidate(&none), candidate(&two)]);
    let found: Vec<usize> = evaluation
        .matches(query.credentials()[0].id())
        .iter()
        .map(oid4vp::CredentialMatch::candidate)
        .collect();
    assert_eq!(found, [0, 2]);
    assert!(query.is_satisfied_by(|_| true), "one is enough");
}

#[test_case(json!(["degrees", null, "type"]), json!({ "degrees": [{ "type": "B" }, { "name": "x" }] }) => true ; "some elements have it")]
#[test_case(json!(["degrees", null, "type"]), json!({ "degrees": [{ "name": "x" }] }) => false ; "no element has it")]
#[test_case(json!(["degrees", null, "type"]), json!({ "degrees": [{ "type": "B" }, "text"] }) => false ; "an element is no object")]
#[test_case(json!(["degrees", null, "type"]), json!({ "degrees": { "type": "B" } }) => false ; "null in an object")]
#[test_case(json!(["degrees", null]), json!({ "degrees": [] }) => false ; "no element")]
#[test_case(json!(["degrees", 1, "type"]), json!({ "degrees": [{}, { "type": "M" }] }) => true ; "an element by its place")]
#[test_case(json!(["degrees", 2, "type"]), json!({ "degrees": [{}, { "type": "M" }] }) => false ; "a place beyond the end")]
#[test_case(json!(["degrees", 0]), json!({ "degrees": { "0": "x" } }) => false ; "a place in an object")]
#[test_case(json!(["m", null, null]), json!({ "m": [[1], [2, 3]] }) => true ; "arrays in an array")]
#[test_case(json!(["m", null, 1]), json!({ "m": [[1], [2, 3]] }) => true ; "a place in some of the arrays")]
#[test_case(json!(["m", null, 1]), json!({ "m": [[1], 2] }) => false ; "a place in something that is no array")]
fn paths_with_null_and_places(path: Value, held: Value) -> bool {
    needed(&query(json!({ "claims": [{ "path": path }] })), &held).is_some()
}

#[test]
fn a_value_of_one_type_is_found_at_a_place() {
    let at = |place: u64, value: &str| json!({ "claims": [{ "path": ["n", place], "values": [value] }] });
    let held = json!({ "n": ["BE", "NL"] });
    assert!(needed(&query(at(1, "NL")), &held).is_some());
    assert!(needed(&query(at(0, "NL")), &held).is_none());
}
