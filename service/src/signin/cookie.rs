//! The cookie that names a session. RFC 6265bis

use http::header::{COOKIE, HeaderValue};
use http::{HeaderMap, HeaderName};

/// Its name, where the scheme is not https.
pub(crate) const SESSION_COOKIE: &str = "holdfast_session";

/// How the cookie is called and what it is bound to.
pub(super) struct SessionCookie {
    name: &'static str,
    secure: &'static str,
}

impl SessionCookie {
    /// Under https the name says so to the browser, which then takes the cookie
    /// from no other host and over no other scheme. RFC 6265bis §4.1.3.2
    pub(super) fn new(scheme: &str) -> Self {
        if scheme == "https" {
            Self {
                name: "__Host-holdfast_session",
                secure: "; Secure",
            }
        } else {
            Self {
                name: SESSION_COOKIE,
                secure: "",
            }
        }
    }

    /// The token in a request; none if two cookies of this name are there.
    pub(super) fn read<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        let mut tokens = headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().strip_prefix(self.name)?.strip_prefix('='));
        let token = tokens.next()?;
        tokens.next().is_none().then_some(token)
    }

    /// Sets the cookie, until the browser is closed.
    pub(super) fn set(&self, token: &str) -> (HeaderName, HeaderValue) {
        self.header(token, "")
    }

    /// Takes the cookie away.
    pub(super) fn clear(&self) -> (HeaderName, HeaderValue) {
        self.header("", "; Max-Age=0")
    }

    fn header(&self, token: &str, age: &str) -> (HeaderName, HeaderValue) {
        let Self { name, secure } = self;
        let text = format!("{name}={token}; Path=/; HttpOnly; SameSite=Strict{secure}{age}");
        // A token is base64url, so this is always a header value.
        let value = HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""));
        (http::header::SET_COOKIE, value)
    }
}

#[cfg(test)]
mod tests {
    use super::SessionCookie;
    use http::{HeaderMap, HeaderValue};
    use test_case::test_case;

    #[test_case("holdfast_session=abc" => Some("abc".to_owned()))]
    #[test_case("a=b; holdfast_session=abc; c=d" => Some("abc".to_owned()); "among others")]
    #[test_case("xholdfast_session=abc" => None; "another name")]
    #[test_case("holdfast_session=a; holdfast_session=b" => None; "two of them")]
    fn read(cookie: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert("cookie", HeaderValue::from_str(cookie).unwrap());
        SessionCookie::new("http").read(&headers).map(str::to_owned)
    }

    #[test]
    fn no_script_and_no_other_site_gets_it() {
        let (_, value) = SessionCookie::new("http").set("t");
        assert_eq!(value, "holdfast_session=t; Path=/; HttpOnly; SameSite=Strict");
        let (_, value) = SessionCookie::new("https").set("t");
        assert_eq!(
            value,
            "__Host-holdfast_session=t; Path=/; HttpOnly; SameSite=Strict; Secure"
        );
        let (_, value) = SessionCookie::new("https").clear();
        assert!(value.to_str().unwrap().ends_with("; Max-Age=0"));
    }
}
