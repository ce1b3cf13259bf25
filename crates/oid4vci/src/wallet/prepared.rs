//! From offer and metadata to an access token.

use jose::{RandomSource, SignError, Signer, UnixTime};
use url::Url;

use super::authorized::AuthorizedIssuance;
use super::http::{HttpRequest, HttpResponse, Reply};
use super::protection::{Protection, ProtectionError};
use super::refresh::RefreshSession;
use super::token_step::{DpopNonce, TokenFailure, token_request, token_response};
use crate::identifier::Identifier;
use crate::metadata::{AuthorizationServerMetadata, CredentialConfiguration, IssuerMetadata, IssuerMetadataError};
use crate::offer::{CredentialOffer, Grants, PreAuthorizedCodeGrant, TxCode, TxCodeInputError};
use crate::token::{PreAuthorizedCodeRequest, TokenRequest};
use crate::token_response::TokenResponse;

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
    pub(super) metadata: IssuerMetadata,
    pub(super) server: AuthorizationServerMetadata,
    pub(super) offered: Vec<String>,
    grant: Way,
    nonce: DpopNonce,
}

/// How an access token is got.
#[derive(Clone, Debug)]
enum Way {
    PreAuthorized(PreAuthorizedCodeGrant),
    SignIn(CodeFlow),
    /// With a refresh token that is held.
    Again,
}

/// Where the authorization code flow goes.
#[derive(Clone, Debug)]
pub(super) struct CodeFlow {
    pub(super) push: Url,
    pub(super) authorize: Url,
    pub(super) issuer_state: Option<String>,
}

impl PreparedIssuance {
    /// Compares offer and metadata: same issuer, the right authorization server, known configurations, a grant,
    /// key proofs and DPoP with the algorithm of the wallet's keys. A code that came with the offer is used before
    /// the person is asked to sign in.
    pub fn new(
        offer: CredentialOffer,
        metadata: IssuerMetadata,
        server: AuthorizationServerMetadata,
        abilities: impl Into<Abilities>,
    ) -> Result<Self, PrepareError> {
        let abilities = abilities.into();
        if offer.credential_issuer != metadata.credential_issuer {
            return Err(PrepareError::OtherIssuer);
        }
        if metadata.authorization_server(offer.grants.named_server())? != &server.issuer {
            return Err(PrepareError::OtherAuthorizationServer);
        }
        let way = way(offer.grants, &server, abilities)?;
        let offered = offer.credential_configuration_ids;
        Self::check(&offered, &metadata, &server, abilities)?;
        Ok(Self {
            metadata,
            server,
            offered,
            grant: way,
            nonce: DpopNonce::default(),
        })
    }

    /// The same for configurations that were issued before.
    pub(super) fn again(
        configurations: &[String],
        metadata: IssuerMetadata,
        server: AuthorizationServerMetadata,
        abilities: Abilities,
    ) -> Result<Self, PrepareError> {
        attested_where_wanted(&server, abilities)?;
        Self::check(configurations, &metadata, &server, abilities)?;
        Ok(Self {
            metadata,
            server,
            offered: configurations.to_vec(),
            grant: Way::Again,
            nonce: DpopNonce::default(),
        })
    }

    fn check(
        configurations: &[String],
        metadata: &IssuerMetadata,
        server: &AuthorizationServerMetadata,
        abilities: Abilities,
    ) -> Result<(), PrepareError> {
        let Abilities { algorithm, attests } = abilities;
        if !server.takes_dpop(algorithm) {
            return Err(PrepareError::NoDpop);
        }
        Protection::of(metadata)?;
        for id in configurations {
            let known = metadata.credential_configurations_supported.get(id);
            let configuration = known.ok_or_else(|| PrepareError::UnknownConfiguration(id.clone()))?;
            match configuration.proof_form(algorithm, attests) {
                Some(_) => {}
                None if configuration.proof_form(algorithm, true).is_some() => {
                    return Err(PrepareError::AttestationNeeded);
                }
                None => return Err(PrepareError::NoSupportedProof(id.clone())),
            }
        }
        Ok(())
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
        match &self.grant {
            Way::PreAuthorized(grant) => grant.tx_code.as_ref(),
            Way::SignIn(_) | Way::Again => None,
        }
    }

    /// Whether the person has to sign in with the issuer first: [`PreparedIssuance::authorize`].
    #[must_use]
    pub fn needs_sign_in(&self) -> bool {
        self.code_flow().is_some()
    }

    /// Whether the server wants to know what the wallet is with each request of this issuance. Where it does not, it is
    /// not told. HAIP 1.0 §4.4.1
    #[must_use]
    pub fn wants_attestation(&self) -> bool {
        match &self.grant {
            Way::PreAuthorized(_) => self.server.wants_client_attestation(),
            Way::SignIn(_) | Way::Again => self.server.wants_attested_clients(),
        }
    }

    pub(super) fn code_flow(&self) -> Option<&CodeFlow> {
        match &self.grant {
            Way::SignIn(code_flow) => Some(code_flow),
            Way::PreAuthorized(_) | Way::Again => None,
        }
    }

    /// The token request with the code of the offer. OpenID4VCI 1.0 §6.1
    pub fn token_request(
        &self,
        tx_code: Option<&str>,
        dpop_key: &dyn Signer,
        now: UnixTime,
        random: &mut dyn RandomSource,
    ) -> Result<HttpRequest, TokenStepError> {
        let Way::PreAuthorized(grant) = &self.grant else {
            return Err(TokenStepError::SignInNeeded);
        };
        match (&grant.tx_code, tx_code) {
            (None, None) => {}
            (Some(expected), Some(typed)) => expected.check_input(typed)?,
            (Some(_), None) => return Err(TokenStepError::TxCodeMissing),
            (None, Some(_)) => return Err(TokenStepError::TxCodeUnexpected),
        }
        let form = TokenRequest::PreAuthorizedCode(PreAuthorizedCodeRequest {
            pre_authorized_code: grant.pre_authorized_code.clone(),
            tx_code: tx_code.map(str::to_owned),
            client_id: None,
            authorization_details: None,
        });
        let endpoint = &self.server.token_endpoint;
        Ok(token_request(endpoint, &form, &self.nonce, dpop_key, now, random)?)
    }

    /// Reads the answer to the token request. OpenID4VCI 1.0 §6.2 and §6.3
    pub fn token_response(&mut self, response: &HttpResponse<'_>) -> Result<Reply<AuthorizedIssuance>, TokenFailure> {
        match token_response(response, &mut self.nonce)? {
            Reply::Done(token) => self.authorized(token, &self.nonce, None).map(Reply::Done),
            Reply::RepeatWithDpopNonce => Ok(Reply::RepeatWithDpopNonce),
            Reply::RepeatWithFreshNonce => Ok(Reply::RepeatWithFreshNonce),
        }
    }

    /// What a token response is good for.
    pub(super) fn authorized(
        &self,
        token: TokenResponse,
        nonce: &DpopNonce,
        client_id: Option<&str>,
    ) -> Result<AuthorizedIssuance, TokenFailure> {
        if !self.covers(&token) {
            return Err(TokenFailure::LessGranted);
        }
        let refresh = token.refresh_token.as_ref().map(|refresh_token| RefreshSession {
            credential_issuer: self.metadata.credential_issuer.as_str().to_owned(),
            server: self.server.issuer.as_str().to_owned(),
            client_id: client_id.map(str::to_owned),
            refresh_token: refresh_token.clone(),
        });
        // The nonce is the server's that gave it. RFC 9449 §8.2
        let same_server = self.server.issuer == self.metadata.credential_issuer;
        let nonce = nonce.get().filter(|_| same_server).map(str::to_owned);
        let (metadata, offered) = (self.metadata.clone(), self.offered.clone());
        Ok(AuthorizedIssuance::new(metadata, offered, token, refresh, nonce))
    }

    /// Whether all that is offered was granted, as far as the response says. RFC 6749 §5.1, OpenID4VCI 1.0 §6.2
    fn covers(&self, token: &TokenResponse) -> bool {
        self.offered().all(|(id, configuration)| {
            if let Some(details) = &token.authorization_details {
                return details.iter().any(|detail| detail.credential_configuration_id == id);
            }
            match (&token.scope, &configuration.scope) {
                (Some(granted), Some(scope)) => granted.split(' ').any(|one| one == scope),
                _ => true,
            }
        })
    }
}

/// The grant that is used. OpenID4VCI 1.0 §4.1.1
fn way(grants: Grants, server: &AuthorizationServerMetadata, abilities: Abilities) -> Result<Way, PrepareError> {
    let sign_in = match grants.pre_authorized_code {
        Some(grant) if server.takes_pre_authorized_code() => {
            let attested = abilities.attests && server.takes_client_attestation();
            if server.anonymous_pre_authorized || attested {
                return Ok(Way::PreAuthorized(grant));
            }
            return Err(if server.takes_client_attestation() {
                PrepareError::AttestationNeeded
            } else {
                PrepareError::ClientNeedsName
            });
        }
        // An offer without grants leaves it to the server's metadata.
        None => grants.authorization_code.unwrap_or_default(),
        Some(_) => grants.authorization_code.ok_or(PrepareError::NoSupportedGrant)?,
    };
    let way = code_flow(sign_in.issuer_state, server)?;
    attested_where_wanted(server, abilities)?;
    Ok(way)
}

/// Whether the wallet can say what it is, where the server wants to know that of every client. HAIP 1.0 §4.4.1
fn attested_where_wanted(server: &AuthorizationServerMetadata, abilities: Abilities) -> Result<(), PrepareError> {
    if server.wants_attested_clients() && !abilities.attests {
        return Err(PrepareError::AttestationNeeded);
    }
    Ok(())
}

/// The code flow of HAIP 1.0 §4: pushed, with PKCE, and with answers that name their server.
fn code_flow(issuer_state: Option<String>, server: &AuthorizationServerMetadata) -> Result<Way, PrepareError> {
    let endpoint = server.authorization_endpoint.as_ref();
    let endpoint = endpoint.filter(|_| server.takes_authorization_code());
    let authorize = endpoint.cloned().ok_or(PrepareError::NoSupportedGrant)?;
    let push = server.pushed_authorization_request_endpoint.clone();
    let push = push.ok_or(PrepareError::NoPushedRequests)?;
    if !server.takes_s256() {
        return Err(PrepareError::NoPkce);
    }
    if !server.names_itself_in_responses {
        return Err(PrepareError::NoIssuerInAnswers);
    }
    Ok(Way::SignIn(CodeFlow {
        push,
        authorize,
        issuer_state,
    }))
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
    /// The server takes no pushed requests. HAIP 1.0 §4
    #[error("the authorization server takes no pushed authorization requests")]
    NoPushedRequests,
    /// The server does not take PKCE with `S256`. HAIP 1.0 §4
    #[error("the authorization server does not support PKCE with S256")]
    NoPkce,
    /// The server does not say by whom its answers are, so mixed-up ones could not be told. RFC 9207 §3
    #[error("the authorization server does not name itself in its answers")]
    NoIssuerInAnswers,
    /// The server takes no anonymous client. OpenID4VCI 1.0 §12.3
    #[error("the authorization server wants a client id")]
    ClientNeedsName,
    /// Attested wallets or attested keys are taken alone, and nobody attests those of this one. HAIP 1.0 §4.4 and §4.5
    #[error("only attested wallets or keys are taken")]
    AttestationNeeded,
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
    /// The person signs in with the issuer first.
    #[error("a sign-in is needed first")]
    SignInNeeded,
    /// What was typed cannot be the code.
    #[error(transparent)]
    TxCodeInput(#[from] TxCodeInputError),
    /// The DPoP key does not sign.
    #[error(transparent)]
    Sign(#[from] SignError),
}
