//! Catalogue L6: a service with a bad configuration does not start, names the
//! key in one line, and leaves nothing behind.

use std::path::Path;

use e2e::process::run;
use test_case::test_case;

const ISSUER: &str = r#"
    public_url = "https://agency.example"
    status_url = "https://status.agency.example"
    trust_pack = "trust-pack.json"
    ledger_url = "https://ledger.example"
    api_token = "kX3vJ9-abcdefghij"
    name = { en = "Agency" }
"#;

const VERIFIER: &str = r#"
    public_url = "https://shop.example"
    trust_pack = "trust-pack.json"
    ledger_url = "https://ledger.example"
    checks = "CHECKS"
"#;

const ANCHOR: &str = r#"
    profile = "production"
    public_url = "https://ledger.example"
    admin_token = "kX3vJ9-abcdefghij"
"#;

const MIRROR: &str = r#"
    profile = "production"
    listen = "127.0.0.1:8080"
    ops_listen = "127.0.0.1:9080"
    public_url = "https://mirror.example"
    ledger_url = "https://ledger.example"
    key_file = "mirror.key"
    trust_pack = "trust-pack.json"
"#;

const WITNESS: &str = r#"
    profile = "production"
    listen = "127.0.0.1:8080"
    ops_listen = "127.0.0.1:9080"
    public_url = "https://witness.example"
    key_file = "witness.key"
    logs = []
"#;

const CHECKS: &str = include_str!("../../demo/checks.toml");

/// A change to a good configuration, and what the refusal must name.
struct Fault {
    key: &'static str,
    value: Option<&'static str>,
    names: &'static str,
}

const fn fault(key: &'static str, value: Option<&'static str>, names: &'static str) -> Fault {
    Fault { key, value, names }
}

const MISSING: Fault = fault("api_token", None, "api_token");
const DEFAULT: Fault = fault("api_token", Some("\"change-me-change-me-change-me\""), "placeholder");
const SHORT: Fault = fault("api_token", Some("\"kX3vJ9\""), "shorter");
const PLAIN_HTTP: Fault = fault("public_url", Some("\"http://agency.example\""), "public_url");
const UNKNOWN: Fault = fault("apitoken", Some("\"x\""), "apitoken");
const WRONG_TYPE: Fault = fault("listen", Some("8080"), "listen");

/// A program, and the words before `check-config` and `serve`.
type Service = [&'static str];

const ISSUER_SERVICE: &Service = &["holdfast-issuer"];
const VERIFIER_SERVICE: &Service = &["holdfast-verifier"];
const LOG_SERVICE: &Service = &["holdfast-anchor"];
const MIRROR_SERVICE: &Service = &["holdfast-anchor", "mirror"];
const WITNESS_SERVICE: &Service = &["holdfast-witness"];

/// Runs `check-config` and `serve` in an empty folder.
async fn refusals(service: &Service, good: &str, fault: Option<&Fault>, raw: Option<&str>) -> Vec<(i32, String)> {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let checks = folder.path().join("checks.toml");
    std::fs::write(&checks, CHECKS.replace("ISSUERS", "[\"accredited\"]")).unwrap();
    let good = good.replace("CHECKS", checks.to_str().unwrap());
    let mut table: toml::Table = good.parse().unwrap();
    table.insert("data_dir".to_owned(), data.to_str().unwrap().into());
    if let Some(fault) = fault {
        table.remove(fault.key);
        if let Some(value) = fault.value {
            table.extend(format!("{} = {value}", fault.key).parse::<toml::Table>().unwrap());
        }
    }
    let path = folder.path().join("config.toml");
    std::fs::write(&path, raw.map_or_else(|| table.to_string(), str::to_owned)).unwrap();
    let mut ends = Vec::new();
    for verb in ["check-config", "serve"] {
        if fault.is_none() && raw.is_none() && verb == "serve" {
            continue;
        }
        let arguments = [&service[1..], &[verb, "--config", path.to_str().unwrap()]].concat();
        let end = run(service[0], &arguments, &[]).await.unwrap();
        ends.push((end.code(), end.stderr.clone()));
    }
    assert_eq!(entries(&data), 0, "nothing is left behind");
    ends
}

fn entries(folder: &Path) -> usize {
    std::fs::read_dir(folder).map_or(0, Iterator::count)
}

async fn refused(service: &Service, good: &str, fault: &Fault) {
    for (code, said) in refusals(service, good, Some(fault), None).await {
        assert_ne!(code, 0);
        let line = said.lines().find(|line| line.contains(fault.names));
        assert!(line.is_some(), "{said:?} does not name {}", fault.names);
    }
}

async fn accepted(service: &Service, good: &str) {
    assert_eq!(refusals(service, good, None, None).await[0].0, 0);
}

async fn bad_toml(service: &Service) {
    for (code, said) in refusals(service, "", None, Some("listen = \n")).await {
        assert_ne!(code, 0);
        assert!(said.contains("config.toml") && said.contains("TOML"), "{said:?}");
    }
}

#[test_case(&MISSING; "missing secret")]
#[test_case(&DEFAULT; "default secret")]
#[test_case(&SHORT; "short secret")]
#[test_case(&PLAIN_HTTP; "http address")]
#[test_case(&UNKNOWN; "unknown key")]
#[test_case(&WRONG_TYPE; "wrong type")]
#[tokio::test]
async fn l6_issuer_does_not_start(fault: &Fault) {
    refused(ISSUER_SERVICE, ISSUER, fault).await;
}

#[test_case(&PLAIN_HTTP; "http address")]
#[test_case(&UNKNOWN; "unknown key")]
#[test_case(&WRONG_TYPE; "wrong type")]
#[test_case(&fault("trust_pack", Some("3"), "trust_pack"); "trust pack of the wrong type")]
#[tokio::test]
async fn l6_verifier_does_not_start(fault: &Fault) {
    refused(VERIFIER_SERVICE, VERIFIER, fault).await;
}

#[test_case(&fault("admin_token", Some("\"change-me-change-me-change-me\""), "placeholder"); "default secret")]
#[test_case(&PLAIN_HTTP; "http address")]
#[test_case(&UNKNOWN; "unknown key")]
#[test_case(&WRONG_TYPE; "wrong type")]
#[tokio::test]
async fn l6_anchor_does_not_start(fault: &Fault) {
    refused(LOG_SERVICE, ANCHOR, fault).await;
}

#[tokio::test]
async fn l6_issuer_takes_a_good_configuration_and_no_bad_toml() {
    accepted(ISSUER_SERVICE, ISSUER).await;
    bad_toml(ISSUER_SERVICE).await;
}

#[tokio::test]
async fn l6_verifier_takes_a_good_configuration_and_no_bad_toml() {
    accepted(VERIFIER_SERVICE, VERIFIER).await;
    bad_toml(VERIFIER_SERVICE).await;
}

#[tokio::test]
async fn l6_anchor_takes_a_good_configuration_and_no_bad_toml() {
    accepted(LOG_SERVICE, ANCHOR).await;
    bad_toml(LOG_SERVICE).await;
}

#[test_case(&PLAIN_HTTP; "http address")]
#[test_case(&UNKNOWN; "unknown key")]
#[test_case(&WRONG_TYPE; "wrong type")]
#[test_case(&fault("key_file", None, "key_file"); "missing secret")]
#[tokio::test]
async fn l6_anchor_mirror_does_not_start(fault: &Fault) {
    refused(MIRROR_SERVICE, MIRROR, fault).await;
    bad_toml(MIRROR_SERVICE).await;
}

#[test_case(&PLAIN_HTTP; "http address")]
#[test_case(&UNKNOWN; "unknown key")]
#[test_case(&WRONG_TYPE; "wrong type")]
#[test_case(&fault("key_file", None, "key_file"); "missing secret")]
#[tokio::test]
async fn l6_anchor_witness_does_not_start(fault: &Fault) {
    refused(WITNESS_SERVICE, WITNESS, fault).await;
    bad_toml(WITNESS_SERVICE).await;
}
