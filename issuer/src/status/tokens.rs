//! Status list tokens. A change shows in the next token, and a token is never older than half its `ttl`.

use std::collections::HashMap;

use card_formats::NewBits;
use jose::{SignError, Signer, UnixTime};
use status_list::{Bits, ListError, StatusClaims, StatusList, StatusPurpose, sign_token};
use tokio::sync::Mutex;

use crate::config::Settings;
use crate::identity::Signing;
use crate::store::Store;
use crate::store::status_lists::{self, List, ServedToken};

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

/// Signs tokens, one at a time, so that many readers cost one signature.
///
/// The token being served is in the store: the process that anchors a snapshot names the token that the process of
/// the lists serves.
#[derive(Debug, Default)]
pub struct StatusTokens {
    one_at_a_time: Mutex<()>,
}

impl StatusTokens {
    /// The token of a list, as it was read from the store.
    pub async fn token(
        &self,
        store: &Store,
        list: &List,
        signing: &Signing,
        settings: &Settings,
        now: UnixTime,
    ) -> Result<String, TokenFailure> {
        let _turn = self.one_at_a_time.lock().await;
        let key = signing.key.public_jwk().thumbprint().to_vec();
        if let Some(served) = status_lists::served_token(store.reader(), list.id).await?
            && is_good(&served, list, &key, settings, now)
        {
            return Ok(served.token);
        }
        let content = content(store, list).await?;
        let token = sign(&content, list, signing, settings, now)?;
        let served = ServedToken {
            version: list.version,
            key,
            signed_at: now,
            token,
        };
        if let Err(error) = keep(store, list.id, &served).await {
            // A long import holds the store: what is signed is true nevertheless.
            tracing::warn!(%error, "a status list token is served without being kept");
        }
        Ok(served.token)
    }
}

/// Signs Bitstring Status Lists beside the tokens, with the same places: what a token says is read again for each
/// purpose. A process serves its own; all of them are made of the same store.
#[derive(Debug, Default)]
pub struct StatusBits {
    served: Mutex<HashMap<(i64, StatusPurpose), ServedToken>>,
}

impl StatusBits {
    /// The list for a purpose beside a Token Status List, as that was read from the store.
    pub async fn list(
        &self,
        store: &Store,
        list: &List,
        purpose: StatusPurpose,
        signing: &Signing,
        settings: &Settings,
        now: UnixTime,
    ) -> Result<String, TokenFailure> {
        let mut served = self.served.lock().await;
        let key = signing.key.public_jwk().thumbprint().to_vec();
        if let Some(last) = served.get(&(list.id, purpose))
            && is_good(last, list, &key, settings, now)
        {
            return Ok(last.token.clone());
        }
        let content = content(store, list).await?;
        let token = sign_bits(&content, list, purpose, signing, settings, now)?;
        let last = ServedToken {
            version: list.version,
            key,
            signed_at: now,
            token: token.clone(),
        };
        served.insert((list.id, purpose), last);
        Ok(token)
    }
}

/// Whether what was served last says what the list says, by the key in use, and is not older than half its `ttl`.
fn is_good(served: &ServedToken, list: &List, key: &[u8], settings: &Settings, now: UnixTime) -> bool {
    let half = settings.own.status_ttl_seconds.div_ceil(2);
    served.version == list.version && served.key == key && (served.signed_at..served.signed_at + half).contains(&now)
}

fn sign(
    content: &StatusList,
    list: &List,
    signing: &Signing,
    settings: &Settings,
    now: UnixTime,
) -> Result<String, SignError> {
    let aggregation_uri = settings.aggregation_uri();
    let claims = StatusClaims {
        uri: &settings.status_list_uri(&list.name),
        issued_at: now,
        expires: now + settings.own.status_token_seconds,
        time_to_live: settings.own.status_ttl_seconds,
        aggregation_uri: Some(&aggregation_uri),
    };
    sign_token(signing.header(), &claims, content, &signing.key)
}

/// The list for a purpose beside a token of this content.
pub(super) fn sign_bits(
    content: &StatusList,
    list: &List,
    purpose: StatusPurpose,
    signing: &Signing,
    settings: &Settings,
    now: UnixTime,
) -> Result<String, SignError> {
    let bits = NewBits {
        token_list: &settings.status_list_uri(&list.name),
        purpose,
        list: content,
        issuer: &signing.issuer,
        kid: &signing.key_id(),
        signed_at: now,
        expires: now + settings.own.status_token_seconds,
        time_to_live: settings.own.status_ttl_seconds,
        signer: &signing.key,
    };
    bits.sign()
}

async fn keep(store: &Store, list: i64, served: &ServedToken) -> Result<(), sqlx::Error> {
    let mut write = store.begin().await?;
    status_lists::keep_token(&mut write, list, served).await?;
    write.commit().await
}

/// What a list says.
pub(super) async fn content(store: &Store, list: &List) -> Result<StatusList, TokenFailure> {
    let mut content = StatusList::new(Bits::Two, list.entries);
    for (index, status) in status_lists::not_valid(store.reader(), list.id).await? {
        content.set(index, status)?;
    }
    Ok(content)
}
