//! Status list tokens. A change shows in the next token, and a token is never older than half its `ttl`.

use std::collections::HashMap;

use jose::{SignError, UnixTime};
use sqlx::SqlitePool;
use status_list::{Bits, ListError, StatusClaims, StatusList, sign_token};
use tokio::sync::Mutex;

use crate::config::Settings;
use crate::identity::Signing;
use crate::store::status_lists::{self, List};

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenFailure {
    /// The store cannot be read.
    #[error("the status of the copies cannot be read")]
    Store(#[from] sqlx::Error),
    /// A status does not fit into its list.
    #[error("a status does not fit into its list")]
    List(#[from] ListError),
    /// The key does not sign.
    #[error("a status list cannot be signed")]
    Sign(#[from] SignError),
}

/// The tokens last signed.
#[derive(Debug, Default)]
pub struct StatusTokens {
    cache: Mutex<HashMap<i64, Signed>>,
}

#[derive(Debug)]
struct Signed {
    version: u64,
    at: UnixTime,
    kid: Option<String>,
    token: String,
}

impl StatusTokens {
    /// The token of a list, as it was read from the store. One is signed at a time, so that many readers cost one
    /// signature.
    pub async fn token(
        &self,
        store: &SqlitePool,
        list: &List,
        signing: &Signing,
        settings: &Settings,
        now: UnixTime,
    ) -> Result<String, TokenFailure> {
        let mut cache = self.cache.lock().await;
        let half = settings.own.status_ttl_seconds.div_ceil(2);
        if let Some(signed) = cache.get(&list.id)
            && signed.version == list.version
            && signed.kid == signing.kid
            && (signed.at..signed.at + half).contains(&now)
        {
            return Ok(signed.token.clone());
        }
        let content = content(store, list).await?;
        let uri = settings.status_list_uri(&list.name);
        let aggregation_uri = settings.aggregation_uri();
        let claims = StatusClaims {
            uri: &uri,
            issued_at: now,
            expires: now + settings.own.status_token_seconds,
            time_to_live: settings.own.status_ttl_seconds,
            aggregation_uri: Some(&aggregation_uri),
        };
        let token = sign_token(signing.header(), &claims, &content, &signing.key)?;
        let signed = Signed {
            version: list.version,
            at: now,
            kid: signing.kid.clone(),
            token: token.clone(),
        };
        cache.insert(list.id, signed);
        Ok(token)
    }
}

/// What a list says.
pub(super) async fn content(store: &SqlitePool, list: &List) -> Result<StatusList, TokenFailure> {
    let mut content = StatusList::new(Bits::Two, list.entries);
    for (index, status) in status_lists::not_valid(store, list.id).await? {
        content.set(index, status)?;
    }
    Ok(content)
}
