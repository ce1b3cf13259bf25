//! The interface of whoever adds businesses to this service, as a registrar's portal does, and of
//! their webhooks. Without a token in the configuration nobody adds any.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post, put};
use axum::{Json, Router};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use service::layers::body_limit;

use super::bearer::{provisioner, webhook_owner};
use super::reply::fresh_json;
use super::whose::Of;
use crate::app::App;
use crate::business::{self, Certificates, NewBusiness, Standing, staff, token};
use crate::error::ApiError;
use crate::webhook;

/// Longest body with checks: 64 of them.
const CHECKS_BODY: usize = 512 * 1024;

/// `/api/v1/businesses`
pub(super) fn routes(app: &Arc<App>) -> Router<Arc<App>> {
    let webhooks = Router::new()
        .route(
            "/api/v1/businesses/{business}/webhooks/{webhook}",
            put(set_webhook).get(read_webhook).delete(remove_webhook),
        )
        .route_layer(from_fn_with_state(Arc::clone(app), webhook_owner));
    if app.provisioning.is_none() {
        return webhooks;
    }
    let once = Router::new().route("/api/v1/businesses", post(add));
    let where_asked = Router::new()
        .route("/api/v1/businesses/{business}/tokens", post(make_token))
        .route(
            "/api/v1/businesses/{business}/tokens/{token}/rotate",
            post(rotate_token),
        )
        .route("/api/v1/businesses/{business}/invitations", post(invite));
    let checks = Router::new().route("/api/v1/businesses/{business}/checks", put(set_checks));
    let others = Router::new()
        .route("/api/v1/businesses/{business}", get(read))
        .route("/api/v1/businesses/{business}/certificates", put(set_certificates))
        .route("/api/v1/businesses/{business}/tokens", get(list_tokens))
        .route("/api/v1/businesses/{business}/tokens/{token}", delete(remove_token))
        .route("/api/v1/businesses/{business}/operators", get(list_staff))
        .route(
            "/api/v1/businesses/{business}/operators/{operator}",
            delete(remove_operator),
        )
        .route(
            "/api/v1/businesses/{business}/invitations/{invitation}",
            delete(withdraw),
        );
    others
        .merge(app.idempotency.once(once))
        .merge(app.idempotency.where_asked(where_asked))
        .merge(body_limit(checks, CHECKS_BODY))
        .route_layer(from_fn_with_state(Arc::clone(app), provisioner))
        .merge(webhooks)
}

/// `POST /api/v1/businesses`
async fn add(State(app): State<Arc<App>>, Json(new): Json<NewBusiness>) -> Result<Response, ApiError> {
    let id = new.id.clone();
    let made = business::add(&app, new).await?;
    let told = json!({
        "id": id,
        "did": made.did,
        "application": made.application,
        "access_key": made.access_key,
        "csr": made.signing_request,
    });
    Ok((StatusCode::CREATED, fresh_json(told)).into_response())
}

#[derive(Serialize)]
struct Told<'a> {
    id: &'a str,
    did: &'a str,
    state: Standing,
    checks: Vec<&'a str>,
    tokens: usize,
}

/// `GET /api/v1/businesses/{business}`
async fn read(State(app): State<Arc<App>>, Of(business): Of) -> Result<Response, ApiError> {
    Ok(fresh_json(Told {
        id: business.id(),
        did: business.did(),
        state: business.standing(&app.trust.view(), app.now()),
        checks: business.checks().keys().map(String::as_str).collect(),
        tokens: app.store.tokens(business.id()).await?.len(),
    }))
}

/// Each is what one `[[check]]` of a file is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Checks {
    checks: Vec<Value>,
}

/// `PUT /api/v1/businesses/{business}/checks`
async fn set_checks(
    State(app): State<Arc<App>>,
    Of(business): Of,
    Json(Checks { checks }): Json<Checks>,
) -> Result<StatusCode, ApiError> {
    business::set_checks(&app, business.id(), &checks).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `PUT /api/v1/businesses/{business}/certificates`
async fn set_certificates(
    State(app): State<Arc<App>>,
    Of(business): Of,
    Json(given): Json<Certificates>,
) -> Result<StatusCode, ApiError> {
    business::set_certificates(&app, business.id(), &given).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v1/businesses/{business}/tokens`
async fn make_token(
    State(app): State<Arc<App>>,
    Of(business): Of,
    Json(wanted): Json<token::Wanted>,
) -> Result<Response, ApiError> {
    let fresh = token::make(&app, &business, wanted).await?;
    Ok((StatusCode::CREATED, fresh_json(fresh)).into_response())
}

/// `GET /api/v1/businesses/{business}/tokens`
async fn list_tokens(State(app): State<Arc<App>>, Of(business): Of) -> Result<Response, ApiError> {
    Ok(fresh_json(token::list(&app, &business).await?))
}

/// The token in a path.
#[derive(Deserialize)]
struct OfToken {
    token: String,
}

/// `POST /api/v1/businesses/{business}/tokens/{token}/rotate`
async fn rotate_token(
    State(app): State<Arc<App>>,
    Of(business): Of,
    Path(OfToken { token }): Path<OfToken>,
) -> Result<Response, ApiError> {
    let fresh = token::rotate(&app, &business, &token).await?;
    Ok((StatusCode::CREATED, fresh_json(fresh)).into_response())
}

/// `DELETE /api/v1/businesses/{business}/tokens/{token}`
async fn remove_token(
    State(app): State<Arc<App>>,
    Of(business): Of,
    Path(OfToken { token }): Path<OfToken>,
) -> Result<StatusCode, ApiError> {
    if app.store.remove_token(business.id(), &token).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ApiError::NotFound)
    }
}

/// `GET /api/v1/businesses/{business}/operators`
async fn list_staff(State(app): State<Arc<App>>, Of(business): Of) -> Result<Response, ApiError> {
    Ok(fresh_json(staff::list(&app, &business).await?))
}

/// `POST /api/v1/businesses/{business}/invitations`
async fn invite(
    State(app): State<Arc<App>>,
    Of(business): Of,
    Json(wanted): Json<staff::Wanted>,
) -> Result<Response, ApiError> {
    let fresh = staff::invite(&app, &business, &wanted).await?;
    Ok((StatusCode::CREATED, fresh_json(fresh)).into_response())
}

/// The invitation in a path.
#[derive(Deserialize)]
struct OfInvitation {
    invitation: String,
}

/// `DELETE /api/v1/businesses/{business}/invitations/{invitation}`
async fn withdraw(
    State(app): State<Arc<App>>,
    Of(business): Of,
    Path(OfInvitation { invitation }): Path<OfInvitation>,
) -> Result<StatusCode, ApiError> {
    if app.store.withdraw_invitation(business.id(), &invitation).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ApiError::NotFound)
    }
}

/// The operator in a path.
#[derive(Deserialize)]
struct OfOperator {
    operator: String,
}

/// `DELETE /api/v1/businesses/{business}/operators/{operator}`
async fn remove_operator(
    State(app): State<Arc<App>>,
    Of(business): Of,
    Path(OfOperator { operator }): Path<OfOperator>,
) -> Result<StatusCode, ApiError> {
    staff::remove(&app, &business, &operator).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The address for messages in a path.
#[derive(Deserialize)]
struct OfWebhook {
    webhook: String,
}

/// `PUT /api/v1/businesses/{business}/webhooks/{webhook}`
async fn set_webhook(
    State(app): State<Arc<App>>,
    Of(business): Of,
    Path(of): Path<OfWebhook>,
    Json(wanted): Json<webhook::Wanted>,
) -> Result<Response, ApiError> {
    Ok(fresh_json(webhook::set(&app, &business, &of.webhook, wanted).await?))
}

/// `GET /api/v1/businesses/{business}/webhooks/{webhook}`
async fn read_webhook(
    State(app): State<Arc<App>>,
    Of(business): Of,
    Path(of): Path<OfWebhook>,
) -> Result<Response, ApiError> {
    Ok(fresh_json(webhook::read(&app, &business, &of.webhook).await?))
}

/// `DELETE /api/v1/businesses/{business}/webhooks/{webhook}`
async fn remove_webhook(
    State(app): State<Arc<App>>,
    Of(business): Of,
    Path(of): Path<OfWebhook>,
) -> Result<StatusCode, ApiError> {
    webhook::remove(&app, &business, &of.webhook).await?;
    Ok(StatusCode::NO_CONTENT)
}
