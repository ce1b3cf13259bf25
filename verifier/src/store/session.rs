//! Sessions. Closing one is a single statement that compares the state before
//! it swaps it: whatever happens, a session answers once.

mod row;

use std::fmt;

use jose::{PrivateJwk, UnixTime};
use oid4vp::{Nonce, SessionState, State, VerifierSession};
use serde_json::{Map, Value};
use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;

use super::{Store, StoreFailure, restored, stored};
use crate::verdict::{Ages, Judgement, Reason};
use row::Row;

/// How many sessions may be open at one time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Of all businesses together.
    pub of_all: u64,
    /// Of the one that opens another.
    pub of_one: u64,
}

/// A session about to be opened.
#[derive(Debug)]
pub struct NewSession {
    /// Names it for the business; 128 random bits.
    pub id: String,
    /// Names it for the wallet: `state`, and part of both addresses.
    pub wallet_id: State,
    /// Who asks, by its id at this service.
    pub business: String,
    /// Which check.
    pub check_id: String,
    /// Hash of what people agree to who answer it.
    pub agreed: [u8; 32],
    /// How many days claims stay that are kept, as people are told who answer.
    pub retention_days: u32,
    /// Goes into the key binding.
    pub nonce: Nonce,
    /// Responses are encrypted to it; it is deleted when the session closes.
    /// `None` where they come in the clear.
    pub encryption_key: Option<PrivateJwk>,
    /// When it was opened.
    pub created_at: UnixTime,
    /// When it ends.
    pub expires_at: UnixTime,
    /// Set for a check on the same device.
    pub same_device: Option<SameDevice>,
    /// Who at the business asks in person.
    pub operator: Option<String>,
    /// Where the browser goes afterwards, instead of the check's own address.
    pub return_url: Option<String>,
    /// Without a network: the challenge that is shown, not packed. docs/offline-qr.md §2
    pub challenge: Option<Vec<u8>>,
}

/// What ties a check on the same device to one browser.
#[derive(Clone, PartialEq, Eq)]
pub struct SameDevice {
    /// In the browser's cookie.
    pub browser_secret: String,
    /// In the address that the wallet opens afterwards.
    pub response_code: String,
}

impl fmt::Debug for SameDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SameDevice(…)")
    }
}

/// A stored session.
#[derive(Debug, Clone)]
pub struct Session {
    /// Names it for the business.
    pub id: String,
    /// Names it for the wallet.
    pub wallet_id: State,
    /// Who asked, by its id at this service.
    pub business: String,
    /// Which check.
    pub check_id: String,
    /// Hash of what people agree to who answer it; `None` where it was opened before there was one.
    pub agreed: Option<[u8; 32]>,
    /// Goes into the key binding.
    pub nonce: Nonce,
    /// `None` once it is closed, and where responses come in the clear.
    pub encryption_key: Option<PrivateJwk>,
    /// When it was opened.
    pub created_at: UnixTime,
    /// Where it stands.
    pub progress: VerifierSession,
    /// Set for a check on the same device.
    pub same_device: Option<SameDevice>,
    /// On the same device: whether the browser that asked came back from the wallet.
    pub came_back: bool,
    /// The outcome, which is told only when it is released.
    pub answer: Option<Answer>,
    /// Who at the business asked in person.
    pub operator: Option<String>,
    /// Where the browser goes afterwards, instead of the check's own address.
    pub return_url: Option<String>,
    /// Without a network: the challenge that is shown. It is in no way personal, and stays as long
    /// as the row.
    pub challenge: Option<Vec<u8>>,
}

/// The outcome of a session.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The reason, from which the verdict follows.
    pub reason: Reason,
    /// What it rests on.
    pub ages: Ages,
    /// Claims that the check keeps.
    pub kept: Map<String, Value>,
    /// Hash of the rule that the answer was held against.
    pub rule: Option<[u8; 32]>,
    /// The status lists that were fetched for these cards, with a space between them.
    pub fetched_list: Option<String>,
    /// The receipt that the citizen got, without the salt.
    pub receipt: Option<String>,
    /// Whether it may be told: on the same device not before the wallet's
    /// browser has proved to be the one that asked.
    pub released: bool,
}

impl Store {
    /// Opens a session, unless so many are open, or so many of its business; `false` then.
    ///
    /// # Errors
    /// [`StoreFailure`]
    pub async fn open_session(&self, session: &NewSession, room: Room) -> Result<bool, StoreFailure> {
        let opened = self.sqlite.execute(opening(session, room)).await?;
        if opened.rows_affected() == 0 {
            return Ok(false);
        }
        self.fresh.hold(session);
        Ok(true)
    }

    /// How many sessions are neither closed nor over.
    ///
    /// # Errors
    /// [`StoreFailure`]
    pub async fn open_sessions(&self, now: UnixTime) -> Result<u64, StoreFailure> {
        let count: i64 = sqlx::query_scalar(OPEN)
            .bind(stored(now))
            .fetch_one(self.reader())
            .await?;
        restored(count)
    }

    /// The session that the business knows by this id.
    ///
    /// # Errors
    /// [`StoreFailure`]
    pub async fn session(&self, id: &str) -> Result<Option<Session>, StoreFailure> {
        if let Some(session) = self.fresh.session(id) {
            return Ok(Some(session));
        }
        let mut reading = self.sqlite.read().await?;
        let row: Option<Row> = sqlx::query_as("SELECT * FROM session WHERE id = ?")
            .bind(id)
            .fetch_optional(&mut *reading)
            .await?;
        row.map(Session::try_from).transpose()
    }

    /// The session that the wallet knows by this id.
    ///
    /// # Errors
    /// [`StoreFailure`]
    pub async fn wallet_session(&self, wallet_id: &str) -> Result<Option<Session>, StoreFailure> {
        if let Some(session) = self.fresh.wallet_session(wallet_id) {
            return Ok(Some(session));
        }
        let mut reading = self.sqlite.read().await?;
        let row: Option<Row> = sqlx::query_as("SELECT * FROM session WHERE wallet_id = ?")
            .bind(wallet_id)
            .fetch_optional(&mut *reading)
            .await?;
        row.map(Session::try_from).transpose()
    }

    /// Notes that a wallet has fetched the request. It outlives a restart where something depends on it: on the same
    /// device.
    ///
    /// # Errors
    /// [`StoreFailure`]
    pub async fn mark_scanned(&self, id: &str) -> Result<(), StoreFailure> {
        if !self.fresh.mark_scanned(id) {
            self.fresh.forget(id);
            let query = sqlx::query("UPDATE session SET state = 'scanned' WHERE id = ? AND state = 'open'").bind(id);
            self.sqlite.execute(query).await?;
        }
        self.changes().changed(id);
        Ok(())
    }

    /// Closes a session with its outcome and deletes its key; `false` when it
    /// was closed or over already.
    ///
    /// # Errors
    /// [`StoreFailure`]
    pub async fn close_session(
        &self,
        id: &str,
        state: SessionState,
        judgement: &Judgement,
        now: UnixTime,
    ) -> Result<bool, StoreFailure> {
        let held = self.fresh.forget(id);
        let kept = Value::Object(judgement.kept.clone()).to_string();
        let query = sqlx::query(
            "UPDATE session SET state = ?, reason = ?, status_s = ?, ledger_s = ?, metadata_s = ?, kept = ?, \
             rule = ?, fetched_list = ?, receipt = ?, closed_at = ?, encryption_key = NULL \
             WHERE id = ? AND state IN ('open', 'scanned') AND expires_at > ?",
        )
        .bind(state.as_str())
        .bind(judgement.reason.as_str())
        .bind(judgement.ages.status_s.map(stored))
        .bind(judgement.ages.ledger_s.map(stored))
        .bind(judgement.ages.metadata_s.map(stored))
        .bind((!judgement.kept.is_empty()).then_some(kept))
        .bind(judgement.rule.as_ref().map(<[u8; 32]>::as_slice))
        .bind(judgement.fetched_list.as_deref())
        .bind(judgement.receipt.as_ref().map(|sent| sent.receipt.as_str()))
        .bind(stored(now))
        .bind(id)
        .bind(stored(now));
        let is_closed = self.sqlite.execute(query).await?.rows_affected() == 1;
        let is_told = |session: &Session| session.same_device.is_none() && judgement.kept.is_empty();
        if let Some(session) = held.filter(|session| is_closed && is_told(session)) {
            self.fresh.hold_ended(session.ended(state, judgement));
        }
        self.changes().changed(id);
        Ok(is_closed)
    }

    /// Ends a session that nobody will answer any more, and deletes its key.
    ///
    /// # Errors
    /// [`StoreFailure`]
    pub async fn end_session(&self, id: &str) -> Result<(), StoreFailure> {
        self.fresh.forget(id);
        let query = sqlx::query(
            "UPDATE session SET state = 'expired', encryption_key = NULL \
             WHERE id = ? AND state IN ('open', 'scanned')",
        )
        .bind(id);
        self.sqlite.execute(query).await?;
        self.changes().changed(id);
        Ok(())
    }

    /// Binds a session on the same device to the browser that asks; `false`
    /// when another browser was bound before.
    ///
    /// # Errors
    /// [`StoreFailure`]
    pub async fn bind_browser(&self, id: &str) -> Result<bool, StoreFailure> {
        self.fresh.forget(id);
        let query = sqlx::query("UPDATE session SET browser_bound = 1 WHERE id = ? AND browser_bound = 0").bind(id);
        let bound = self.sqlite.execute(query).await?;
        Ok(bound.rows_affected() == 1)
    }

    /// Notes that the browser that asked came back from the wallet.
    ///
    /// # Errors
    /// [`StoreFailure`]
    pub async fn came_back(&self, id: &str) -> Result<(), StoreFailure> {
        self.fresh.forget(id);
        let query = sqlx::query("UPDATE session SET browser_bound = ? WHERE id = ? AND browser_bound = 1")
            .bind(CAME_BACK)
            .bind(id);
        self.sqlite.execute(query).await?;
        Ok(())
    }

    /// Lets the outcome of a check on the same device be told.
    ///
    /// # Errors
    /// [`StoreFailure`]
    pub async fn release(&self, id: &str) -> Result<(), StoreFailure> {
        self.fresh.forget(id);
        let query = sqlx::query("UPDATE session SET released = 1 WHERE id = ? AND released = 0").bind(id);
        self.sqlite.execute(query).await?;
        self.changes().changed(id);
        Ok(())
    }

    /// Replaces an outcome that was not told yet by *session mismatch*.
    ///
    /// # Errors
    /// [`StoreFailure`]
    pub async fn fail_mismatch(&self, id: &str) -> Result<(), StoreFailure> {
        self.fresh.forget(id);
        let query = sqlx::query(
            "UPDATE session SET reason = ?, status_s = NULL, ledger_s = NULL, metadata_s = NULL, kept = NULL, \
             fetched_list = NULL, receipt = NULL, released = 1 WHERE id = ? AND released = 0 AND reason IS NOT NULL",
        )
        .bind(Reason::SessionMismatch.as_str())
        .bind(id);
        self.sqlite.execute(query).await?;
        self.changes().changed(id);
        Ok(())
    }

    /// Deletes keys of sessions that are over, claims whose time to be kept
    /// has passed, and rows a day after both. Claims stay as long as was said
    /// when they were asked for, and no longer than the check says now.
    ///
    /// # Errors
    /// [`StoreFailure`]
    pub async fn sweep(
        &self,
        business: &str,
        check_id: &str,
        retention_days: u32,
        now: UnixTime,
    ) -> Result<(), StoreFailure> {
        self.fresh.sweep(now);
        let mut transaction = self.sqlite.begin().await?;
        sqlx::query(
            "UPDATE session SET encryption_key = NULL, state = 'expired' \
             WHERE business = ? AND check_id = ? AND state IN ('open', 'scanned') AND expires_at <= ?",
        )
        .bind(business)
        .bind(check_id)
        .bind(stored(now))
        .execute(&mut *transaction)
        .await?;
        sqlx::query(
            "UPDATE session SET kept = NULL \
             WHERE business = ? AND check_id = ? AND kept IS NOT NULL \
             AND closed_at <= ? - min(coalesce(retention_days, ?), ?) * 86400",
        )
        .bind(business)
        .bind(check_id)
        .bind(stored(now))
        .bind(retention_days)
        .bind(retention_days)
        .execute(&mut *transaction)
        .await?;
        sqlx::query("DELETE FROM session WHERE business = ? AND check_id = ? AND kept IS NULL AND expires_at <= ?")
            .bind(business)
            .bind(check_id)
            .bind(stored(now).saturating_sub(DAY))
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    }
}

/// The statement that opens a session, if there is room.
pub(super) fn opening(session: &NewSession, room: Room) -> Query<'_, sqlx::Sqlite, SqliteArguments> {
    let same_device = session.same_device.as_ref();
    sqlx::query(OPENING)
        .bind(&session.id)
        .bind(session.wallet_id.as_str())
        .bind(&session.check_id)
        .bind(session.nonce.as_str())
        .bind(
            session
                .encryption_key
                .as_ref()
                .map(|key| key.dangerous_to_value().to_string()),
        )
        .bind(stored(session.created_at))
        .bind(stored(session.expires_at))
        .bind(same_device.map(|same| same.browser_secret.as_str()))
        .bind(same_device.map(|same| same.response_code.as_str()))
        .bind(same_device.is_none())
        .bind(session.operator.as_deref())
        .bind(session.return_url.as_deref())
        .bind(session.challenge.as_deref())
        .bind(&session.business)
        .bind(session.agreed.as_slice())
        .bind(session.retention_days)
        .bind(stored(room.of_all))
        .bind(&session.business)
        .bind(stored(room.of_one))
        .bind(stored(session.created_at))
}

impl Session {
    /// A session to which nothing has happened yet.
    pub(super) fn opened(new: &NewSession) -> Self {
        Self {
            id: new.id.clone(),
            wallet_id: new.wallet_id.clone(),
            business: new.business.clone(),
            check_id: new.check_id.clone(),
            agreed: Some(new.agreed),
            nonce: new.nonce.clone(),
            encryption_key: new.encryption_key.clone(),
            created_at: new.created_at,
            progress: VerifierSession::open(new.expires_at),
            same_device: new.same_device.clone(),
            came_back: false,
            answer: None,
            operator: new.operator.clone(),
            return_url: new.return_url.clone(),
            challenge: new.challenge.clone(),
        }
    }

    /// The same with its outcome, which keeps no claim and may be told; the key is gone.
    pub(super) fn ended(self, state: SessionState, judgement: &Judgement) -> Self {
        Self {
            encryption_key: None,
            progress: VerifierSession::restore(state, self.progress.expires_at()),
            answer: Some(Answer {
                reason: judgement.reason,
                ages: judgement.ages,
                kept: Map::new(),
                rule: judgement.rule,
                fetched_list: judgement.fetched_list.clone(),
                receipt: judgement.receipt.as_ref().map(|sent| sent.receipt.clone()),
                released: true,
            }),
            ..self
        }
    }
}

/// `browser_bound` is 0 before a browser is bound, 1 after, and this when it is back.
const CAME_BACK: i64 = 2;
const DAY: i64 = 86_400;
/// In the words of the index `session_open`, which serves no other words.
const OPEN: &str = "SELECT count(*) FROM session WHERE expires_at > ? AND state IN ('open', 'scanned')";

/// In the same words; those of one business are counted on the way.
const OPENING: &str = "INSERT INTO session (id, wallet_id, check_id, state, nonce, encryption_key, created_at, \
    expires_at, browser_secret, response_code, released, operator, return_url, challenge, business, \
    agreed, retention_days) SELECT ?, ?, ?, 'open', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? \
    WHERE (SELECT count(*) < ? AND total(business = ?) < ? FROM session \
    WHERE expires_at > ? AND state IN ('open', 'scanned'))";

#[cfg(test)]
mod tests {
    use sqlx::AssertSqlSafe;

    use oid4vp::SessionState;

    use super::{OPEN, OPENING, Room, Store};
    use crate::store::fresh::tests::new;
    use crate::verdict::{Ages, Judgement, Reason};

    #[tokio::test]
    async fn an_outcome_is_told_from_memory_as_it_stands_in_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("verifier.sqlite")).await.unwrap();
        let room = Room { of_all: 9, of_one: 9 };
        assert!(store.open_session(&new("a", 400, None), room).await.unwrap());
        store.mark_scanned("a").await.unwrap();
        let mut judgement = Judgement::of(
            Reason::Ok,
            Ages {
                status_s: Some(5),
                ..Ages::default()
            },
        );
        judgement.rule = Some([7; 32]);
        judgement.fetched_list = Some("https://a.example/1".to_owned());
        let close = || store.close_session("a", SessionState::Answered, &judgement, 200);
        assert!(close().await.unwrap());
        let mut told = Vec::new();
        for _ in 0..2 {
            told.push(format!("{:?}", store.session("a").await.unwrap().unwrap()));
        }
        assert!(told[0].contains("fetched_list"), "{}", told[0]);
        assert_eq!(told[0], told[1]);
        assert!(!close().await.unwrap());
    }

    #[tokio::test]
    async fn open_sessions_are_counted_without_those_that_were_answered() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("verifier.sqlite")).await.unwrap();
        for sql in [OPEN, OPENING] {
            let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
            let plan: Vec<(i64, i64, i64, String)> = sqlx::query_as(explain).fetch_all(store.writer()).await.unwrap();
            let reads: Vec<&str> = plan
                .iter()
                .map(|(.., step)| step.as_str())
                .filter(|step| step.starts_with("SEARCH") || step.starts_with("SCAN session"))
                .collect();
            assert!(
                matches!(reads[..], [read] if read.contains("INDEX session_open (expires_at>?)")),
                "{plan:?}"
            );
        }
    }
}
