use serde_json::{Value, json};
use w3c_vc::Cryptosuite;

use crate::Adapter;

/// The tag by which the suite of the data model finds what it tests.
const DATA_MODEL: &str = "vc2.0";
/// And the one by which the suite of status lists does.
const STATUS_LIST: &str = "BitstringStatusList";

/// What the public suites read as `localConfig.cjs`: where this adapter is, as whom it issues, and which suite concerns
/// what. `base` is the URL of the adapter, without a slash at its end.
#[must_use]
pub fn manifest(base: &str, adapter: &Adapter) -> String {
    let mut issuers: Vec<Value> = adapter
        .issuers()
        .map(|(suite, id)| {
            endpoint(
                &format!("{base}/{}/credentials/issue", suite.as_str()),
                id,
                &tags(suite),
            )
        })
        .collect();
    let with_status = adapter
        .issuers()
        .find(|(suite, _)| *suite == Cryptosuite::EddsaRdfc2022);
    issuers.extend(with_status.map(|(suite, id)| {
        let url = format!("{base}/{}/status/credentials/issue", suite.as_str());
        endpoint(&url, id, &[STATUS_LIST])
    }));
    let everything: Vec<&str> = Cryptosuite::ALL
        .map(Cryptosuite::as_str)
        .into_iter()
        .chain([DATA_MODEL, STATUS_LIST])
        .collect();
    let id = adapter.issuers().map(|(_, id)| id).next().unwrap_or_default();
    let verifier = endpoint(&format!("{base}/credentials/verify"), id, &everything);
    let of_presentations = endpoint(&format!("{base}/presentations/verify"), id, &everything);
    let config = json!({
        "settings": {"enableInteropTests": false, "testAllImplementations": false},
        "implementations": [{
            "name": "Holdfast",
            "implementation": "Holdfast w3c-vc",
            "issuers": issuers,
            "verifiers": [verifier],
            "vpVerifiers": [of_presentations],
        }],
    });
    format!("module.exports = {config:#};\n")
}

/// The suite of the data model asks for EdDSA.
fn tags(suite: Cryptosuite) -> Vec<&'static str> {
    match suite {
        Cryptosuite::EddsaRdfc2022 => vec![suite.as_str(), DATA_MODEL],
        _ => vec![suite.as_str()],
    }
}

fn endpoint(url: &str, id: &str, tags: &[&str]) -> Value {
    json!({
        "id": id,
        "endpoint": url,
        "method": "POST",
        "supportedEcdsaKeyTypes": ["P-256"],
        "supports": {"vc": ["2.0"]},
        "tags": tags,
    })
}
