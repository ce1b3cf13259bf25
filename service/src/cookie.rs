//! Cookies by which a service knows a browser again. RFC 6265bis

use http::header::{COOKIE, HeaderValue, SET_COOKIE};
use http::{HeaderMap, HeaderName};
use url::Url;

/// Whether a cookie comes along when another site sends the browser here. RFC 6265bis §4.1.2.7
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SameSite {
    /// It does not.
    Strict,
    /// It does where the person is led here, as after signing in elsewhere.
    Lax,
}

/// How a cookie is called and what it is bound to. No script gets it.
#[derive(Clone, Debug)]
pub struct Cookie {
    name: String,
    path: &'static str,
    same_site: SameSite,
    secure: &'static str,
}

impl Cookie {
    /// A cookie of all of a service. Under https the name says so to the browser, which then takes the cookie from no
    /// other host and over no other scheme. RFC 6265bis §4.1.3.2
    #[must_use]
    pub fn new(public_url: &Url, name: &str, same_site: SameSite) -> Self {
        let whole = Self::under(public_url, "/", name, same_site);
        let prefix = if whole.secure.is_empty() { "" } else { "__Host-" };
        Self {
            name: format!("{prefix}{name}"),
            ..whole
        }
    }

    /// A cookie of what lies under a path.
    #[must_use]
    pub fn under(public_url: &Url, path: &'static str, name: &str, same_site: SameSite) -> Self {
        Self {
            name: name.to_owned(),
            path,
            same_site,
            secure: if public_url.scheme() == "https" { "; Secure" } else { "" },
        }
    }

    /// What a request brings; none if two cookies of this name are there.
    #[must_use]
    pub fn read<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        let mut values = headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().strip_prefix(self.name.as_str())?.strip_prefix('='));
        let value = values.next()?;
        values.next().is_none().then_some(value)
    }

    /// Sets the cookie, until the browser is closed.
    #[must_use]
    pub fn set(&self, value: &str) -> (HeaderName, HeaderValue) {
        self.header(value, "")
    }

    /// Sets the cookie for so many seconds.
    #[must_use]
    pub fn set_for(&self, value: &str, seconds: u64) -> (HeaderName, HeaderValue) {
        self.header(value, &format!("; Max-Age={seconds}"))
    }

    /// Takes the cookie away. RFC 6265bis §3.1
    #[must_use]
    pub fn clear(&self) -> (HeaderName, HeaderValue) {
        self.set_for("", 0)
    }

    fn header(&self, value: &str, age: &str) -> (HeaderName, HeaderValue) {
        let Self {
            name,
            path,
            same_site,
            secure,
        } = self;
        let text = format!("{name}={value}; Path={path}; HttpOnly; SameSite={same_site:?}{secure}{age}");
        // Tokens are base64url, so this is always a header value.
        let value = HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""));
        (SET_COOKIE, value)
    }
}

#[cfg(test)]
mod tests {
    use super::{Cookie, SameSite};
    use http::{HeaderMap, HeaderValue};
    use test_case::test_case;

    fn session(scheme: &str) -> Cookie {
        let public_url = format!("{scheme}://agency.example/").parse().unwrap();
        Cookie::new(&public_url, "session", SameSite::Strict)
    }

    #[test_case("session=abc" => Some("abc".to_owned()))]
    #[test_case("a=b; session=abc; c=d" => Some("abc".to_owned()); "among others")]
    #[test_case("xsession=abc" => None; "another name")]
    #[test_case("session=a; session=b" => None; "two of them")]
    fn read(cookie: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert("cookie", HeaderValue::from_str(cookie).unwrap());
        session("http").read(&headers).map(str::to_owned)
    }

    #[test]
    fn no_script_and_no_other_site_gets_it() {
        let (_, value) = session("http").set("t");
        assert_eq!(value, "session=t; Path=/; HttpOnly; SameSite=Strict");
        let (_, value) = session("https").set("t");
        assert_eq!(value, "__Host-session=t; Path=/; HttpOnly; SameSite=Strict; Secure");
        let (_, value) = session("https").clear();
        assert_eq!(
            value,
            "__Host-session=; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=0"
        );
    }

    #[test]
    fn one_of_a_part_of_the_site_has_no_prefix() {
        let public_url = "https://shop.example/".parse().unwrap();
        let order = Cookie::under(&public_url, "/shop", "order", SameSite::Lax);
        let (_, value) = order.set_for("t", 60);
        assert_eq!(value, "order=t; Path=/shop; HttpOnly; SameSite=Lax; Secure; Max-Age=60");
    }
}
