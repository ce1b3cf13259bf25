//! Taking an answer. There is one way in, whoever brings it: the wallet over the
//! network, or someone who read it from a code.

use std::sync::Arc;

use card_formats::Handover;
use jose::{PrivateJwk, PublicJwk, UnixTime};
use ledger::SplitEvidence;
use oid4vp::{DirectPost, ReceivedResponse, ResponseError, ResponseExpectation, SessionState, UnverifiedVpToken};
use receipt::SentReceipt;

use super::receipts;
use crate::app::App;
use crate::check::{AnswerMode, Check, Freshness};
use crate::error::ApiError;
use crate::identity::Identity;
use crate::store::{SameDevice, Session};
use crate::trust::Brought;
use crate::verdict::{Ages, Case, Judgement, Reason};

/// An answer that closed its session.
pub(crate) struct Taken {
    /// The session.
    pub(crate) id: String,
    /// Set where the wallet's browser must prove that it asked.
    pub(crate) same_device: Option<SameDevice>,
    /// For the wallet, where the check gives one.
    pub(crate) receipt: Option<SentReceipt>,
}

/// Takes a posted form. OpenID4VP 1.0 §8.2, §8.3.1
///
/// A response that breaks a rule of the protocol leaves the session as it was;
/// one whose presentations do not hold closes it with that outcome.
pub(crate) async fn take(
    app: &Arc<App>,
    identity: &Identity,
    session: Session,
    check: &Check,
    form: &[u8],
) -> Result<Taken, ApiError> {
    session.progress.answer(app.now())?;
    let (state, judgement) = match read(&session, check, form)? {
        Ok(ReceivedResponse::Refused(_)) => (SessionState::Refused, Judgement::of(Reason::Refused, Ages::default())),
        Ok(ReceivedResponse::Presentations(token)) => {
            let cards = receipts::shown_of(&session, check, &token).await;
            let case = over_the_network(app, identity, &session, check, token);
            let mut judgement = settle(app, case).await;
            let verdict = judgement.reason.verdict();
            judgement.receipt = cards.and_then(|cards| receipts::sign(app, identity, &session, check, cards, verdict));
            (SessionState::Answered, judgement)
        }
        Err(error) => {
            app.counters.refused_responses.inc();
            return Err(error.into());
        }
    };
    let receipt = judgement.receipt.clone();
    // What was not stored is not told: an answer that came too late has no receipt.
    close(app, &session, state, judgement).await?;
    Ok(Taken {
        id: session.id,
        same_device: session.same_device,
        receipt,
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

/// Lists that are fetched for one answer: two for each of two cards that tell their status in lists of bits.
const FIRST_LISTS: usize = 4;

/// Judges, and again for each list that policy allowed to fetch since it was seen for the first time.
async fn settle(app: &Arc<App>, case: ToJudge) -> Judgement {
    let mut judgement = judge(app, case.clone()).await;
    let mut fetched: Vec<String> = Vec::new();
    for _ in 0..FIRST_LISTS {
        let Some(uri) = fetched_for(app, &judgement).await else {
            break;
        };
        fetched.push(uri);
        judgement = judge(app, case.clone()).await;
    }
    judgement.fetched_list = (!fetched.is_empty()).then(|| fetched.join(" "));
    judgement
}

/// The list that stood in the way, where it could be had.
async fn fetched_for(app: &App, judgement: &Judgement) -> Option<String> {
    let (owner, uri) = judgement.unheld_list.as_ref()?;
    match app.first_seen.as_ref()?.fetch(owner, uri).await {
        Ok(held) => held.then(|| uri.clone()),
        Err(error) => {
            tracing::error!(?error, "a list was not kept");
            None
        }
    }
}

/// What is to be judged, and by what.
#[derive(Clone)]
pub(crate) struct ToJudge {
    pub(crate) check: Check,
    /// The audience of presentations.
    pub(crate) client_id: String,
    pub(crate) nonce: String,
    /// How it came; `None` without a network.
    pub(crate) handed_over: Option<HandedOver>,
    pub(crate) token: UnverifiedVpToken,
    pub(crate) limits: Freshness,
    /// What came with an answer without a network.
    pub(crate) brought: Option<Brought>,
}

/// How an answer came over the network: to which address, and to which key it was encrypted.
#[derive(Clone)]
pub(crate) struct HandedOver {
    response_uri: String,
    encryption_key: Option<PublicJwk>,
}

fn over_the_network(
    app: &App,
    identity: &Identity,
    session: &Session,
    check: &Check,
    token: UnverifiedVpToken,
) -> ToJudge {
    ToJudge {
        check: check.clone(),
        client_id: identity.client_id().to_string(),
        nonce: session.nonce.as_str().to_owned(),
        handed_over: Some(HandedOver {
            response_uri: app.response_uri(session).into(),
            encryption_key: session.encryption_key.as_ref().map(|key| key.public().clone()),
        }),
        token,
        limits: check.freshness(),
        brought: None,
    }
}

/// A judgement, and what was learned of the ledger on the way.
struct Judged {
    judgement: Judgement,
    newest_seen: UnixTime,
    split: Option<SplitEvidence>,
}

/// Judges away from the threads that serve; a failure of the engine is *could
/// not check*, never yes.
pub(crate) async fn judge(app: &Arc<App>, case: ToJudge) -> Judgement {
    let (engine, held, device) = (Arc::clone(&app.engine), app.trust.view(), app.now());
    let rule = Some(case.check.rule().hash());
    let judged = tokio::task::spawn_blocking(move || {
        let with = case.brought.as_ref().map(|brought| held.with(brought, device));
        let trust = with.as_ref().map_or(&*held, |(trust, _)| trust);
        let judgement = engine.judge(&Case {
            check: &case.check,
            client_id: &case.client_id,
            nonce: &case.nonce,
            handover: case.handed_over.as_ref().map(|handed| Handover {
                response_uri: &handed.response_uri,
                encryption_key: handed.encryption_key.as_ref(),
            }),
            token: &case.token,
            trust,
            device,
            limits: case.limits,
        });
        Judged {
            judgement,
            newest_seen: trust.newest_seen(),
            split: with.and_then(|(_, split)| split),
        }
    });
    match judged.await {
        Ok(judged) => {
            learn(app, judged.newest_seen, judged.split, device).await;
            Judgement {
                rule,
                ..judged.judgement
            }
        }
        Err(error) => {
            app.counters.engine_failures.inc();
            tracing::error!(panicked = error.is_panic(), "the engine failed");
            Judgement {
                rule,
                ..Judgement::of(Reason::Internal, Ages::default())
            }
        }
    }
}

/// Of what an answer brought two things stay: that time cannot be earlier, and that the log showed
/// two histories.
async fn learn(app: &App, newest_seen: UnixTime, split: Option<SplitEvidence>, device: UnixTime) {
    if newest_seen > app.trust.view().newest_seen() {
        app.trust.update(|view| view.see(newest_seen, device));
        if let Err(error) = app.store.raise_newest_seen(newest_seen).await {
            tracing::error!(?error, "the newest time seen was not kept");
        }
    }
    if let Some(split) = split {
        app.trust.update(|view| view.hold_split());
        if let Err(error) = app.offline.evidence.keep(&split) {
            tracing::error!(%error, "evidence of two histories was not kept");
        }
    }
}

/// Closes a session with its outcome, unless it was closed meanwhile. A portrait waits for whoever
/// asked in person.
pub(crate) async fn close(
    app: &App,
    session: &Session,
    state: SessionState,
    mut judgement: Judgement,
) -> Result<(), ApiError> {
    let portrait = judgement.portrait.take().filter(|_| session.operator.is_some());
    let Some(portrait) = portrait else {
        return conclude(app, session, state, &judgement).await;
    };
    // Nobody clears the session between its outcome and its portrait: the portrait would stay.
    let _settling = app.offline.settling.lock().await;
    conclude(app, session, state, &judgement).await?;
    app.offline.portraits.hold(&session.id, portrait, app.now());
    Ok(())
}

async fn conclude(app: &App, session: &Session, state: SessionState, judgement: &Judgement) -> Result<(), ApiError> {
    let closed = app
        .store
        .close_session(&session.id, state, judgement, app.now())
        .await?;
    if !closed {
        return Err(ApiError::Closed);
    }
    count(app, judgement);
    Ok(())
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
