//! What wallets call. OpenID4VCI 1.0

use serde_json::Value;
use service::description::{JSON, Operation, anything, array, count, exactly, object, one_of, string};

const JWT: &str = "application/jwt";
const FORM: &str = "application/x-www-form-urlencoded";
/// What people see where nobody can be told.
const HTML: &str = "text/html";

pub(super) fn operations() -> [Operation; 9] {
    [
        Operation::get("/.well-known/openid-credential-issuer", "OpenID4VCI 1.0 §12.2.2")
            .answers(200, JSON, anything())
            .answers(200, JWT, string()),
        Operation::get("/.well-known/oauth-authorization-server", "RFC 8414 §3").answers(200, JSON, anything()),
        offer(),
        token(),
        Operation::post("/nonce", "OpenID4VCI 1.0 §7").answers(200, JSON, exactly(&[("c_nonce", string())], &[])),
        challenge(),
        credential(),
        deferred(),
        notification(),
    ]
}

/// Where people can sign in.
pub(super) fn of_citizens() -> [Operation; 3] {
    let pushed = exactly(&[("request_uri", string()), ("expires_in", count())], &[]);
    let push = Operation::post("/par", "RFC 9126 §2, OpenID4VCI 1.0 §5.1.4 and Appendix E")
        .takes(FORM, authorization_request())
        .answers(201, JSON, pushed)
        .problems(&[429]);
    let browser = |path: &str, about: &'static str, query: &[&str]| {
        let operation = Operation::get(path, about)
            .answers_nothing(303)
            .answers(400, HTML, string());
        query
            .iter()
            .fold(operation, |operation, name| operation.query(name, string()))
    };
    [
        refuses(push, &[400, 401, 503]),
        browser(
            "/authorize",
            "RFC 6749 §3.1, RFC 9126 §4",
            &["client_id", "request_uri"],
        ),
        browser(
            "/signed-in",
            "OpenID Connect Core 1.0 §3.1.2.5",
            &["state", "code", "error", "iss"],
        ),
    ]
}

/// Refusals in the form of the protocols. RFC 6749 §5.2
fn refuses(operation: Operation, statuses: &[u16]) -> Operation {
    let refusal = exactly(&[("error", string())], &[("error_description", string())]);
    statuses.iter().fold(operation, |operation, status| {
        operation.answers(*status, JSON, refusal.clone())
    })
}

fn challenge() -> Operation {
    let challenge = exactly(&[("attestation_challenge", string())], &[]);
    Operation::post("/challenge", "draft-ietf-oauth-attestation-based-client-auth §7.1").answers(200, JSON, challenge)
}

fn offer() -> Operation {
    let offer = object(
        &[
            ("credential_issuer", string()),
            ("credential_configuration_ids", array(string())),
            ("grants", anything()),
        ],
        &[],
    );
    Operation::get("/offers/{reference}", "OpenID4VCI 1.0 §4.1.3")
        .answers(200, JSON, offer)
        .problems(&[404])
}

fn authorization_request() -> Value {
    object(
        &[
            ("client_id", string()),
            ("response_type", one_of(&["code"])),
            ("redirect_uri", string()),
            ("code_challenge", string()),
            ("code_challenge_method", one_of(&["S256"])),
        ],
        &[
            ("scope", string()),
            ("authorization_details", string()),
            ("issuer_state", string()),
            ("state", string()),
        ],
    )
}

fn token() -> Operation {
    let grants = [
        "urn:ietf:params:oauth:grant-type:pre-authorized_code",
        "authorization_code",
        "refresh_token",
    ];
    let form = object(
        &[("grant_type", one_of(&grants))],
        &[
            ("pre-authorized_code", string()),
            ("tx_code", string()),
            ("code", string()),
            ("redirect_uri", string()),
            ("code_verifier", string()),
            ("refresh_token", string()),
            ("client_id", string()),
            ("authorization_details", string()),
        ],
    );
    let response = object(
        &[("access_token", string()), ("token_type", one_of(&["DPoP"]))],
        &[
            ("expires_in", count()),
            ("scope", string()),
            ("refresh_token", string()),
            ("authorization_details", array(anything())),
        ],
    );
    let token = Operation::post("/token", "OpenID4VCI 1.0 §6 and Appendix E, RFC 9449 §5")
        .needs_header("DPoP", string())
        .takes(FORM, form)
        .answers(200, JSON, response);
    refuses(token, &[400, 401])
}

/// With an access token and a proof. RFC 9449 §7.1
fn protected(operation: Operation, refused: &[u16]) -> Operation {
    refuses(operation.http("dpop").needs_header("DPoP", string()), refused)
}

/// A request and its answers, each of them encrypted or not. OpenID4VCI 1.0 §10
fn issuing(operation: Operation, request: Value) -> Operation {
    let issued = object(
        &[("credentials", array(object(&[("credential", string())], &[])))],
        &[("notification_id", string())],
    );
    let later = object(&[("transaction_id", string()), ("interval", count())], &[]);
    operation
        .takes(JSON, request)
        .takes(JWT, string())
        .answers(200, JSON, issued)
        .answers(200, JWT, string())
        .answers(202, JSON, later)
        .answers(202, JWT, string())
}

fn credential() -> Operation {
    let proofs = object(&[], &[("jwt", array(string())), ("attestation", array(string()))]);
    let request = object(
        &[],
        &[
            ("credential_configuration_id", string()),
            ("credential_identifier", string()),
            ("proofs", proofs),
            ("credential_response_encryption", anything()),
        ],
    );
    let credential = Operation::post("/credential", "OpenID4VCI 1.0 §8");
    protected(issuing(credential, request), &[400, 401, 403])
}

fn deferred() -> Operation {
    let request = object(
        &[("transaction_id", string())],
        &[("credential_response_encryption", anything())],
    );
    let deferred = Operation::post("/deferred", "OpenID4VCI 1.0 §9");
    protected(issuing(deferred, request), &[400, 401])
}

fn notification() -> Operation {
    let events = ["credential_accepted", "credential_deleted", "credential_failure"];
    let request = object(
        &[("notification_id", string()), ("event", one_of(&events))],
        &[("event_description", string())],
    );
    let notification = Operation::post("/notification", "OpenID4VCI 1.0 §11")
        .takes(JSON, request)
        .answers_nothing(204);
    protected(notification, &[400, 401])
}
