//! Answers of another implementation, recorded: query and credentials in,
//! whether the query can be satisfied out, by which credentials and with which
//! claims.
//!
//! Three spellings of drafts are put into the words of OpenID4VP 1.0 before
//! our strict reader sees them: `vc+sd-jwt` (now `dc+sd-jwt`), `namespace` and
//! `claim_name` (now `path`), and an absent `meta` (now REQUIRED: every type in
//! the case is listed, which means the same).

use oid4vp::{
    Authority, AuthorityType, Candidate, ClaimsPath, CredentialQuery, CredentialType, DcqlQuery, HolderBinding,
    PathView,
};
use serde_json::{Value, json};
use testkit::vectors::{Table, folder};

#[test]
fn recorded_cases() {
    let Some(folder) = folder("dcql-recorded") else { return };
    let text = std::fs::read(folder.join("cases.json")).unwrap();
    let cases: Vec<Value> = serde_json::from_slice(&text).unwrap();
    let mut table = Table::new("dcql-recorded");
    for case in &cases {
        run(case);
        table.agrees("query", case["can_be_satisfied"] == json!(true));
    }
    table.check(&[("query", [7, 6, 0, 0])]);
}

fn run(case: &Value) {
    let name = case["test"].as_str().unwrap();
    let credentials: Vec<Value> = case["credentials"]
        .as_array()
        .unwrap()
        .iter()
        .map(modern_credential)
        .collect();
    let query = DcqlQuery::parse(&modern_query(&case["query"], &credentials)).expect(name);
    let types: Vec<Vec<String>> = credentials.iter().map(types_of).collect();
    let authorities: Vec<Vec<Authority>> = credentials.iter().map(authorities_of).collect();
    let candidates: Vec<Candidate<'_>> = credentials
        .iter()
        .zip(&types)
        .zip(&authorities)
        .map(|((credential, types), authorities)| candidate(credential, types, authorities))
        .collect();

    if case["presentation"] == json!(true) {
        let answered = |id: &oid4vp::QueryId| {
            let asked = query.credential(id.as_str()).unwrap();
            candidates
                .iter()
                .any(|shown| asked.selections(shown, PathView::Presentation).is_some())
        };
        assert_eq!(
            query.is_satisfied_by(answered),
            case["can_be_satisfied"] == json!(true),
            "{name}"
        );
        return;
    }
    let evaluation = query.evaluate(&candidates);
    assert_eq!(
        evaluation.is_satisfiable(),
        case["can_be_satisfied"] == json!(true),
        "{name}"
    );
    for (id, expected) in case["result"]["credential_matches"].as_object().unwrap() {
        let asked = query.credential(id).unwrap();
        let found: Vec<usize> = evaluation
            .matches(asked.id())
            .iter()
            .map(|found| found.candidate())
            .collect();
        assert_eq!(found, recorded_matches(expected), "{name}: {id}");
        for (found, recorded) in evaluation.matches(asked.id()).iter().zip(recorded(expected)) {
            let needed: Vec<&ClaimsPath> = found.needed().iter().collect();
            assert_eq!(needed, recorded_claims(asked, recorded), "{name}: {id}");
        }
    }
}

/// The paths of the first set of claims that answered.
fn recorded_claims<'q>(asked: &'q CredentialQuery, recorded: &Value) -> Vec<&'q ClaimsPath> {
    let sets = recorded["claims"]["valid_claim_sets"].as_array().unwrap();
    let first = sets.iter().find(|set| set["success"] == json!(true)).unwrap();
    let places = first["valid_claim_indexes"].as_array().into_iter().flatten();
    places
        .map(|place| asked.claims()[place.as_u64().unwrap() as usize].path())
        .collect()
}

/// Who the case says stands behind a credential.
fn authorities_of(credential: &Value) -> Vec<Authority> {
    let authority = &credential["authority"];
    let kind = match authority["type"].as_str() {
        Some("aki") => AuthorityType::KeyIdentifier,
        Some("etsi_tl") => AuthorityType::EtsiTrustedList,
        Some("openid_federation") => AuthorityType::OpenIdFederation,
        _ => return Vec::new(),
    };
    let values = authority["values"].as_array().unwrap().iter();
    values
        .map(|value| Authority::new(kind.clone(), value.as_str().unwrap()))
        .collect()
}

fn recorded(expected: &Value) -> &[Value] {
    expected["valid_credentials"].as_array().map_or(&[], Vec::as_slice)
}

fn recorded_matches(expected: &Value) -> Vec<usize> {
    recorded(expected)
        .iter()
        .map(|found| found["input_credential_index"].as_u64().unwrap() as usize)
        .collect()
}

fn candidate<'a>(credential: &'a Value, types: &'a [String], authorities: &'a [Authority]) -> Candidate<'a> {
    let format = credential["credential_format"].as_str().unwrap();
    let (kind, claims) = match format {
        "mso_mdoc" => (CredentialType::Doctype(&types[0]), &credential["namespaces"]),
        "dc+sd-jwt" => (CredentialType::Vct(&types[0]), &credential["claims"]),
        _ => (CredentialType::Types(types), &credential["claims"]),
    };
    let holder_binding = match credential["cryptographic_holder_binding"] {
        Value::Bool(true) => HolderBinding::Cryptographic,
        _ => HolderBinding::None,
    };
    Candidate {
        format,
        kind,
        claims,
        holder_binding,
        authorities,
    }
}

fn types_of(credential: &Value) -> Vec<String> {
    for name in ["doctype", "vct", "type"] {
        match &credential[name] {
            Value::String(one) => return vec![one.clone()],
            Value::Array(all) => return all.iter().map(|one| one.as_str().unwrap().to_owned()).collect(),
            _ => {}
        }
    }
    panic!("a credential without a type")
}

fn modern_credential(credential: &Value) -> Value {
    let mut credential = credential.clone();
    if credential["credential_format"] == json!("vc+sd-jwt") {
        credential["credential_format"] = json!("dc+sd-jwt");
    }
    credential
}

fn modern_query(query: &Value, credentials: &[Value]) -> Value {
    let mut query = query.clone();
    for asked in query["credentials"].as_array_mut().unwrap() {
        if asked["format"] == json!("vc+sd-jwt") {
            asked["format"] = json!("dc+sd-jwt");
        }
        if asked.get("meta").is_none() {
            asked["meta"] = every_type(asked["format"].as_str().unwrap(), credentials);
        }
        for claim in asked
            .get_mut("claims")
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
        {
            if claim.get("path").is_none() {
                claim["path"] = json!([claim["namespace"], claim["claim_name"]]);
            }
        }
    }
    query
}

fn every_type(format: &str, credentials: &[Value]) -> Value {
    let of_format = credentials
        .iter()
        .filter(|credential| credential["credential_format"] == json!(format));
    let types: Vec<Vec<String>> = of_format.map(types_of).collect();
    match format {
        "mso_mdoc" => json!({ "doctype_value": types[0][0] }),
        "dc+sd-jwt" => json!({ "vct_values": types.concat() }),
        _ => json!({ "type_values": types }),
    }
}
