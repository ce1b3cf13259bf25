//! DCQL queries. OpenID4VP 1.0 §6

use std::sync::LazyLock;

use jose::base64url;
use jose::strict_json::{self, Limits};
use oid4vp::{
    Authority, AuthorityType, Candidate, ClaimsQuery, CredentialQuery, CredentialSetQuery, CredentialType, DcqlQuery,
    HolderBinding, Meta, Multiplicity, PathView, Requirement,
};
use serde_json::{Map, Value, json};

use super::Target;
use crate::{Reached, seeds};

pub(super) const TARGET: Target = Target {
    name: "dcql",
    asserts: "the strict reader of JSON and serde_json agree; a query, written from what was read of it, reads the \
              same; a match is of the query's format and type, of an authority that it names, and has every claim \
              selected; a further credential takes nothing away",
    body,
    seeds: inputs,
};

fn inputs() -> Vec<Vec<u8>> {
    let mut all = vec![own().to_string().into_bytes(), own_sets().to_string().into_bytes()];
    for (_, text) in seeds::set("dcql-recorded") {
        let cases: Value = serde_json::from_str(&text).unwrap_or_default();
        let queries = cases
            .as_array()
            .into_iter()
            .flatten()
            .map(|case| case["query"].to_string());
        all.extend(queries.map(String::into_bytes));
    }
    for (_, text) in seeds::set("openid4vp-examples") {
        let example: Value = serde_json::from_str(&text).unwrap_or_default();
        let query = example.get("dcql_query").unwrap_or(&example);
        if query.get("credentials").is_some() {
            all.push(query.to_string().into_bytes());
        }
    }
    all
}

fn own() -> Value {
    json!({ "credentials": [{
        "id": "pid", "format": "dc+sd-jwt", "meta": { "vct_values": ["urn:holdfast:vct:person-identification:1"] },
        "claims": [
            { "id": "a", "path": ["given_name"] },
            { "id": "b", "path": ["nationality"], "values": ["DE", "FR"] },
            { "id": "c", "path": ["categories", null] },
            { "id": "d", "path": ["categories", 1] },
        ],
        "claim_sets": [["c", "d"], ["a", "b"]],
    }] })
}

fn own_sets() -> Value {
    json!({
        "credentials": [
            { "id": "pid", "format": "dc+sd-jwt", "meta": { "vct_values": ["urn:holdfast:vct:person-identification:1"] } },
            { "id": "any", "format": "dc+sd-jwt", "meta": { "vct_values": ["urn:holdfast:vct:person-identification:1"] },
              "multiple": true, "trusted_authorities": [
                { "type": "etsi_tl", "values": ["https://list.example/tl.xml"] }, { "type": "aki", "values": ["AQID"] },
              ] },
            { "id": "mdl", "format": "mso_mdoc", "meta": { "doctype_value": "org.iso.18013.5.1.mDL" },
              "claims": [{ "path": ["org.iso.18013.5.1", "family_name"] }], "require_cryptographic_holder_binding": false },
            { "id": "w3c", "format": "ldp_vc", "meta": { "type_values": [["A", "B"], ["C"]] } },
        ],
        "credential_sets": [{ "options": [["pid"], ["any"], ["mdl", "w3c"]] }, { "options": [["w3c"]], "required": false }],
    })
}

/// What the holder has.
static CLAIMS: LazyLock<[Value; 3]> = LazyLock::new(|| {
    let mut person = testkit::credential::person_identification();
    person.extend(testkit::credential::driving_licence());
    [
        person.into(),
        json!({ "org.iso.18013.5.1": { "family_name": "Doe", "driving_privileges": [{ "code": "B" }, { "code": "A" }] } }),
        json!({ "last_name": "Dent", "address": { "locality": "Milliways" }, "degrees": [{ "type": "a" }, { "type": "b" }] }),
    ]
});

/// Who certifies the issuer of the first of it.
const KEY_IDENTIFIER: [u8; 3] = [1, 2, 3];
static AUTHORITIES: LazyLock<[Authority; 1]> = LazyLock::new(|| [Authority::of_key(&KEY_IDENTIFIER)]);

fn candidates(types: &[String]) -> [Candidate<'_>; 3] {
    let [person, licence, alumni] = &*CLAIMS;
    let candidate = |format, kind, claims, holder_binding| Candidate {
        format,
        kind,
        claims,
        holder_binding,
        authorities: &[],
    };
    let vct = CredentialType::Vct("urn:holdfast:vct:person-identification:1");
    let doctype = CredentialType::Doctype("org.iso.18013.5.1.mDL");
    [
        Candidate {
            authorities: AUTHORITIES.as_slice(),
            ..candidate("dc+sd-jwt", vct, person, HolderBinding::Cryptographic)
        },
        candidate("mso_mdoc", doctype, licence, HolderBinding::None),
        candidate(
            "ldp_vc",
            CredentialType::Types(types),
            alumni,
            HolderBinding::Cryptographic,
        ),
    ]
}

fn body(input: &[u8]) -> Reached {
    let Ok(value) = strict_json::parse(input, &Limits::MESSAGE) else {
        return Reached::Refused;
    };
    assert_eq!(
        serde_json::from_slice::<Value>(input).ok().as_ref(),
        Some(&value),
        "two readers of JSON disagree"
    );
    let Ok(query) = DcqlQuery::parse(&value) else {
        return Reached::Refused;
    };
    assert_eq!(query.to_value(), &value);
    let again = DcqlQuery::parse(&written(&query)).expect("what was written is read");
    assert_eq!(again.credentials(), query.credentials());
    assert_eq!(again.credential_sets(), query.credential_sets());
    evaluate(&query)
}

fn evaluate(query: &DcqlQuery) -> Reached {
    let types = [
        "A".to_owned(),
        "B".to_owned(),
        "https://example.org/examples#AlumniCredential".to_owned(),
    ];
    let candidates = candidates(&types);
    let (found, fewer) = (query.evaluate(&candidates), query.evaluate(&candidates[..1]));
    for asked in query.credentials() {
        let matches = found.matches(asked.id());
        assert!(fewer.matches(asked.id()).len() <= matches.len());
        for answer in matches {
            let candidate = &candidates[answer.candidate()];
            assert_eq!(candidate.format, asked.format());
            if let (Meta::VctValues(values), CredentialType::Vct(vct)) = (asked.meta(), candidate.kind) {
                assert!(values.iter().any(|value| value == vct));
            }
            assert!(
                asked.trusted_authorities().is_empty() || (answer.candidate() == 0 && names_the_authority(asked)),
                "of an authority that was not named"
            );
            assert!(!answer.options().is_empty());
            for path in answer.options().iter().flat_map(oid4vp::ClaimSelection::paths) {
                assert!(
                    path.select(candidate.claims, PathView::Credential).is_ok(),
                    "a claim that is not there"
                );
                assert!(
                    asked.claims().iter().any(|claim| claim.path() == path),
                    "a claim that was not asked for"
                );
            }
        }
    }
    let answered = |id: &oid4vp::QueryId| !found.matches(id).is_empty();
    assert_eq!(found.is_satisfiable(), query.is_satisfied_by(answered));
    if found.is_satisfiable() {
        Reached::Accepted
    } else {
        Reached::Read
    }
}

fn names_the_authority(asked: &CredentialQuery) -> bool {
    let value = base64url::encode(KEY_IDENTIFIER);
    let by_key = |one: &&oid4vp::TrustedAuthority| *one.kind() == AuthorityType::KeyIdentifier;
    let mut named = asked.trusted_authorities().iter().filter(by_key);
    named.any(|one| one.values().contains(&value))
}

fn written(query: &DcqlQuery) -> Value {
    let mut value = json!({ "credentials": query.credentials().iter().map(credential).collect::<Value>() });
    if !query.credential_sets().is_empty() {
        value["credential_sets"] = query.credential_sets().iter().map(credential_set).collect();
    }
    value
}

fn credential(query: &CredentialQuery) -> Value {
    let mut members = Map::new();
    let mut set = |name: &str, value: Value| drop(members.insert(name.to_owned(), value));
    set("id", json!(query.id().as_str()));
    set("format", json!(query.format()));
    set(
        "meta",
        match query.meta() {
            Meta::VctValues(values) => json!({ "vct_values": values }),
            Meta::DoctypeValue(value) => json!({ "doctype_value": value }),
            Meta::TypeValues(lists) => json!({ "type_values": lists }),
            _ => json!({}),
        },
    );
    set("multiple", json!(query.multiple() == Multiplicity::Several));
    let bound = query.holder_binding() == HolderBinding::Cryptographic;
    set("require_cryptographic_holder_binding", json!(bound));
    if !query.trusted_authorities().is_empty() {
        let authorities = query.trusted_authorities().iter();
        set(
            "trusted_authorities",
            authorities
                .map(|one| json!({ "type": one.kind().as_str(), "values": one.values() }))
                .collect(),
        );
    }
    if !query.claims().is_empty() {
        set("claims", query.claims().iter().map(claim).collect());
    }
    if !query.claim_sets().is_empty() {
        let name = |place: &usize| query.claims()[*place].id().expect("a claim with an id").as_str();
        let sets = query.claim_sets().iter();
        set(
            "claim_sets",
            sets.map(|set| set.iter().map(name).collect::<Value>()).collect(),
        );
    }
    Value::Object(members)
}

fn claim(claim: &ClaimsQuery) -> Value {
    let mut value = json!({ "path": claim.path().to_value() });
    if let Some(id) = claim.id() {
        value["id"] = json!(id.as_str());
    }
    if !claim.values().is_empty() {
        value["values"] = json!(claim.values());
    }
    if let Some(intent) = claim.intent_to_retain() {
        value["intent_to_retain"] = json!(intent);
    }
    value
}

fn credential_set(set: &CredentialSetQuery) -> Value {
    let option = |option: &Vec<oid4vp::QueryId>| option.iter().map(oid4vp::QueryId::as_str).collect::<Value>();
    json!({
        "options": set.options().iter().map(option).collect::<Value>(),
        "required": set.requirement() == Requirement::Required,
    })
}
