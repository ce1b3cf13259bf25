//! Requests for what the caller may have already. RFC 9110 §13

use http::HeaderMap;
use http::header::IF_NONE_MATCH;

/// Whether `If-None-Match` names this version; `tag` is an entity tag with its quotes. RFC 9110 §13.1.2
#[must_use]
pub fn is_held(headers: &HeaderMap, tag: &str) -> bool {
    let values = headers.get_all(IF_NONE_MATCH).iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|each| each.trim().trim_start_matches("W/"))
        .any(|each| each == "*" || each == tag)
}
