//! Joining the staff of a business with the code of an invitation.

use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json};
use http::StatusCode;
use service::ClientAddress;

use crate::app::App;
use crate::business::staff::{self, Joining};
use crate::error::ApiError;
use crate::routes::whose::Of;

/// `POST /b/{business}/desk/api/v1/join`. Nobody is signed in with that: whoever joined signs in as everybody does.
pub(super) async fn join(
    State(app): State<Arc<App>>,
    business: Result<Of, ApiError>,
    client: Option<Extension<ClientAddress>>,
    Json(joining): Json<Joining>,
) -> Result<StatusCode, ApiError> {
    let business = business.ok().map(|Of(business)| business);
    match staff::join(&app, business.as_deref(), joining).await {
        Ok(()) => Ok(StatusCode::NO_CONTENT),
        Err(ApiError::WrongCode) => {
            let address = client.map(|Extension(ClientAddress(address))| address);
            Err(app.guesses.wrong_code(address, app.now()))
        }
        Err(other) => Err(other),
    }
}
