//! The pages: the desk, its reader of codes, and the example shop.

use std::sync::Arc;

use axum::Router;
use rust_embed::RustEmbed;
use service::pages::{Pages, Policy};

use crate::app::App;

#[derive(RustEmbed)]
#[folder = "pages/dist"]
#[allow_missing = true]
struct Built;

/// The pages of this service; those of the shop where there is one.
pub(super) fn routes(app: &App) -> Router<Arc<App>> {
    let pages = Pages::<Built>::new("npm run build -w verifier/pages");
    let desk = || pages.page("index.html", Policy::strict());
    let scan = || pages.page("scan.html", Policy::strict().wasm().camera().workers());
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
    if app.shop.is_none() {
        return routes;
    }
    routes
        .route("/shop", shop())
        .route("/shop/check", shop())
        .route("/shop/return", shop())
}
