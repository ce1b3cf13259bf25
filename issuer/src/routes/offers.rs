//! Offers: made by the agency, read by the wallet. OpenID4VCI 1.0 §4

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use jose::strict_json::{self, Limits};
use oid4vci::{
    CredentialOffer, GrantState, Grants, InputMode, OfferLink, PreAuthorizedCodeGrant, PreAuthorizedGrant, TxCode,
    TxCodeHash,
};
use serde::{Deserialize, Serialize};
use service::Problem;

use super::body::no_store;
use crate::app::App;
use crate::day;
use crate::error::ApiError;
use crate::issue::claims;
use crate::store::offers::{self, Offer};
use crate::store::{cards, people};

/// Digits of a transaction code.
const TX_CODE_DIGITS: u32 = 6;

/// What the agency wants offered.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewOffer {
    /// A file name in `schemas/`.
    credential_type: String,
    /// The register's person id.
    subject: String,
    /// Whether a transaction code goes by another way.
    #[serde(default)]
    tx_code: bool,
    /// How the link carries the offer.
    #[serde(default)]
    form: Form,
}

/// How a link carries an offer. OpenID4VCI 1.0 §4.1
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Form {
    /// As an address: short enough for a QR code.
    #[default]
    Reference,
    /// Whole.
    Value,
}

#[derive(Debug, Serialize)]
struct OfferMade {
    id: String,
    offer_uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    tx_code: Option<String>,
}

/// Makes an offer.
pub(super) async fn create(State(app): State<App>, headers: HeaderMap, body: Bytes) -> Result<Response, ApiError> {
    authorised(&app, &headers)?;
    let wanted: NewOffer = strict_json::from_slice(&body, &Limits::MESSAGE).map_err(|_| {
        Problem::new(
            StatusCode::BAD_REQUEST,
            "invalid_request",
            "The request is not an offer in JSON.",
        )
    })?;
    check(&app, &wanted).await?;
    let now = app.now();
    let code = service::random::token();
    let tx_code = wanted.tx_code.then(random_digits);
    let hash = tx_code
        .as_deref()
        .map(|code| TxCodeHash::new(code, service::random::bytes()));
    let offer = Offer {
        id: service::random::id(),
        reference: service::random::token(),
        credential_type: wanted.credential_type,
        subject: wanted.subject,
        code: Some(code.clone()),
        tx_code_length: tx_code.is_some().then_some(TX_CODE_DIGITS),
        grant: PreAuthorizedGrant::new(hash, now + app.0.settings.own.offer_seconds),
    };
    let link = match wanted.form {
        Form::Value => OfferLink::ByValue(message(&app, &offer, &code)),
        Form::Reference => {
            let url = format!("{}/offers/{}", app.0.settings.identifier, offer.reference);
            OfferLink::ByReference(app.0.settings.transport.endpoint(&url).map_err(ApiError::internal)?)
        }
    };
    let mut write = app.0.store.begin().await?;
    offers::insert(&mut write, &offer, &code, now).await?;
    write.commit().await?;
    app.0.metrics.offers.inc();
    Ok(no_store(
        StatusCode::CREATED,
        &OfferMade {
            id: offer.id,
            offer_uri: link.to_link(),
            tx_code,
        },
    ))
}

/// Whether there is such a type and such a person, and the register holds what the card needs.
async fn check(app: &App, wanted: &NewOffer) -> Result<(), ApiError> {
    if app.0.settings.catalogue.find(&wanted.credential_type).is_none() {
        let title = "There is no such credential type here.";
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "unknown_credential_type", title).into());
    }
    let person = people::find(app.0.store.reader(), &wanted.subject).await?;
    let Some(person) = person else {
        let title = "There is no such person in the register.";
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "unknown_subject", title).into());
    };
    let today = day::date(app.now()).map_err(ApiError::internal)?;
    claims(&wanted.credential_type, &person, today).map_err(|_| {
        let title = "The register does not hold what this card needs.";
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "not_in_register", title)
    })?;
    Ok(())
}

#[derive(Debug, Serialize)]
pub(super) struct OfferState {
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    credential_id: Option<String>,
}

/// Where an offer stands.
pub(super) async fn state(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<OfferState>, ApiError> {
    authorised(&app, &headers)?;
    let reader = app.0.store.reader();
    let offer = offers::find(reader, &id).await?.ok_or_else(Problem::not_found)?;
    let card = cards::find_by_offer(reader, &id).await?;
    let state = match (offer.grant.state, &card) {
        (_, Some(_)) => "issued",
        (GrantState::Used, None) => "redeemed",
        (GrantState::Locked, None) => "locked",
        (GrantState::Open { .. }, None) if app.now() >= offer.grant.expires_at => "expired",
        (GrantState::Open { .. }, None) => "open",
    };
    Ok(Json(OfferState {
        state,
        credential_id: card.map(|card| card.id),
    }))
}

/// The offer by reference, for whoever knows the reference, while it is good. OpenID4VCI 1.0 §4.1.3
pub(super) async fn by_reference(State(app): State<App>, Path(reference): Path<String>) -> Result<Response, ApiError> {
    let offer = offers::find_by_reference(app.0.store.reader(), &reference)
        .await?
        .ok_or_else(Problem::not_found)?;
    match &offer.code {
        Some(code) if app.now() < offer.grant.expires_at => Ok(no_store(StatusCode::OK, &message(&app, &offer, code))),
        _ => Err(Problem::not_found().into()),
    }
}

fn message(app: &App, offer: &Offer, code: &str) -> CredentialOffer {
    let ids = crate::issue::offered(&app.0.settings, &offer.credential_type);
    CredentialOffer {
        credential_issuer: app.0.settings.identifier.clone(),
        credential_configuration_ids: ids.iter().map(ToString::to_string).collect(),
        grants: Grants {
            authorization_code: None,
            pre_authorized_code: Some(PreAuthorizedCodeGrant {
                pre_authorized_code: code.to_owned(),
                tx_code: offer.tx_code_length.map(|length| TxCode {
                    input_mode: Some(InputMode::Numeric),
                    length: Some(length),
                    description: None,
                }),
                authorization_server: None,
            }),
        },
    }
}

fn random_digits() -> String {
    let digits = std::iter::repeat_with(|| service::random::bytes::<1>()[0])
        // 250 and above would make some digits likelier than others.
        .filter(|byte| *byte < 250)
        .map(|byte| char::from(b'0' + byte % 10));
    digits.take(TX_CODE_DIGITS as usize).collect()
}

fn authorised(app: &App, headers: &HeaderMap) -> Result<(), ApiError> {
    if app.0.settings.own.api_token.authorises(headers) {
        Ok(())
    } else {
        Err(Problem::unauthorised().into())
    }
}
