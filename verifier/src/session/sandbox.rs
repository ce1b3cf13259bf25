//! The sandbox: a session that is over at once, with the outcome that a program wants to try. Nobody is asked and no
//! card is looked at; whatever is told of it says so. docs/businesses.md

use oid4vp::SessionState;

use super::Opening;
use super::open::new_session;
use crate::app::App;
use crate::business::Business;
use crate::check::Check;
use crate::error::ApiError;
use crate::store::{Rehearsal, SANDBOX, Session, Turns};
use crate::verdict::{Ages, Judgement, Reason};

/// Sessions of the sandbox that a business opens in ten minutes, at most: they close at once, so that no bound on open
/// ones holds them.
const MOST: u64 = 100;
const TEN_MINUTES: u32 = 600;

/// Whether nobody was asked in the session of this id.
pub(crate) fn is_sandbox(id: &str) -> bool {
    id.starts_with(SANDBOX)
}

/// Opens a session, as far as a business may open one, and ends it for this reason.
pub(crate) async fn rehearse(
    app: &App,
    business: &Business,
    check: &Check,
    reason: Reason,
) -> Result<Session, ApiError> {
    let now = app.now();
    let view = app.trust.view();
    business.asking(&view, now)?;
    business.check_scope(check, &view)?;
    let turns = Turns {
        most: MOST,
        since: now.saturating_sub(u64::from(TEN_MINUTES)),
    };
    let opening = Opening::elsewhere(business, check);
    let mut session = new_session(opening, now, now.saturating_add(app.sessions.lifetime_s));
    session.id = format!("{SANDBOX}{}", session.id);
    let room = app.sessions.room_of(business);
    match app.store.open_sandboxed(&session, turns, room).await? {
        Rehearsal::Opened => {}
        Rehearsal::NoRoom => return Err(ApiError::TooManySessions),
        Rehearsal::NoTurn => {
            return Err(ApiError::TooManyFromOne {
                retry_after: TEN_MINUTES,
            });
        }
    }
    let state = match reason {
        Reason::Refused => SessionState::Refused,
        _ => SessionState::Answered,
    };
    let mut judgement = Judgement::of(reason, Ages::default());
    judgement.rule = Some(check.rule().hash());
    if !app.store.close_session(&session.id, state, &judgement, now).await? {
        return Err(ApiError::Closed);
    }
    app.session_of(business, &session.id).await
}
