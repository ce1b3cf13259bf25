//! Collecting the outcome of a check on the same device. OpenID4VP 1.0 §13.3, §14.2

use subtle::ConstantTimeEq;

use crate::app::App;
use crate::error::ApiError;
use crate::store::{SameDevice, Session};

/// Releases the outcome to a business that has what its browser brought back:
/// then the browser that asked and the one that came back are in one session of
/// the business. Another code ends the check as a mismatch. Where no code is
/// asked for, one changes nothing.
pub(crate) async fn collect(app: &App, session: Session, code: &str) -> Result<Session, ApiError> {
    let Some(same_device) = held_back(&session) else {
        return Ok(session);
    };
    if session.came_back && same(code, &same_device.response_code) {
        app.store.release(&session.id).await?;
    } else {
        app.store.fail_mismatch(&session.id).await?;
    }
    app.store.session(&session.id).await?.ok_or(ApiError::NotFound)
}

/// An outcome that waits for its code.
fn held_back(session: &Session) -> Option<&SameDevice> {
    let waits = session.answer.as_ref().is_some_and(|answer| !answer.released);
    session
        .same_device
        .as_ref()
        .filter(|_| waits && session.return_url.is_none())
}

/// Compares in time that does not depend on where they differ.
pub(crate) fn same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}
