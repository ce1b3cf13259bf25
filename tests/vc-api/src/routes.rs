use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderValue};
use jose::strict_json::{self, Limits};
use serde_json::{Map, Value, json};
use service::Clock;
use w3c_vc::{Challenge, Cryptosuite};

use crate::{Adapter, Problem};

type Shared = State<Arc<(Adapter, Box<dyn Clock>)>>;

/// The addresses of the VC-API: `POST /{cryptosuite}/credentials/issue`, `/credentials/verify` and
/// `/presentations/verify`. What is refused is answered with 400 and its `problemDetails`.
pub fn router(adapter: Adapter, clock: impl Clock + 'static) -> Router {
    let state: Arc<(Adapter, Box<dyn Clock>)> = Arc::new((adapter, Box::new(clock)));
    Router::new()
        .route("/{cryptosuite}/credentials/issue", post(issue))
        .route("/credentials/verify", post(verify_credential))
        .route("/presentations/verify", post(verify_presentation))
        .with_state(state)
}

async fn issue(State(state): Shared, Path(cryptosuite): Path<String>, body: Bytes) -> Response {
    let (adapter, clock) = &*state;
    let suite = Cryptosuite::ALL.into_iter().find(|suite| suite.as_str() == cryptosuite);
    let Some(suite) = suite else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let issued = read(&body).and_then(|mut request| match request.remove("credential") {
        Some(Value::Object(credential)) => adapter.issue(suite, credential, clock.now()),
        _ => Err(Problem::malformed("credential is missing or not an object")),
    });
    match issued {
        Ok(credential) => answer(StatusCode::CREATED, &json!({"verifiableCredential": credential})),
        Err(problem) => {
            let mut response = answer(StatusCode::BAD_REQUEST, &problem.to_json());
            let kind = HeaderValue::from_static("application/problem+json");
            response.headers_mut().insert(CONTENT_TYPE, kind);
            response
        }
    }
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

fn answer(status: StatusCode, body: &Value) -> Response {
    let json = HeaderValue::from_static("application/json");
    (status, [(CONTENT_TYPE, json)], body.to_string()).into_response()
}
