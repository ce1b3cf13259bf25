//! Taking an answer. There is one way in, whoever brings it: the wallet over the
//! network, or someone who read it from a code.

use std::sync::Arc;

use jose::PrivateJwk;
use oid4vp::{DirectPost, ReceivedResponse, ResponseError, ResponseExpectation, SessionState, UnverifiedVpToken};

use crate::app::App;
use crate::check::{AnswerMode, Check};
use crate::error::ApiError;
use crate::store::{SameDevice, Session};
use crate::verdict::{Ages, Case, Judgement, Reason};

/// An answer that closed its session.
pub(crate) struct Taken {
    /// The session.
    pub(crate) id: String,
    /// Set where the wallet's browser must prove that it asked.
    pub(crate) same_device: Option<SameDevice>,
}

/// Takes a posted form. OpenID4VP 1.0 §8.2, §8.3.1
///
/// A response that breaks a rule of the protocol leaves the session as it was;
/// one whose presentations do not hold closes it with that outcome.
pub(crate) async fn take(app: &Arc<App>, session: Session, check: &Check, form: &[u8]) -> Result<Taken, ApiError> {
    session.progress.answer(app.now())?;
    let (state, judgement) = match read(&session, check, form)? {
        Ok(ReceivedResponse::Refused(_)) => (SessionState::Refused, Judgement::of(Reason::Refused, Ages::default())),
        Ok(ReceivedResponse::Presentations(token)) => {
            (SessionState::Answered, settle(app, &session, check, token).await)
        }
        Err(error) => {
            app.counters.refused_responses.inc();
            return Err(error.into());
        }
    };
    if !app
        .store
        .close_session(&session.id, state, &judgement, app.now())
        .await?
    {
        return Err(ApiError::Closed);
    }
    count(app, &judgement);
    Ok(Taken {
        id: session.id,
        same_device: session.same_device,
    })
}

/// The outer error is of a session that cannot be answered, whatever comes.
fn read(session: &Session, check: &Check, form: &[u8]) -> Result<Result<ReceivedResponse, ResponseError>, ApiError> {
    let expected = ResponseExpectation {
        query: check.query(),
        state: &session.wallet_id,
        decryption_key: decryption_key(session, check)?,
    };
    Ok(DirectPost::parse(form).and_then(|posted| posted.open(&expected)))
}

/// The session's own key. Without one answers come in the clear where the check
/// says so, and nowhere else: a key that is gone opens no other way.
pub(crate) fn decryption_key<'s>(session: &'s Session, check: &Check) -> Result<Option<&'s PrivateJwk>, ApiError> {
    match (&session.encryption_key, check.answer_mode()) {
        (Some(key), _) => Ok(Some(key)),
        (None, AnswerMode::Plain) => Ok(None),
        (None, AnswerMode::Encrypted) => Err(ApiError::Closed),
    }
}

/// Judges, and once more where policy allowed to fetch a list that was seen for
/// the first time.
async fn settle(app: &Arc<App>, session: &Session, check: &Check, token: UnverifiedVpToken) -> Judgement {
    let judgement = judge(app, session, check, token.clone()).await;
    let (Some((owner, uri)), Some(first_seen)) = (&judgement.unheld_list, &app.first_seen) else {
        return judgement;
    };
    match first_seen.fetch(owner, uri).await {
        Ok(true) => {
            let uri = uri.clone();
            let mut again = judge(app, session, check, token).await;
            again.fetched_list = Some(uri);
            again
        }
        Ok(false) => judgement,
        Err(error) => {
            tracing::error!(?error, "a list was not kept");
            judgement
        }
    }
}

/// Judges away from the threads that serve; a failure of the engine is *could
/// not check*, never yes.
async fn judge(app: &Arc<App>, session: &Session, check: &Check, token: UnverifiedVpToken) -> Judgement {
    let (engine, trust, device) = (Arc::clone(&app.engine), app.trust.view(), app.now());
    let (check, nonce) = (check.clone(), session.nonce.clone());
    let client_id = app.identity.client_id().to_string();
    let judged = tokio::task::spawn_blocking(move || {
        engine.judge(&Case {
            check: &check,
            client_id: &client_id,
            nonce: nonce.as_str(),
            token: &token,
            trust: &trust,
            device,
        })
    });
    judged.await.unwrap_or_else(|error| {
        app.counters.engine_failures.inc();
        tracing::error!(panicked = error.is_panic(), "the engine failed");
        Judgement::of(Reason::Internal, Ages::default())
    })
}

fn count(app: &App, judgement: &Judgement) {
    app.counters
        .over_disclosed
        .inc_by(u64::try_from(judgement.over_disclosed).unwrap_or(u64::MAX));
    if judgement.reason == Reason::HolderBindingMismatch {
        app.counters.misdirected.inc();
        tracing::warn!("a presentation for another request was refused");
    }
}
