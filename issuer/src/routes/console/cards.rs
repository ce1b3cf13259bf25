//! Cards that people hold, and what an officer may do to them.

use axum::Json;
use axum::extract::{Path, State};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use service::Problem;
use service::signin::Operator;
use status_list::Status;
use utoipa::ToSchema;

use crate::app::App;
use crate::card_status::status_name;
use crate::error::ApiError;
use crate::roles::Officer;
use crate::store::cards::Listed;

/// A card as the page shows it.
#[derive(Serialize, ToSchema)]
pub(super) struct CardHeld {
    id: String,
    card_type: String,
    state: &'static str,
    issued_at: u64,
}

impl From<Listed> for CardHeld {
    fn from(listed: Listed) -> Self {
        Self {
            id: listed.card.id,
            card_type: listed.credential_type,
            state: status_name(listed.card.status),
            issued_at: listed.issued_at,
        }
    }
}

/// What becomes of a card.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Change {
    Suspend,
    Reactivate,
    Revoke,
}

/// Names the change once more: what came to this address by mistake changes nothing.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Confirmation {
    confirm: Change,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Changed {
    id: String,
    state: &'static str,
}

#[utoipa::path(
    post,
    path = "/cards/{id}/{change}",
    tag = "page",
    security(("session" = [])),
    params(("id" = String, Path), ("change" = Change, Path), ("Idempotency-Key" = String, Header)),
    request_body = Confirmation,
    responses((status = 200, body = Changed)),
)]
pub(super) async fn change(
    State(app): State<App>,
    _: Operator<Officer>,
    Path((id, change)): Path<(String, Change)>,
    Json(confirmation): Json<Confirmation>,
) -> Result<Json<Changed>, ApiError> {
    if confirmation.confirm != change {
        let title = "The change was not confirmed.";
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "not_confirmed", title).into());
    }
    let to = match change {
        Change::Suspend => Status::Suspended,
        Change::Reactivate => Status::Valid,
        Change::Revoke => Status::Invalid,
    };
    app.change_status(&id, to).await?;
    Ok(Json(Changed {
        id,
        state: status_name(to),
    }))
}
