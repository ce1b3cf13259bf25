//! A session as it stands in the file.

use jose::{PrivateJwk, strict_json};
use oid4vp::{Nonce, SessionState, State, VerifierSession};
use serde_json::Map;

use super::{Answer, CAME_BACK, SameDevice, Session};
use crate::store::{StoreFailure, restored};
use crate::verdict::Ages;

pub(super) struct Row {
    id: String,
    wallet_id: String,
    business: String,
    check_id: String,
    agreed: Option<Vec<u8>>,
    state: String,
    nonce: String,
    encryption_key: Option<String>,
    created_at: i64,
    expires_at: i64,
    browser_secret: Option<String>,
    response_code: Option<String>,
    browser_bound: i64,
    released: bool,
    reason: Option<String>,
    status_s: Option<i64>,
    ledger_s: Option<i64>,
    metadata_s: Option<i64>,
    kept: Option<String>,
    rule: Option<Vec<u8>>,
    fetched_list: Option<String>,
    receipt: Option<String>,
    operator: Option<String>,
    return_url: Option<String>,
    challenge: Option<Vec<u8>>,
}

service::from_columns!(Row {
    id,
    wallet_id,
    business,
    check_id,
    agreed,
    state,
    nonce,
    encryption_key,
    created_at,
    expires_at,
    browser_secret,
    response_code,
    released,
    browser_bound,
    reason,
    status_s,
    ledger_s,
    metadata_s,
    kept,
    rule,
    fetched_list,
    receipt,
    operator,
    return_url,
    challenge,
});

impl TryFrom<Row> for Session {
    type Error = StoreFailure;

    fn try_from(row: Row) -> Result<Self, StoreFailure> {
        let state: SessionState = row.state.parse().map_err(|_| StoreFailure::Malformed("state"))?;
        let same_device = match (&row.browser_secret, &row.response_code) {
            (Some(secret), Some(code)) => Some(SameDevice {
                browser_secret: secret.clone(),
                response_code: code.clone(),
            }),
            _ => None,
        };
        Ok(Self {
            answer: answer(&row)?,
            agreed: row.agreed.as_deref().map(|bytes| hash(bytes, "check")).transpose()?,
            wallet_id: State::parse(&row.wallet_id).map_err(|_| StoreFailure::Malformed("wallet id"))?,
            nonce: Nonce::parse(&row.nonce).map_err(|_| StoreFailure::Malformed("nonce"))?,
            encryption_key: row.encryption_key.as_deref().map(private_key).transpose()?,
            created_at: restored(row.created_at)?,
            progress: VerifierSession::restore(state, restored(row.expires_at)?),
            same_device,
            came_back: row.browser_bound == CAME_BACK,
            operator: row.operator,
            return_url: row.return_url,
            challenge: row.challenge,
            id: row.id,
            business: row.business,
            check_id: row.check_id,
        })
    }
}

fn answer(row: &Row) -> Result<Option<Answer>, StoreFailure> {
    let Some(reason) = &row.reason else { return Ok(None) };
    let kept = match &row.kept {
        None => Map::new(),
        Some(text) => serde_json::from_str(text).map_err(|_| StoreFailure::Malformed("claims"))?,
    };
    Ok(Some(Answer {
        reason: reason.parse().map_err(|_| StoreFailure::Malformed("reason"))?,
        ages: Ages {
            status_s: row.status_s.map(restored).transpose()?,
            ledger_s: row.ledger_s.map(restored).transpose()?,
            metadata_s: row.metadata_s.map(restored).transpose()?,
        },
        kept,
        rule: row.rule.as_deref().map(|bytes| hash(bytes, "rule")).transpose()?,
        fetched_list: row.fetched_list.clone(),
        receipt: row.receipt.clone(),
        released: row.released,
    }))
}

fn hash(bytes: &[u8], of: &'static str) -> Result<[u8; 32], StoreFailure> {
    bytes.try_into().map_err(|_| StoreFailure::Malformed(of))
}

fn private_key(text: &str) -> Result<PrivateJwk, StoreFailure> {
    let json = strict_json::parse(text.as_bytes(), &strict_json::Limits::MESSAGE)
        .map_err(|_| StoreFailure::Malformed("key"))?;
    PrivateJwk::from_value(&json).map_err(|_| StoreFailure::Malformed("key"))
}
