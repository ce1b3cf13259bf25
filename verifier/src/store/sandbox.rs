//! Sessions of the sandbox, which nobody was asked in: their ids say so.

use jose::UnixTime;

use super::session::opening;
use super::{NewSession, Room, Store, StoreFailure, restored, stored};

/// How their ids begin. No other has a dot: ids are random, in base64url.
pub(crate) const SANDBOX: &str = "sandbox.";
/// What follows on all of them.
const AFTER: &str = "sandbox/";

/// How many sessions of the sandbox one business may have opened after a time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Turns {
    pub(crate) most: u64,
    pub(crate) since: UnixTime,
}

/// What became of one that was to be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rehearsal {
    Opened,
    /// The business opened as many as it may.
    NoTurn,
    /// Too many sessions are open.
    NoRoom,
}

impl Store {
    /// Opens a session of the sandbox. Those before it are counted in the same transaction, so that as many that come at
    /// once are no more than as many that come one by one.
    pub(crate) async fn open_sandboxed(
        &self,
        session: &NewSession,
        turns: Turns,
        room: Room,
    ) -> Result<Rehearsal, StoreFailure> {
        let mut transaction = self.sqlite.begin().await?;
        let count: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM session WHERE id >= ? AND id < ? AND business = ? AND created_at > ?",
        )
        .bind(SANDBOX)
        .bind(AFTER)
        .bind(&session.business)
        .bind(stored(turns.since))
        .fetch_one(&mut *transaction)
        .await?;
        if restored(count)? >= turns.most {
            transaction.rollback().await?;
            return Ok(Rehearsal::NoTurn);
        }
        let opened = opening(session, room).execute(&mut *transaction).await?;
        transaction.commit().await?;
        if opened.rows_affected() == 0 {
            return Ok(Rehearsal::NoRoom);
        }
        self.fresh.hold(session);
        Ok(Rehearsal::Opened)
    }
}
