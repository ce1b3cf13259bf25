//! How a phone comes to trust the local authority. This page is plain http,
//! because nothing else works before; it holds nothing secret, and the
//! fingerprint is compared with the one that the service printed.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header::{ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use service::pages::Policy;

use super::leaf::Leaf;
use crate::error::ApiError;

/// The page with the steps, and the file that a phone installs.
#[derive(Clone)]
pub(crate) struct Help(Arc<Inner>);

struct Inner {
    leaf: Arc<Leaf>,
    port: u16,
    certificate: Vec<u8>,
    fingerprint: String,
}

impl Help {
    pub(crate) fn new(leaf: Arc<Leaf>, port: u16, certificate: Vec<u8>, fingerprint: String) -> Self {
        Self(Arc::new(Inner {
            leaf,
            port,
            certificate,
            fingerprint,
        }))
    }

    pub(crate) fn router(&self) -> Router {
        Router::new()
            .route("/", get(page))
            .route(
                "/style.css",
                get(async || ([(CONTENT_TYPE, "text/css; charset=utf-8")], STYLE)),
            )
            .route(FONT_PATH, get(async || ([(CONTENT_TYPE, "font/woff2")], FONT)))
            .route("/mark.svg", get(async || ([(CONTENT_TYPE, "image/svg+xml")], MARK)))
            .route("/address.svg", get(address))
            .route("/holdfast-authority.crt", get(file))
            .with_state(self.clone())
    }

    /// The address of the reader that most phones understand.
    fn scan_address(&self) -> String {
        let hosts = self.0.leaf.reachable().hosts();
        let host = hosts.first().map_or("localhost", String::as_str);
        format!("https://{host}:{}/scan", self.0.port)
    }
}

async fn page(State(help): State<Help>, headers: HeaderMap) -> Response {
    let accepted = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let language = language(accepted.unwrap_or_default());
    let Ok(words) = serde_json::from_str::<serde_json::Value>(language.1) else {
        return ApiError::Internal("the words of the page cannot be read").into_response();
    };
    let address = help.scan_address();
    let mut html = TEMPLATE.replace("{lang}", language.0);
    for name in NAMES {
        let text = words["lan"][name].as_str().unwrap_or_default();
        html = html.replace(&format!("{{{name}}}"), &escaped(text));
    }
    let html = html
        .replace("{url}", &escaped(&address))
        .replace("{fingerprint}", &grouped(&help.0.fingerprint));
    Policy::strict().html(StatusCode::OK, html)
}

async fn address(State(help): State<Help>) -> Result<Response, ApiError> {
    let picture = service::qr_svg(&help.scan_address())?;
    Ok(([(CONTENT_TYPE, "image/svg+xml"), (CACHE_CONTROL, "no-store")], picture).into_response())
}

async fn file(State(help): State<Help>) -> Response {
    let headers = [
        (CONTENT_TYPE, "application/x-x509-ca-cert"),
        (CONTENT_DISPOSITION, "attachment; filename=\"holdfast-authority.crt\""),
        (CACHE_CONTROL, "no-store"),
    ];
    (headers, help.0.certificate.clone()).into_response()
}

/// The first language of the browser that there is.
fn language(accepted: &str) -> (&'static str, &'static str) {
    let wanted = accepted.split(',').filter_map(|each| each.trim().get(..2));
    wanted
        .filter_map(|tag| LANGUAGES.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(tag)))
        .next()
        .unwrap_or(LANGUAGES[0])
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

/// A fingerprint that goes on in the next line after a byte, and never inside one: it is compared by eye.
fn grouped(fingerprint: &str) -> String {
    escaped(fingerprint).replace(':', ":<wbr>")
}

const LANGUAGES: [(&str, &str); 3] = [
    ("en", include_str!("../../../ui/src/messages/en/business.json")),
    ("de", include_str!("../../../ui/src/messages/de/business.json")),
    ("fr", include_str!("../../../ui/src/messages/fr/business.json")),
];
const TEMPLATE: &str = include_str!("help.html");
/// Colours, type and space are those of every part of Holdfast.
const STYLE: &str = concat!(
    include_str!("../../../ui/assets/font.css"),
    include_str!("../../../ui/src/tokens.css"),
    include_str!("../../../ui/src/base.css"),
    include_str!("help.css"),
);
/// Source Sans 3, Latin; SIL Open Font License 1.1.
const FONT: &[u8] = include_bytes!("../../../ui/assets/source-sans-3-latin.woff2");
/// Where the style sheet looks for the font.
const FONT_PATH: &str = "/assets/source-sans-3-latin.woff2";
const MARK: &str = include_str!("../../../ui/assets/favicon.svg");
/// The messages that the page shows.
const NAMES: [&str; 13] = [
    "title",
    "why",
    "download",
    "compare",
    "android",
    "android_1",
    "android_2",
    "iphone",
    "iphone_1",
    "iphone_2",
    "open",
    "qr",
    "remove",
];

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("de-CH,fr;q=0.8" => "de")]
    #[test_case("it, FR;q=0.5" => "fr" ; "the next one")]
    #[test_case("" => "en" ; "none")]
    fn languages(accepted: &str) -> &'static str {
        language(accepted).0
    }

    #[test]
    fn a_fingerprint_breaks_between_bytes_alone() {
        assert_eq!(grouped("0A:FF:9C"), "0A:<wbr>FF:<wbr>9C");
    }

    #[test]
    fn the_style_sheet_finds_its_font() {
        assert!(STYLE.contains(&format!("url(\"{FONT_PATH}\")")));
    }

    #[test]
    fn every_place_in_the_page_has_words_in_every_language() {
        for (language, text) in LANGUAGES {
            let words: serde_json::Value = serde_json::from_str(text).unwrap();
            for name in NAMES {
                assert!(TEMPLATE.contains(&format!("{{{name}}}")), "{name}");
                assert!(words["lan"][name].is_string(), "{language} {name}");
            }
        }
    }
}
