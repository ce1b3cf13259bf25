//! What the log answers: the read API, appending, the registrar's own DID log.

mod append;
mod pages;
mod read;

use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use service::{Problem, Secret};
use utoipa::OpenApi;

use crate::log::Log;
use crate::pages::Pages;

#[derive(OpenApi)]
#[openapi(
    info(title = "Holdfast ledger", description = "The log: append, and the read API"),
    paths(registrar_log)
)]
struct Described;

/// Every operation of the log.
#[must_use]
pub fn description() -> utoipa::openapi::OpenApi {
    let described = Described::openapi()
        .merge_from(append::Described::openapi())
        .merge_from(crate::read::description());
    service::description::complete(described)
}

/// What the routes need.
#[derive(Clone)]
pub struct App {
    log: Log,
    admin_token: Option<Arc<Secret>>,
    registrar_log: Option<PathBuf>,
    pages: Option<Pages<Log>>,
}

impl App {
    /// Routes for a log. With an admin token, entries that registrars write are taken only
    /// from requests that carry it; the signature in the leaf is the authority either way.
    #[must_use]
    pub fn new(log: Log, admin_token: Option<Secret>, registrar_log: Option<PathBuf>) -> Self {
        Self {
            log,
            admin_token: admin_token.map(Arc::new),
            registrar_log,
            pages: None,
        }
    }

    /// The same, with pages for people.
    #[must_use]
    pub fn with_pages(mut self, pages: Pages<Log>) -> Self {
        self.pages = Some(pages);
        self
    }

    /// All routes.
    pub fn router(mut self) -> Router {
        let read = crate::read::routes(self.log.store().clone());
        let pages = self.pages.take().map(Pages::router).unwrap_or_default();
        Router::new()
            .merge(append::routes())
            .route("/registrar/did.jsonl", get(registrar_log))
            .with_state(self)
            .merge(read)
            .merge(pages)
    }
}

/// The registrar's DID log, as did:webvh resolvers fetch it.
#[utoipa::path(
    get,
    path = "/registrar/did.jsonl",
    tag = "anyone",
    responses((status = 200, description = "did:webvh 1.0", content_type = "text/jsonl", body = String)),
)]
async fn registrar_log(State(app): State<App>) -> Response {
    let Some(path) = app.registrar_log else {
        return Problem::not_found().into_response();
    };
    match tokio::fs::read(path).await {
        Ok(bytes) => ([(CONTENT_TYPE, "text/jsonl")], bytes).into_response(),
        Err(_) => Problem::not_found().into_response(),
    }
}
