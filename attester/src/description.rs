//! What the attester answers, for programs.

use service::description::{Description, JSON, Operation, array, exactly, nullable, object, string};

pub(crate) fn description() -> Description {
    let about = "Says which wallet keys belong to, and that keys are held together.";
    Description::new("Holdfast attester", about)
        .with("wallets", [nonce(), wallet(), keys()])
        .with("issuers", [key_set()])
}

fn nonce() -> Operation {
    Operation::post("/nonce", "A nonce for proofs of possession.").answers(
        200,
        JSON,
        exactly(&[("c_nonce", string())], &[]),
    )
}

fn wallet() -> Operation {
    Operation::post("/api/v1/wallet-attestation", "OpenID4VCI 1.0 Appendix E")
        .takes(JSON, exactly(&[("proof", string())], &[]))
        .answers(200, JSON, attestation())
}

fn keys() -> Operation {
    let request = exactly(&[("proofs", array(string()))], &[("nonce", nullable(string()))]);
    Operation::post("/api/v1/key-attestation", "OpenID4VCI 1.0 Appendix D")
        .takes(JSON, request)
        .answers(200, JSON, attestation())
}

fn attestation() -> serde_json::Value {
    exactly(&[("attestation", string())], &[])
}

fn key_set() -> Operation {
    let set = object(&[("keys", array(object(&[("kty", string())], &[])))], &[]);
    Operation::get("/keys", "A JSON Web Key Set. RFC 7517 §5").answers(200, JSON, set)
}
