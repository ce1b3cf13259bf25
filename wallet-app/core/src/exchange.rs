//! Sends what the protocol crates prepared through the one outbound client.

use http::{HeaderName, HeaderValue};
use oid4vci::ErrorBody;
use oid4vci::wallet::{HttpRequest, HttpResponse};
use outbound::{Client, Limits, OutboundError, Request, Response};
use std::time::Duration;

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

    /// The challenge for the next proof of what the wallet is, where the server gave one.
    /// draft-ietf-oauth-attestation-based-client-auth §7.2
    pub(crate) fn attestation_challenge(&self) -> Option<&str> {
        self.response.header("oauth-client-attestation-challenge")
    }

    /// Whether this is a refusal with this code. RFC 6749 §5.2
    pub(crate) fn is_error(&self, code: &str) -> bool {
        let refused = matches!(self.response.status().as_u16(), 400 | 401);
        refused && ErrorBody::parse(self.response.body()).is_ok_and(|body| body.error == code)
    }
}

/// Which answers mean that the request may be made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unheard {
    /// It was not looked at: 429 or 503. A server that stays busy is [`Busy`].
    Busy,
    /// It failed on the other side: any 5xx besides. For requests that have their effect once.
    Failed,
}

/// How often, and for how long, a busy server is waited for.
#[derive(Debug, Default)]
pub(crate) struct Patience {
    waited: u32,
}

/// A server wants to be left alone for longer than anybody waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the issuer is busy for {seconds} seconds")]
pub struct Busy {
    /// For how many seconds.
    pub seconds: u64,
}

impl Patience {
    /// How often one request is made again.
    pub(crate) const TRIES: usize = 3;
    /// The longest wait that is worth it, in seconds.
    const LONGEST: u64 = 10;

    /// Waits, if the answer means that the request may be made again and there is patience left. RFC 9110 §10.2.3
    pub(crate) async fn asks_again(&mut self, answer: &Answer, unheard: Unheard) -> Result<bool, Busy> {
        let again = match answer.response.status().as_u16() {
            429 | 503 => true,
            500..=599 => unheard == Unheard::Failed,
            _ => false,
        };
        if !again {
            return Ok(false);
        }
        if usize::try_from(self.waited).unwrap_or(usize::MAX) >= Self::TRIES {
            return match unheard {
                Unheard::Busy => Err(Busy { seconds: Self::LONGEST }),
                Unheard::Failed => Ok(false),
            };
        }
        // Dates are not read: the waiting grows then.
        let named = answer
            .response
            .header("retry-after")
            .and_then(|text| text.trim().parse().ok());
        let wait = match named {
            Some(seconds) if seconds > Self::LONGEST => return Err(Busy { seconds }),
            Some(seconds) => Duration::from_secs(seconds),
            None => Duration::from_millis(250 << self.waited),
        };
        self.waited += 1;
        tokio::time::sleep(wait).await;
        Ok(true)
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
