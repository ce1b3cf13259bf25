//! The pages: the desk of each business, its reader of codes, trying out, and the example shop.

use std::sync::Arc;

use axum::Router;
use rust_embed::RustEmbed;
use service::pages::{Pages, Policy};

use crate::app::App;
use crate::offline::Place;

#[derive(RustEmbed)]
#[folder = "pages/dist"]
#[allow_missing = true]
struct Built;

/// The pages of this service; those of the shop where there is one.
pub(super) fn routes(app: &App) -> Router<Arc<App>> {
    let pages = Pages::<Built>::new("npm run build -w verifier/pages");
    let desk = || pages.page("index.html", Policy::strict());
    let scan = || pages.page("scan.html", Policy::strict().wasm().camera().workers());
    let developers = || pages.page("developers.html", Policy::strict());
    let trying = || pages.page("try.html", Policy::strict());
    let shop = || pages.page("shop.html", Policy::strict());
    let routes = Router::new()
        .route("/", desk())
        .route("/ask/{check}", desk())
        .route("/today", desk())
        .route("/scan", scan())
        .route("/scan/{check}", scan())
        .route("/offline", scan())
        .route("/offline/{check}", scan())
        .merge(pages.assets());
    if app.offline.place == Place::Kiosk {
        return routes;
    }
    let routes = routes
        .route("/b/{business}/desk", desk())
        .route("/b/{business}/join", desk())
        .route("/b/{business}/ask/{check}", desk())
        .route("/b/{business}/today", desk())
        .route("/b/{business}/scan", scan())
        .route("/b/{business}/scan/{check}", scan())
        .route("/b/{business}/offline", scan())
        .route("/b/{business}/offline/{check}", scan())
        .route("/try", trying())
        .route("/try/{check}", trying())
        .route("/developers", developers());
    if app.shop.is_none() {
        return routes;
    }
    routes
        .route("/shop", shop())
        .route("/shop/check", shop())
        .route("/shop/return", shop())
}
