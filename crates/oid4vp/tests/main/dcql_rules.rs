//! One case for each MUST of the query language. OpenID4VP 1.0 §6

use jose::{OverBudget, Work};
use oid4vp::{AuthorityType, ClaimsPathError, DcqlError, DcqlQuery, Multiplicity};
use serde_json::{Value, json};
use test_case::test_case;

/// A good query with one member of its credential query replaced.
fn with(member: &str, value: Value) -> Value {
    let mut query = json!({ "credentials": [{
        "id": "q", "format": "dc+sd-jwt", "meta": { "vct_values": ["t"] },
        "claims": [{ "id": "a", "path": ["a"] }, { "id": "b", "path": ["b"] }]
    }] });
    query["credentials"][0][member] = value;
    query
}

fn without(member: &str) -> Value {
    let mut query = with("id", json!("q"));
    query["credentials"][0].as_object_mut().unwrap().remove(member);
    query
}

fn top(member: &str, value: Value) -> Value {
    let mut query = with("id", json!("q"));
    query[member] = value;
    query
}

fn twice() -> Value {
    let mut query = with("id", json!("q"));
    let copy = query["credentials"][0].clone();
    query["credentials"].as_array_mut().unwrap().push(copy);
    query
}

#[test_case(json!([]) => DcqlError::NotAnObject("dcql_query") ; "query is an array")]
#[test_case(json!({}) => DcqlError::Missing("credentials") ; "no credentials")]
#[test_case(json!({"credentials": {}}) => DcqlError::WrongType("credentials") ; "credentials is an object")]
#[test_case(json!({"credentials": []}) => DcqlError::Empty("credentials") ; "credentials is empty")]
#[test_case(json!({"credentials": [1]}) => DcqlError::NotAnObject("a credential query") ; "a credential is a number")]
#[test_case(without("id") => DcqlError::Missing("id") ; "no id")]
#[test_case(with("id", json!(1)) => DcqlError::WrongType("id") ; "id is a number")]
#[test_case(with("id", json!("")) => DcqlError::BadIdentifier("id") ; "id is empty")]
#[test_case(with("id", json!("a b")) => DcqlError::BadIdentifier("id") ; "id with a space")]
#[test_case(with("id", json!("ä")) => DcqlError::BadIdentifier("id") ; "id beyond ascii")]
#[test_case(twice() => DcqlError::DuplicateQueryId ; "id twice")]
#[test_case(without("format") => DcqlError::Missing("format") ; "no format")]
#[test_case(with("format", json!(null)) => DcqlError::WrongType("format") ; "format is null")]
#[test_case(without("meta") => DcqlError::Missing("meta") ; "no meta")]
#[test_case(with("meta", json!([])) => DcqlError::NotAnObject("meta") ; "meta is an array")]
#[test_case(with("meta", json!({})) => DcqlError::Missing("vct_values") ; "no vct_values")]
#[test_case(with("meta", json!({"vct_values": []})) => DcqlError::Empty("vct_values") ; "vct_values is empty")]
#[test_case(with("meta", json!({"vct_values": [1]})) => DcqlError::WrongType("vct_values") ; "a vct is a number")]
#[test_case(with("multiple", json!("yes")) => DcqlError::WrongType("multiple") ; "multiple is a string")]
#[test_case(with("multiple", json!(null)) => DcqlError::WrongType("multiple") ; "multiple is null")]
#[test_case(with("require_cryptographic_holder_binding", json!(0)) => DcqlError::WrongType("require_cryptographic_holder_binding") ; "holder binding is a number")]
#[test_case(with("trusted_authorities", json!([])) => DcqlError::Empty("trusted_authorities") ; "no authority")]
#[test_case(with("trusted_authorities", json!([{"values": ["x"]}])) => DcqlError::Missing("type") ; "authority without type")]
#[test_case(with("trusted_authorities", json!([{"type": "aki"}])) => DcqlError::Missing("values") ; "authority without values")]
#[test_case(with("trusted_authorities", json!([{"type": "aki", "values": []}])) => DcqlError::Empty("values") ; "authority with no value")]
#[test_case(with("trusted_authorities", json!({})) => DcqlError::WrongType("trusted_authorities") ; "authorities are an object")]
#[test_case(with("trusted_authorities", json!(["aki"])) => DcqlError::NotAnObject("a trusted authority") ; "authority is a string")]
#[test_case(with("trusted_authorities", json!([{"type": 1, "values": ["x"]}])) => DcqlError::WrongType("type") ; "type of an authority is a number")]
#[test_case(with("trusted_authorities", json!([{"type": "aki", "values": [1]}])) => DcqlError::WrongType("values") ; "value of an authority is a number")]
#[test_case(with("claims", json!([])) => DcqlError::Empty("claims") ; "claims is empty")]
#[test_case(with("claims", json!([{"id": "a"}])) => DcqlError::Missing("path") ; "claim without path")]
#[test_case(with("claims", json!([{"path": []}])) => DcqlError::Path(ClaimsPathError::Empty) ; "path is empty")]
#[test_case(with("claims", json!([{"path": [-1]}])) => DcqlError::Path(ClaimsPathError::BadComponent) ; "path is negative")]
#[test_case(with("claims", json!([{"id": "a.b", "path": ["a"]}])) => DcqlError::BadIdentifier("id") ; "claim id with a dot")]
#[test_case(with("claims", json!([{"id": "a", "path": ["a"]}, {"id": "a", "path": ["b"]}])) => DcqlError::DuplicateClaimId ; "claim id twice")]
#[test_case(with("claims", json!([{"path": ["a"], "values": []}])) => DcqlError::Empty("values") ; "values is empty")]
#[test_case(with("claims", json!([{"path": ["a"], "values": [1.5]}])) => DcqlError::BadValue ; "value is a float")]
#[test_case(with("claims", json!([{"path": ["a"], "values": [null]}])) => DcqlError::BadValue ; "value is null")]
#[test_case(with("claims", json!([{"path": ["a"], "values": [{}]}])) => DcqlError::BadValue ; "value is an object")]
#[test_case(with("claim_sets", json!([])) => DcqlError::Empty("claim_sets") ; "claim_sets is empty")]
#[test_case(with("claim_sets", json!([["c"]])) => DcqlError::UnknownClaimId ; "set of an unknown claim")]
#[test_case(with("claim_sets", json!(["a"])) => DcqlError::WrongType("claim_sets") ; "set is a string")]
#[test_case(top("credential_sets", json!([])) => DcqlError::Empty("credential_sets") ; "credential_sets is empty")]
#[test_case(top("credential_sets", json!([{}])) => DcqlError::Missing("options") ; "no options")]
#[test_case(top("credential_sets", json!([{"options": []}])) => DcqlError::Empty("options") ; "options is empty")]
#[test_case(top("credential_sets", json!([{"options": [[]]}])) => DcqlError::Empty("options") ; "an option is empty")]
#[test_case(top("credential_sets", json!([{"options": [["x"]]}])) => DcqlError::UnknownQueryId ; "option of an unknown query")]
#[test_case(top("credential_sets", json!([{"options": [["q"]], "required": 1}])) => DcqlError::WrongType("required") ; "required is a number")]
fn refused(query: Value) -> DcqlError {
    DcqlQuery::parse(&query).unwrap_err()
}

#[test]
fn claim_sets_need_claims() {
    let mut query = without("claims");
    query["credentials"][0]["claim_sets"] = json!([["a"]]);
    assert_eq!(DcqlQuery::parse(&query), Err(DcqlError::ClaimSetsWithoutClaims));
}

#[test]
fn claim_sets_need_claim_ids() {
    let mut query = with("claims", json!([{ "path": ["a"] }]));
    query["credentials"][0]["claim_sets"] = json!([["a"]]);
    assert_eq!(DcqlQuery::parse(&query), Err(DcqlError::ClaimWithoutId));
}

#[test_case(json!(["ns"]) ; "one component")]
#[test_case(json!(["ns", "e", "x"]) ; "three components")]
#[test_case(json!(["ns", 0]) ; "an index")]
fn mdoc_path(path: Value) {
    let query = json!({ "credentials": [{ "id": "q", "format": "mso_mdoc",
        "meta": { "doctype_value": "d" }, "claims": [{ "path": path }] }] });
    assert_eq!(DcqlQuery::parse(&query), Err(DcqlError::MdocPath));
}

fn intent_to_retain(format: &str, meta: Value, said: Value) -> Result<Option<bool>, DcqlError> {
    let mut claim = json!({ "path": ["ns", "e"] });
    if !said.is_null() {
        claim["intent_to_retain"] = said;
    }
    let query = json!({ "credentials": [{ "id": "q", "format": format, "meta": meta, "claims": [claim] }] });
    DcqlQuery::parse(&query).map(|query| query.credentials()[0].claims()[0].intent_to_retain())
}

#[test_case(json!(true) => Ok(Some(true)) ; "kept")]
#[test_case(json!(false) => Ok(Some(false)) ; "not kept")]
#[test_case(json!(null) => Ok(None) ; "nothing said")]
#[test_case(json!("true") => Err(DcqlError::WrongType("intent_to_retain")) ; "a string")]
#[test_case(json!(1) => Err(DcqlError::WrongType("intent_to_retain")) ; "a number")]
fn whether_an_element_is_kept(said: Value) -> Result<Option<bool>, DcqlError> {
    intent_to_retain("mso_mdoc", json!({ "doctype_value": "d" }), said)
}

#[test]
fn other_formats_do_not_say_what_is_kept() {
    for said in [json!(true), json!("true")] {
        assert_eq!(
            intent_to_retain("dc+sd-jwt", json!({ "vct_values": ["t"] }), said),
            Ok(None)
        );
    }
}

#[test_case("mso_mdoc" => DcqlError::Missing("doctype_value") ; "mdoc")]
#[test_case("ldp_vc" => DcqlError::Missing("type_values") ; "ldp_vc")]
#[test_case("jwt_vc_json" => DcqlError::Missing("type_values") ; "jwt_vc_json")]
fn meta_by_format(format: &str) -> DcqlError {
    let query = json!({ "credentials": [{ "id": "q", "format": format, "meta": {} }] });
    DcqlQuery::parse(&query).unwrap_err()
}

#[test]
fn unknown_members_are_ignored() {
    let mut query = with("purpose", json!("?"));
    query["later"] = json!({});
    query["credentials"][0]["claims"][0]["intent_to_retain"] = json!(true);
    assert_eq!(DcqlQuery::parse(&query).map(|query| query.credentials().len()), Ok(1));
}

#[test]
fn what_a_query_says_of_number_and_authorities_is_read() {
    let mut query = with("multiple", json!(true));
    query["credentials"][0]["trusted_authorities"] = json!([
        { "type": "aki", "values": ["s9tIpPmhxdiuNkHMEWNpYim8S8Y"], "later": 1 },
        { "type": "etsi_tl", "values": ["https://lotl.example.com"] },
        { "type": "openid_federation", "values": ["https://trustanchor.example.com"] },
    ]);
    let query = DcqlQuery::parse(&query).unwrap();
    let asked = &query.credentials()[0];
    assert_eq!(asked.multiple(), Multiplicity::Several);
    let kinds: Vec<&AuthorityType> = asked.trusted_authorities().iter().map(|one| one.kind()).collect();
    let expected = [
        &AuthorityType::KeyIdentifier,
        &AuthorityType::EtsiTrustedList,
        &AuthorityType::OpenIdFederation,
    ];
    assert_eq!(kinds, expected);
    assert_eq!(asked.trusted_authorities()[0].values(), ["s9tIpPmhxdiuNkHMEWNpYim8S8Y"]);
}

#[test]
fn a_claim_named_twice_is_found() {
    let query = with("claims", json!([{ "path": ["a"] }, { "path": ["a"] }]));
    let query = DcqlQuery::parse(&query).unwrap();
    assert_eq!(
        query.repeated_claim().map(|(_, path)| path.to_string()),
        Some("a".to_owned())
    );
}

/// A query for so many claims, in so many alternatives of all of them.
fn costly(claims: usize, alternatives: usize) -> Value {
    let ids: Vec<String> = (0..claims).map(|place| format!("c{place}")).collect();
    let claims: Value = ids.iter().map(|id| json!({ "id": id, "path": [id] })).collect();
    let mut query = with("claims", claims);
    if alternatives > 0 {
        query["credentials"][0]["claim_sets"] = json!(vec![ids; alternatives]);
    }
    query
}

#[test_case(costly(100, 20) => None ; "many claims in many alternatives")]
#[test_case(costly(1_000, 0) => Some(OverBudget(Work::Comparisons).into()) ; "too many claims")]
#[test_case(costly(200, 20) => Some(OverBudget(Work::Comparisons).into()) ; "too many in too many alternatives")]
#[test_case(with("claims", json!([{ "path": ["a"], "values": vec!["x"; 300_000] }])) => Some(OverBudget(Work::Comparisons).into()) ; "too many values")]
fn a_query_costs_only_so_much(query: Value) -> Option<DcqlError> {
    DcqlQuery::parse(&query).err()
}
