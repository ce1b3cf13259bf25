//! What is sent.

use std::fmt;

use http::Method;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use url::Url;

/// One request. Its `Debug` form holds neither header values, body nor query.
#[derive(Clone)]
pub struct Request {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Request {
    /// A GET.
    #[must_use]
    pub fn get(url: Url) -> Self {
        Self {
            method: Method::GET,
            url,
            headers: HeaderMap::new(),
            body: Vec::new(),
        }
    }

    /// A POST of these bytes.
    #[must_use]
    pub fn post(url: Url, content_type: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self::with_body(Method::POST, url, content_type, body.into())
    }

    /// A PUT of these bytes.
    #[must_use]
    pub fn put(url: Url, content_type: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self::with_body(Method::PUT, url, content_type, body.into())
    }

    /// A DELETE.
    #[must_use]
    pub fn delete(url: Url) -> Self {
        Self {
            method: Method::DELETE,
            ..Self::get(url)
        }
    }

    fn with_body(method: Method, url: Url, content_type: &'static str, body: Vec<u8>) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        Self {
            method,
            url,
            headers,
            body,
        }
    }

    /// Adds a header; one that is there already is replaced.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("host", &self.url.host_str())
            .field("path", &self.url.path())
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("body", &self.body.len())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::Request;
    use http::header::{AUTHORIZATION, HeaderValue};

    #[test]
    fn debug_shows_no_secret() {
        let request = Request::post(
            "https://a.example/t?code=SECRET".parse().unwrap(),
            "text/plain",
            "SECRET",
        )
        .header(AUTHORIZATION, HeaderValue::from_static("Bearer SECRET"));
        assert!(!format!("{request:?}").contains("SECRET"));
    }
}
