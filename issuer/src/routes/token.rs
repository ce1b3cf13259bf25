//! The token endpoint: a code becomes an access token that belongs to a key. OpenID4VCI 1.0 §6

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use oid4vci::{
    AuthorizationDetail, DpopError, GrantState, PreAuthorizedCodeRequest, SecretHash, TokenErrorCode, TokenRequest,
    TokenResponse, TokenType, VerifiedDpop,
};

use super::body::{has_media_type, no_store_with_nonce};
use super::description::{OAuthError, TokenForm};
use super::proof;
use crate::app::App;
use crate::error::ApiError;
use crate::issue::ConfigurationId;
use crate::store::offers::{self, Offer};
use crate::store::tokens::{self, AccessToken, AskedBy};

/// For how many seconds an access token is good.
const TOKEN_SECONDS: u64 = 600;

/// Redeems a pre-authorized code, in one transaction: of a hundred at once, one succeeds.
#[utoipa::path(
    post,
    path = "/token",
    tag = "wallets",
    security(("dpop" = [])),
    request_body(content = inline(TokenForm), content_type = "application/x-www-form-urlencoded"),
    responses(
    (status = 200, description = "OpenID4VCI 1.0 §6.2", body = Object),
    (status = 400, description = "OpenID4VCI 1.0 §6.3", body = inline(OAuthError)),
    ),
)]
pub(super) async fn token(State(app): State<App>, headers: HeaderMap, body: Bytes) -> Result<Response, ApiError> {
    let proof = proof::of_token_request(&app, &headers)?;
    if !has_media_type(&headers, "application/x-www-form-urlencoded") {
        return Err(ApiError::token(
            TokenErrorCode::InvalidRequest,
            &"the body is not a form",
        ));
    }
    let request = TokenRequest::parse(&body).map_err(|error| ApiError::token(error.code(), &error))?;
    let TokenRequest::PreAuthorizedCode(request) = request else {
        return Err(ApiError::token(
            TokenErrorCode::UnsupportedGrantType,
            &"the grant type is not supported",
        ));
    };
    let response = redeem(&app, &request, &proof).await?;
    Ok(no_store_with_nonce(
        StatusCode::OK,
        &response,
        &proof::fresh_nonce(&app),
    ))
}

async fn redeem(
    app: &App,
    request: &PreAuthorizedCodeRequest,
    proof: &VerifiedDpop,
) -> Result<TokenResponse, ApiError> {
    let now = app.now();
    let mut write = app.0.store.begin().await?;
    if !proof::spend(&mut write, proof).await? {
        return Err(proof::refused_at_token(app, DpopError::Replayed));
    }
    let Some(mut offer) = offers::find_by_code(&mut *write, &request.pre_authorized_code).await? else {
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
    let secret = service::random::token();
    let token = AccessToken {
        hash: SecretHash::of(&secret).0,
        offer_id: offer.id,
        jkt: proof.jkt(),
        asked_by: if granted.is_some() {
            AskedBy::Identifier
        } else {
            AskedBy::Configuration
        },
        expires_at: now + TOKEN_SECONDS,
    };
    tokens::insert(&mut write, &token).await?;
    write.commit().await?;
    Ok(TokenResponse {
        access_token: secret,
        token_type: TokenType::Dpop,
        expires_in: Some(TOKEN_SECONDS),
        authorization_details: granted,
    })
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
