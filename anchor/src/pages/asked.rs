//! What a request says about who reads: language, and whether it is a browser.

use std::collections::HashMap;
use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, ACCEPT_LANGUAGE, AsHeaderName};
use axum::http::request::Parts;

use super::messages::Language;

/// How a page was asked for.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) language: Language,
    /// The language was chosen by a link, and stays with the links of the page.
    pub(crate) is_chosen: bool,
    /// Errors are wanted as pages too.
    pub(crate) is_browser: bool,
    /// The address without its query.
    pub(crate) path: String,
    /// The query; of a name given twice the last.
    pub(crate) query: HashMap<String, String>,
}

impl<S: Sync> FromRequestParts<S> for Asked {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let query = parts.uri.query().unwrap_or_default();
        let query: HashMap<String, String> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let chosen = query.get("lang").and_then(|tag| Language::of(tag));
        let accepted = preferred(text(&parts.headers, ACCEPT_LANGUAGE));
        Ok(Self {
            language: chosen.unwrap_or(accepted),
            is_chosen: chosen.is_some(),
            is_browser: text(&parts.headers, ACCEPT).contains("text/html"),
            path: parts.uri.path().to_owned(),
            query,
        })
    }
}

impl Asked {
    /// A number of the query; `Err` for something else under its name.
    pub(crate) fn number(&self, name: &str) -> Result<Option<u64>, std::num::ParseIntError> {
        self.query.get(name).map(|text| text.parse()).transpose()
    }

    /// A text of the query.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str)
    }
}

fn text(headers: &HeaderMap, name: impl AsHeaderName) -> &str {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

/// The language of ours that is wanted most. RFC 9110 §12.5.4
fn preferred(accepted: &str) -> Language {
    let mut best = (Language::English, 0.0);
    for range in accepted.split(',') {
        let (tag, weight) = range.split_once(";q=").unwrap_or((range, "1"));
        let weight: f32 = weight.trim().parse().unwrap_or(0.0);
        if let Some(language) = Language::of(tag.trim())
            && weight > best.1
        {
            best = (language, weight);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("" => Language::English; "nothing")]
    #[test_case("de-CH,en;q=0.7" => Language::German; "region")]
    #[test_case("it, fr;q=0.5, de;q=0.9" => Language::German; "weights")]
    #[test_case("fr;q=x" => Language::English; "malformed weight")]
    fn languages(accepted: &str) -> Language {
        preferred(accepted)
    }
}
