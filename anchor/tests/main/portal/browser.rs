//! A browser: cookies, and forms that are filled in on their page.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{ACCEPT, CONTENT_TYPE, COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, Request};
use service::ClientAddress;
use tower::ServiceExt;

const FORM: &str = "application/x-www-form-urlencoded";

pub(crate) struct Browser {
    router: Router,
    pub(super) cookies: BTreeMap<String, String>,
    pub(super) address: u8,
    /// What the browser says about who asks.
    pub(super) site: Option<&'static str>,
}

/// What came back.
pub(crate) struct Page {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Page {
    pub(super) fn html(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// What a person reads, with single spaces.
    pub(super) fn text(&self) -> String {
        let pieces = self
            .html()
            .split('<')
            .map(|piece| piece.split_once('>').map_or(piece, |(_, read)| read));
        let text = pieces.collect::<Vec<_>>().join(" ");
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    pub(super) fn location(&self) -> &str {
        let location = self.headers.get("location").map(|value| value.to_str().unwrap());
        location.unwrap_or_else(|| panic!("{}: {}", self.status, self.text()))
    }

    /// Status and stable code of a problem.
    pub(super) fn problem(&self) -> (u16, String) {
        let document: serde_json::Value = serde_json::from_slice(&self.body).unwrap();
        (self.status, document["code"].as_str().unwrap().to_owned())
    }

    /// The value of the first field of this name.
    pub(super) fn field(&self, name: &str) -> Option<String> {
        let (_, rest) = self.html().split_once(&format!("name=\"{name}\" value=\""))?;
        Some(rest.split('"').next()?.to_owned())
    }
}

impl Browser {
    pub(super) fn new(router: Router) -> Self {
        Self {
            router,
            cookies: BTreeMap::new(),
            address: 1,
            site: Some("same-origin"),
        }
    }

    pub(super) async fn get(&mut self, path: &str) -> Page {
        let request = Request::get(path).header(ACCEPT, "text/html");
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// Opens a page and sends a form of it: with its secret, and with the version and what makes it once.
    pub(super) async fn submit(&mut self, page: &str, action: &str, fields: &[(&str, &str)]) -> Page {
        let opened = self.get(page).await;
        let mut all = fields.to_vec();
        let own: Vec<(&str, String)> = ["form_token", "once", "version"]
            .into_iter()
            .filter_map(|name| Some((name, opened.field(name)?)))
            .collect();
        all.extend(own.iter().map(|(name, value)| (*name, value.as_str())));
        self.post(action, &all).await
    }

    /// Sends these fields and nothing else. Errors come as problems.
    pub(super) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let mut text = url::form_urlencoded::Serializer::new(String::new());
        text.extend_pairs(fields);
        self.post_as(path, FORM, text.finish().into_bytes()).await
    }

    pub(super) async fn post_as(&mut self, path: &str, kind: &str, body: Vec<u8>) -> Page {
        let mut request = Request::post(path).header(CONTENT_TYPE, kind);
        if let Some(site) = self.site {
            request = request.header("sec-fetch-site", site);
        }
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    async fn send(&mut self, mut request: Request<Body>) -> Page {
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if !cookies.is_empty() {
            request
                .headers_mut()
                .insert(COOKIE, cookies.join("; ").parse().unwrap());
        }
        let address = IpAddr::V4(Ipv4Addr::new(192, 0, 2, self.address));
        request.extensions_mut().insert(ClientAddress(address));
        let response = self.router.clone().oneshot(request).await.unwrap();
        for cookie in response.headers().get_all(SET_COOKIE) {
            let text = cookie.to_str().unwrap();
            assert!(text.contains("; HttpOnly; SameSite=Strict"), "{text}");
            let (name, value) = text.split(';').next().unwrap().split_once('=').unwrap();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        Page {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: to_bytes(response.into_body(), 10_000_000).await.unwrap().to_vec(),
        }
    }
}
