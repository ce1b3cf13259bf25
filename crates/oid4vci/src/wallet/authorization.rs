//! The authorization code flow: push the request, send the person to the browser, redeem the code.
//! OpenID4VCI 1.0 §5, HAIP 1.0 §4
//!
//! ```text
//! PreparedIssuance::authorize -> PushingAuthorization -> (browser) PendingAuthorization
//!   -> PreparedIssuance::redeem -> TokenExchange -> AuthorizedIssuance
//! ```

use jose::strict_json::StrictJsonError;
use jose::{RandomSource, SignError, Signer, UnixTime, base64url};
use serde::{Deserialize, Serialize};
use url::Url;

use super::exchange::TokenExchange;
use super::http::{HttpRequest, HttpResponse, Reply};
use super::prepared::PreparedIssuance;
use super::token_step::DpopNonce;
use crate::authorization_details::AuthorizationDetail;
use crate::authorization_request::{AuthorizationRequest, PushedAuthorizationResponse};
use crate::authorization_response::{
    AuthorizationExpectation, AuthorizationResponseError, UnverifiedAuthorizationResponse,
};
use crate::error_code::{AuthorizationRequestErrorCode, ErrorBody};
use crate::pkce::PkceVerifier;
use crate::token::{AuthorizationCodeRequest, TokenRequest};

/// Who the wallet is to the authorization server, and where answers reach it.
#[derive(Clone, Copy, Debug)]
pub struct WalletClient<'a> {
    /// The wallet's name. RFC 6749 §2.2
    pub client_id: &'a str,
    /// Where the browser is sent back to.
    pub redirect_uri: &'a Url,
}

/// An authorization request about to be pushed. RFC 9126 §2
#[derive(Clone, Debug)]
pub struct PushingAuthorization {
    endpoint: Url,
    authorization_endpoint: Url,
    request: AuthorizationRequest,
    pending: PendingAuthorization,
    nonce: DpopNonce,
}

/// A request that was pushed: the person goes on in the browser.
#[derive(Clone, Debug)]
pub struct StartedAuthorization {
    /// What the browser opens. RFC 9126 §4
    pub url: Url,
    /// For how many seconds it can be opened.
    pub expires_in: u64,
    /// What the answer is checked with.
    pub pending: PendingAuthorization,
}

/// What the wallet keeps while the person is in the browser. It holds the secret that redeems the code, so whoever
/// stores it keeps it as secret as the credentials.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PendingAuthorization {
    client_id: String,
    redirect_uri: Url,
    state: String,
    verifier: PkceVerifier,
    credential_issuer: String,
    server: String,
}

/// A code that came from the server that was asked, in answer to the wallet's own request.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifiedCode(String);

impl std::fmt::Debug for VerifiedCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("VerifiedCode(…)")
    }
}

impl std::fmt::Debug for PendingAuthorization {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PendingAuthorization")
            .field("server", &self.server)
            .finish_non_exhaustive()
    }
}

impl PendingAuthorization {
    /// By what an answer finds it.
    #[must_use]
    pub fn state(&self) -> &str {
        &self.state
    }

    /// Checks the answer of the browser, and gives the code. Nothing is sent before that. RFC 9207 §2.4
    pub fn check(&self, answer: UnverifiedAuthorizationResponse) -> Result<VerifiedCode, AuthorizationResponseError> {
        let code = answer.verify(&AuthorizationExpectation {
            redirect_uri: &self.redirect_uri,
            state: &self.state,
            issuer: &self.server,
        })?;
        Ok(VerifiedCode(code))
    }
}

impl PreparedIssuance {
    /// Makes the authorization request for all that is offered: by scope where every configuration has one, else by
    /// `authorization_details`. OpenID4VCI 1.0 §5.1, HAIP 1.0 §4.1
    pub fn authorize(
        &self,
        client: &WalletClient<'_>,
        random: &mut dyn RandomSource,
    ) -> Result<PushingAuthorization, AuthorizationStepError> {
        let code_flow = self.code_flow().ok_or(AuthorizationStepError::NoSignIn)?;
        let mut state = [0_u8; 16];
        random.fill(&mut state);
        let pending = PendingAuthorization {
            client_id: client.client_id.to_owned(),
            redirect_uri: client.redirect_uri.clone(),
            state: base64url::encode(state),
            verifier: PkceVerifier::generate(random),
            credential_issuer: self.metadata.credential_issuer.as_str().to_owned(),
            server: self.server.issuer.as_str().to_owned(),
        };
        let mut scopes: Option<Vec<String>> = self.offered().map(|(_, known)| known.scope.clone()).collect();
        if let Some(scopes) = &mut scopes {
            // Configurations may share a scope.
            let mut seen = std::collections::HashSet::new();
            scopes.retain(|scope| seen.insert(scope.clone()));
        }
        let several = !self.metadata.authorization_servers.is_empty();
        let issuer = || self.metadata.credential_issuer.as_str().to_owned();
        let details = || {
            let detail = |id: &String| {
                let mut detail = AuthorizationDetail::new(id);
                detail.locations = several.then(|| vec![issuer()]);
                detail
            };
            self.offered.iter().map(detail).collect()
        };
        let request = AuthorizationRequest {
            client_id: pending.client_id.clone(),
            redirect_uri: pending.redirect_uri.as_str().to_owned(),
            state: Some(pending.state.clone()),
            code_challenge: pending.verifier.challenge(),
            authorization_details: scopes.is_none().then(details),
            resource: (several && scopes.is_some()).then(issuer),
            scope: scopes.unwrap_or_default(),
            issuer_state: code_flow.issuer_state.clone(),
            dpop_jkt: None,
        };
        Ok(PushingAuthorization {
            endpoint: code_flow.push.clone(),
            authorization_endpoint: code_flow.authorize.clone(),
            request,
            pending,
            nonce: DpopNonce::default(),
        })
    }

    /// With the code that the browser brought, at the server that was asked.
    pub fn redeem(
        self,
        pending: &PendingAuthorization,
        code: VerifiedCode,
    ) -> Result<TokenExchange, AuthorizationResponseError> {
        // The offer was read again since: its issuer and server must be those that were asked.
        if pending.server != self.server.issuer.as_str()
            || pending.credential_issuer != self.metadata.credential_issuer.as_str()
        {
            return Err(AuthorizationResponseError::OtherIssuer);
        }
        let VerifiedCode(code) = code;
        let request = AuthorizationCodeRequest {
            code,
            redirect_uri: Some(pending.redirect_uri.as_str().to_owned()),
            code_verifier: Some(pending.verifier.as_str().to_owned()),
            client_id: Some(pending.client_id.clone()),
            authorization_details: None,
        };
        Ok(TokenExchange::new(self, TokenRequest::AuthorizationCode(request)))
    }
}

impl PushingAuthorization {
    /// The pushed request, with a proof of the key that the code will be bound to. RFC 9126 §2.1, RFC 9449 §10.1
    pub fn request(
        &self,
        dpop_key: &dyn Signer,
        now: UnixTime,
        random: &mut dyn RandomSource,
    ) -> Result<HttpRequest, SignError> {
        self.nonce
            .post(&self.endpoint, self.request.to_form(), dpop_key, now, random)
    }

    /// Reads the answer. RFC 9126 §2.2 and §2.3
    pub fn response(&mut self, response: &HttpResponse<'_>) -> Result<Reply<StartedAuthorization>, PushFailure> {
        let fresh = self.nonce.keep(response);
        // RFC 9126 §2.2 says 201; servers that say 200 are taken as well.
        if !matches!(response.status, 200 | 201) {
            let code = ErrorBody::parse(response.body)
                .ok()
                .and_then(|body| AuthorizationRequestErrorCode::from_wire(&body.error));
            return match code {
                Some(AuthorizationRequestErrorCode::UseDpopNonce) if fresh => Ok(Reply::RepeatWithDpopNonce),
                Some(code) => Err(PushFailure::Refused(code)),
                None => Err(PushFailure::Status(response.status)),
            };
        }
        if !response.is_json() {
            return Err(PushFailure::NotJson);
        }
        let pushed = PushedAuthorizationResponse::parse(response.body)?;
        if pushed.request_uri.is_empty() {
            return Err(PushFailure::NoRequestUri);
        }
        Ok(Reply::Done(StartedAuthorization {
            url: pushed.authorization_url(&self.authorization_endpoint, &self.pending.client_id),
            expires_in: pushed.expires_in,
            pending: self.pending.clone(),
        }))
    }
}

/// Why no authorization request is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorizationStepError {
    /// The offer comes with a code already.
    #[error("this offer needs no sign-in")]
    NoSignIn,
}

/// Why a request was not pushed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PushFailure {
    /// The server refused with a code of its specification.
    #[error("the server refused: {}", .0.wire_name())]
    Refused(AuthorizationRequestErrorCode),
    /// Another status and no code.
    #[error("the server answered with status {0}")]
    Status(u16),
    /// The response is not `application/json`.
    #[error("the server did not answer with application/json")]
    NotJson,
    /// Not a pushed authorization response.
    #[error("not a pushed authorization response: {0}")]
    Json(#[from] StrictJsonError),
    /// `request_uri` is empty. RFC 9126 §2.2
    #[error("the request_uri is empty")]
    NoRequestUri,
}
