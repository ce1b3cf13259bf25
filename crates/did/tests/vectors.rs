//! The didwebvh test suite: logs made by five other implementations, and negative cases.

use std::fs;
use std::path::{Path, PathBuf};

use did::data_integrity::ProofError;
use did::webvh::{
    IdentifierError, LogError, LogLimits, ParameterError, Resolution, ResolveError, WebvhDid, WitnessError,
    WitnessProofs, resolve,
};
use did::{DidSyntaxError, HostError};
use serde_json::Value;

/// Later than every log in the suite.
const NOW: u64 = 1_800_000_000;

/// A folder of the shared vectors; prints one line where it is absent.
pub(crate) fn folder(name: &str) -> Option<PathBuf> {
    let root = std::env::var_os("HOLDFAST_VECTORS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors"),
        PathBuf::from,
    );
    let folder = root.join(name);
    if !folder.is_dir() {
        println!("SKIPPED: vectors: none at {}", folder.display());
        return None;
    }
    Some(folder)
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn run(folder: &Path, did: &str) -> Result<Resolution, ResolveError> {
    let witnesses = fs::read(folder.join("did-witness.json"))
        .map(|bytes| WitnessProofs::parse(&bytes).unwrap())
        .unwrap_or_default();
    let did: WebvhDid = did.parse().unwrap();
    let log = fs::read(folder.join("did.jsonl")).unwrap();
    resolve(&log, &did, &witnesses, NOW, LogLimits::default())
}

#[test]
fn positive_logs_of_five_implementations_resolve() {
    let Some(root) = folder("didwebvh") else { return };
    let mut count = 0;
    for case in ["basic-create", "pre-rotation-consume", "services"] {
        for maker in ["ts", "python", "rust", "java", "java-eecc"] {
            let folder = root.join(case).join(maker);
            let expected = json(&folder.join("resolutionResult.json"));
            let did = expected["didDocument"]["id"].as_str().unwrap();
            let resolution = run(&folder, did).unwrap_or_else(|e| panic!("{case}/{maker}: {e}"));
            let state = resolution.state();
            let metadata = &expected["didDocumentMetadata"];
            assert_eq!(metadata["versionId"], state.version_id().to_string(), "{case}/{maker}");
            assert_eq!(metadata["versionTime"], state.version_time().to_string());
            if let Some(scid) = metadata["scid"].as_str() {
                assert_eq!(scid, state.did().scid().as_str());
            }
            same_document(resolution.document().unwrap().json(), &expected["didDocument"]);
            count += 1;
        }
    }
    println!("didwebvh: {count} positive logs");
    assert_eq!(count, 15);
}

/// The expected document, but for the implicit services a resolver may add.
fn same_document(document: &Value, expected: &Value) {
    for (name, value) in document.as_object().unwrap() {
        if name != "service" {
            assert_eq!(value, &expected[name], "{name}");
        }
    }
}

#[test]
fn negative_logs_are_refused_each_for_its_own_reason() {
    let Some(root) = folder("didwebvh") else { return };
    let entry = |at, cause| ResolveError::Entry { at, cause };
    let cases = [
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
    for (case, expected) in cases {
        let folder = root.join(case).join("ts");
        let log = fs::read_to_string(folder.join("did.jsonl")).unwrap();
        let first: Value = serde_json::from_str(log.lines().next().unwrap()).unwrap();
        let scid = first["parameters"]["scid"].as_str().unwrap();
        let refused = run(&folder, &format!("did:webvh:{scid}:example.com")).unwrap_err();
        assert_eq!(refused, expected, "{case}");
    }
    println!("didwebvh: {} negative logs", cases.len());
}

#[test]
fn negative_identifiers_are_refused() {
    let Some(root) = folder("didwebvh") else { return };
    let mut count = 0;
    for case in [
        "negative-fragment-leaks-into-domain",
        "negative-lowercase-pct-port-ip",
        "negative-path-traversal-did",
        "negative-pct-encoded-ip-host",
        "negative-pct-encoded-traversal",
    ] {
        let script = fs::read_to_string(root.join(case).join("script.yaml")).unwrap();
        for line in script.lines().filter_map(|line| line.trim().strip_prefix("did: ")) {
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
            count += 1;
        }
    }
    println!("didwebvh: {count} negative identifiers");
    assert_eq!(count, 9);
}
