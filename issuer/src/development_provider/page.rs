//! The page on which people sign in.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, REFERRER_POLICY, X_FRAME_OPTIONS,
};

/// The form, again where something was not right. `query` is the request that the browser came with.
pub(super) fn form(status: StatusCode, query: &str, wrong: bool) -> Response {
    let again = if wrong {
        "<p role=\"alert\">The number or the password is not right.</p>"
    } else {
        ""
    };
    let text = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>Sign in</title><h1>Sign in</h1>\
         <p>For people who do not exist. <code>holdfast-sign-in passwords</code> prints their passwords.</p>{again}\
         <form method=\"post\" action=\"/authorize?{}\">\
         <p><label>Number <input name=\"person\" autocomplete=\"username\" required autofocus></label>\
         <p><label>Password <input name=\"password\" type=\"password\" autocomplete=\"current-password\" required></label>\
         <p><button>Sign in</button></form></html>",
        escaped(query)
    );
    page(status, text)
}

/// A request that cannot be answered: nobody is sent anywhere.
pub(super) fn refused(why: &str) -> Response {
    let text = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Not possible</title>\
         <h1>This sign-in is not possible</h1><p>{}</html>",
        escaped(why)
    );
    page(StatusCode::BAD_REQUEST, text)
}

/// No `form-action`: browsers apply it to the addresses that an answer leads to, and those are the wallet's.
fn page(status: StatusCode, text: String) -> Response {
    let mut response = (status, Body::from(text)).into_response();
    let headers = response.headers_mut();
    let policy = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'";
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
