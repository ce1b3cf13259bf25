//! The didwebvh test suite: logs made by five other implementations, and negative cases.

use std::fs;
use std::path::Path;

use did::data_integrity::ProofError;
use did::webvh::{
    IdentifierError, LogError, ParameterError, Resolution, ResolveError, WebvhDid, WitnessError, WitnessProofs, resolve,
};
use did::{DidSyntaxError, HostError};
use jose::{PrivateJwk, SigningKey};
use serde_json::Value;
use testkit::vectors::{Table, folder, json};

/// Later than every log in the suite.
const NOW: u64 = 1_800_000_000;

fn run(folder: &Path, did: &str) -> Result<Resolution, ResolveError> {
    let witnesses = fs::read(folder.join("did-witness.json"))
        .map(|bytes| WitnessProofs::parse(&bytes).unwrap())
        .unwrap_or_default();
    let did: WebvhDid = did.parse().unwrap();
    let log = fs::read(folder.join("did.jsonl")).unwrap();
    resolve(&log, &did, &witnesses, NOW)
}

#[test]
fn didwebvh() {
    let Some(root) = folder("didwebvh") else { return };
    let mut table = Table::new("didwebvh");
    let mut cases: Vec<String> = fs::read_dir(&root)
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().into_string().ok())
        .filter(|name| root.join(name).is_dir())
        .collect();
    cases.sort();
    for case in &cases {
        let folder = root.join(case);
        match NEGATIVE_LOGS.iter().find(|(name, _)| name == case) {
            Some((_, refusal)) => negative_log(&folder.join("ts"), refusal),
            None if case.starts_with("negative-") => {
                for _ in 0..negative_identifiers(&folder) {
                    table.agrees(case, false);
                }
                continue;
            }
            None => {
                for maker in ["ts", "python", "rust", "java", "java-eecc"] {
                    positive_log(&folder.join(maker));
                    table.agrees(case, true);
                }
                continue;
            }
        }
        table.agrees(case, false);
    }
    table.check(&[
        ("basic-create", [5, 0, 0, 0]),
        ("negative-cross-did-witness-replay", [0, 1, 0, 0]),
        ("negative-did-key-body-fragment-mismatch", [0, 1, 0, 0]),
        ("negative-fragment-leaks-into-domain", [0, 1, 0, 0]),
        ("negative-lowercase-pct-port-ip", [0, 1, 0, 0]),
        ("negative-path-traversal-did", [0, 1, 0, 0]),
        ("negative-pct-encoded-ip-host", [0, 3, 0, 0]),
        ("negative-pct-encoded-traversal", [0, 3, 0, 0]),
        ("negative-pre-rotation-omit-updatekeys", [0, 1, 0, 0]),
        ("negative-scid-mismatch-genesis", [0, 1, 0, 0]),
        ("negative-versiontime-non-monotonic", [0, 1, 0, 0]),
        ("negative-zero-witness-threshold", [0, 1, 0, 0]),
        ("pre-rotation-consume", [5, 0, 0, 0]),
        ("services", [5, 0, 0, 0]),
    ]);
}

fn positive_log(folder: &Path) {
    let name = folder.display();
    let expected = json(&folder.join("resolutionResult.json"));
    let did = expected["didDocument"]["id"].as_str().unwrap();
    let resolution = run(folder, did).unwrap_or_else(|error| panic!("{name}: {error}"));
    let state = resolution.state();
    let metadata = &expected["didDocumentMetadata"];
    assert_eq!(metadata["versionId"], state.version_id().to_string(), "{name}");
    assert_eq!(metadata["versionTime"], state.version_time().to_string());
    if let Some(scid) = metadata["scid"].as_str() {
        assert_eq!(scid, state.did().scid().as_str());
    }
    same_document(resolution.document().unwrap().json(), &expected["didDocument"]);
}

/// The expected document, but for the implicit services a resolver may add.
fn same_document(document: &Value, expected: &Value) {
    for (name, value) in document.as_object().unwrap() {
        if name != "service" {
            assert_eq!(value, &expected[name], "{name}");
        }
    }
}

/// Logs that must be refused, each for its own reason.
const NEGATIVE_LOGS: [(&str, ResolveError); 6] = [
    (
        "negative-cross-did-witness-replay",
        ResolveError::Witness {
            at: 1,
            cause: WitnessError::Threshold,
        },
    ),
    (
        "negative-did-key-body-fragment-mismatch",
        entry(0, LogError::Proof(ProofError::VerificationMethod)),
    ),
    (
        "negative-pre-rotation-omit-updatekeys",
        entry(1, LogError::PreRotationOmitted),
    ),
    (
        "negative-scid-mismatch-genesis",
        entry(0, LogError::Identifier(IdentifierError::Scid)),
    ),
    (
        "negative-versiontime-non-monotonic",
        entry(1, LogError::TimeNotIncreasing),
    ),
    (
        "negative-zero-witness-threshold",
        entry(0, LogError::Parameter(ParameterError::WitnessThreshold)),
    ),
];

const fn entry(at: usize, cause: LogError) -> ResolveError {
    ResolveError::Entry { at, cause }
}

fn negative_log(folder: &Path, expected: &ResolveError) {
    let log = fs::read_to_string(folder.join("did.jsonl")).unwrap();
    let first: Value = serde_json::from_str(log.lines().next().unwrap()).unwrap();
    let scid = first["parameters"]["scid"].as_str().unwrap();
    let refused = run(folder, &format!("did:webvh:{scid}:example.com")).unwrap_err();
    assert_eq!(&refused, expected, "{}", folder.display());
}

/// What holds the log of the witness case back is the proof over the older version alone: with the proof that
/// the rule asks for, the same log resolves.
#[test]
fn the_witness_case_lacks_nothing_but_the_newer_proof() {
    let Some(root) = folder("didwebvh") else { return };
    let folder = root.join("negative-cross-did-witness-replay/ts");
    let log = fs::read(folder.join("did.jsonl")).unwrap();
    let lines: Vec<Value> = log
        .split(|byte| *byte == b'\n')
        .filter_map(|line| serde_json::from_slice(line).ok())
        .collect();
    let version = lines.last().unwrap()["versionId"].as_str().unwrap();
    let mut seed = [0; 32];
    seed[31] = 0x10;
    let witness = SigningKey::new(&PrivateJwk::from_ed25519_seed(&seed)).unwrap();
    let document = serde_json::json!({ "versionId": version });
    let proof = did::data_integrity::sign(&document, 946_684_800, &witness).unwrap();
    let file = serde_json::json!([{ "versionId": version, "proof": [proof] }]);
    let did: WebvhDid = lines[0]["state"]["id"].as_str().unwrap().parse().unwrap();
    let check = |file: &Value| {
        let proofs = WitnessProofs::parse(file.to_string().as_bytes()).unwrap();
        resolve(&log, &did, &proofs, NOW).map(drop)
    };
    assert_eq!(check(&file), Ok(()));
    let theirs = json(&folder.join("did-witness.json"));
    assert_eq!(
        check(&theirs),
        Err(ResolveError::Witness {
            at: 1,
            cause: WitnessError::Threshold
        })
    );
}

/// Every identifier of a case is refused; the number of them.
fn negative_identifiers(folder: &Path) -> usize {
    let script = fs::read_to_string(folder.join("script.yaml")).unwrap();
    let lines = script.lines().filter_map(|line| line.trim().strip_prefix("did: "));
    lines.map(negative_identifier).count()
}

fn negative_identifier(line: &str) {
    let text = line.trim_matches('"');
    // The suite's SCID is no base58; the rest must be refused for its own reason too.
    assert!(text.parse::<WebvhDid>().is_err(), "{text}");
    let good = "Qmc57yQsqz5NYVyMwT1zWTAXBAX6cNHfiAzqcABAJTkLnY";
    let parts: Vec<&str> = text.splitn(4, ':').collect();
    let refused = format!("did:webvh:{good}:{}", parts[3])
        .parse::<WebvhDid>()
        .unwrap_err();
    let known = matches!(
        refused,
        IdentifierError::Syntax(DidSyntaxError::DidUrl)
            | IdentifierError::Host(HostError::IpAddress | HostError::PathSegment)
    );
    assert!(known, "{text}: {refused:?}");
}
