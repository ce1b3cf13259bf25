//! Offers at the counter: made, followed, taken back.

use axum::Json;
use axum::extract::{Path, State};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use service::signin::{Operator, Watcher};

use crate::app::App;
use crate::error::ApiError;
use crate::offer::{Form, NewOffer, Progress};
use crate::roles::Clerk;
use crate::store::offers::Flow;

/// Which card for whom.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    card_type: String,
    subject: String,
}

/// An offer as it is handed over. It is not shown again: of its transaction code only a hash is kept.
#[derive(Serialize)]
pub(super) struct Made {
    id: String,
    link: String,
    qr_svg: String,
    tx_code: Option<String>,
    expires_at: u64,
}

/// Makes an offer with a transaction code, in a form short enough for a QR code.
pub(super) async fn create(
    State(app): State<App>,
    _: Operator<Clerk>,
    Json(wanted): Json<Wanted>,
) -> Result<(StatusCode, Json<Made>), ApiError> {
    let made = app
        .make_offer(NewOffer {
            credential_type: wanted.card_type,
            formats: Vec::new(),
            subject: wanted.subject,
            tx_code: true,
            approval: false,
            form: Form::Reference,
            grant: Flow::PreAuthorizedCode,
        })
        .await?;
    let made = Made {
        qr_svg: service::qr_svg(&made.offer_uri).map_err(ApiError::internal)?,
        id: made.id,
        link: made.offer_uri,
        tx_code: made.tx_code,
        expires_at: made.expires_at,
    };
    Ok((StatusCode::CREATED, Json(made)))
}

/// Where an offer stands, as the page follows it.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub(super) struct OfferView {
    pub(super) state: &'static str,
    expires_at: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    card: Option<String>,
}

impl OfferView {
    /// Whether this is how it stays.
    pub(super) fn is_final(&self) -> bool {
        !matches!(self.state, "offered" | "opened")
    }
}

pub(super) async fn view(app: &App, id: &str) -> Result<OfferView, ApiError> {
    let (offer, progress) = app.offer_progress(id).await?;
    let state = match progress {
        Progress::Offered => "offered",
        Progress::Opened | Progress::Redeemed | Progress::AwaitingApproval => "opened",
        Progress::Issued { .. } => "claimed",
        Progress::Locked => "locked",
        Progress::Expired => "expired",
        Progress::Withdrawn | Progress::Denied => "withdrawn",
    };
    let card = match progress {
        Progress::Issued { card } => Some(card),
        _ => None,
    };
    Ok(OfferView {
        state,
        expires_at: offer.grant.expires_at,
        card,
    })
}

pub(super) async fn state(
    State(app): State<App>,
    _: Watcher<Clerk>,
    Path(id): Path<String>,
) -> Result<Json<OfferView>, ApiError> {
    view(&app, &id).await.map(Json)
}

/// Takes an offer back.
pub(super) async fn withdraw(
    State(app): State<App>,
    _: Operator<Clerk>,
    Path(id): Path<String>,
) -> Result<Json<OfferView>, ApiError> {
    app.withdraw_offer(&id).await?;
    view(&app, &id).await.map(Json)
}
