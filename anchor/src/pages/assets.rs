//! The one style sheet, the font and the icon: built into the program, so that the pages need
//! nothing else.

use std::fmt::Write;
use std::sync::LazyLock;

use axum::Router;
use axum::http::HeaderMap;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use sha2::{Digest, Sha256};

/// Colours, type and space are those of every part of Holdfast.
const STYLE: &str = concat!(
    include_str!("../../../ui/assets/font.css"),
    include_str!("../../../ui/src/tokens.css"),
    include_str!("../../../ui/src/base.css"),
    include_str!("assets/ledger.css"),
);
/// Source Sans 3, Latin; SIL Open Font License 1.1.
const FONT: &[u8] = include_bytes!("../../../ui/assets/source-sans-3-latin.woff2");
const ICON: &str = include_str!("../../../ui/assets/favicon.svg");

const STYLE_PATH: &str = "/assets/ledger.css";
const FONT_PATH: &str = "/assets/source-sans-3-latin.woff2";
/// Where the mark is, which is the icon too.
pub(super) const MARK: &str = "/assets/favicon.svg";

static STYLE_ADDRESS: LazyLock<String> = LazyLock::new(|| {
    let mut address = format!("{STYLE_PATH}?v=");
    for byte in Sha256::digest(STYLE).iter().take(8) {
        // Writing to a String does not fail.
        let _ = write!(address, "{byte:02x}");
    }
    address
});

/// Where the style sheet is: another address for other content, so that it may be kept.
pub(super) fn style_address() -> &'static str {
    &STYLE_ADDRESS
}

pub(super) fn routes() -> Router {
    Router::new()
        .route(STYLE_PATH, get(async || file("text/css; charset=utf-8", STYLE)))
        .route(FONT_PATH, get(async || file("font/woff2", FONT)))
        .route(MARK, get(async || file("image/svg+xml", ICON)))
}

fn file(content_type: &'static str, content: impl IntoResponse) -> Response {
    let kept = HeaderValue::from_static("public, max-age=31536000, immutable");
    let mut headers = HeaderMap::from_iter([
        (CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (CACHE_CONTROL, kept),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ]);
    headers.insert(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    );
    let mut response = content.into_response();
    response.headers_mut().extend(headers);
    response
}
