//! The check of a session, as it was when the session was opened.

use crate::app::App;
use crate::business::Business;
use crate::check::Check;
use crate::store::{Session, StoreFailure};

/// What a session asks; `None` where the business asks it no more, or asks something else under the
/// same id. People agreed to what they were shown, and to nothing that came after: such a session
/// ends.
///
/// # Errors
/// [`StoreFailure`]
pub(crate) async fn asked<'b>(
    app: &App,
    business: &'b Business,
    session: &Session,
) -> Result<Option<&'b Check>, StoreFailure> {
    let check = business.checks().get(&session.check_id);
    let check = check.filter(|check| session.agreed == Some(check.agreed()));
    if check.is_none() {
        app.store.end_session(&session.id).await?;
    }
    Ok(check)
}
