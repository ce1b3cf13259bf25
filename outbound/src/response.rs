//! What came back.

use std::fmt;

use http::{HeaderMap, StatusCode};
use url::Url;

use crate::error::OutboundError;

/// A complete answer, read within the limits.
#[derive(Clone)]
pub struct Response {
    pub(crate) status: StatusCode,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Response {
    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Where the answer came from; after redirects, the last address.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// One header as text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The content type without parameters, in lower case.
    #[must_use]
    pub fn content_type(&self) -> Option<String> {
        content_type(&self.headers)
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The body, by value.
    #[must_use]
    pub fn into_body(self) -> Vec<u8> {
        self.body
    }

    /// This answer if its status is 2xx.
    ///
    /// # Errors
    /// [`OutboundError::Status`] for every other status.
    pub fn success(self) -> Result<Self, OutboundError> {
        if self.status.is_success() {
            Ok(self)
        } else {
            Err(OutboundError::Status(self.status))
        }
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("body", &self.body.len())
            .finish()
    }
}

/// The media type of a header map, without parameters, in lower case.
pub(crate) fn content_type(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(http::header::CONTENT_TYPE)?.to_str().ok()?;
    let essence = text.split(';').next().unwrap_or_default();
    Some(essence.trim().to_ascii_lowercase())
}
