//! The interface of the desk: staff pick a check, ask, and see the verdict.

mod checks;
mod sessions;
mod today;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};
use service::layers::body_limit;
use utoipa::OpenApi;

use super::ANSWER_BODY;
use crate::app::App;

#[derive(OpenApi)]
#[openapi(paths(
    checks::list,
    sessions::open,
    sessions::read,
    sessions::events,
    sessions::answer,
    today::list
))]
struct Described;

pub(super) fn description() -> utoipa::openapi::OpenApi {
    Described::openapi().merge_from(service::description::sign_in())
}

/// `/desk/api/v1`, for those who are signed in.
pub(super) fn routes(app: &App) -> Router<Arc<App>> {
    let open = Router::new().route("/checks/{check}/sessions", post(sessions::open));
    let answer = Router::new().route("/sessions/{id}/answer", post(sessions::answer));
    let routes = Router::new()
        .route("/checks", get(checks::list))
        .route("/sessions/{id}", get(sessions::read))
        .route("/sessions/{id}/events", get(sessions::events))
        .route("/today", get(today::list))
        .merge(app.idempotency.once(open))
        .merge(body_limit(answer, ANSWER_BODY));
    Router::new().nest("/desk/api/v1", app.sign_in.console(routes))
}
