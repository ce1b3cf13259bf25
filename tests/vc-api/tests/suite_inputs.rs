//! The credentials that the public suite of the data model sends to issuers, each to both of ours.

use http::StatusCode;
use serde_json::Value;
use testkit::vectors::{self, Table};

use crate::running::{ECDSA, EDDSA, Running};

/// The suite means a proof of an older type, and has it signed again; here a credential has one proof.
const SIGNED_ALREADY: &str = "credential-proof-ok";

#[tokio::test]
async fn the_inputs_of_the_public_suite_are_issued_or_refused_as_it_expects() {
    let Some(folder) = vectors::folder("vcdm2-inputs") else {
        return;
    };
    let adapter = Running::start();
    let mut table = Table::new("vcdm2-inputs over the VC-API");
    for path in vectors::files(&folder) {
        let name = path.file_stem().unwrap().to_str().unwrap();
        if name.starts_with("presentation-") || path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        for suite in [ECDSA, EDDSA] {
            let (status, answer) = adapter.issue(suite, &filled_in(&vectors::json(&path))).await;
            let expected = match name.ends_with("-ok") && name != SIGNED_ALREADY {
                true => StatusCode::CREATED,
                false => StatusCode::BAD_REQUEST,
            };
            assert_eq!(status, expected, "{name}: {answer}");
            match name {
                SIGNED_ALREADY => table.diverges(suite, "a credential that is signed already is not signed again"),
                _ => table.agrees(suite, status == StatusCode::CREATED),
            }
        }
    }
    table.check(&[(ECDSA, [21, 26, 1, 0]), (EDDSA, [21, 26, 1, 0])]);
}

/// Dates for the suite's placeholders.
fn filled_in(document: &Value) -> Value {
    let text = document.to_string();
    let text = text.replace("FUTURE DATE", "2999-01-01T00:00:00Z");
    serde_json::from_str(&text.replace("PAST DATE", "2020-01-01T00:00:00Z")).unwrap()
}
