//! Bearer tokens of businesses. Whoever reads the store finds their hashes alone; a token is shown
//! once, when it is made.

use std::sync::Arc;

use http::HeaderMap;
use jose::UnixTime;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Business, ProvisionError};
use crate::app::App;
use crate::error::ApiError;
use crate::identity::day;
use crate::store::{NewToken, StoreFailure, TokenRow};

/// How tokens begin, so that whoever finds one knows what it is.
const MARK: &str = "hf_";
/// How much of a token is shown again: enough to tell it from others.
const SHOWN: usize = MARK.len() + 8;
/// Tokens that one business may have.
const MOST: u64 = 32;
/// How long a token that was replaced still counts, in seconds: so long that a program is given the
/// new one. One that somebody else may have is taken back instead.
const GRACE: UnixTime = 3_600;
const DAY: UnixTime = 86_400;

/// What a token is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Right {
    /// To open sessions.
    #[serde(rename = "sessions:write")]
    SessionsWrite,
    /// To read sessions.
    #[serde(rename = "sessions:read")]
    SessionsRead,
    /// To say where messages go.
    #[serde(rename = "webhooks:write")]
    WebhooksWrite,
    /// To open sessions of the sandbox, which end as the program wants: for the program that is tried, and not for the
    /// one that lets people in.
    #[serde(rename = "sandbox:write")]
    SandboxWrite,
}

impl Right {
    fn as_str(self) -> &'static str {
        match self {
            Self::SessionsWrite => "sessions:write",
            Self::SessionsRead => "sessions:read",
            Self::WebhooksWrite => "webhooks:write",
            Self::SandboxWrite => "sandbox:write",
        }
    }
}

/// A token to be made.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    name: String,
    scopes: Vec<Right>,
    expires: Option<UnixTime>,
}

/// A token that was made just now: it is told this once.
#[derive(Serialize)]
pub(crate) struct Fresh {
    id: String,
    token: String,
    prefix: String,
}

/// A token, as it is listed.
#[derive(Debug, Serialize)]
pub(crate) struct Listed {
    id: String,
    name: String,
    prefix: String,
    scopes: Vec<String>,
    created: UnixTime,
    expires: Option<UnixTime>,
    last_used_day: Option<String>,
}

/// Makes a token of a business.
pub(crate) async fn make(app: &App, business: &Business, wanted: Wanted) -> Result<Fresh, ApiError> {
    let Wanted {
        name,
        mut scopes,
        expires,
    } = wanted;
    let is_named = (1..=64).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    let is_over = expires.is_some_and(|time| time <= app.now());
    if !is_named || scopes.is_empty() || is_over {
        return Err(ApiError::Malformed);
    }
    scopes.sort_unstable();
    scopes.dedup();
    let scopes: Vec<&str> = scopes.into_iter().map(Right::as_str).collect();
    let fresh = Fresh::generate(service::random::id());
    let token = NewToken {
        id: &fresh.id,
        business: business.id(),
        name: &name,
        prefix: &fresh.prefix,
        hash: hash(&fresh.token),
        scopes: &scopes.join(" "),
        created_at: app.now(),
        expires_at: expires,
    };
    if app.store.add_token(&token, MOST).await? {
        Ok(fresh)
    } else {
        Err(ProvisionError::TooMany.into())
    }
}

/// Replaces a token by another of the same name and rights.
pub(crate) async fn rotate(app: &App, business: &Business, id: &str) -> Result<Fresh, ApiError> {
    let fresh = Fresh::generate(id.to_owned());
    let until = app.now().saturating_add(GRACE);
    let rotated = app
        .store
        .rotate_token((business.id(), id), (&fresh.prefix, hash(&fresh.token)), until)
        .await?;
    if rotated { Ok(fresh) } else { Err(ApiError::NotFound) }
}

/// The tokens of a business, as they are listed.
pub(crate) async fn list(app: &App, business: &Business) -> Result<Vec<Listed>, ApiError> {
    let rows = app.store.tokens(business.id()).await?;
    let listed: Result<_, StoreFailure> = rows.into_iter().map(Listed::of).collect();
    Ok(listed?)
}

/// Whether a token that stands in the configuration has this right; `None` where the request carries none of them. The
/// one that programs use every day has every right but that of the sandbox, which has a token of its own.
fn configured(app: &App, headers: &HeaderMap, right: Right) -> Option<bool> {
    let is_sandbox = right == Right::SandboxWrite;
    let daily = app.businesses.main().token();
    if daily.is_some_and(|token| token.authorises(headers)) {
        return Some(!is_sandbox);
    }
    let sandbox = app.sandbox.as_ref();
    sandbox
        .is_some_and(|token| token.authorises(headers))
        .then_some(is_sandbox)
}

/// The business whose token a request carries; `None` where it carries none that counts.
pub(crate) async fn bearer_of(app: &App, headers: &HeaderMap, right: Right) -> Result<Option<Arc<Business>>, ApiError> {
    match configured(app, headers, right) {
        Some(true) => return Ok(Some(Arc::clone(app.businesses.main()))),
        Some(false) => return Err(ApiError::ScopeMissing),
        None => {}
    }
    let Some(presented) = service::bearer(headers).filter(|token| token.starts_with(MARK)) else {
        return Ok(None);
    };
    let Some(row) = app.store.token(&hash(presented), app.now()).await? else {
        return Ok(None);
    };
    if !row.scopes.split(' ').any(|scope| scope == right.as_str()) {
        return Err(ApiError::ScopeMissing);
    }
    let today = app.now() / DAY;
    if row.last_used_day()? != Some(today) {
        app.store.used_token(&row.id, today).await?;
    }
    Ok(app.businesses.get(&row.business))
}

impl Fresh {
    fn generate(id: String) -> Self {
        let token = format!("{MARK}{}", service::random::token());
        Self {
            prefix: token.chars().take(SHOWN).collect(),
            id,
            token,
        }
    }
}

impl Listed {
    fn of(row: TokenRow) -> Result<Self, StoreFailure> {
        let used = row.last_used_day()?.and_then(|used| day(used.saturating_mul(DAY)));
        Ok(Self {
            created: row.created_at()?,
            expires: row.expires_at()?,
            last_used_day: used.map(|(year, month, day)| format!("{year:04}-{month:02}-{day:02}")),
            scopes: row.scopes.split(' ').map(str::to_owned).collect(),
            id: row.id,
            name: row.name,
            prefix: row.prefix,
        })
    }
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}
