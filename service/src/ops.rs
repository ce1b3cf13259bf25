//! The operations listener: `/livez`, `/readyz`, `/metrics`, `/openapi.json`.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde_json::json;

use crate::description::{Description, JSON, Operation, anything, array, boolean, exactly, string};
use crate::metrics::Metrics;
use crate::problem::Problem;

/// What operators and supervisors see. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Ops {
    metrics: Metrics,
    conditions: Arc<Mutex<Vec<Condition>>>,
    description: Arc<OnceLock<Description>>,
}

/// Something that must hold before the service can do its work, for example
/// "the ledger has been read". Starts unmet.
#[derive(Debug, Clone)]
pub struct Condition {
    name: &'static str,
    met: Arc<AtomicBool>,
}

impl Condition {
    /// Says whether it holds now.
    pub fn set(&self, holds: impl Into<bool>) {
        self.met.store(holds.into(), Ordering::SeqCst);
    }

    /// Whether it holds.
    #[must_use]
    pub fn is_met(&self) -> bool {
        self.met.load(Ordering::SeqCst)
    }
}

impl Ops {
    /// Nothing to wait for yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Says what the service answers, once. It is shown here, with the operations of this
    /// listener under the tag `operations`, and not to the public.
    pub fn describe(&self, description: Description) {
        let _ = self.description.set(description.with("operations", operations()));
    }

    /// The metrics.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Adds a condition that `/readyz` waits for.
    #[must_use]
    pub fn condition(&self, name: &'static str) -> Condition {
        let condition = Condition {
            name,
            met: Arc::new(AtomicBool::new(false)),
        };
        self.conditions
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(condition.clone());
        condition
    }

    /// The names of the conditions that do not hold.
    #[must_use]
    pub fn waiting_for(&self) -> Vec<&'static str> {
        let conditions = self.conditions.lock().unwrap_or_else(PoisonError::into_inner);
        conditions
            .iter()
            .filter(|condition| !condition.is_met())
            .map(|condition| condition.name)
            .collect()
    }

    /// The routes of the operations listener.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/livez", get(async || "ok\n"))
            .route("/readyz", get(readyz))
            .route("/metrics", get(metrics))
            .route("/openapi.json", get(openapi))
            .with_state(self.clone())
    }
}

fn operations() -> [Operation; 4] {
    let ready = exactly(&[("ready", boolean()), ("waiting_for", array(string()))], &[]);
    [
        Operation::get("/livez", "Whether the process answers.").answers(200, "text/plain", string()),
        Operation::get("/readyz", "Whether the service can do its work.")
            .answers(200, JSON, ready.clone())
            .answers(503, JSON, ready),
        Operation::get("/metrics", "OpenMetrics 1.0").answers(200, "application/openmetrics-text", string()),
        Operation::get("/openapi.json", "OpenAPI 3.1")
            .answers(200, JSON, anything())
            .problems(&[404]),
    ]
}

async fn readyz(State(ops): State<Ops>) -> Response {
    let waiting = ops.waiting_for();
    let status = if waiting.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (
        status,
        axum::Json(json!({"ready": waiting.is_empty(), "waiting_for": waiting})),
    )
        .into_response()
}

async fn metrics(State(ops): State<Ops>) -> Response {
    let text_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(CONTENT_TYPE, text_type)], ops.metrics.encode()).into_response()
}

async fn openapi(State(ops): State<Ops>) -> Response {
    match ops.description.get() {
        Some(description) => axum::Json(description.to_json()).into_response(),
        None => Problem::not_found().into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::Ops;
    use crate::description::Description;
    use testkit::routes::{described, routed};

    #[test]
    fn every_route_is_described_and_every_operation_is_routed() {
        let ops = Ops::new();
        ops.describe(Description::new("Nothing", "Nothing else."));
        let description = ops.description.get().unwrap().to_json();
        assert_eq!(described(&description), routed(&ops.router()));
    }

    #[test]
    fn ready_once_every_condition_holds() {
        let ops = Ops::new();
        assert!(ops.waiting_for().is_empty());
        let (ledger, lists) = (ops.condition("ledger"), ops.condition("lists"));
        lists.set(true);
        assert_eq!(ops.waiting_for(), ["ledger"]);
        ledger.set(true);
        assert!(ops.waiting_for().is_empty());
        ledger.set(false);
        assert_eq!(ops.waiting_for(), ["ledger"]);
    }
}
