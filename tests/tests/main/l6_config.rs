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

/// Runs `check-config` and `serve` in an empty folder.
async fn refusals(binary: &str, good: &str, fault: Option<&Fault>, raw: Option<&str>) -> Vec<(i32, String)> {
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
        let end = run(binary, &[verb, "--config", path.to_str().unwrap()], &[])
            .await
            .unwrap();
        ends.push((end.code(), end.stderr.clone()));
    }
    assert_eq!(entries(&data), 0, "nothing is left behind");
    ends
}

fn entries(folder: &Path) -> usize {
    std::fs::read_dir(folder).map_or(0, Iterator::count)
}

async fn refused(binary: &str, good: &str, fault: &Fault) {
    for (code, said) in refusals(binary, good, Some(fault), None).await {
        assert_ne!(code, 0);
        let line = said.lines().find(|line| line.contains(fault.names));
        assert!(line.is_some(), "{said:?} does not name {}", fault.names);
    }
}

async fn accepted(binary: &str, good: &str) {
    assert_eq!(refusals(binary, good, None, None).await[0].0, 0);
}

async fn bad_toml(binary: &str) {
    for (code, said) in refusals(binary, "", None, Some("listen = \n")).await {
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
    refused("holdfast-issuer", ISSUER, fault).await;
}

#[test_case(&PLAIN_HTTP; "http address")]
#[test_case(&UNKNOWN; "unknown key")]
#[test_case(&WRONG_TYPE; "wrong type")]
#[test_case(&fault("trust_pack", Some("3"), "trust_pack"); "trust pack of the wrong type")]
#[tokio::test]
async fn l6_verifier_does_not_start(fault: &Fault) {
    refused("holdfast-verifier", VERIFIER, fault).await;
}

#[test_case(&fault("admin_token", Some("\"change-me-change-me-change-me\""), "placeholder"); "default secret")]
#[test_case(&PLAIN_HTTP; "http address")]
#[test_case(&UNKNOWN; "unknown key")]
#[test_case(&WRONG_TYPE; "wrong type")]
#[tokio::test]
async fn l6_anchor_does_not_start(fault: &Fault) {
    refused("holdfast-anchor", ANCHOR, fault).await;
}

#[tokio::test]
async fn l6_issuer_takes_a_good_configuration_and_no_bad_toml() {
    accepted("holdfast-issuer", ISSUER).await;
    bad_toml("holdfast-issuer").await;
}

#[tokio::test]
async fn l6_verifier_takes_a_good_configuration_and_no_bad_toml() {
    accepted("holdfast-verifier", VERIFIER).await;
    bad_toml("holdfast-verifier").await;
}

#[tokio::test]
async fn l6_anchor_takes_a_good_configuration_and_no_bad_toml() {
    accepted("holdfast-anchor", ANCHOR).await;
    bad_toml("holdfast-anchor").await;
}
