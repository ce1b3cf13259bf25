//! Errors on the wire: RFC 9457.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use serde_json::{Map, Value};

/// A problem document: a stable `code` for programs, a title for people.
///
/// Nothing personal and no cause goes in here; the cause is logged once where
/// the problem is made.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    title: &'static str,
    // Boxed: a problem is an error, and errors are small.
    members: Box<Map<String, Value>>,
    retry_after: Option<u32>,
    challenge: &'static str,
}

impl Problem {
    /// A problem with a stable code, for example `conflict`, and one sentence.
    #[must_use]
    pub fn new(status: StatusCode, code: &'static str, title: &'static str) -> Self {
        Self {
            status,
            code,
            title,
            members: Box::default(),
            retry_after: None,
            challenge: "Bearer",
        }
    }

    /// A failure of ours. The caller has logged the cause.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Something went wrong on our side.",
        )
    }

    /// 401 with the challenge of RFC 6750 §3.
    #[must_use]
    pub fn unauthorised() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthorised",
            "A valid bearer token is needed.",
        )
    }

    /// 404.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "There is nothing here.")
    }

    /// Adds a member for programs, for example the current `head`.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }

    /// Says after how many seconds trying again makes sense.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// Says how to authenticate where it is not by a bearer token; shown with 401.
    #[must_use]
    pub fn challenge(mut self, scheme: &'static str) -> Self {
        self.challenge = scheme;
        self
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// The JSON document.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut document = Map::clone(&self.members);
        document.insert("type".into(), format!("urn:holdfast:problem:{}", self.code).into());
        document.insert("title".into(), self.title.into());
        document.insert("status".into(), self.status.as_u16().into());
        document.insert("code".into(), self.code.into());
        Value::Object(document)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.status, self.to_json().to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(http::header::WWW_AUTHENTICATE, HeaderValue::from_static(self.challenge));
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::Problem;
    use axum::response::IntoResponse;
    use http::StatusCode;
    use serde_json::json;

    #[test]
    fn the_document_is_rfc_9457() {
        let problem = Problem::new(StatusCode::CONFLICT, "conflict", "Another entry came first.").with("head", 7);
        assert_eq!(
            problem.to_json(),
            json!({"type": "urn:holdfast:problem:conflict", "title": "Another entry came first.",
                   "status": 409, "code": "conflict", "head": 7})
        );
    }

    #[test]
    fn the_headers_follow_the_status() {
        let response = Problem::unauthorised().into_response();
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        assert_eq!(response.headers()["www-authenticate"], "Bearer");
        let response = Problem::internal().retry_after(3).into_response();
        assert_eq!(response.headers()["retry-after"], "3");
    }
}
