//! Sends what the protocol crates prepared through the one outbound client.

use http::{HeaderName, HeaderValue};
use oid4vci::wallet::{HttpRequest, HttpResponse};
use outbound::{Client, Limits, OutboundError, Request, Response};

/// An answer that owns its bytes.
pub(crate) struct Answer {
    response: Response,
}

impl Answer {
    /// As the protocol crate reads it.
    pub(crate) fn view(&self) -> HttpResponse<'_> {
        HttpResponse {
            status: self.response.status().as_u16(),
            content_type: self.response.header("content-type"),
            dpop_nonce: self.response.header("dpop-nonce"),
            body: self.response.body(),
        }
    }
}

/// Sends one request.
pub(crate) async fn send(client: &Client, request: HttpRequest, limits: &Limits) -> Result<Answer, OutboundError> {
    let mut out = match request.method {
        "GET" => Request::get(request.url),
        _ => {
            // The content type is among the headers, which follow.
            Request::post(request.url, "application/octet-stream", request.body)
        }
    };
    for (name, value) in request.headers {
        // Headers are made of base64url and constants; one that were not would not be sent.
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(&value)) {
            out = out.header(name, value);
        }
    }
    Ok(Answer {
        response: client.send(out, limits).await?,
    })
}
