//! The access token and the DPoP proof of a request. RFC 9449

use http::HeaderMap;
use http::header::AUTHORIZATION;
use oid4vci::{AuthorizationErrorCode, DpopError, DpopExpectation, PresentedToken, UnverifiedDpop, VerifiedDpop};
use url::Url;

use crate::app::App;
use crate::error::ApiError;
use crate::store::Write;
use crate::store::tokens::{self, Shown};
use crate::store::used::{self, Used};

/// Checks the DPoP proof of a token request.
pub(super) fn of_token_request(app: &App, headers: &HeaderMap) -> Result<VerifiedDpop, ApiError> {
    verify(app, headers, &app.0.published.token_url, None).map_err(|error| refused_at_token(app, error))
}

/// Checks the DPoP proof of a pushed request, if there is one. RFC 9449 §10.1
pub(super) fn of_pushed_request(app: &App, headers: &HeaderMap) -> Result<Option<VerifiedDpop>, ApiError> {
    match verify(app, headers, &app.0.published.par_url, None) {
        Ok(proof) => Ok(Some(proof)),
        Err(DpopError::Missing) => Ok(None),
        Err(error) => Err(refused_when_pushed(app, error)),
    }
}

/// A refusal of the proof of a pushed request, with a fresh nonce.
pub(super) fn refused_when_pushed(app: &App, error: DpopError) -> ApiError {
    ApiError::PushedDpop(error, fresh_nonce(app))
}

/// A refusal of the proof at the token endpoint, with a fresh nonce.
pub(super) fn refused_at_token(app: &App, error: DpopError) -> ApiError {
    ApiError::TokenDpop(error, fresh_nonce(app))
}

/// Checks access token and proof of a request to a protected endpoint: the token is known, the proof covers it, and
/// its key is the one the token is bound to.
pub(super) async fn of_request(app: &App, headers: &HeaderMap, url: &Url) -> Result<(Shown, VerifiedDpop), ApiError> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let header = values.next().map(|value| value.to_str().unwrap_or_default());
    if values.next().is_some() {
        return Err(refused(app, Some(AuthorizationErrorCode::InvalidToken)));
    }
    let token = PresentedToken::parse(header).map_err(|error| refused(app, error.code()))?;
    let proof = verify(app, headers, url, Some(token.as_str()))
        .map_err(|error| refused(app, Some(error.authorization_code())))?;
    let mut reading = app.0.store.read().await?;
    let known = tokens::find(&mut *reading, token.as_str(), app.now()).await?;
    match known {
        Some(shown) if shown.token.jkt == proof.jkt() => Ok((shown, proof)),
        _ => Err(refused(app, Some(AuthorizationErrorCode::InvalidToken))),
    }
}

/// A refusal at a protected endpoint, with a fresh nonce.
pub(super) fn refused(app: &App, code: Option<AuthorizationErrorCode>) -> ApiError {
    ApiError::Authorization(code, fresh_nonce(app))
}

/// Marks the proof as used; false if it was used before. RFC 9449 §11.1
pub(super) async fn spend(write: &mut Write, proof: &VerifiedDpop) -> Result<bool, sqlx::Error> {
    used::mark(write, Used::DpopProof, &proof.replay_key(), proof.forget_at()).await
}

/// A nonce for the next DPoP proof.
pub(super) fn fresh_nonce(app: &App) -> String {
    app.0.dpop_nonces.issue(app.now(), &mut service::random::fill)
}

fn verify(app: &App, headers: &HeaderMap, url: &Url, token: Option<&str>) -> Result<VerifiedDpop, DpopError> {
    let proofs = headers
        .get_all("dpop")
        .iter()
        .map(|value| value.to_str().unwrap_or_default());
    let expected = DpopExpectation {
        method: "POST",
        url,
        access_token: token,
        nonces: &app.0.dpop_nonces,
        now: app.now(),
    };
    UnverifiedDpop::parse(proofs)?.verify(&expected)
}
