//! The token endpoint: a code becomes an access token that belongs to a key. OpenID4VCI 1.0 §6

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use oid4vci::{
    AuthorizationDetail, ClientAttestationError, DpopError, GrantState, PreAuthorizedCodeRequest, ProvenKeys,
    TokenErrorCode, TokenRequest, TokenResponse, VerifiedClient,
};

use super::body::{has_media_type, no_store_with_nonce};
use super::{client, proof};
use crate::app::App;
use crate::authorization::{Granted, grant_for, redeem_code, redeem_refresh, token_seconds};
use crate::error::ApiError;
use crate::issue::ConfigurationId;
use crate::store::Write;
use crate::store::offers::{self, Approval, Flow, Offer};
use crate::store::together::Together;
use crate::store::tokens::{self, AskedBy, Wanted};

/// Redeems a code or a refresh token, in one transaction: of a hundred with one code at once, one succeeds.
pub(super) async fn token(State(app): State<App>, headers: HeaderMap, body: Bytes) -> Result<Response, ApiError> {
    let proof = proof::of_token_request(&app, &headers)?;
    if !has_media_type(&headers, "application/x-www-form-urlencoded") {
        return Err(ApiError::token(
            TokenErrorCode::InvalidRequest,
            &"the body is not a form",
        ));
    }
    let mut request = TokenRequest::parse(&body).map_err(|error| ApiError::token(error.code(), &error))?;
    let client = client::attested(&app, &headers, request.client_id(), Some(&proof));
    let client = client.map_err(|error| not_attested(&app, &error))?;
    if let Some(client) = &client {
        request.authenticated(client.client_id());
    }
    let mut write = app.0.store.begin().await?;
    if !proof::spend(&mut write, &proof).await? {
        return Err(proof::refused_at_token(&app, DpopError::Replayed));
    }
    if !client::spend(&mut write, client.as_ref()).await? {
        return Err(not_attested(&app, &ClientAttestationError::Replayed));
    }
    let keys = ProvenKeys {
        dpop_jkt: proof.jkt(),
        instance_jkt: client.as_ref().map(VerifiedClient::jkt),
    };
    let response = match &request {
        TokenRequest::PreAuthorizedCode(request) => redeem(&app, write, request, keys).await?,
        TokenRequest::AuthorizationCode(request) => redeem_code(&app, write, request, keys).await?,
        TokenRequest::Refresh(request) => redeem_refresh(&app, write, request, keys).await?,
        _ => {
            let why = "the grant type is not supported";
            return Err(ApiError::token(TokenErrorCode::UnsupportedGrantType, &why));
        }
    };
    Ok(no_store_with_nonce(
        StatusCode::OK,
        &response,
        &proof::fresh_nonce(&app),
    ))
}

async fn redeem(
    app: &App,
    mut write: Write,
    request: &PreAuthorizedCodeRequest,
    keys: ProvenKeys,
) -> Result<TokenResponse, ApiError> {
    let now = app.now();
    let found = offers::find_by_code(&mut *write, Flow::PreAuthorizedCode, &request.pre_authorized_code).await?;
    let Some(mut offer) = found else {
        write.commit().await?;
        return Err(ApiError::token(TokenErrorCode::InvalidGrant, &"the code is unknown"));
    };
    let granted = granted(app, &offer, request)?;
    let redeemed = offer.grant.redeem(request.tx_code.as_deref(), now);
    offers::put_grant(&mut write, &offer.id, &offer.grant).await?;
    if let Err(error) = redeemed {
        write.commit().await?;
        if offer.grant.state == GrantState::Locked {
            app.0.metrics.offers_locked.inc();
            tracing::warn!(offer = %offer.id, "offer locked");
        }
        return Err(ApiError::token(error.code(), &error));
    }
    let wanted = match &granted {
        Some(details) => Wanted {
            configurations: details
                .iter()
                .map(|one| one.credential_configuration_id.clone())
                .collect(),
            asked_by: AskedBy::Identifier,
        },
        None => Wanted {
            configurations: crate::issue::offered(&app.0.settings, &offer.credential_type)
                .iter()
                .map(ToString::to_string)
                .collect(),
            asked_by: AskedBy::Configuration,
        },
    };
    let grant_id = service::random::id();
    let mut together = Together::default();
    tokens::add_to_grant(&mut together, &grant_id, &offer.id, now);
    let grant = Granted {
        grant_id: &grant_id,
        client_id: request.client_id.as_deref(),
        wanted: &wanted,
        keys,
        seconds: token_seconds(app, offer.approval == Some(Approval::Waiting)),
    };
    let mut response = grant_for(app, &mut together, &grant, &[offer.id])?;
    together.run(&mut write).await?;
    write.commit().await?;
    response.authorization_details = granted;
    Ok(response)
}

fn not_attested(app: &App, error: &ClientAttestationError) -> ApiError {
    client::not_attested(app, error, |why| ApiError::Token(TokenErrorCode::InvalidClient, why))
}

/// What `authorization_details` grants: the offered configurations asked for, each with its one dataset.
/// OpenID4VCI 1.0 §6.2
fn granted(
    app: &App,
    offer: &Offer,
    request: &PreAuthorizedCodeRequest,
) -> Result<Option<Vec<AuthorizationDetail>>, ApiError> {
    let Some(details) = &request.authorization_details else {
        return Ok(None);
    };
    let offered = crate::issue::offered(&app.0.settings, &offer.credential_type);
    details
        .iter()
        .map(|detail| {
            let id = ConfigurationId::parse(&detail.credential_configuration_id);
            if !offered.contains(&id) {
                return Err(ApiError::token(
                    TokenErrorCode::InvalidRequest,
                    &"a credential was not offered",
                ));
            }
            let mut granted = AuthorizationDetail::new(&detail.credential_configuration_id);
            granted.credential_identifiers = Some(vec![detail.credential_configuration_id.clone()]);
            Ok(granted)
        })
        .collect::<Result<Vec<_>, _>>()
        .map(Some)
}
