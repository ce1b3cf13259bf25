//! Taking an answer that came as codes. docs/offline-qr.md §3

use std::sync::Arc;

use oid4vp::SessionState;
use proximity::{AnswerError, UnverifiedAnswer};

use super::challenge::challenge;
use crate::app::App;
use crate::check::Check;
use crate::error::ApiError;
use crate::session::{ToJudge, close, judge};
use crate::store::Session;
use crate::trust::Brought;

/// Opens and judges an answer, and closes the session with its outcome. One that is no answer to
/// this challenge leaves the session as it was, and the frames make room for the next.
pub(crate) async fn take_message(
    app: &Arc<App>,
    session: &Session,
    check: &Check,
    message: &[u8],
) -> Result<(), ApiError> {
    session.progress.answer(app.now())?;
    let outcome = answer(app, session, check, message).await;
    app.offline.collecting.forget(&session.id);
    outcome
}

async fn answer(app: &Arc<App>, session: &Session, check: &Check, message: &[u8]) -> Result<(), ApiError> {
    let challenge = challenge(session)?;
    let key = session.encryption_key.as_ref().ok_or(ApiError::Closed)?;
    // Not earlier than the newest time that was signed: a clock set back makes no challenge longer.
    let now = app.trust.view().clock(app.now()).now();
    let opened = UnverifiedAnswer::parse(message).and_then(|answer| answer.open(&challenge, key, now));
    let opened = opened.map_err(|error| {
        app.counters.refused_responses.inc();
        tracing::debug!(rule = error.code(), "an answer was refused");
        refused(&error)
    })?;
    let case = ToJudge {
        check: check.clone(),
        client_id: challenge.client_id().to_string(),
        nonce: challenge.nonce().as_str().to_owned(),
        handed_over: None,
        token: opened.token().clone(),
        limits: check.offline_freshness(),
        brought: Some(Brought {
            bundles: opened.bundles().to_vec(),
            proofs: opened.status_proofs().to_vec(),
        }),
    };
    let judgement = judge(app, case).await;
    close(app, session, SessionState::Answered, judgement).await
}

fn refused(error: &AnswerError) -> ApiError {
    match error {
        AnswerError::Expired => ApiError::SessionOver,
        AnswerError::OtherChallenge => ApiError::ForeignAnswer,
        _ => ApiError::UnreadableAnswer,
    }
}
