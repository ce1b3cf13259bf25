//! Where a business wants to be told.

use serde::{Deserialize, Serialize};
use service::webhook::WebhookSecret;
use url::Url;

use crate::app::App;
use crate::business::{Business, ProvisionError};
use crate::check::is_id;
use crate::error::ApiError;
use crate::store::WebhookRow;

/// Addresses that one business may have.
const MOST: u64 = 8;
/// Longest address.
const LONGEST: usize = 2_048;

/// What is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Event {
    /// A session has its outcome.
    #[serde(rename = "session.closed")]
    SessionClosed,
}

/// An address to be set.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    url: String,
    events: Vec<Event>,
}

/// An address, and how messages to it fare.
#[derive(Serialize)]
pub(crate) struct Told {
    id: String,
    url: String,
    events: [Event; 1],
    state: &'static str,
    failures: u32,
    waiting: u64,
    dropped: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    disabled_at: Option<u64>,
    /// Told this once, when the address is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

/// Sets an address, with a new secret. One that was given up is used again.
pub(crate) async fn set(app: &App, business: &Business, id: &str, wanted: Wanted) -> Result<Told, ApiError> {
    if !is_id(id) || wanted.events != [Event::SessionClosed] {
        return Err(ApiError::Malformed);
    }
    if !is_address(&wanted.url) {
        return Err(ProvisionError::Address.into());
    }
    let secret = WebhookSecret::generate().dangerous_reveal();
    let is_set = app
        .store
        .set_webhook((business.id(), id), (&wanted.url, &secret), app.now(), MOST)
        .await?;
    if !is_set {
        return Err(ProvisionError::TooMany.into());
    }
    let mut told = read(app, business, id).await?;
    told.secret = Some(secret);
    Ok(told)
}

/// An address without its secret.
pub(crate) async fn read(app: &App, business: &Business, id: &str) -> Result<Told, ApiError> {
    let row = app.store.webhook(business.id(), id).await?;
    told(row.ok_or(ApiError::NotFound)?)
}

/// Takes an address away, with what waits for it.
pub(crate) async fn remove(app: &App, business: &Business, id: &str) -> Result<(), ApiError> {
    let removed = app.store.remove_webhook(business.id(), id).await?;
    if removed { Ok(()) } else { Err(ApiError::NotFound) }
}

fn told(row: WebhookRow) -> Result<Told, ApiError> {
    let disabled_at = row.disabled_at()?;
    Ok(Told {
        events: [Event::SessionClosed],
        state: if disabled_at.is_some() { "disabled" } else { "active" },
        failures: row.failures(),
        waiting: row.waiting()?,
        dropped: row.dropped()?,
        disabled_at,
        secret: None,
        id: row.id,
        url: row.url,
    })
}

/// https, or http to this machine, which the outbound client allows in development alone. Where a
/// name leads is decided when a message is sent, each time.
fn is_address(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else { return false };
    let host = url.host_str().unwrap_or_default();
    let local = host == "localhost" || host.ends_with(".localhost");
    let scheme = url.scheme() == "https" || (url.scheme() == "http" && local);
    scheme && text.len() <= LONGEST && url.username().is_empty() && url.password().is_none()
}
