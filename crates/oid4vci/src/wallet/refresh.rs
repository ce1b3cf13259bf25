//! Getting copies again with a refresh token. OpenID4VCI 1.0 §13.5, RFC 6749 §6, RFC 9449 §5

use serde::{Deserialize, Serialize};

use super::exchange::TokenExchange;
use super::prepared::{Abilities, PrepareError, PreparedIssuance};
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
    ) -> Result<TokenExchange, PrepareError> {
        if metadata.credential_issuer.as_str() != self.credential_issuer {
            return Err(PrepareError::OtherIssuer);
        }
        if server.issuer.as_str() != self.server {
            return Err(PrepareError::OtherAuthorizationServer);
        }
        let prepared = PreparedIssuance::again(configurations, metadata, server, abilities.into())?;
        let request = RefreshRequest {
            refresh_token: self.refresh_token.clone(),
            client_id: self.client_id.clone(),
            scope: None,
        };
        Ok(TokenExchange::new(prepared, TokenRequest::Refresh(request)))
    }
}
