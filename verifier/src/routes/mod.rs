//! The routes, by who calls them.

mod browser;
mod business;
mod description;
mod desk;
mod pages;
mod reply;
mod shop;
mod site;
mod wallet;

pub use description::description;

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};
use http::header::CONTENT_TYPE;
use service::layers::body_limit;

use crate::app::App;

/// Every route of the service.
pub fn router(app: Arc<App>) -> Router {
    let business = Router::new()
        .route("/api/v1/checks/{check}/sessions", post(business::open))
        .route("/api/v1/sessions/{id}", get(business::read))
        .route("/api/v1/sessions/{id}/events", get(business::events));
    let wallet = Router::new().route(
        "/openid4vp/request/{wallet_id}",
        get(wallet::request).post(wallet::request_with_nonce),
    );
    let response = Router::new().route("/openid4vp/response/{wallet_id}", post(wallet::respond));
    let browser = Router::new()
        .route("/start/{id}", get(browser::start))
        .route("/return/{id}", get(browser::back));
    let open = Router::new().route("/.well-known/did.jsonl", get(did_log));
    let shop = app.shop.as_ref().map_or_else(Router::new, |_| shop::routes());
    Router::new()
        .merge(business)
        .merge(wallet)
        .merge(body_limit(response, ANSWER_BODY))
        .merge(browser)
        .merge(open)
        .merge(desk::routes(&app))
        .merge(shop)
        .merge(pages::routes(&app))
        .with_state(app)
}

/// The DID log, for resolvers that do not use the ledger. did:webvh 1.0 §3.4
#[utoipa::path(
    get,
    path = "/.well-known/did.jsonl",
    tag = "anyone",
    responses((status = 200, description = "did:webvh 1.0", content_type = "text/jsonl", body = String)),
)]
async fn did_log(State(app): State<Arc<App>>) -> impl axum::response::IntoResponse {
    ([(CONTENT_TYPE, "text/jsonl")], app.identity.log().to_owned())
}

/// A `vp_token` of 1 MiB, encrypted and encoded.
const ANSWER_BODY: usize = 2 * 1024 * 1024;
