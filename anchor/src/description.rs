//! What log, mirrors and witnesses answer, for programs. The pages are for people, and stand nowhere here.

use serde_json::Value;
use service::description::{
    Description, JSON, Operation, array, bytes, count, did_log_line, either, exactly, problem, string,
};

/// What notes are sent as.
const NOTE: &str = "text/plain";
/// What entries and bundles are sent as.
const CBOR: &str = "application/cbor";

/// The log.
#[must_use]
pub fn log() -> Description {
    Description::new(
        "Holdfast ledger",
        "The log: entries of registrars and organisations, and the read API.",
    )
    .with("organisations", [append(), append_several()])
    .with("anyone", read())
    .with("anyone", [registrar_log()])
}

/// The log with a registrar's portal beside it, of which one route is for programs.
#[must_use]
pub fn log_with_portal() -> Description {
    log().with("citizens", [complaint()])
}

/// A mirror.
#[must_use]
pub fn mirror() -> Description {
    Description::new(
        "Holdfast mirror",
        "A mirror that verifies: cosignatures, and the read API.",
    )
    .with("logs", [add_checkpoint()])
    .with("anyone", read())
}

/// A witness.
#[must_use]
pub fn witness() -> Description {
    let monitoring = Operation::get(
        "/{origin_hash}/checkpoint",
        "tlog-witness, \"Monitor Retrieval Mechanism\"",
    );
    Description::new("Holdfast witness", "Cosignatures of what grows.")
        .with("logs", [add_checkpoint()])
        .with("anyone", [monitoring.answers(200, NOTE, string()).problems(&[404])])
}

fn append() -> Operation {
    Operation::post("/api/v1/entries", "An entry in, a receipt out. docs/ledger.md §2")
        .http_for_some("bearer")
        .takes(CBOR, bytes())
        .answers(200, JSON, receipt())
        .problems(&[403, 409, 415, 422, 429])
}

fn append_several() -> Operation {
    let results = array(either(receipt(), problem()));
    let about = "Up to 64 entries in, a receipt or a problem for each out, in their order. docs/ledger.md §2";
    Operation::post("/api/v1/entries/batch", about)
        .http_for_some("bearer")
        .takes(CBOR, bytes())
        .answers(200, JSON, exactly(&[("results", results)], &[]))
        .problems(&[415, 422])
}

fn receipt() -> Value {
    exactly(&[("index", count()), ("leaf_hash", string()), ("proof", string())], &[])
}

fn complaint() -> Operation {
    let counted = [
        ("did", string()),
        ("asked", array(string())),
        ("hour", count()),
        ("complaints", count()),
    ];
    let counted = exactly(&counted, &[]);
    Operation::post(
        "/complaints",
        "A business asked for more than it may. docs/registration.md §7",
    )
    .takes(CBOR, bytes())
    .answers(200, JSON, counted.clone())
    .answers(201, JSON, counted)
    .problems(&[413, 415, 422, 429])
}

fn registrar_log() -> Operation {
    Operation::get("/registrar/did.jsonl", "The registrar's DID log. did:webvh 1.0")
        .answers(200, "text/jsonl", did_log_line())
        .problems(&[404])
}

/// What a log, a mirror and their readers have in common.
fn read() -> [Operation; 11] {
    let immutable = |operation: Operation| {
        operation
            .answers(200, "application/octet-stream", bytes())
            .problems(&[404])
    };
    let landmark_file = |path, about| {
        let operation = Operation::get(path, about).answers(200, CBOR, bytes());
        operation.answers_nothing(304)
    };
    [
        Operation::get("/checkpoint", "tlog-tiles, \"Checkpoints\"").answers(200, NOTE, string()),
        immutable(Operation::get(
            "/tile/{path}",
            "tlog-tiles, \"Merkle Tree\" and \"Log entries\"",
        )),
        immutable(Operation::get("/blob/{hash}", "A payload by its hash.")),
        immutable(Operation::get(
            "/payloads/{range}",
            "The payloads of entries `start-end`, at most 256, in one. docs/ledger.md §4",
        )),
        Operation::get(
            "/bundle",
            "An organisation's record, or that there is none. docs/ledger.md §8",
        )
        .needs_query("did", string())
        .query("with", string())
        .answers(200, CBOR, bytes()),
        Operation::get(
            "/bundle/object",
            "The record of the policy, a schema, rule, service, document or release. docs/ledger.md §8",
        )
        .needs_query("family", string())
        .needs_query("subject", string())
        .answers(200, CBOR, bytes()),
        Operation::get(
            "/bundles/{family}",
            "The records of all schemas, rules, services, documents or releases.",
        )
        .answers(200, CBOR, bytes())
        .problems(&[404]),
        Operation::get("/bundles/accredited", "The records of all accredited agencies.").answers(200, CBOR, bytes()),
        Operation::get(
            "/landmarks",
            "The newest two landmarks, newest first. docs/ledger.md §12.1",
        )
        .answers(200, CBOR, bytes()),
        landmark_file("/landmarks/newest", "The newest landmark file. docs/ledger.md §12.2"),
        landmark_file(
            "/landmarks/{hour}",
            "The landmark file of an hour, in whole UTC hours since 1970. docs/ledger.md §12.2",
        )
        .problems(&[404]),
    ]
}

/// A mirror refuses what a witness takes where the entries are not those of the checkpoint: 422.
fn add_checkpoint() -> Operation {
    Operation::post("/add-checkpoint", "tlog-witness, \"add-checkpoint\"")
        .takes(NOTE, string())
        .answers(200, NOTE, string())
        .answers(409, "text/x.tlog.size", string())
        .problems(&[403, 404, 422])
}
