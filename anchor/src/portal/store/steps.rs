//! Steps: taken one after the other, each kept with its day and its words.

use jose::UnixTime;

use super::applications::filed;
use super::{Filed, Store, restored, stored};
use crate::portal::state::{Actor, State, Step, StepError, next};

/// Longest question, answer or reason, in characters.
pub(crate) const WORDS: usize = 2000;

impl<'a> Actor<'a> {
    /// The name in the store.
    fn as_str(self) -> &'static str {
        match self {
            Self::Applicant => "applicant",
            Self::Rule => "rule",
            Self::Registrar { .. } => "registrar",
        }
    }

    fn operator(self) -> Option<&'a str> {
        match self {
            Self::Registrar { name, .. } => Some(name),
            Self::Applicant | Self::Rule => None,
        }
    }
}

/// A step that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(crate) at: UnixTime,
    pub(crate) step: Step,
    pub(crate) state: State,
    pub(crate) operator: Option<String>,
    pub(crate) words: String,
}

/// Why a step was not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApplyError {
    /// There is no such application.
    #[error("there is no such application")]
    Unknown,
    /// Something else was done in the meantime.
    #[error("the application has changed")]
    Changed,
    /// The rules do not allow it.
    #[error(transparent)]
    Step(#[from] StepError),
    /// No words where they are needed, or too many.
    #[error("the words are missing or too long")]
    Words,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] sqlx::Error),
}

impl Store {
    /// Takes a step, if so many were taken before and the rules allow it; the application afterwards. The same step
    /// by the same actor sent twice is taken once.
    pub(crate) async fn apply(
        &self,
        id: &str,
        version: u64,
        actor: Actor<'_>,
        step: Step,
        words: &str,
        now: UnixTime,
    ) -> Result<State, ApplyError> {
        let words = words.trim();
        if words.chars().count() > WORDS || (step.needs_words() && words.is_empty()) {
            return Err(ApplyError::Words);
        }
        let mut write = self.sqlite.writer().begin_with("BEGIN IMMEDIATE").await?;
        let filed = Self::in_transaction(&mut write, id).await?.ok_or(ApplyError::Unknown)?;
        if filed.version != version {
            let sent_twice = filed.version == version + 1 && is_last(&mut write, &filed, actor, step, words).await?;
            return if sent_twice {
                Ok(filed.state)
            } else {
                Err(ApplyError::Changed)
            };
        }
        let state = next(&filed.standing(), actor, step)?;
        keep_step(&mut write, &filed, actor, (step, state), words, now).await?;
        keep_state(&mut write, &filed, actor, (step, state), now).await?;
        if step == Step::Revoke {
            Self::close_others(&mut write, &filed, words, now).await?;
        }
        write.commit().await?;
        Ok(state)
    }

    /// What was taken off for good does not come back by what was applied for before.
    async fn close_others(
        write: &mut sqlx::Transaction<'static, sqlx::Sqlite>,
        revoked: &Filed,
        words: &str,
        now: UnixTime,
    ) -> Result<(), sqlx::Error> {
        let others: Vec<String> = sqlx::query_scalar("SELECT id FROM applications WHERE business = ? AND id <> ?")
            .bind(&revoked.business)
            .bind(&revoked.id)
            .fetch_all(&mut **write)
            .await?;
        for id in others {
            let Some(other) = Self::in_transaction(write, &id).await? else {
                continue;
            };
            // What came to an end before takes no step any more.
            if let Ok(state) = next(&other.standing(), Actor::Rule, Step::Close) {
                keep_step(write, &other, Actor::Rule, (Step::Close, state), words, now).await?;
                keep_state(write, &other, Actor::Rule, (Step::Close, state), now).await?;
            }
        }
        Ok(())
    }

    async fn in_transaction(
        write: &mut sqlx::Transaction<'static, sqlx::Sqlite>,
        id: &str,
    ) -> Result<Option<Filed>, sqlx::Error> {
        sqlx::query_as(filed!("WHERE applications.id = ?"))
            .bind(id)
            .fetch_optional(&mut **write)
            .await
    }

    /// What was done with an application, in order.
    pub(crate) async fn steps(&self, id: &str) -> Result<Vec<Taken>, sqlx::Error> {
        sqlx::query_as("SELECT at, step, state, operator, words FROM steps WHERE application = ? ORDER BY number")
            .bind(id)
            .fetch_all(self.sqlite.reader())
            .await
    }
}

/// Whether the last step was this one.
async fn is_last(
    write: &mut sqlx::Transaction<'static, sqlx::Sqlite>,
    filed: &Filed,
    actor: Actor<'_>,
    step: Step,
    words: &str,
) -> Result<bool, sqlx::Error> {
    let last: Option<(String, String, Option<String>, String)> =
        sqlx::query_as("SELECT step, actor, operator, words FROM steps WHERE application = ? AND number = ?")
            .bind(&filed.id)
            .bind(stored(filed.version))
            .fetch_optional(&mut **write)
            .await?;
    Ok(last.is_some_and(|(last, by, operator, said)| {
        last == step.as_str() && by == actor.as_str() && operator.as_deref() == actor.operator() && said == words
    }))
}

async fn keep_step(
    write: &mut sqlx::Transaction<'static, sqlx::Sqlite>,
    filed: &Filed,
    actor: Actor<'_>,
    (step, state): (Step, State),
    words: &str,
    now: UnixTime,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO steps (application, number, at, step, state, actor, operator, words)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(&filed.id)
    .bind(stored(filed.version + 1))
    .bind(stored(now))
    .bind(step.as_str())
    .bind(state.as_str())
    .bind(actor.as_str())
    .bind(actor.operator())
    .bind(words)
    .execute(&mut **write)
    .await?;
    Ok(())
}

/// Who decided first and who suspended is kept for as long as it matters. What failed before is tried at once again.
async fn keep_state(
    write: &mut sqlx::Transaction<'static, sqlx::Sqlite>,
    filed: &Filed,
    actor: Actor<'_>,
    (step, state): (Step, State),
    now: UnixTime,
) -> Result<(), sqlx::Error> {
    let operator = actor.operator().map(str::to_owned);
    let decided_by = match step {
        Step::Approve | Step::Refuse => operator.clone(),
        Step::Ask | Step::Answer => None,
        _ => filed.decided_by.clone(),
    };
    let (suspended_by, suspended_at, confirmed_by) = match step {
        Step::Suspend => (operator, Some(now), None),
        Step::Confirm => (filed.suspended_by.clone(), filed.suspended_at, operator),
        Step::Lift => (None, None, None),
        _ => (
            filed.suspended_by.clone(),
            filed.suspended_at,
            filed.confirmed_by.clone(),
        ),
    };
    let lapsed_by = match (step, actor) {
        (Step::Lift, Actor::Rule) => filed.suspended_by.clone(),
        (Step::Lift, _) => None,
        _ => filed.lapsed_by.clone(),
    };
    sqlx::query(
        "UPDATE applications SET state = ?, version = ?, decided_by = ?, suspended_by = ?, suspended_at = ?,
         confirmed_by = ?, lapsed_by = ?, failures = 0, retry_at = 0 WHERE id = ?",
    )
    .bind(state.as_str())
    .bind(stored(filed.version + 1))
    .bind(decided_by)
    .bind(suspended_by)
    .bind(suspended_at.map(stored))
    .bind(confirmed_by)
    .bind(lapsed_by)
    .bind(&filed.id)
    .execute(&mut **write)
    .await?;
    Ok(())
}

impl sqlx::FromRow<'_, sqlx::sqlite::SqliteRow> for Taken {
    fn from_row(row: &sqlx::sqlite::SqliteRow) -> Result<Self, sqlx::Error> {
        use sqlx::Row;
        let unknown = |column: &str| sqlx::Error::ColumnDecode {
            index: column.to_owned(),
            source: "no version of this program writes this".into(),
        };
        let (step, state): (String, String) = (row.try_get("step")?, row.try_get("state")?);
        Ok(Self {
            at: restored(row.try_get("at")?),
            step: Step::named(&step).ok_or_else(|| unknown("step"))?,
            state: State::named(&state).ok_or_else(|| unknown("state"))?,
            operator: row.try_get("operator")?,
            words: row.try_get("words")?,
        })
    }
}
