//! The interface of the desk: staff pick a check, ask, and see the verdict.

mod checks;
mod join;
mod offline;
mod sessions;
mod today;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use service::layers::body_limit;

use super::ANSWER_BODY;
use super::whose::{fixed, of_path};
use crate::app::App;
use crate::offline::Place;

/// `/desk/api/v1`, and the same below `/b/{business}` for every business of the service. A kiosk
/// has one desk.
pub(super) fn routes(app: &Arc<App>) -> Router<Arc<App>> {
    let of_desk = from_fn_with_state(Arc::clone(app.businesses.desk()), fixed);
    let desk = Router::new().nest("/desk/api/v1", app.sign_in.console(calls(app)).layer(of_desk));
    if app.offline.place == Place::Kiosk {
        return desk;
    }
    let of_path = from_fn_with_state(Arc::clone(app), of_path);
    desk.nest(
        "/b/{business}/desk/api/v1",
        app.sign_in.console(calls(app)).layer(of_path),
    )
}

/// For those who are signed in, and for who joins them. A kiosk has nothing that needs a network.
fn calls(app: &App) -> Router<Arc<App>> {
    let common = Router::new()
        .route("/checks", get(checks::list))
        .route("/held", get(offline::held))
        .route("/today", get(today::list))
        .route("/sessions/{id}", get(sessions::read))
        .route("/sessions/{id}/events", get(sessions::events))
        .route("/sessions/{id}/challenge", get(offline::challenge))
        .route("/sessions/{id}/sheet", get(offline::sheet))
        .route("/sessions/{id}/frames", post(offline::frames))
        .route("/sessions/{id}/portrait", post(offline::portrait))
        .route("/sessions/{id}/clear", post(offline::clear));
    let open = Router::new().route("/checks/{check}/offline", post(offline::open));
    let open = match app.offline.place {
        Place::Service => open.route("/checks/{check}/sessions", post(sessions::open)),
        Place::Kiosk => open,
    };
    let answer = match app.offline.place {
        Place::Service => Router::new()
            .route("/sessions/{id}/answer", post(sessions::answer))
            .route("/join", post(join::join)),
        Place::Kiosk => Router::new(),
    };
    common
        .merge(app.idempotency.once(open))
        .merge(body_limit(answer, ANSWER_BODY))
}
