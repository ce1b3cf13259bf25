use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderValue};
use jose::UnixTime;
use jose::strict_json::{self, Limits};
use serde_json::{Map, Value, json};
use service::Clock;
use w3c_vc::{Challenge, Cryptosuite};

use crate::{Adapter, Problem};

type Shared = State<Arc<(Adapter, Box<dyn Clock>)>>;

/// How a credential becomes a signed one.
type Issue = fn(&Adapter, Cryptosuite, Map<String, Value>, UnixTime) -> Result<Value, Problem>;

/// The addresses of the VC-API: `POST /{cryptosuite}/credentials/issue`, `/credentials/verify` and
/// `/presentations/verify`; for statuses `POST /{cryptosuite}/status/credentials/issue`, `GET
/// /{cryptosuite}/status/list` and `POST /credentials/status`. What is refused is answered with 400 and its
/// `problemDetails`.
pub fn router(adapter: Adapter, clock: impl Clock + 'static) -> Router {
    let state: Arc<(Adapter, Box<dyn Clock>)> = Arc::new((adapter, Box::new(clock)));
    Router::new()
        .route("/{cryptosuite}/credentials/issue", post(issue))
        .route("/{cryptosuite}/status/credentials/issue", post(issue_with_status))
        .route("/{cryptosuite}/status/list", get(status_list))
        .route("/credentials/status", post(set_status))
        .route("/credentials/verify", post(verify_credential))
        .route("/presentations/verify", post(verify_presentation))
        .with_state(state)
}

async fn issue(State(state): Shared, Path(cryptosuite): Path<String>, body: Bytes) -> Response {
    issued(&state, &cryptosuite, &body, Adapter::issue)
}

async fn issue_with_status(State(state): Shared, Path(cryptosuite): Path<String>, body: Bytes) -> Response {
    issued(&state, &cryptosuite, &body, Adapter::issue_with_status)
}

fn issued(state: &(Adapter, Box<dyn Clock>), cryptosuite: &str, body: &[u8], issue: Issue) -> Response {
    let (adapter, clock) = state;
    let Some(suite) = suite(cryptosuite) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let issued = read(body).and_then(|mut request| match request.remove("credential") {
        Some(Value::Object(credential)) => issue(adapter, suite, credential, clock.now()),
        _ => Err(Problem::malformed("credential is missing or not an object")),
    });
    match issued {
        Ok(credential) => answer(StatusCode::CREATED, &json!({"verifiableCredential": credential})),
        Err(problem) => refused(&problem),
    }
}

async fn status_list(State(state): Shared, Path(cryptosuite): Path<String>) -> Response {
    let (adapter, clock) = &*state;
    let Some(suite) = suite(&cryptosuite) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    match adapter.status_list(suite, clock.now()) {
        Ok(list) => answer(StatusCode::OK, &list),
        Err(problem) => refused(&problem),
    }
}

async fn set_status(State(state): Shared, body: Bytes) -> Response {
    let (adapter, _) = &*state;
    let set = read(&body).and_then(|request| {
        let on = request.get("status").and_then(Value::as_bool);
        let on = on.ok_or_else(|| Problem::malformed("status is neither true nor false"))?;
        let place = request.get("credentialStatus").unwrap_or(&Value::Null);
        adapter.set_status(place, on)
    });
    match set {
        Ok(()) => StatusCode::OK.into_response(),
        Err(problem) => refused(&problem),
    }
}

/// The cryptosuite of that name.
fn suite(name: &str) -> Option<Cryptosuite> {
    Cryptosuite::ALL.into_iter().find(|suite| suite.as_str() == name)
}

async fn verify_credential(State(state): Shared, body: Bytes) -> Response {
    let (adapter, clock) = &*state;
    verified(read(&body).and_then(|request| {
        let credential = needed(&request, "verifiableCredential")?;
        adapter.verify_credential(credential, clock.now())
    }))
}

async fn verify_presentation(State(state): Shared, body: Bytes) -> Response {
    let (adapter, clock) = &*state;
    verified(read(&body).and_then(|request| {
        let presentation = needed(&request, "verifiablePresentation")?;
        let option = |name: &str| request.get("options").and_then(|options| options.get(name));
        // Without one the proof is for nobody, and is refused for that.
        let text = |name: &str| option(name).and_then(Value::as_str).unwrap_or_default();
        let challenge = Challenge {
            audience: text("domain"),
            nonce: text("challenge"),
        };
        adapter.verify_presentation(presentation, challenge, clock.now())
    }))
}

fn read(body: &[u8]) -> Result<Map<String, Value>, Problem> {
    match strict_json::parse(body, &Limits::VP_TOKEN) {
        Ok(Value::Object(request)) => Ok(request),
        Ok(_) => Err(Problem::unreadable("the request is not an object")),
        Err(error) => Err(Problem::unreadable(error)),
    }
}

fn needed<'r>(request: &'r Map<String, Value>, name: &'static str) -> Result<&'r Value, Problem> {
    let found = request.get(name);
    found.ok_or_else(|| Problem::malformed("the document to verify is missing"))
}

fn verified(outcome: Result<(), Problem>) -> Response {
    match outcome {
        Ok(()) => answer(StatusCode::OK, &json!({"verified": true, "problemDetails": []})),
        Err(problem) => {
            let refused = json!({"verified": false, "problemDetails": [problem.to_json()]});
            answer(StatusCode::BAD_REQUEST, &refused)
        }
    }
}

fn refused(problem: &Problem) -> Response {
    let mut response = answer(StatusCode::BAD_REQUEST, &problem.to_json());
    let kind = HeaderValue::from_static("application/problem+json");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

fn answer(status: StatusCode, body: &Value) -> Response {
    let json = HeaderValue::from_static("application/json");
    (status, [(CONTENT_TYPE, json)], body.to_string()).into_response()
}
