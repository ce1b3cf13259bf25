//! The page of the agency and what it asks for. Operators sign in; the bearer token of the agency's systems opens
//! nothing here.

mod agency;
mod cards;
mod events;
mod offers;
mod people;

pub(crate) use events::Streams;

use axum::Router;
use axum::routing::{get, post};
use rust_embed::RustEmbed;
use service::pages::{Pages, Policy};
use utoipa::OpenApi;

use crate::app::App;

/// What `vite build` made of `issuer/pages`.
#[derive(RustEmbed)]
#[folder = "pages/dist"]
#[allow_missing = true]
struct Built;

#[derive(OpenApi)]
#[openapi(paths(
    agency::agency,
    agency::card_types,
    people::search,
    people::person,
    people::portrait,
    offers::create,
    offers::state,
    offers::withdraw,
    events::follow,
    cards::change,
))]
struct Described;

/// The page's interface, for those who sign in.
pub(super) fn description() -> utoipa::openapi::OpenApi {
    Described::openapi().merge_from(service::description::sign_in())
}

/// The page and its interface.
pub(super) fn console(app: &App) -> Router<App> {
    let pages = Pages::<Built>::new("npm ci && npm run build -w issuer/pages");
    let once = Router::new()
        .route("/offers", post(offers::create))
        .route("/offers/{id}/withdraw", post(offers::withdraw))
        .route("/cards/{id}/{change}", post(cards::change));
    let routes = Router::new()
        .route("/agency", get(agency::agency))
        .route("/card-types", get(agency::card_types))
        .route("/people/search", post(people::search))
        .route("/people/{id}", get(people::person))
        .route("/people/{id}/portrait", get(people::portrait))
        .route("/offers/{id}", get(offers::state))
        .route("/offers/{id}/events", get(events::follow))
        .merge(app.0.idempotency.once(once));
    Router::new()
        .route("/", pages.page("index.html", Policy::strict()))
        .merge(pages.assets())
        .nest("/console/api/v1", app.0.sign_in.console(routes))
}
