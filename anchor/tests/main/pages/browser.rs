//! What a browser asks, and what every page must be.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{ACCEPT, ACCEPT_LANGUAGE};
use axum::http::{HeaderMap, Request};
use tower::ServiceExt;

/// An answer.
pub(super) struct Page {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

/// Asks as a browser does.
pub(super) async fn open(router: &Router, path: &str) -> Page {
    open_as(router, path, "text/html,*/*;q=0.8", "en").await
}

/// Asks for this form and language.
pub(super) async fn open_as(router: &Router, path: &str, accept: &str, language: &str) -> Page {
    let request = Request::get(path)
        .header(ACCEPT, accept)
        .header(ACCEPT_LANGUAGE, language);
    let response = router
        .clone()
        .oneshot(request.body(Body::empty()).unwrap())
        .await
        .unwrap();
    Page {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        body: to_bytes(response.into_body(), 10_000_000).await.unwrap().to_vec(),
    }
}

impl Page {
    pub(super) fn html(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// What a person reads, without tags and with single spaces.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for (place, piece) in self.html().split('<').enumerate() {
            let read = if place == 0 {
                piece
            } else {
                piece.split_once('>').map_or("", |(_, read)| read)
            };
            text.push_str(read);
            if ["/p", "/caption", "/dd", "/dt", "/td", "/th", "/li", "/h"]
                .iter()
                .any(|end| piece.starts_with(end))
            {
                text.push(' ');
            }
        }
        let text = text
            .replace("&quot;", "\"")
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&amp;", "&");
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Addresses within the pages that this page leads to.
    pub(super) fn links(&self) -> Vec<String> {
        let links = self.html().split("href=\"").skip(1);
        links
            .filter_map(|rest| rest.split('"').next())
            .filter(|link| link.starts_with('/'))
            .map(|link| link.replace("&amp;", "&"))
            .collect()
    }

    /// What holds for every page. CATALOGUE L12
    pub(super) fn check(&self, path: &str) {
        let html = self.html();
        assert_eq!(self.header("content-type"), "text/html; charset=utf-8", "{path}");
        let policy = self.header("content-security-policy");
        for rule in [
            "default-src 'none'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action",
        ] {
            assert!(policy.contains(rule), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe-inline"), "{path}: {policy}");
        assert_eq!(self.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(self.header("referrer-policy"), "no-referrer", "{path}");
        assert!(html.starts_with("<!DOCTYPE html><html lang=\""), "{path}");
        for (once, times) in [
            ("<h1", 1),
            ("<main", 1),
            ("<title>", 1),
            ("<header", 1),
            ("<footer", 1),
            ("<script", 0),
        ] {
            assert_eq!(html.matches(once).count(), times, "{path}: {once}");
        }
        for never in [" style=\"", " onclick", " onload", "javascript:", "src=\"http", "{"] {
            assert!(
                !html.contains(never) || (never == "{" && path.contains("/entries/")),
                "{path}: {never}"
            );
        }
        let ids: Vec<&str> = html
            .split(" id=\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect();
        for id in &ids {
            assert_eq!(ids.iter().filter(|other| *other == id).count(), 1, "{path}: {id} twice");
        }
        for named in html
            .split("aria-labelledby=\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
        {
            assert!(ids.contains(&named), "{path}: {named}");
        }
        headings_in_order(html, path);
    }
}

/// No heading is more than one level below the one before.
fn headings_in_order(html: &str, path: &str) {
    let mut before = 0;
    for level in html
        .split("<h")
        .skip(1)
        .filter_map(|rest| rest.chars().next()?.to_digit(10))
    {
        assert!(level <= before + 1, "{path}: h{level} after h{before}");
        before = level;
    }
}
