//! What the provider answers, for programs.

use service::description::{Description, JSON, Operation, anything, count, exactly, one_of, string};

/// What the pages are sent as.
const HTML: &str = "text/html";
const FORM: &str = "application/x-www-form-urlencoded";

pub(super) fn description() -> Description {
    let about = "A small OpenID provider for people who do not exist.";
    Description::new("Holdfast sign-in", about)
        .with("people", [ask(), sign_in()])
        .with("issuers", [metadata(), keys(), token()])
}

fn metadata() -> Operation {
    let about = "OpenID Connect Discovery 1.0 §4";
    Operation::get("/.well-known/openid-configuration", about).answers(200, JSON, anything())
}

fn keys() -> Operation {
    Operation::get("/keys", "A JSON Web Key Set. RFC 7517 §5").answers(200, JSON, anything())
}

fn ask() -> Operation {
    let operation = Operation::get("/authorize", "OpenID Connect Core 1.0 §3.1.2.1");
    authentication_request(operation).answers(200, HTML, string())
}

fn sign_in() -> Operation {
    let typed = exactly(&[("person", string()), ("password", string())], &[]);
    authentication_request(Operation::post("/authorize", "What somebody typed."))
        .takes(FORM, typed)
        .answers_nothing(303)
        .answers(401, HTML, string())
        .problems(&[415, 422])
}

fn authentication_request(operation: Operation) -> Operation {
    let needed = ["response_type", "scope", "client_id", "redirect_uri"];
    let optional = ["state", "nonce", "code_challenge", "code_challenge_method"];
    let operation = needed
        .into_iter()
        .fold(operation, |operation, name| operation.needs_query(name, string()));
    optional
        .into_iter()
        .fold(operation, |operation, name| operation.query(name, string()))
        .answers(400, HTML, string())
}

fn token() -> Operation {
    let form = exactly(
        &[
            ("grant_type", one_of(&["authorization_code"])),
            ("code", string()),
            ("redirect_uri", string()),
            ("code_verifier", string()),
        ],
        &[],
    );
    let tokens = exactly(
        &[
            ("access_token", string()),
            ("token_type", string()),
            ("expires_in", count()),
            ("id_token", string()),
        ],
        &[],
    );
    let refused = exactly(&[("error", string())], &[]);
    Operation::post("/token", "OpenID Connect Core 1.0 §3.1.3.1")
        .http("basic")
        .takes(FORM, form)
        .answers(200, JSON, tokens)
        .answers(400, JSON, refused.clone())
        .answers(401, JSON, refused)
        .problems(&[415, 422])
}
