//! From offer and metadata to an access token.

use jose::{RandomSource, SignError, Signer, UnixTime};

use super::authorized::AuthorizedIssuance;
use super::http::{HttpRequest, HttpResponse, Reply};
use super::protection::{Protection, ProtectionError};
use crate::dpop::{DpopTarget, make_dpop_proof};
use crate::error_code::{ErrorBody, TokenErrorCode};
use crate::identifier::Identifier;
use crate::metadata::{AuthorizationServerMetadata, CredentialConfiguration, IssuerMetadata, IssuerMetadataError};
use crate::offer::{CredentialOffer, PreAuthorizedCodeGrant, TxCode, TxCodeInputError};
use crate::token::{PreAuthorizedCodeRequest, TokenRequest, TokenResponse, TokenResponseError, TokenType};

/// What a wallet can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Abilities {
    /// The algorithm of its keys.
    pub algorithm: jose::Algorithm,
    /// Whether an attester vouches for it and its keys.
    pub attests: bool,
}

impl From<jose::Algorithm> for Abilities {
    /// A wallet without an attester.
    fn from(algorithm: jose::Algorithm) -> Self {
        Self {
            algorithm,
            attests: false,
        }
    }
}

/// An offer that fits the metadata of issuer and authorization server, before anything is asked for.
#[derive(Clone, Debug)]
pub struct PreparedIssuance {
    metadata: IssuerMetadata,
    server: AuthorizationServerMetadata,
    offered: Vec<String>,
    grant: PreAuthorizedCodeGrant,
    dpop_nonce: Option<String>,
}

impl PreparedIssuance {
    /// Compares offer and metadata: same issuer, the right authorization server, known configurations, a grant,
    /// key proofs and DPoP with the algorithm of the wallet's keys.
    pub fn new(
        offer: CredentialOffer,
        metadata: IssuerMetadata,
        server: AuthorizationServerMetadata,
        abilities: impl Into<Abilities>,
    ) -> Result<Self, PrepareError> {
        let Abilities { algorithm, attests } = abilities.into();
        if offer.credential_issuer != metadata.credential_issuer {
            return Err(PrepareError::OtherIssuer);
        }
        let grant = offer.grants.pre_authorized_code.ok_or(PrepareError::NoSupportedGrant)?;
        if metadata.authorization_server(grant.authorization_server.as_deref())? != &server.issuer {
            return Err(PrepareError::OtherAuthorizationServer);
        }
        if !server.takes_pre_authorized_code() {
            return Err(PrepareError::NoSupportedGrant);
        }
        if !server.anonymous_pre_authorized && !(attests && server.takes_client_attestation()) {
            return Err(PrepareError::ClientNeedsName);
        }
        if !server.takes_dpop(algorithm) {
            return Err(PrepareError::NoDpop);
        }
        Protection::of(&metadata)?;
        for id in &offer.credential_configuration_ids {
            let known = metadata.credential_configurations_supported.get(id);
            let configuration = known.ok_or_else(|| PrepareError::UnknownConfiguration(id.clone()))?;
            if configuration.proof_form(algorithm, attests).is_none() {
                return Err(PrepareError::NoSupportedProof(id.clone()));
            }
        }
        Ok(Self {
            metadata,
            server,
            offered: offer.credential_configuration_ids,
            grant,
            dpop_nonce: None,
        })
    }

    /// Who offers.
    #[must_use]
    pub fn issuer(&self) -> &Identifier {
        &self.metadata.credential_issuer
    }

    /// The issuer's metadata.
    #[must_use]
    pub fn metadata(&self) -> &IssuerMetadata {
        &self.metadata
    }

    /// The authorization server's metadata.
    #[must_use]
    pub fn server(&self) -> &AuthorizationServerMetadata {
        &self.server
    }

    /// What is offered: credential configuration ids and what they mean.
    pub fn offered(&self) -> impl Iterator<Item = (&str, &CredentialConfiguration)> {
        let all = &self.metadata.credential_configurations_supported;
        self.offered
            .iter()
            .filter_map(|id| all.get_key_value(id))
            .map(|(id, value)| (id.as_str(), value))
    }

    /// What the person has to type, if anything.
    #[must_use]
    pub fn tx_code(&self) -> Option<&TxCode> {
        self.grant.tx_code.as_ref()
    }

    /// The token request. OpenID4VCI 1.0 §6.1
    pub fn token_request(
        &self,
        tx_code: Option<&str>,
        dpop_key: &dyn Signer,
        now: UnixTime,
        random: &mut dyn RandomSource,
    ) -> Result<HttpRequest, TokenStepError> {
        match (&self.grant.tx_code, tx_code) {
            (None, None) => {}
            (Some(expected), Some(typed)) => expected.check_input(typed)?,
            (Some(_), None) => return Err(TokenStepError::TxCodeMissing),
            (None, Some(_)) => return Err(TokenStepError::TxCodeUnexpected),
        }
        let form = TokenRequest::PreAuthorizedCode(PreAuthorizedCodeRequest {
            pre_authorized_code: self.grant.pre_authorized_code.clone(),
            tx_code: tx_code.map(str::to_owned),
            client_id: None,
            authorization_details: None,
        });
        let url = &self.server.token_endpoint;
        let target = DpopTarget {
            method: "POST",
            url,
            access_token: None,
            nonce: self.dpop_nonce.as_deref(),
        };
        let proof = make_dpop_proof(&target, dpop_key, now, random)?;
        Ok(HttpRequest {
            method: "POST",
            url: url.clone(),
            headers: vec![
                ("content-type", "application/x-www-form-urlencoded".to_owned()),
                ("accept", "application/json".to_owned()),
                ("dpop", proof),
            ],
            body: form.to_form().into_bytes(),
        })
    }

    /// Reads the answer to the token request. OpenID4VCI 1.0 §6.2 and §6.3
    pub fn token_response(&mut self, response: &HttpResponse<'_>) -> Result<Reply<AuthorizedIssuance>, TokenFailure> {
        let fresh_nonce = response
            .dpop_nonce
            .filter(|nonce| self.dpop_nonce.as_deref() != Some(nonce));
        if let Some(nonce) = fresh_nonce {
            self.dpop_nonce = Some(nonce.to_owned());
        }
        if response.status != 200 {
            return match refusal(response) {
                Some(TokenErrorCode::UseDpopNonce) if fresh_nonce.is_some() => Ok(Reply::RepeatWithDpopNonce),
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
        Ok(Reply::Done(AuthorizedIssuance::new(
            self.metadata.clone(),
            self.offered.clone(),
            token,
            // The nonce is the server's that gave it. RFC 9449 §8.2
            self.dpop_nonce
                .clone()
                .filter(|_| self.server.issuer == self.metadata.credential_issuer),
        )))
    }
}

fn refusal(response: &HttpResponse<'_>) -> Option<TokenErrorCode> {
    ErrorBody::parse(response.body)
        .ok()
        .and_then(|body| TokenErrorCode::from_wire(&body.error))
}

/// Why an offer does not fit the metadata.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PrepareError {
    /// The metadata is of another issuer than the offer's.
    #[error("offer and metadata are of different issuers")]
    OtherIssuer,
    /// The authorization server cannot be told.
    #[error(transparent)]
    AuthorizationServer(#[from] IssuerMetadataError),
    /// The metadata is of another authorization server: a mix-up.
    #[error("the metadata is of another authorization server")]
    OtherAuthorizationServer,
    /// No grant that this wallet and the server have in common.
    #[error("no supported grant")]
    NoSupportedGrant,
    /// The server takes no anonymous client. OpenID4VCI 1.0 §12.3
    #[error("the authorization server wants a client id")]
    ClientNeedsName,
    /// The server does not bind tokens to the wallet's kind of key.
    #[error("the authorization server does not support DPoP with this algorithm")]
    NoDpop,
    /// An offered configuration is not in the metadata. OpenID4VCI 1.0 §4.1.1
    #[error("credential configuration {0} is not in the metadata")]
    UnknownConfiguration(String),
    /// The issuer requires encryption that the wallet cannot do.
    #[error(transparent)]
    Protection(#[from] ProtectionError),
    /// A configuration takes no key proof that the wallet can make.
    #[error("credential configuration {0} takes no supported key proof")]
    NoSupportedProof(String),
}

/// Why no token request is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenStepError {
    /// The offer asks for a transaction code.
    #[error("a transaction code is needed")]
    TxCodeMissing,
    /// The offer asks for none.
    #[error("no transaction code is expected")]
    TxCodeUnexpected,
    /// What was typed cannot be the code.
    #[error(transparent)]
    TxCodeInput(#[from] TxCodeInputError),
    /// The DPoP key does not sign.
    #[error(transparent)]
    Sign(#[from] SignError),
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
}
