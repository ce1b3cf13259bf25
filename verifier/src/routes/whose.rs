//! Which business a request is about.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::request::Parts;
use serde::Deserialize;
use service::signin::Realm;

use super::bearer::named;
use crate::app::App;
use crate::business::Business;
use crate::error::ApiError;

/// The business that the layer around a route found. Without one there is nothing here.
pub(super) struct Of(pub(super) Arc<Business>);

impl<S: Send + Sync> FromRequestParts<S> for Of {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let found = parts.extensions.get::<Arc<Business>>();
        found.cloned().map(Self).ok_or(ApiError::NotFound)
    }
}

/// Says that all of these routes are about one business, and for its operators.
pub(super) async fn fixed(State(business): State<Arc<Business>>, mut request: Request, next: Next) -> Response {
    request.extensions_mut().insert(Realm(business.realm().to_owned()));
    request.extensions_mut().insert(business);
    next.run(request).await
}

/// The same about the business that their path names. For one that is not there nobody can be
/// signed in, which is all that is told.
pub(super) async fn of_path(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let id = named(&mut request).await.unwrap_or_default();
    let business = app.businesses.get(&id);
    let realm = business.as_ref().map_or(id.as_str(), |business| business.realm());
    request.extensions_mut().insert(Realm(realm.to_owned()));
    if let Some(business) = business {
        request.extensions_mut().insert(business);
    }
    next.run(request).await
}

/// The check in a path, whatever else stands there.
#[derive(Deserialize)]
pub(super) struct OfCheck {
    pub(super) check: String,
}

/// The session in a path, whatever else stands there.
#[derive(Deserialize)]
pub(super) struct OfSession {
    pub(super) id: String,
}
