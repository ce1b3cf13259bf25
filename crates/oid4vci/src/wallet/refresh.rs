//! Getting copies again with a refresh token. OpenID4VCI 1.0 §13.5, RFC 6749 §6, RFC 9449 §5

use jose::{RandomSource, SignError, Signer, UnixTime};
use serde::{Deserialize, Serialize};

use super::authorized::AuthorizedIssuance;
use super::http::{HttpRequest, HttpResponse, Reply};
use super::prepared::{Abilities, PrepareError, PreparedIssuance};
use super::token_step::{DpopNonce, TokenFailure, token_request, token_response};
use crate::identifier::{Identifier, Transport, UrlError};
use crate::metadata::{AuthorizationServerMetadata, IssuerMetadata};
use crate::token::{RefreshRequest, TokenRequest};

/// What a wallet keeps to get the copies of a card again. It holds a refresh token that is good with the DPoP key
/// alone; whoever stores it keeps both as secret as the credentials.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefreshSession {
    pub(super) credential_issuer: String,
    pub(super) server: String,
    pub(super) client_id: Option<String>,
    pub(super) refresh_token: String,
}

impl std::fmt::Debug for RefreshSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RefreshSession")
            .field("credential_issuer", &self.credential_issuer)
            .finish_non_exhaustive()
    }
}

impl RefreshSession {
    /// Whose metadata is fetched first.
    pub fn credential_issuer(&self, transport: Transport) -> Result<Identifier, UrlError> {
        Identifier::parse(&self.credential_issuer, transport)
    }

    /// Whose metadata is fetched then; the server that gave the refresh token, and no other.
    pub fn server(&self, transport: Transport) -> Result<Identifier, UrlError> {
        Identifier::parse(&self.server, transport)
    }

    /// Checks metadata and configurations as they are now.
    pub fn resume(
        &self,
        configurations: &[String],
        metadata: IssuerMetadata,
        server: AuthorizationServerMetadata,
        abilities: impl Into<Abilities>,
    ) -> Result<RefreshExchange, PrepareError> {
        if metadata.credential_issuer.as_str() != self.credential_issuer {
            return Err(PrepareError::OtherIssuer);
        }
        if server.issuer.as_str() != self.server {
            return Err(PrepareError::OtherAuthorizationServer);
        }
        let prepared = PreparedIssuance::again(configurations, metadata, server, abilities.into())?;
        Ok(RefreshExchange {
            request: TokenRequest::Refresh(RefreshRequest {
                refresh_token: self.refresh_token.clone(),
                client_id: self.client_id.clone(),
                scope: None,
            }),
            session: self.clone(),
            prepared,
            nonce: DpopNonce::default(),
        })
    }
}

/// A refresh token about to be used.
#[derive(Clone, Debug)]
pub struct RefreshExchange {
    prepared: PreparedIssuance,
    request: TokenRequest,
    session: RefreshSession,
    nonce: DpopNonce,
}

impl RefreshExchange {
    /// What is got again.
    #[must_use]
    pub fn prepared(&self) -> &PreparedIssuance {
        &self.prepared
    }

    /// The token request. RFC 6749 §6
    pub fn request(
        &self,
        dpop_key: &dyn Signer,
        now: UnixTime,
        random: &mut dyn RandomSource,
    ) -> Result<HttpRequest, SignError> {
        let endpoint = &self.prepared.server().token_endpoint;
        token_request(endpoint, &self.request, &self.nonce, dpop_key, now, random)
    }

    /// Reads the answer. A server that gives no new refresh token goes on with the old one. RFC 6749 §6
    pub fn response(&mut self, response: &HttpResponse<'_>) -> Result<Reply<AuthorizedIssuance>, TokenFailure> {
        match token_response(response, &mut self.nonce)? {
            Reply::Done(mut token) => {
                token
                    .refresh_token
                    .get_or_insert_with(|| self.session.refresh_token.clone());
                let client_id = self.session.client_id.as_deref();
                self.prepared.authorized(token, &self.nonce, client_id).map(Reply::Done)
            }
            Reply::RepeatWithDpopNonce => Ok(Reply::RepeatWithDpopNonce),
            Reply::RepeatWithFreshNonce => Ok(Reply::RepeatWithFreshNonce),
        }
    }
}
