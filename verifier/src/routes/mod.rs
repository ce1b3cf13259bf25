//! The routes, by who calls them.

mod anonymous;
mod bearer;
mod browser;
mod business;
mod desk;
mod pages;
mod provisioning;
mod reply;
mod shop;
mod site;
mod wallet;
mod whose;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::{get, post};
use http::header::CONTENT_TYPE;
use service::layers::body_limit;

use crate::app::App;
use crate::business::added;
use crate::error::ApiError;
use crate::offline::Place;

/// Every route of the service; of a kiosk its desk alone, which is for the person before it.
pub fn router(app: Arc<App>) -> Router {
    let desk = desk::routes(&app).merge(pages::routes(&app));
    match app.offline.place {
        Place::Service => desk.merge(reachable(&app)).with_state(app),
        Place::Kiosk => desk.with_state(app),
    }
}

/// What the business, wallets, browsers and customers call.
fn reachable(app: &Arc<App>) -> Router<Arc<App>> {
    let wallet = Router::new().route(
        "/openid4vp/request/{wallet_id}",
        get(wallet::request).post(wallet::request_with_nonce),
    );
    let response = Router::new().route("/openid4vp/response/{wallet_id}", post(wallet::respond));
    let browser = Router::new()
        .route("/start/{id}", get(browser::start))
        .route("/return/{id}", get(browser::back));
    let open = Router::new()
        .route("/.well-known/did.jsonl", get(did_log))
        .route("/b/{business}/did.jsonl", get(did_log_of));
    let shop = app.shop.as_ref().map_or_else(Router::new, |_| shop::routes());
    let anonymous = app
        .businesses
        .anonymous()
        .map_or_else(Router::new, |_| anonymous::routes());
    Router::new()
        .merge(business::routes(app))
        .merge(provisioning::routes(app))
        .merge(wallet)
        .merge(body_limit(response, ANSWER_BODY))
        .merge(browser)
        .merge(open)
        .merge(shop)
        .merge(anonymous)
}

/// The DID log, for resolvers that do not use the ledger. did:webvh 1.0 §3.4
async fn did_log(State(app): State<Arc<App>>) -> impl axum::response::IntoResponse {
    ([(CONTENT_TYPE, "text/jsonl")], app.businesses.main().log().to_owned())
}

/// The same of a business that was added.
async fn did_log_of(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<impl axum::response::IntoResponse, ApiError> {
    let business = added(&app, &id)?;
    Ok(([(CONTENT_TYPE, "text/jsonl")], business.log().to_owned()))
}

/// A `vp_token` of 1 MiB, encrypted and encoded.
const ANSWER_BODY: usize = 2 * 1024 * 1024;
