//! Opening a session.

use jose::PrivateJwk;
use oid4vp::{Nonce, RequestUri, RequestUriMethod, State as WalletId, WalletScheme};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::business::Business;
use crate::check::{AnswerMode, Check};
use crate::error::ApiError;
use crate::identity::Identity;
use crate::store::{NewSession, SameDevice};

/// Where the wallet is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Flow {
    /// On another device: it reads a QR code.
    #[default]
    CrossDevice,
    /// On the device of the browser that asks.
    SameDevice,
}

/// What is to be opened, and for whom.
pub(crate) struct Opening<'a> {
    pub(crate) business: &'a Business,
    pub(crate) check: &'a Check,
    pub(crate) flow: Flow,
    /// Who at the business asks in person.
    pub(crate) operator: Option<&'a str>,
    /// Where the browser goes afterwards, instead of the check's own address.
    pub(crate) return_url: Option<String>,
}

impl<'a> Opening<'a> {
    /// For a wallet on another device, by nobody at a desk.
    pub(crate) fn elsewhere(business: &'a Business, check: &'a Check) -> Self {
        Self {
            business,
            check,
            flow: Flow::CrossDevice,
            operator: None,
            return_url: None,
        }
    }
}

/// An open session, as whoever asked for it is told.
#[derive(Debug, Serialize)]
pub(crate) struct Opened {
    pub(crate) id: String,
    pub(crate) request_uri: String,
    pub(crate) qr_svg: String,
    pub(crate) expires_at: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_url: Option<String>,
    #[serde(skip)]
    pub(crate) same_device: Option<SameDevice>,
}

/// Opens a session, unless too many are open.
///
/// On the same device the browser has to be sent somewhere afterwards: only
/// with what it carries there is the outcome told.
pub(crate) async fn open(app: &App, opening: Opening<'_>) -> Result<Opened, ApiError> {
    let now = app.now();
    let has_return = opening.return_url.is_some() || opening.check.return_url().is_some();
    if opening.flow == Flow::SameDevice && !has_return {
        return Err(ApiError::NoReturnUrl);
    }
    let business = opening.business;
    let view = app.trust.view();
    let identity = business.asking(&view, now)?;
    business.check_scope(opening.check, &view)?;
    let room = app.sessions.room_of(business);
    let session = new_session(opening, now, now.saturating_add(app.sessions.lifetime_s));
    let link = wallet_link(app, identity, session.wallet_id.as_str());
    let opened = Opened {
        qr_svg: service::qr_svg(&link)?,
        request_uri: link,
        expires_at: session.expires_at,
        start_url: session
            .same_device
            .is_some()
            .then(|| app.address(&format!("/start/{}", session.id)).to_string()),
        same_device: session.same_device.clone(),
        id: session.id.clone(),
    };
    if !app.store.open_session(&session, room).await? {
        return Err(ApiError::TooManySessions);
    }
    Ok(opened)
}

/// What a wallet reads from a QR code or a link. OpenID4VP 1.0 §5.10
pub(crate) fn wallet_link(app: &App, identity: &Identity, wallet_id: &str) -> String {
    let target = app.address(&format!("/openid4vp/request/{wallet_id}"));
    RequestUri::new(identity.client_id(), target, RequestUriMethod::Post).to_link(WalletScheme::Openid4vp)
}

/// Every session has values of its own: ids, nonce and key are fresh.
pub(super) fn new_session(opening: Opening<'_>, now: u64, expires_at: u64) -> NewSession {
    let mut random = service::random::fill;
    let key_id = service::random::id();
    NewSession {
        id: service::random::id(),
        wallet_id: WalletId::generate(&mut random),
        business: opening.business.id().to_owned(),
        check_id: opening.check.id().to_owned(),
        agreed: opening.check.agreed(),
        retention_days: opening.check.retention_days(),
        nonce: Nonce::generate(&mut random),
        encryption_key: match opening.check.answer_mode() {
            AnswerMode::Encrypted => Some(PrivateJwk::generate_p256(&mut random).with_kid(key_id)),
            AnswerMode::Plain => None,
        },
        created_at: now,
        expires_at,
        same_device: (opening.flow == Flow::SameDevice).then(|| SameDevice {
            browser_secret: service::random::token(),
            response_code: service::random::token(),
        }),
        operator: opening.operator.map(str::to_owned),
        return_url: opening.return_url,
        challenge: None,
    }
}
