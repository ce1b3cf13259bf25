//! Answers with JSON that must not be cached, and bodies that must be JSON.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, StatusCode};
use serde::Serialize;

use crate::error::DPOP_NONCE;

/// JSON that no cache keeps.
pub(super) fn no_store(status: StatusCode, body: &impl Serialize) -> Response {
    let mut response = (status, Json(body)).into_response();
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The same with a fresh DPoP nonce. RFC 9449 §8.2
pub(super) fn no_store_with_nonce(status: StatusCode, body: &impl Serialize, nonce: &str) -> Response {
    let mut response = no_store(status, body);
    if let Ok(value) = HeaderValue::from_str(nonce) {
        response.headers_mut().insert(DPOP_NONCE, value);
    }
    response
}

/// Whether the body says of itself that it is of this media type.
pub(super) fn has_media_type(headers: &HeaderMap, media_type: &str) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = value.and_then(|text| text.split(';').next()).unwrap_or_default();
    essence.trim().eq_ignore_ascii_case(media_type)
}
