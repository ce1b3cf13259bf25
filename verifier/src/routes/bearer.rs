//! Who is let in by a bearer token, and as whom. Only wrong tokens are counted: nobody can shut a
//! business out by trying.

use std::sync::Arc;

use axum::RequestExt;
use axum::extract::{RawPathParams, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use service::ClientAddress;
use service::idempotency::CallerName;

use crate::app::App;
use crate::business::token::{Right, bearer_of};
use crate::business::{Business, added};
use crate::error::ApiError;

/// Lets in programs of a business whose token has this right.
pub(super) async fn authorised(
    State((app, right)): State<(Arc<App>, Right)>,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let found = bearer_of(&app, request.headers(), right).await?;
    let business = found.ok_or_else(|| wrong_token(&app, &request))?;
    enter(&mut request, business);
    Ok(next.run(request).await)
}

/// Lets in whoever adds businesses. What is below one of them is about it.
pub(super) async fn provisioner(
    State(app): State<Arc<App>>,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    if !provisions(&app, &request) {
        return Err(wrong_token(&app, &request));
    }
    request.extensions_mut().insert(CallerName("provisioning".to_owned()));
    if let Some(id) = named(&mut request).await {
        let business = added(&app, &id)?;
        request.extensions_mut().insert(business);
    }
    Ok(next.run(request).await)
}

/// Lets in whoever says where messages of a business go: the business itself, and whoever adds businesses.
pub(super) async fn webhook_owner(
    State(app): State<Arc<App>>,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let own = if provisions(&app, &request) {
        None
    } else {
        let found = bearer_of(&app, request.headers(), Right::WebhooksWrite).await?;
        Some(found.ok_or_else(|| wrong_token(&app, &request))?)
    };
    let id = named(&mut request).await.ok_or(ApiError::NotFound)?;
    let business = match own {
        // Of others it learns nothing, not even that they are there.
        Some(business) if business.id() == id => business,
        Some(_) => return Err(ApiError::NotFound),
        None => added(&app, &id)?,
    };
    enter(&mut request, business);
    Ok(next.run(request).await)
}

fn enter(request: &mut Request, business: Arc<Business>) {
    let caller = CallerName(business.id().to_owned());
    request.extensions_mut().insert(caller);
    request.extensions_mut().insert(business);
}

fn provisions(app: &App, request: &Request) -> bool {
    let token = app.provisioning.as_ref();
    token.is_some_and(|token| token.authorises(request.headers()))
}

fn wrong_token(app: &App, request: &Request) -> ApiError {
    let address = request.extensions().get::<ClientAddress>();
    app.guesses
        .wrong_token(address.map(|ClientAddress(address)| *address), app.now())
}

/// The business that stands in the path.
pub(super) async fn named(request: &mut Request) -> Option<String> {
    let parts = request.extract_parts::<RawPathParams>().await.ok()?;
    let named = parts.iter().find(|(name, _)| *name == "business");
    named.map(|(_, id)| id.to_owned())
}
