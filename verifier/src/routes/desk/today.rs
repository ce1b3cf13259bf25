//! What was asked in the last day: time, check, verdict and who asked. Nothing
//! else is kept of a customer.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use service::signin::Watcher;

use crate::app::App;
use crate::error::ApiError;
use crate::roles::Owner;
use crate::routes::reply::fresh_json;
use crate::routes::whose::Of;
use crate::store::Past;

#[derive(Serialize)]
struct Today {
    checks: Vec<Done>,
}

#[derive(Serialize)]
struct Done {
    at: u64,
    check: String,
    verdict: &'static str,
    reason: &'static str,
    operator: String,
}

/// `GET /desk/api/v1/today`
pub(super) async fn list(
    State(app): State<Arc<App>>,
    _: Watcher<Owner>,
    Of(business): Of,
) -> Result<Response, ApiError> {
    let past = app.store.past(business.id(), app.now().saturating_sub(DAY)).await?;
    Ok(fresh_json(Today {
        checks: past.into_iter().map(done).collect(),
    }))
}

fn done(past: Past) -> Done {
    Done {
        at: past.closed_at,
        check: past.check_id,
        verdict: past.reason.verdict().as_str(),
        reason: past.reason.as_str(),
        operator: past.operator,
    }
}

const DAY: u64 = 86_400;
