//! What a page may do in the browser: CSP 3, Permissions Policy and their kin.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderMap, StatusCode};

/// What a page may do. Nothing comes from elsewhere, nothing stands inline, and
/// nobody may put the page in a frame; a page that needs more says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    wasm: bool,
    camera: bool,
    workers: bool,
}

impl Policy {
    /// Files of this service alone; pictures also as `data:` addresses.
    #[must_use]
    pub const fn strict() -> Self {
        Self {
            wasm: false,
            camera: false,
            workers: false,
        }
    }

    /// WebAssembly may be compiled, not scripts from text.
    #[must_use]
    pub const fn wasm(mut self) -> Self {
        self.wasm = true;
        self
    }

    /// The camera may be asked for, and its picture shown.
    #[must_use]
    pub const fn camera(mut self) -> Self {
        self.camera = true;
        self
    }

    /// Scripts of this service may run as workers.
    #[must_use]
    pub const fn workers(mut self) -> Self {
        self.workers = true;
        self
    }

    /// An HTML answer under this policy, kept by no cache.
    #[must_use]
    pub fn html(&self, status: StatusCode, html: impl Into<Body>) -> Response {
        let mut response = (status, html.into()).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        self.apply(headers);
        response
    }

    /// Sets the headers of this policy.
    pub fn apply(&self, headers: &mut HeaderMap) {
        headers.insert(CONTENT_SECURITY_POLICY, self.content_security_policy());
        headers.insert(PERMISSIONS_POLICY, HeaderValue::from_static(self.permissions()));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        headers.insert(OPENER_POLICY, HeaderValue::from_static("same-origin"));
        headers.insert(RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
    }

    fn content_security_policy(self) -> HeaderValue {
        let mut text = String::from("default-src 'none'; script-src 'self'");
        if self.wasm {
            text.push_str(" 'wasm-unsafe-eval'");
        }
        text.push_str("; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'");
        if self.camera {
            text.push_str("; media-src 'self' blob:");
        }
        if self.workers {
            text.push_str("; worker-src 'self'");
        }
        text.push_str("; frame-ancestors 'none'; base-uri 'none'; form-action 'self'");
        // Plain ASCII, so always a header value; if it ever were not, nothing is allowed.
        HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("default-src 'none'"))
    }

    const fn permissions(self) -> &'static str {
        if self.camera {
            "camera=(self), microphone=(), geolocation=(), payment=(), usb=(), display-capture=()"
        } else {
            "camera=(), microphone=(), geolocation=(), payment=(), usb=(), display-capture=()"
        }
    }
}

const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
pub(super) const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

#[cfg(test)]
mod tests {
    use super::Policy;
    use http::StatusCode;

    fn header(policy: Policy, name: &str) -> String {
        let response = policy.html(StatusCode::OK, "");
        response.headers()[name].to_str().unwrap().to_owned()
    }

    #[test]
    fn l12_strict_allows_no_frame_no_inline_and_nobody_else() {
        assert_eq!(
            header(Policy::strict(), "content-security-policy"),
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
             connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
        );
        assert!(header(Policy::strict(), "permissions-policy").starts_with("camera=(),"));
        assert_eq!(header(Policy::strict(), "x-frame-options"), "DENY");
        assert_eq!(header(Policy::strict(), "referrer-policy"), "no-referrer");
        assert_eq!(header(Policy::strict(), "cross-origin-opener-policy"), "same-origin");
    }

    #[test]
    fn a_page_that_scans_says_what_it_needs() {
        let policy = Policy::strict().wasm().camera().workers();
        let text = header(policy, "content-security-policy");
        assert!(text.contains("script-src 'self' 'wasm-unsafe-eval';"), "{text}");
        assert!(text.contains("media-src 'self' blob:; worker-src 'self';"), "{text}");
        assert!(
            !text.contains("'unsafe-inline'") && !text.contains(" 'unsafe-eval'"),
            "{text}"
        );
        assert!(header(policy, "permissions-policy").starts_with("camera=(self),"));
    }
}
