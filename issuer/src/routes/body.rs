//! Answers with JSON that must not be cached, and bodies that must be JSON.

use axum::Json;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, StatusCode};
use oid4vci::{CredentialResponse, MessageBody, ResponseEncryptionRequest};
use serde::Serialize;

use crate::error::{ApiError, DPOP_NONCE};

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

/// A body that may be encrypted, by its media type; `None` for any other. OpenID4VCI 1.0 §8.2 and §10
pub(super) fn message<'a>(headers: &HeaderMap, body: &'a [u8]) -> Option<MessageBody<'a>> {
    if has_media_type(headers, "application/json") {
        Some(MessageBody::Json(body))
    } else if has_media_type(headers, "application/jwt") {
        Some(MessageBody::Jwt(body))
    } else {
        None
    }
}

/// A credential response, encrypted as the request asked for. OpenID4VCI 1.0 §8.3
pub(super) fn credentials(
    response: &CredentialResponse,
    encryption: Option<&ResponseEncryptionRequest>,
    nonce: &str,
) -> Result<Response, ApiError> {
    let status = StatusCode::from_u16(response.status()).unwrap_or(StatusCode::OK);
    let Some(encryption) = encryption else {
        return Ok(no_store_with_nonce(status, &response.to_value(), nonce));
    };
    let compact = encryption.encrypt(&response.to_value()).map_err(ApiError::internal)?;
    let mut answer = (status, Body::from(compact)).into_response();
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/jwt"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(value) = HeaderValue::from_str(nonce) {
        headers.insert(DPOP_NONCE, value);
    }
    Ok(answer)
}

/// Whether the body says of itself that it is of this media type.
pub(super) fn has_media_type(headers: &HeaderMap, media_type: &str) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = value.and_then(|text| text.split(';').next()).unwrap_or_default();
    essence.trim().eq_ignore_ascii_case(media_type)
}
