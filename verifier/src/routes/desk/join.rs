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
    let joined = match business {
        Ok(Of(business)) => staff::join(&app, &business, joining).await,
        // Whether there is such a business is not told here.
        Err(_) => Err(ApiError::WrongCode),
    };
    match joined {
        Ok(()) => Ok(StatusCode::NO_CONTENT),
        Err(ApiError::WrongCode) => {
            let address = client.map(|Extension(ClientAddress(address))| address);
            Err(app.guesses.wrong_code(address, app.now()))
        }
        Err(other) => Err(other),
    }
}
