//! The inputs of the VCDM 2.0 test suite. They come without proofs, without the issuer and for a holder whose key
//! nobody has; as that suite does, we fill these in, sign and verify.

use std::path::Path;

use serde_json::{Map, Value, json};
use testkit::vectors::{self, Table};
use w3c_vc::{Contexts, TrustedIssuer, UnverifiedCredential, UnverifiedPresentation, issue, sign_presentation};

use crate::fixture::{CHALLENGE, ISSUER, NOW, holder, holder_key, issuer, object, signer, signing, trusted};
use crate::held_contexts;

/// Inputs that must fail, each with what it fails of.
const REFUSED: [(&str, &str); 33] = [
    ("credential-context-combo3-fail", "Document(Context(Unknown))"),
    ("credential-context-combo4-fail", "Document(JsonLd)"),
    ("credential-evidence-missing-type-fail", "Form(Malformed(\"evidence\"))"),
    ("credential-id-nonidentifier-fail", "Document(Identifier)"),
    ("credential-id-subject-multi-fail", "Document(Identifier)"),
    ("credential-issuer-no-url-fail", "Form(Malformed(\"issuer\"))"),
    ("credential-issuer-null-fail", "Document(Null)"),
    ("credential-issuer-object-id-no-url-fail", "Document(Identifier)"),
    ("credential-issuer-object-id-null-fail", "Document(Identifier)"),
    ("credential-no-context-fail-or-inject", "Document(Context(NotAnArray))"),
    ("credential-no-subject-fail", "Form(Missing(\"credentialSubject\"))"),
    ("credential-redef-type2-fail", "Document(JsonLd)"),
    (
        "credential-schema-no-type-fail",
        "Form(Malformed(\"credentialSchema\"))",
    ),
    ("credential-schema-non-url-id-fail", "Document(Identifier)"),
    (
        "credential-status-missing-type-fail",
        "Form(Malformed(\"credentialStatus\"))",
    ),
    ("credential-status-nonurl-id-fail", "Document(Identifier)"),
    (
        "credential-subject-multiple-empty-fail",
        "Form(Malformed(\"credentialSubject\"))",
    ),
    (
        "credential-subject-no-claims-fail",
        "Form(Malformed(\"credentialSubject\"))",
    ),
    (
        "credential-termsofuse-missing-type-fail",
        "Form(Malformed(\"termsOfUse\"))",
    ),
    ("credential-type-mapped-nonurl-fail", "Document(JsonLd)"),
    ("credential-validUntil-validFrom-fail", "Form(Period)"),
    ("credential-validfrom-invalid-fail", "Form(Malformed(\"validFrom\"))"),
    ("credential-validuntil-invalid-fail", "Form(Malformed(\"validUntil\"))"),
    ("credential-description-extra-prop-en-fail", "Document(Language)"),
    ("issuer-description-extra-prop-en-fail", "Document(Language)"),
    ("issuer-name-extra-prop-en-fail", "Document(Language)"),
    (
        "presentation-context-order-fail",
        "Proof(Document(Context(BaseMissing)))",
    ),
    (
        "presentation-enveloped-vc-missing-type-fail",
        "Credential(Form(Missing(\"credentialSubject\")))",
    ),
    ("presentation-holder-fail", "Form(Malformed(\"holder\"))"),
    ("presentation-holder-name-fail", "Form(Malformed(\"holder\"))"),
    ("presentation-holder-object-fail", "Proof(Document(Identifier))"),
    (
        "presentation-missing-base-context-fail",
        "Proof(Document(Context(BaseMissing)))",
    ),
    ("presentation-no-type-fail", "Form(Missing(\"type\"))"),
];

/// Inputs in which we differ, and why.
const DIVERGENCES: [(&str, &str); 1] = [(
    "credential-proof-ok",
    "its proof is of an older type than the two cryptosuites",
)];

/// Contexts that understand exactly what the input uses.
fn contexts(document: &Map<String, Value>) -> Contexts {
    let contexts = held_contexts::contexts();
    match document.get("@context") {
        Some(context) => contexts.accepting_value(context.clone()),
        None => contexts,
    }
}

/// What the suite fills in: the issuer, and real dates for their placeholders.
fn fill_in(mut credential: Map<String, Value>) -> Map<String, Value> {
    let issuer = credential.entry("issuer").or_insert(json!(ISSUER));
    if let Some(about) = issuer.as_object_mut() {
        about.entry("id").or_insert(json!(ISSUER));
    }
    for (placeholder, date) in [
        ("FUTURE DATE", "2030-01-01T00:00:00Z"),
        ("PAST DATE", "2020-01-01T00:00:00Z"),
    ] {
        for member in credential.values_mut().filter(|member| **member == placeholder) {
            *member = json!(date);
        }
    }
    credential
}

/// The time at which an input is looked at: those with an end are over now.
fn then(credential: &Map<String, Value>) -> u64 {
    match credential.get("validFrom").and_then(Value::as_str) {
        Some("2023-02-26T01:19:19Z") => 1_677_374_359,
        Some("2023-02-26T01:20:00Z") => 1_677_374_400,
        _ => NOW,
    }
}

fn credential(credential: Map<String, Value>) -> Result<(), String> {
    let (contexts, then) = (contexts(&credential), then(&credential));
    let signer = signer(&issuer());
    let signing = w3c_vc::Signing {
        created: then,
        ..signing(&signer)
    };
    let text = issue(fill_in(credential), &contexts, &signing).map_err(|error| format!("{error:?}"))?;
    let unverified = UnverifiedCredential::parse(&text).map_err(|error| format!("{error:?}"))?;
    let verified = unverified.verify(&contexts, &trusted(&issuer()), then);
    verified.map(drop).map_err(|error| format!("{error:?}"))
}

/// Its credentials are signed, for our holder; `holder` becomes ours where it is one at all.
fn presentation(mut presentation: Map<String, Value>) -> Result<(), String> {
    let holder_key = holder_key(&holder());
    let contexts = contexts(&presentation);
    let alice = presentation
        .get("holder")
        .is_some_and(|holder| holder == "did:example:alice");
    match presentation.get_mut("holder") {
        Some(Value::String(did)) if did.starts_with("did:") && !alice => holder_key.did().clone_into(did),
        Some(Value::Object(about))
            if about
                .get("id")
                .is_some_and(|id| id.as_str().unwrap().starts_with("did:")) =>
        {
            about.insert("id".to_owned(), json!(holder_key.did()));
        }
        _ => {}
    }
    let enveloped = presentation
        .get("verifiableCredential")
        .and_then(|list| list.pointer("/0/id"))
        .is_some();
    if let Some(list) = presentation.get_mut("verifiableCredential").filter(|_| !enveloped) {
        for credential in list.as_array_mut().unwrap() {
            let mut document = object(credential.clone());
            document["issuer"] = json!(ISSUER);
            document["credentialSubject"]["id"] = json!(holder_key.did());
            let text = issue(document, &contexts, &signing(&signer(&issuer()))).unwrap();
            *credential = serde_json::from_str(&text).unwrap();
        }
    }
    let signed = sign_presentation(presentation, &contexts, &holder_key, CHALLENGE, NOW, &signer(&holder()));
    let text = signed.map_err(|error| format!("{error:?}"))?;
    let unverified = UnverifiedPresentation::parse(&text).map_err(|error| format!("{error:?}"))?;
    let issuers: [TrustedIssuer; 1] = [trusted(&issuer())];
    let verified = unverified.verify(&contexts, &issuers, CHALLENGE, NOW);
    verified.map(drop).map_err(|error| format!("{error:?}"))
}

#[test]
fn every_input_is_accepted_or_refused_for_its_reason() {
    let Some(root) = vectors::folder("vcdm2-inputs") else {
        return;
    };
    let mut table = Table::new("vcdm2-inputs");
    let mut wrong = Vec::new();
    for path in vectors::files(&root) {
        if path.extension().is_some_and(|extension| extension == "json") {
            run(&mut table, &path, &mut wrong);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    table.check(&[("credentials", [21, 26, 1, 0]), ("presentations", [4, 8, 1, 0])]);
}

fn run(table: &mut Table, path: &Path, wrong: &mut Vec<String>) {
    let name = path.file_stem().unwrap().to_str().unwrap();
    let document = object(vectors::json(path));
    let (row, outcome) = match name.starts_with("presentation-") {
        true => ("presentations", presentation(document)),
        false => ("credentials", credential(document)),
    };
    if let Some((_, reason)) = DIVERGENCES.iter().find(|(known, _)| *known == name) {
        if outcome.is_ok() {
            wrong.push(format!("{name}: accepted by now"));
        }
        return table.diverges(row, reason);
    }
    let expected = match name {
        // Nothing to present: OpenID4VP asks for credentials.
        "presentation-optional-type-ok" => Err("Empty"),
        "presentation-self-asserted-vc-holder-mismatch" => Err("OtherHolder"),
        name if name.ends_with("-ok") => Ok(()),
        name => Err(REFUSED
            .iter()
            .find(|(known, _)| *known == name)
            .map_or("not listed", |(_, error)| error)),
    };
    if outcome.as_ref().err().map(String::as_str) != expected.err() {
        wrong.push(format!("{name}: {outcome:?}, expected {expected:?}"));
    }
    match name {
        "presentation-optional-type-ok" => table.diverges(row, "a presentation without a credential shows nothing"),
        _ => table.agrees(row, outcome.is_ok()),
    }
}
