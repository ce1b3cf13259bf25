//! HTTP as data: what the shell sends and what it got.

use url::Url;

use crate::identifier::Identifier;

/// A request for the shell to send.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// Where to.
    pub url: Url,
    /// Header names and values.
    pub headers: Vec<(&'static str, String)>,
    /// The body, empty for GET.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for HttpRequest {
    /// Leaves out headers and body: they carry codes, tokens and keys.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "HttpRequest({} {})", self.method, self.url)
    }
}

/// What came back.
#[derive(Clone, Copy, Debug)]
pub struct HttpResponse<'a> {
    /// HTTP status.
    pub status: u16,
    /// `Content-Type`, if there is one.
    pub content_type: Option<&'a str>,
    /// `DPoP-Nonce`, if there is one. RFC 9449 §8
    pub dpop_nonce: Option<&'a str>,
    /// The body.
    pub body: &'a [u8],
}

impl<'a> HttpResponse<'a> {
    /// The body of a successful JSON response, as offers and metadata are. OpenID4VCI 1.0 §4.1.3 and §12.2.2
    pub fn json(&self) -> Result<&'a [u8], HttpResponseError> {
        if self.status != 200 {
            return Err(HttpResponseError::Status(self.status));
        }
        if !self.is_json() {
            return Err(HttpResponseError::NotJson);
        }
        Ok(self.body)
    }

    pub(super) fn is_json(&self) -> bool {
        self.is("application/json")
    }

    /// Whether the body says of itself that it is a JWT, as signed metadata does. OpenID4VCI 1.0 §12.2.3
    #[must_use]
    pub fn is_jwt(&self) -> bool {
        self.is("application/jwt")
    }

    fn is(&self, wanted: &str) -> bool {
        let media_type = self
            .content_type
            .and_then(|text| text.split(';').next())
            .unwrap_or_default();
        media_type.trim().eq_ignore_ascii_case(wanted)
    }
}

/// Why a response is not even looked into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HttpResponseError {
    /// Another status than 200.
    #[error("the server answered with status {0}")]
    Status(u16),
    /// Another media type than `application/json`.
    #[error("the server did not answer with application/json")]
    NotJson,
}

/// What an answer leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply<T> {
    /// It is done.
    Done(T),
    /// The server wants its nonce in the DPoP proof: make and send the request again. RFC 9449 §8
    RepeatWithDpopNonce,
    /// The server wants a fresh `c_nonce`: ask the nonce endpoint, then make the request again. OpenID4VCI 1.0 §8.3.1.2
    RepeatWithFreshNonce,
}

fn get(url: Url) -> HttpRequest {
    HttpRequest {
        method: "GET",
        url,
        headers: vec![("accept", "application/json".to_owned())],
        body: Vec::new(),
    }
}

/// A form with a DPoP proof.
pub(super) fn post_form(url: &Url, form: String, proof: String) -> HttpRequest {
    HttpRequest {
        method: "POST",
        url: url.clone(),
        headers: vec![
            ("content-type", "application/x-www-form-urlencoded".to_owned()),
            ("accept", "application/json".to_owned()),
            ("dpop", proof),
        ],
        body: form.into_bytes(),
    }
}

/// Fetches an offer by reference. OpenID4VCI 1.0 §4.1.3
#[must_use]
pub fn fetch_offer(reference: &Url) -> HttpRequest {
    get(reference.clone())
}

/// Fetches Credential Issuer Metadata. OpenID4VCI 1.0 §12.2.2
#[must_use]
pub fn fetch_issuer_metadata(issuer: &Identifier) -> HttpRequest {
    get(issuer.issuer_metadata_url())
}

/// The same, signed where the issuer can: for a wallet that knows whose signature counts. OpenID4VCI 1.0 §12.2.3
#[must_use]
pub fn fetch_signed_issuer_metadata(issuer: &Identifier) -> HttpRequest {
    let mut request = fetch_issuer_metadata(issuer);
    request.headers = vec![("accept", "application/jwt, application/json;q=0.5".to_owned())];
    request
}

/// Fetches Authorization Server Metadata. RFC 8414 §3.1
#[must_use]
pub fn fetch_server_metadata(server: &Identifier) -> HttpRequest {
    get(server.authorization_server_metadata_url())
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case(200, Some("application/json") => Ok(&b"{}"[..]) ; "json")]
    #[test_case(200, Some("Application/JSON; charset=utf-8") => Ok(&b"{}"[..]) ; "json with parameters")]
    #[test_case(200, Some("application/jwt") => Err(HttpResponseError::NotJson) ; "jwt")]
    #[test_case(200, None => Err(HttpResponseError::NotJson) ; "no media type")]
    #[test_case(302, Some("application/json") => Err(HttpResponseError::Status(302)) ; "redirect")]
    fn json(status: u16, content_type: Option<&'static str>) -> Result<&'static [u8], HttpResponseError> {
        HttpResponse {
            status,
            content_type,
            dpop_nonce: None,
            body: b"{}",
        }
        .json()
    }
}
