//! From an access token to credentials.

use jose::{RandomSource, SignError, Signer, UnixTime};
use url::Url;

use super::answer::{self, Answered, Asked, CredentialAnswer, authorization_code, credential_code};
use super::deferred::DeferredSession;
use super::failure::{CredentialFailure, CredentialStepError, NonceFailure};
use super::http::{HttpRequest, HttpResponse, Reply};
use super::notifications::NotificationSession;
use super::protection::{Protection, ResponseFormError, ResponseKey, Sealed};
use super::refresh::RefreshSession;
use crate::credential_request::{CredentialRequest, Proofs, RequestedCredential};
use crate::dpop::{DpopTarget, make_dpop_proof};
use crate::error_code::{AuthorizationErrorCode, CredentialErrorCode};
use crate::key_proof::{make_attested_key_proof, make_key_proof};
use crate::metadata::{IssuerMetadata, ProofForm};
use crate::nonce::NonceResponse;
use crate::token_response::TokenResponse;

/// An access token, and what it is good for.
#[derive(Clone)]
pub struct AuthorizedIssuance {
    metadata: IssuerMetadata,
    offered: Vec<String>,
    token: TokenResponse,
    refresh: Option<RefreshSession>,
    dpop_nonce: Option<String>,
    c_nonce: Option<String>,
    response_key: Option<ResponseKey>,
    /// The configuration of the request that is under way.
    asked: Option<String>,
}

impl std::fmt::Debug for AuthorizedIssuance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AuthorizedIssuance")
            .field("offered", &self.offered)
            .finish_non_exhaustive()
    }
}

/// Keys, and the attestation that vouches for all of them.
#[derive(Clone, Copy)]
pub struct AttestedKeys<'a> {
    /// How the attestation goes along.
    pub form: ProofForm,
    /// The attestation, made for these keys and the held `c_nonce`.
    pub attestation: &'a str,
    /// The keys.
    pub keys: &'a [&'a dyn Signer],
}

impl AuthorizedIssuance {
    pub(super) fn new(
        metadata: IssuerMetadata,
        offered: Vec<String>,
        token: TokenResponse,
        refresh: Option<RefreshSession>,
        dpop_nonce: Option<String>,
    ) -> Self {
        Self {
            metadata,
            offered,
            token,
            refresh,
            dpop_nonce,
            c_nonce: None,
            response_key: None,
            asked: None,
        }
    }

    /// The credential configurations that were offered.
    #[must_use]
    pub fn offered(&self) -> &[String] {
        &self.offered
    }

    /// The issuer's metadata.
    #[must_use]
    pub fn metadata(&self) -> &IssuerMetadata {
        &self.metadata
    }

    /// What is needed to get the copies again later, if the server gave a refresh token. OpenID4VCI 1.0 §13.5
    #[must_use]
    pub fn refresh(&self) -> Option<&RefreshSession> {
        self.refresh.as_ref()
    }

    /// The request for a fresh `c_nonce`, unless the issuer needs none. OpenID4VCI 1.0 §7.1
    #[must_use]
    pub fn nonce_request(&self) -> Option<HttpRequest> {
        let url = self.metadata.nonce_endpoint.clone()?;
        let headers = vec![("accept", "application/json".to_owned())];
        Some(HttpRequest {
            method: "POST",
            url,
            headers,
            body: Vec::new(),
        })
    }

    /// Keeps the nonce for the next credential request. OpenID4VCI 1.0 §7.2
    pub fn nonce_response(&mut self, response: &HttpResponse<'_>) -> Result<(), NonceFailure> {
        self.keep_dpop_nonce(response);
        if response.status != 200 {
            return Err(NonceFailure::Status(response.status));
        }
        if !response.is_json() {
            return Err(NonceFailure::NotJson);
        }
        self.c_nonce = Some(NonceResponse::parse(response.body)?.c_nonce);
        Ok(())
    }

    /// The request for one copy of a card for each key. OpenID4VCI 1.0 §8.2
    pub fn credential_request(
        &mut self,
        configuration_id: &str,
        keys: &[&dyn Signer],
        dpop_key: &dyn Signer,
        now: UnixTime,
        random: &mut dyn RandomSource,
    ) -> Result<HttpRequest, CredentialStepError> {
        self.may_ask(configuration_id, keys.len())?;
        let issuer = &self.metadata.credential_issuer;
        let proofs: Result<Vec<_>, _> = keys
            .iter()
            .map(|key| make_key_proof(issuer, self.c_nonce.as_deref(), *key, now))
            .collect();
        self.request(configuration_id, Proofs::Jwt(proofs?), dpop_key, now, random)
    }

    /// The request for one copy of a card for each key that an attestation made for the held `c_nonce` vouches for.
    /// With [`ProofForm::JwtAttested`] the first key shows possession besides. OpenID4VCI 1.0 Appendix F.1 and F.3
    pub fn attested_credential_request(
        &mut self,
        configuration_id: &str,
        attested: &AttestedKeys<'_>,
        dpop_key: &dyn Signer,
        now: UnixTime,
        random: &mut dyn RandomSource,
    ) -> Result<HttpRequest, CredentialStepError> {
        self.may_ask(configuration_id, attested.keys.len())?;
        let proofs = match (attested.form, attested.keys.first()) {
            (ProofForm::JwtAttested, Some(first)) => {
                let (issuer, nonce) = (&self.metadata.credential_issuer, self.c_nonce.as_deref());
                let proof = make_attested_key_proof(issuer, nonce, attested.attestation, *first, now)?;
                Proofs::Jwt(vec![proof])
            }
            _ => Proofs::Attestation(attested.attestation.to_owned()),
        };
        self.request(configuration_id, proofs, dpop_key, now, random)
    }

    /// The held `c_nonce`, for a key attestation. OpenID4VCI 1.0 Appendix F.1
    #[must_use]
    pub fn c_nonce(&self) -> Option<&str> {
        self.c_nonce.as_deref()
    }

    fn may_ask(&self, configuration_id: &str, keys: usize) -> Result<(), CredentialStepError> {
        if !self.offered.iter().any(|id| id == configuration_id) {
            return Err(CredentialStepError::NotOffered);
        }
        if keys == 0 || keys > self.metadata.proofs_per_request() {
            return Err(CredentialStepError::BatchSize);
        }
        if self.metadata.nonce_endpoint.is_some() && self.c_nonce.is_none() {
            return Err(CredentialStepError::NonceMissing);
        }
        Ok(())
    }

    /// The request with these proofs, encrypted where the issuer offers it.
    fn request(
        &mut self,
        configuration_id: &str,
        proofs: Proofs,
        dpop_key: &dyn Signer,
        now: UnixTime,
        random: &mut dyn RandomSource,
    ) -> Result<HttpRequest, CredentialStepError> {
        let requested = self.requested(configuration_id);
        let put = |response_encryption| {
            CredentialRequest {
                requested,
                proofs: Some(proofs),
                response_encryption,
            }
            .to_value()
        };
        let mut sealed = Protection::of(&self.metadata)?.seal(put, random)?;
        self.response_key = sealed.response_key.take();
        self.asked = Some(configuration_id.to_owned());
        let token = TokenUse {
            access_token: &self.token.access_token,
            dpop_nonce: self.dpop_nonce.as_deref(),
        };
        Ok(token.post_sealed(&self.metadata.credential_endpoint, sealed, dpop_key, now, random)?)
    }

    /// Reads the answer to a credential request made with `keys` keys. OpenID4VCI 1.0 §8.3
    pub fn credential_response(
        &mut self,
        response: &HttpResponse<'_>,
        keys: usize,
    ) -> Result<Reply<CredentialAnswer>, CredentialFailure> {
        let fresh_nonce = self.keep_dpop_nonce(response);
        // A `c_nonce` is used once, whatever came of it.
        self.c_nonce = None;
        let response_key = self.response_key.take();
        if !matches!(response.status, 200 | 202) {
            return self.credential_refusal(response, fresh_nonce);
        }
        let objects = self.asks_for_objects();
        match answer::read(response, response_key.as_ref(), Asked { keys, objects })? {
            Answered::Issued(issued) => Ok(Reply::Done(CredentialAnswer::Issued(issued))),
            Answered::Deferred {
                transaction_id,
                interval,
            } => {
                let endpoint = self.metadata.deferred_credential_endpoint.clone();
                let session = DeferredSession {
                    endpoint: endpoint.ok_or(CredentialFailure::NoDeferredEndpoint)?,
                    access_token: self.token.access_token.clone(),
                    dpop_nonce: self.dpop_nonce.clone(),
                    transaction_id,
                    interval,
                    keys,
                    objects,
                    protection: Protection::of(&self.metadata).map_err(|_| ResponseFormError::NotEncrypted)?,
                    response_key: None,
                };
                Ok(Reply::Done(CredentialAnswer::Deferred(Box::new(session))))
            }
        }
    }

    /// Whether the credentials asked for are objects, by the issuer's metadata.
    fn asks_for_objects(&self) -> bool {
        let known = &self.metadata.credential_configurations_supported;
        let asked = self.asked.as_ref().and_then(|id| known.get(id));
        asked.is_some_and(|configuration| configuration.format.is_object())
    }

    /// What is needed to tell the issuer later what became of the credentials, if it wants to know.
    /// OpenID4VCI 1.0 §11
    #[must_use]
    pub fn notifications(&self) -> Option<NotificationSession> {
        Some(NotificationSession {
            endpoint: self.metadata.notification_endpoint.clone()?,
            access_token: self.token.access_token.clone(),
            expires_in: self.token.expires_in,
            dpop_nonce: self.dpop_nonce.clone(),
        })
    }

    fn credential_refusal(
        &self,
        response: &HttpResponse<'_>,
        fresh_nonce: bool,
    ) -> Result<Reply<CredentialAnswer>, CredentialFailure> {
        if matches!(response.status, 401 | 403) {
            return match authorization_code(response) {
                // The proofs were not looked at, but their nonce is gone here: a fresh one costs nothing.
                Some(AuthorizationErrorCode::UseDpopNonce) if fresh_nonce && self.metadata.nonce_endpoint.is_some() => {
                    Ok(Reply::RepeatWithFreshNonce)
                }
                Some(AuthorizationErrorCode::UseDpopNonce) if fresh_nonce => Ok(Reply::RepeatWithDpopNonce),
                code => Err(CredentialFailure::Unauthorized(code)),
            };
        }
        match credential_code(response) {
            Some(CredentialErrorCode::InvalidNonce) if self.metadata.nonce_endpoint.is_some() => {
                Ok(Reply::RepeatWithFreshNonce)
            }
            Some(code) => Err(CredentialFailure::Refused(code)),
            None => Err(CredentialFailure::Status(response.status)),
        }
    }

    /// By dataset when the token response named one, else by configuration. OpenID4VCI 1.0 §8.2
    fn requested(&self, configuration_id: &str) -> RequestedCredential {
        let details = self.token.authorization_details.iter().flatten();
        let identifier = details
            .filter(|detail| detail.credential_configuration_id == configuration_id)
            .find_map(|detail| detail.credential_identifiers.as_ref()?.first());
        match identifier {
            Some(identifier) => RequestedCredential::Identifier(identifier.clone()),
            None => RequestedCredential::Configuration(configuration_id.to_owned()),
        }
    }

    /// Whether the response brought a nonce that was not known.
    fn keep_dpop_nonce(&mut self, response: &HttpResponse<'_>) -> bool {
        match response.dpop_nonce {
            Some(nonce) if self.dpop_nonce.as_deref() != Some(nonce) => {
                self.dpop_nonce = Some(nonce.to_owned());
                true
            }
            _ => false,
        }
    }
}

/// An access token about to be used. RFC 9449 §7
pub(super) struct TokenUse<'a> {
    pub(super) access_token: &'a str,
    pub(super) dpop_nonce: Option<&'a str>,
}

impl TokenUse<'_> {
    /// A request with the token and a proof for it.
    pub(super) fn post(
        &self,
        url: &Url,
        body: Vec<u8>,
        dpop_key: &dyn Signer,
        now: UnixTime,
        random: &mut dyn RandomSource,
    ) -> Result<HttpRequest, SignError> {
        let plain = Sealed {
            body,
            content_type: "application/json",
            response_key: None,
        };
        self.post_sealed(url, plain, dpop_key, now, random)
    }

    /// The same with a body that may be encrypted.
    pub(super) fn post_sealed(
        &self,
        url: &Url,
        sealed: Sealed,
        dpop_key: &dyn Signer,
        now: UnixTime,
        random: &mut dyn RandomSource,
    ) -> Result<HttpRequest, SignError> {
        let target = DpopTarget {
            method: "POST",
            url,
            access_token: Some(self.access_token),
            nonce: self.dpop_nonce,
        };
        let proof = make_dpop_proof(&target, dpop_key, now, random)?;
        let headers = vec![
            ("content-type", sealed.content_type.to_owned()),
            // Refusals are never encrypted. OpenID4VCI 1.0 §8.3.1.2
            ("accept", "application/json, application/jwt".to_owned()),
            ("authorization", format!("DPoP {}", self.access_token)),
            ("dpop", proof),
        ];
        Ok(HttpRequest {
            method: "POST",
            url: url.clone(),
            headers,
            body: sealed.body,
        })
    }
}
