//! Redeeming a code or a refresh token. OpenID4VCI 1.0 §6, RFC 6749 §4.1.3 and §6

use jose::{RandomSource, SignError, Signer, UnixTime};

use super::authorized::AuthorizedIssuance;
use super::http::{HttpRequest, HttpResponse, Reply};
use super::prepared::PreparedIssuance;
use super::token_step::{DpopNonce, TokenFailure, token_request, token_response};
use crate::token::TokenRequest;

/// A code or a refresh token about to be redeemed.
#[derive(Clone, Debug)]
pub struct TokenExchange {
    prepared: PreparedIssuance,
    request: TokenRequest,
    nonce: DpopNonce,
}

impl TokenExchange {
    pub(super) fn new(prepared: PreparedIssuance, request: TokenRequest) -> Self {
        Self {
            prepared,
            request,
            nonce: DpopNonce::default(),
        }
    }

    /// What it is redeemed for.
    #[must_use]
    pub fn prepared(&self) -> &PreparedIssuance {
        &self.prepared
    }

    /// The token request. RFC 6749 §4.1.3 and §6, RFC 7636 §4.5
    pub fn request(
        &self,
        dpop_key: &dyn Signer,
        now: UnixTime,
        random: &mut dyn RandomSource,
    ) -> Result<HttpRequest, SignError> {
        let endpoint = &self.prepared.server().token_endpoint;
        token_request(endpoint, &self.request, &self.nonce, dpop_key, now, random)
    }

    /// Reads the answer. A server that gives no new refresh token goes on with the one that was redeemed.
    /// OpenID4VCI 1.0 §6.2 and §6.3, RFC 6749 §6
    pub fn response(&mut self, response: &HttpResponse<'_>) -> Result<Reply<AuthorizedIssuance>, TokenFailure> {
        match token_response(response, &mut self.nonce)? {
            Reply::Done(mut token) => {
                if let TokenRequest::Refresh(redeemed) = &self.request {
                    let same = || redeemed.refresh_token.clone();
                    token.refresh_token.get_or_insert_with(same);
                }
                let client_id = self.request.client_id();
                self.prepared.authorized(token, &self.nonce, client_id).map(Reply::Done)
            }
            Reply::RepeatWithDpopNonce => Ok(Reply::RepeatWithDpopNonce),
            Reply::RepeatWithFreshNonce => Ok(Reply::RepeatWithFreshNonce),
        }
    }
}
