//! From a pushed request to a code. RFC 9126, RFC 6749 §4.1, RFC 9207

use oid4vci::{
    AuthorizationOutcome, AuthorizationRequest, AuthorizationRequestErrorCode, CodeBinding, IssuedCode,
    PushedAuthorizationResponse, SecretHash, VerifiedClient, VerifiedDpop,
};
use serde::Deserialize;
use url::Url;

use super::wanted::{Refusal, types, wanted};
use crate::app::App;
use crate::day;
use crate::error::ApiError;
use crate::issue::{ConfigurationId, claims};
use crate::store::authorizations::{self, Code, Pushed, SignInUnderWay};
use crate::store::offers::{self, Flow, Offer};
use crate::store::tokens::Wanted;
use crate::store::{Write, people};

/// For how many seconds a pushed request can be opened. RFC 9126 §2.2
const PUSHED_SECONDS: u64 = 300;
/// For how many seconds a sign-in may go on.
pub(crate) const SIGN_IN_SECONDS: u64 = 900;
/// For how many seconds a code can be redeemed.
const CODE_SECONDS: u64 = 60;
/// For how many seconds more a code is remembered, so that its second use is noticed.
const CODE_MEMORY: u64 = 86_400;

/// Why a browser is not sent to the provider.
#[derive(Debug)]
pub(crate) enum BeginError {
    /// There is no such request, or not any more.
    NoSuchRequest,
    /// The provider cannot be used; the wallet hears it.
    Refused(Url),
    /// A failure of ours.
    Failed(ApiError),
}

/// Why a browser that came back is not sent on.
#[derive(Debug)]
pub(crate) enum FinishError {
    /// There is no such sign-in, or it began in another browser: nobody is told anything.
    NoSuchSignIn,
    /// A failure of ours.
    Failed(ApiError),
}

/// A browser on its way to the provider.
pub(crate) struct SentToProvider {
    /// Where it goes.
    pub(crate) url: Url,
    /// What names this sign-in when it comes back.
    pub(crate) state: String,
}

impl<E: Into<ApiError>> From<E> for BeginError {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl<E: Into<ApiError>> From<E> for FinishError {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// What the provider sends back. OpenID Connect Core 1.0 §3.1.2.5 and §3.1.2.6
#[derive(Deserialize)]
pub(crate) struct Callback {
    state: Option<String>,
    code: Option<String>,
    error: Option<String>,
    iss: Option<String>,
}

impl Callback {
    /// Which sign-in it says it answers.
    pub(crate) fn state(&self) -> &str {
        self.state.as_deref().unwrap_or_default()
    }
}

/// What a pushed request is refused with.
#[derive(Debug)]
pub(crate) enum PushError {
    /// With a code of the specification.
    Refused(AuthorizationRequestErrorCode, String),
    /// A failure of ours.
    Failed(ApiError),
}

impl<E: Into<ApiError>> From<E> for PushError {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl App {
    /// Checks a request and keeps what is needed of it, in the transaction that has marked its proofs. Everything that
    /// can be refused is refused here, before anybody signs in.
    pub(crate) async fn push_authorization(
        &self,
        mut write: Write,
        request: AuthorizationRequest,
        proof: Option<&VerifiedDpop>,
        client: Option<&VerifiedClient>,
    ) -> Result<PushedAuthorizationResponse, PushError> {
        let refused = |(code, why): Refusal| PushError::Refused(code, why.to_owned());
        let binding = binding(&request, proof, client).map_err(refused)?;
        self.redirect_uri(&binding).map_err(refused)?;
        let pushed = Pushed {
            wanted: wanted(&self.0.settings, &request).map_err(refused)?,
            binding,
            state: request.state,
            issuer_state: request.issuer_state,
        };
        if self
            .offer_of(&mut write, &pushed)
            .await?
            .is_some_and(|open| open.is_err())
        {
            let why = "the issuer_state is not one that can be used";
            return Err(refused((AuthorizationRequestErrorCode::InvalidRequest, why)));
        }
        // Anybody may push, so what is kept is bounded.
        if authorizations::under_way(&mut write, self.now()).await? >= self.0.settings.own.pushed_requests {
            let why = "too many sign-ins are under way";
            return Err(refused((AuthorizationRequestErrorCode::TemporarilyUnavailable, why)));
        }
        let token = service::random::token();
        authorizations::push(&mut write, &token, &pushed, self.now() + PUSHED_SECONDS).await?;
        write.commit().await?;
        Ok(PushedAuthorizationResponse::new(&token, PUSHED_SECONDS))
    }

    /// Sends a browser to the provider, once for each pushed request. `browser` is the secret of its cookie.
    pub(crate) async fn begin_authorization(
        &self,
        client_id: &str,
        request_uri: &str,
        browser: &str,
    ) -> Result<SentToProvider, BeginError> {
        let token = PushedAuthorizationResponse::token(request_uri).ok_or(BeginError::NoSuchRequest)?;
        let citizens = self.0.citizens.as_ref().ok_or(BeginError::NoSuchRequest)?;
        let now = self.now();
        let pushed = authorizations::find_pushed(self.0.store.reader(), token, now).await?;
        let pushed = pushed.filter(|pushed| pushed.binding.client_id == client_id);
        let pushed = pushed.ok_or(BeginError::NoSuchRequest)?;
        // Only for a request that there is, and outside the transaction: the provider may be slow.
        let begun = citizens.begin().await;
        let mut write = self.0.store.begin().await?;
        let begun = match begun {
            Ok(begun) => begun,
            Err(error) => {
                tracing::warn!(%error, "nobody can sign in");
                authorizations::drop_pushed(&mut write, token).await?;
                write.commit().await?;
                let code = AuthorizationRequestErrorCode::TemporarilyUnavailable;
                let answer = self.answer(&pushed, &AuthorizationOutcome::Refused(code));
                return Err(answer.map_or(BeginError::NoSuchRequest, BeginError::Refused));
            }
        };
        // Another browser may have opened it meanwhile.
        let still = authorizations::find_pushed(&mut *write, token, now).await?;
        still.ok_or(BeginError::NoSuchRequest)?;
        let sign_in = SignInUnderWay {
            nonce: begun.nonce,
            verifier: begun.verifier,
            browser: SecretHash::of(browser),
        };
        authorizations::begin_sign_in(&mut write, token, &begun.state, &sign_in, now + SIGN_IN_SECONDS).await?;
        write.commit().await?;
        Ok(SentToProvider {
            url: begun.url,
            state: begun.state,
        })
    }

    /// Takes the provider's answer and sends the browser back to the wallet: with a code, or with the reason why not.
    pub(crate) async fn finish_authorization(&self, answer: Callback, browser: &str) -> Result<Url, FinishError> {
        let state = answer.state();
        let mut write = self.0.store.begin().await?;
        let found = authorizations::find_sign_in(&mut write, state, self.now()).await?;
        let found = found.filter(|(_, sign_in)| sign_in.browser.matches(&SecretHash::of(browser)));
        let (pushed, sign_in) = found.ok_or(FinishError::NoSuchSignIn)?;
        // Each sign-in has one answer, whatever it is.
        authorizations::end_sign_in(&mut write, state).await?;
        write.commit().await?;
        let outcome = match self.signed_in(answer, sign_in).await {
            // Nothing is left to ask again for: the wallet hears it, and can begin anew.
            Ok(person) => self
                .authorize(&pushed, &person)
                .await
                .unwrap_or_else(|error| Err(told_of(&error))),
            Err(code) => Err(code),
        };
        let outcome = outcome.map_or_else(AuthorizationOutcome::Refused, AuthorizationOutcome::Code);
        self.answer(&pushed, &outcome).ok_or(FinishError::NoSuchSignIn)
    }

    /// Who signed in.
    async fn signed_in(
        &self,
        answer: Callback,
        sign_in: SignInUnderWay,
    ) -> Result<String, AuthorizationRequestErrorCode> {
        let citizens = self.0.citizens.as_ref();
        let citizens = citizens.ok_or(AuthorizationRequestErrorCode::TemporarilyUnavailable)?;
        if answer.iss.as_deref().is_some_and(|issuer| !citizens.is_named(issuer)) {
            tracing::warn!("an answer of another provider was refused");
            return Err(AuthorizationRequestErrorCode::AccessDenied);
        }
        let code = match (answer.error, answer.code) {
            (None, Some(code)) => code,
            _ => return Err(AuthorizationRequestErrorCode::AccessDenied),
        };
        citizens
            .finish(&code, &sign_in.verifier, &sign_in.nonce)
            .await
            .map_err(|error| {
                tracing::warn!(%error, "nobody was signed in");
                if error.is_passing() {
                    AuthorizationRequestErrorCode::TemporarilyUnavailable
                } else {
                    AuthorizationRequestErrorCode::AccessDenied
                }
            })
    }

    /// A code for the person's cards, if they can have them.
    async fn authorize(
        &self,
        pushed: &Pushed,
        person: &str,
    ) -> Result<Result<String, AuthorizationRequestErrorCode>, ApiError> {
        let denied = Ok(Err(AuthorizationRequestErrorCode::AccessDenied));
        let now = self.now();
        let mut write = self.0.store.begin().await?;
        let offer = match self.offer_of(&mut write, pushed).await? {
            Some(Ok(offer)) => Some(offer),
            Some(Err(())) => return denied,
            None => None,
        };
        // The issuer_state may have come from anybody: the offer is for one person alone. OpenID4VCI 1.0 §5.1.3
        if offer.as_ref().is_some_and(|offer| offer.subject != person) {
            tracing::warn!("somebody signed in for another person's offer");
            return denied;
        }
        if !self.can_have(&mut write, &pushed.wanted, person).await? {
            return denied;
        }
        // An offer is a decision of the agency; a wallet that comes by itself undoes none.
        if offer.is_none() && self.is_barred(&mut write, &pushed.wanted, person).await? {
            return denied;
        }
        let secret = service::random::token();
        let expires_at = now + CODE_SECONDS;
        let code = Code {
            issued: IssuedCode::new(pushed.binding.clone(), expires_at),
            wanted: pushed.wanted.clone(),
            subject: person.to_owned(),
            offer_id: offer.map(|offer| offer.id),
            grant_id: service::random::id(),
        };
        authorizations::insert_code(&mut write, &secret, &code, expires_at + CODE_MEMORY).await?;
        write.commit().await?;
        Ok(Ok(secret))
    }

    /// Whether the register holds this person, and what the cards need.
    async fn can_have(&self, write: &mut Write, wanted: &Wanted, person: &str) -> Result<bool, ApiError> {
        let Some(person) = people::find(&mut **write, person).await? else {
            return Ok(false);
        };
        let today = day::date(self.now()).map_err(ApiError::internal)?;
        let has = |id: &String| claims(&ConfigurationId::parse(id).credential_type, &person, today).is_ok();
        Ok(wanted.configurations.iter().all(has))
    }

    /// Whether something that the agency decided stands against one of the cards.
    pub(super) async fn is_barred(
        &self,
        write: &mut Write,
        wanted: &Wanted,
        person: &str,
    ) -> Result<bool, sqlx::Error> {
        for credential_type in types(wanted) {
            if offers::is_barred(write, person, &credential_type, self.now()).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The offer that `issuer_state` names: none is named, or it can be taken up with this request, or not.
    async fn offer_of(&self, write: &mut Write, pushed: &Pushed) -> Result<Option<Result<Offer, ()>>, sqlx::Error> {
        let Some(state) = &pushed.issuer_state else {
            return Ok(None);
        };
        let offer = offers::find_by_code(&mut **write, Flow::AuthorizationCode, state).await?;
        let now = self.now();
        let fits = |offer: &Offer| {
            let kind = |id: &String| ConfigurationId::parse(id).credential_type == offer.credential_type;
            offer.grant.clone().redeem(None, now).is_ok() && pushed.wanted.configurations.iter().all(kind)
        };
        Ok(Some(offer.filter(fits).ok_or(())))
    }

    fn redirect_uri(&self, binding: &CodeBinding) -> Result<Url, Refusal> {
        let wallets = &self.0.settings.own.wallets;
        let client = wallets.iter().find(|wallet| wallet.client_id == binding.client_id);
        let client = client.ok_or((AuthorizationRequestErrorCode::InvalidClient, "the client is unknown"))?;
        let why = "the redirect_uri is not one of this client";
        client
            .redirect_uri(&binding.redirect_uri)
            .ok_or((AuthorizationRequestErrorCode::InvalidRequest, why))
    }

    /// Where the wallet hears the outcome.
    fn answer(&self, pushed: &Pushed, outcome: &AuthorizationOutcome) -> Option<Url> {
        // A wallet that was taken out of the settings since hears nothing.
        let redirect_uri = self.redirect_uri(&pushed.binding).ok()?;
        Some(outcome.redirect(&redirect_uri, pushed.state.as_deref(), &self.0.settings.identifier))
    }
}

/// What a wallet hears of a failure of ours. RFC 6749 §4.1.2.1
fn told_of(error: &ApiError) -> AuthorizationRequestErrorCode {
    if let ApiError::Internal(error) = error {
        tracing::error!(%error, "a sign-in failed");
        return AuthorizationRequestErrorCode::ServerError;
    }
    tracing::warn!(?error, "a sign-in failed");
    AuthorizationRequestErrorCode::TemporarilyUnavailable
}

/// What the code will be bound to. The key of a DPoP proof is the one of the code. RFC 9449 §10.1
fn binding(
    request: &AuthorizationRequest,
    proof: Option<&VerifiedDpop>,
    client: Option<&VerifiedClient>,
) -> Result<CodeBinding, Refusal> {
    let proven = proof.map(VerifiedDpop::jkt);
    if proven.is_some() && request.dpop_jkt.is_some() && proven != request.dpop_jkt {
        let why = "dpop_jkt is not the key of the proof";
        return Err((AuthorizationRequestErrorCode::InvalidDpopProof, why));
    }
    Ok(CodeBinding {
        client_id: request.client_id.clone(),
        redirect_uri: request.redirect_uri.clone(),
        code_challenge: request.code_challenge.clone(),
        dpop_jkt: proven.or(request.dpop_jkt),
        instance_jkt: client.map(VerifiedClient::jkt),
    })
}
