//! A token request, whatever it redeems, and its answer. OpenID4VCI 1.0 §6, RFC 9449 §5 and §8

use jose::{RandomSource, SignError, Signer, UnixTime};
use url::Url;

use super::http::{HttpRequest, HttpResponse, Reply, post_form};
use crate::dpop::{DpopTarget, make_dpop_proof};
use crate::error_code::{ErrorBody, TokenErrorCode};
use crate::token::TokenRequest;
use crate::token_response::{TokenResponse, TokenResponseError, TokenType};

/// The authorization server's nonce for DPoP proofs, as far as it is known. RFC 9449 §8
#[derive(Clone, Debug, Default)]
pub(super) struct DpopNonce(Option<String>);

impl DpopNonce {
    /// Keeps what an answer brought; whether it is new.
    pub(super) fn keep(&mut self, response: &HttpResponse<'_>) -> bool {
        match response.dpop_nonce {
            Some(nonce) if self.0.as_deref() != Some(nonce) => {
                self.0 = Some(nonce.to_owned());
                true
            }
            _ => false,
        }
    }

    pub(super) fn get(&self) -> Option<&str> {
        self.0.as_deref()
    }

    /// A form with a proof of the wallet's key.
    pub(super) fn post(
        &self,
        url: &Url,
        form: String,
        dpop_key: &dyn Signer,
        now: UnixTime,
        random: &mut dyn RandomSource,
    ) -> Result<HttpRequest, SignError> {
        let target = DpopTarget {
            method: "POST",
            url,
            access_token: None,
            nonce: self.get(),
        };
        let proof = make_dpop_proof(&target, dpop_key, now, random)?;
        Ok(post_form(url, form, proof))
    }
}

/// The token request.
pub(super) fn token_request(
    endpoint: &Url,
    form: &TokenRequest,
    nonce: &DpopNonce,
    dpop_key: &dyn Signer,
    now: UnixTime,
    random: &mut dyn RandomSource,
) -> Result<HttpRequest, SignError> {
    nonce.post(endpoint, form.to_form(), dpop_key, now, random)
}

/// Reads the answer. OpenID4VCI 1.0 §6.2 and §6.3
pub(super) fn token_response(
    response: &HttpResponse<'_>,
    nonce: &mut DpopNonce,
) -> Result<Reply<TokenResponse>, TokenFailure> {
    let fresh = nonce.keep(response);
    if response.status != 200 {
        let code = ErrorBody::parse(response.body)
            .ok()
            .and_then(|body| TokenErrorCode::from_wire(&body.error));
        return match code {
            Some(TokenErrorCode::UseDpopNonce) if fresh => Ok(Reply::RepeatWithDpopNonce),
            Some(code) => Err(TokenFailure::Refused(code)),
            None => Err(TokenFailure::Status(response.status)),
        };
    }
    if !response.is_json() {
        return Err(TokenFailure::NotJson);
    }
    let token = TokenResponse::parse(response.body)?;
    if token.token_type != TokenType::Dpop {
        return Err(TokenFailure::NotBound);
    }
    Ok(Reply::Done(token))
}

/// Why there is no access token.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenFailure {
    /// The server refused with a code of its specification.
    #[error("the server refused: {}", .0.wire_name())]
    Refused(TokenErrorCode),
    /// The server answered with another status and no code.
    #[error("the server answered with status {0}")]
    Status(u16),
    /// The response is not `application/json`.
    #[error("the server did not answer with application/json")]
    NotJson,
    /// The token response is refused.
    #[error(transparent)]
    Response(#[from] TokenResponseError),
    /// The token is not bound to the DPoP key. RFC 9449 §5
    #[error("the access token is not bound to the wallet's key")]
    NotBound,
    /// The token is not for all that was asked for. RFC 6749 §5.1
    #[error("the access token covers less than was asked for")]
    LessGranted,
}
