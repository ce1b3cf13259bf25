//! The routes, by who calls them.

mod authorize;
mod body;
mod client;
mod console;
mod credential;
mod deferred;
mod identity;
mod metadata;
mod nonce;
mod notification;
mod offers;
mod par;
mod proof;
mod status_change;
mod status_lists;
mod token;

pub(crate) use console::Streams;

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;

/// The issuer, without its status lists.
pub(crate) fn issuer(app: App) -> Router {
    let wallets = Router::new()
        .route("/.well-known/openid-credential-issuer", get(metadata::issuer))
        .route(
            "/.well-known/oauth-authorization-server",
            get(metadata::authorization_server),
        )
        .route("/offers/{reference}", get(offers::by_reference))
        .route("/token", post(token::token))
        .route("/nonce", post(nonce::nonce))
        .route("/challenge", post(client::challenge))
        .route("/credential", post(credential::credential))
        .route("/deferred", post(deferred::deferred))
        .route("/notification", post(notification::notification));
    let citizens = if app.0.citizens.is_some() {
        Router::new()
            .route("/par", post(par::push))
            .route("/authorize", get(authorize::begin))
            .route("/signed-in", get(authorize::signed_in))
    } else {
        Router::new()
    };
    let anyone = Router::new()
        .route("/.well-known/did.jsonl", get(identity::did_log))
        .route("/.well-known/jwt-vc-issuer", get(identity::issuer_metadata))
        .route("/types/{vct}", get(metadata::card_type));
    let systems = Router::new()
        .route("/api/v1/offers", get(offers::awaiting).post(offers::create))
        .route("/api/v1/offers/{id}", get(offers::state))
        .route("/api/v1/offers/{id}/approve", post(offers::approve))
        .route("/api/v1/offers/{id}/deny", post(offers::deny))
        .route("/api/v1/credentials/{id}/revoke", post(status_change::revoke))
        .route("/api/v1/credentials/{id}/suspend", post(status_change::suspend))
        .route("/api/v1/credentials/{id}/reactivate", post(status_change::reactivate));
    let people = console::console(&app);
    wallets
        .merge(citizens)
        .merge(anyone)
        .merge(systems)
        .merge(people)
        .with_state(app)
}

/// The status lists, on a listener of their own.
pub(crate) fn status_lists(app: App) -> Router {
    Router::new()
        .route("/lists", get(status_lists::aggregation))
        .route("/lists/{name}", get(status_lists::list))
        .route("/lists/{name}/{purpose}", get(status_lists::bits))
        .with_state(app)
}
