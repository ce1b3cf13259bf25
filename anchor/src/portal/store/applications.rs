//! Applications: what they say and where they stand.

use jose::UnixTime;
use sqlx::Row;

use super::{Store, restored, stored};
use crate::portal::contact::Contact;
use crate::portal::content::{Applicant, Content};
use crate::portal::state::{Standing, State};

/// Applications of one account that have neither come onto the ledger nor to an end, at most.
const OPEN: i64 = 5;
/// Seconds that what failed once waits, and the longest that it waits.
const FIRST_WAIT: i64 = 30;
const LONGEST_WAIT: i64 = 3600;

/// Why no application is begun.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FileError {
    /// The account has as many as it may.
    #[error("too many applications are under way")]
    TooMany,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] sqlx::Error),
}

/// An application as it is kept.
#[derive(Clone, Debug)]
pub(crate) struct Filed {
    pub(crate) id: String,
    pub(crate) business: String,
    pub(crate) account: String,
    pub(crate) organisation: String,
    pub(crate) applicant: Applicant,
    pub(crate) state: State,
    pub(crate) content: Content,
    pub(crate) contact: Option<Contact>,
    /// Of the contact's fingerprint on the ledger.
    pub(crate) salt: [u8; 32],
    /// Goes up with every step and with every change of what it says.
    pub(crate) version: u64,
    pub(crate) vouched_by: Option<String>,
    pub(crate) decided_by: Option<String>,
    pub(crate) suspended_by: Option<String>,
    pub(crate) suspended_at: Option<UnixTime>,
    pub(crate) confirmed_by: Option<String>,
    pub(crate) lapsed_by: Option<String>,
    pub(crate) valid_until: Option<UnixTime>,
    pub(crate) created_at: UnixTime,
}

impl Filed {
    /// What the next step depends on.
    pub(crate) fn standing(&self) -> Standing<'_> {
        Standing {
            state: self.state,
            vouched_by: self.vouched_by.as_deref(),
            decided_by: self.decided_by.as_deref(),
            suspended_by: self.suspended_by.as_deref(),
            is_confirmed: self.confirmed_by.is_some(),
            lapsed_by: self.lapsed_by.as_deref(),
        }
    }

    /// What the organisation calls itself.
    pub(crate) fn name(&self, language: &str) -> &str {
        let names = &self.content.name;
        let own = names.get(language).or_else(|| names.get("en"));
        own.map(String::as_str)
            .filter(|name| !name.is_empty())
            .unwrap_or(&self.organisation)
    }
}

/// What every query of applications begins with.
macro_rules! filed {
    ($rest:literal) => {
        concat!(
            "SELECT applications.*, businesses.account, accounts.organisation, accounts.vouched_by
             FROM applications JOIN businesses ON businesses.id = business JOIN accounts ON accounts.id = account ",
            $rest
        )
    };
}

pub(super) use filed;

impl sqlx::FromRow<'_, sqlx::sqlite::SqliteRow> for Filed {
    fn from_row(row: &sqlx::sqlite::SqliteRow) -> Result<Self, sqlx::Error> {
        let json = |column: &str| -> Result<Option<String>, sqlx::Error> { row.try_get(column) };
        let time = |column: &str| -> Result<Option<UnixTime>, sqlx::Error> {
            Ok(row.try_get::<Option<i64>, _>(column)?.map(restored))
        };
        let state: String = row.try_get("state")?;
        let salt: Vec<u8> = row.try_get("salt")?;
        Ok(Self {
            id: row.try_get("id")?,
            business: row.try_get("business")?,
            account: row.try_get("account")?,
            organisation: row.try_get("organisation")?,
            applicant: parsed("applicant", json("applicant")?.map(|name| format!("\"{name}\"")))?,
            state: State::named(&state).ok_or_else(|| malformed("state"))?,
            content: parsed("content", json("content")?)?,
            contact: match json("contact")? {
                Some(text) => Some(parsed("contact", Some(text))?),
                None => None,
            },
            salt: salt.try_into().map_err(|_| malformed("salt"))?,
            version: restored(row.try_get("version")?),
            vouched_by: row.try_get("vouched_by")?,
            decided_by: row.try_get("decided_by")?,
            suspended_by: row.try_get("suspended_by")?,
            suspended_at: time("suspended_at")?,
            confirmed_by: row.try_get("confirmed_by")?,
            lapsed_by: row.try_get("lapsed_by")?,
            valid_until: time("valid_until")?,
            created_at: restored(row.try_get("created_at")?),
        })
    }
}

fn parsed<T: serde::de::DeserializeOwned>(column: &'static str, text: Option<String>) -> Result<T, sqlx::Error> {
    serde_json::from_str(&text.unwrap_or_default()).map_err(|_| malformed(column))
}

fn malformed(column: &'static str) -> sqlx::Error {
    sqlx::Error::ColumnDecode {
        index: column.to_owned(),
        source: "no version of this program writes this".into(),
    }
}

/// The name of a kind of applicant in the store.
fn applicant(kind: Applicant) -> &'static str {
    match kind {
        Applicant::Business => "business",
        Applicant::Agency => "agency",
    }
}

fn json(value: &impl serde::Serialize) -> Result<String, sqlx::Error> {
    serde_json::to_string(value).map_err(|error| sqlx::Error::Encode(Box::new(error)))
}

impl Store {
    /// Begins an application of a new business, or the next one of a business that has one. Where there is one
    /// with this id, nothing happens: a form was sent twice.
    pub(crate) async fn file(&self, new: &NewApplication<'_>, now: UnixTime) -> Result<(), FileError> {
        let mut write = self.sqlite.writer().begin_with("BEGIN IMMEDIATE").await?;
        let open: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM applications JOIN businesses ON businesses.id = business
             WHERE account = ? AND applications.id <> ?
             AND state NOT IN ('registered', 'suspended', 'refused', 'replaced', 'revoked', 'expired')",
        )
        .bind(new.account)
        .bind(new.id)
        .fetch_one(&mut *write)
        .await?;
        if open >= OPEN {
            return Err(FileError::TooMany);
        }
        sqlx::query("INSERT INTO businesses (id, account) VALUES (?, ?) ON CONFLICT DO NOTHING")
            .bind(new.business)
            .bind(new.account)
            .execute(&mut *write)
            .await?;
        sqlx::query(
            "INSERT INTO applications (id, business, applicant, state, content, contact, salt, created_at)
             VALUES (?, ?, ?, 'draft', ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        )
        .bind(new.id)
        .bind(new.business)
        .bind(applicant(new.applicant))
        .bind(json(new.content)?)
        .bind(new.contact.map(json).transpose()?)
        .bind(service::random::bytes::<32>().as_slice())
        .bind(stored(now))
        .execute(&mut *write)
        .await?;
        write.commit().await?;
        Ok(())
    }

    /// One application.
    pub(crate) async fn application(&self, id: &str) -> Result<Option<Filed>, sqlx::Error> {
        sqlx::query_as(filed!("WHERE applications.id = ?"))
            .bind(id)
            .fetch_optional(self.sqlite.reader())
            .await
    }

    /// Those of an account, newest first.
    pub(crate) async fn applications_of(&self, account: &str) -> Result<Vec<Filed>, sqlx::Error> {
        sqlx::query_as(filed!(
            "WHERE account = ? ORDER BY applications.created_at DESC, applications.id LIMIT 100"
        ))
        .bind(account)
        .fetch_all(self.sqlite.reader())
        .await
    }

    /// Those of a business, newest first.
    pub(crate) async fn applications_for(&self, business: &str) -> Result<Vec<Filed>, sqlx::Error> {
        sqlx::query_as(filed!(
            "WHERE business = ? ORDER BY applications.created_at DESC, applications.id LIMIT 100"
        ))
        .bind(business)
        .fetch_all(self.sqlite.reader())
        .await
    }

    /// What is in force of a business: registered, or suspended.
    pub(crate) async fn in_force(&self, business: &str) -> Result<Option<Filed>, sqlx::Error> {
        sqlx::query_as(filed!(
            "WHERE business = ? AND state IN ('registered', 'suspended') LIMIT 1"
        ))
        .bind(business)
        .fetch_optional(self.sqlite.reader())
        .await
    }

    /// Whether the registrar took something of an account off the ledger, for the time being or for good. A
    /// suspension that ended counts no more.
    pub(crate) async fn was_taken_off(&self, account: &str) -> Result<bool, sqlx::Error> {
        let count: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM applications JOIN businesses ON businesses.id = business
             WHERE account = ? AND suspended_by IS NOT NULL",
        )
        .bind(account)
        .fetch_one(self.sqlite.reader())
        .await?;
        Ok(count > 0)
    }

    /// What is in force of the organisation of a DID.
    pub(crate) async fn in_force_of(&self, did: &str) -> Result<Option<Filed>, sqlx::Error> {
        sqlx::query_as(filed!("WHERE did = ? AND state IN ('registered', 'suspended') LIMIT 1"))
            .bind(did)
            .fetch_optional(self.sqlite.reader())
            .await
    }

    /// Those that were handed in, the longest waiting first and what is over last.
    pub(crate) async fn handed_in(&self) -> Result<Vec<Filed>, sqlx::Error> {
        sqlx::query_as(filed!(
            "WHERE state <> 'draft' ORDER BY state NOT IN ('submitted', 'answered', 'approved_by_one', 'refused_by_one'),
             applications.created_at LIMIT 200"
        ))
        .fetch_all(self.sqlite.reader())
        .await
    }

    /// Those that nobody has to be asked about any more, and something is to be done with. What leaves the ledger comes
    /// first and never waits; of the rest those that failed wait, and the others are taken a hundred at a time.
    pub(crate) async fn unfinished(&self, now: UnixTime, unconfirmed: UnixTime) -> Result<Vec<Filed>, sqlx::Error> {
        let mut unfinished: Vec<Filed> = sqlx::query_as(filed!(
            "WHERE (state = 'suspended' AND anchored = 'registered')
                OR (state = 'revoked' AND anchored = 'registered' AND NOT EXISTS (
                        SELECT 1 FROM applications AS other
                        WHERE other.business = applications.business AND other.state = 'registered'))
                OR (state IN ('registered', 'suspended') AND valid_until <= ?1)
                OR (state = 'suspended' AND confirmed_by IS NULL AND suspended_at <= ?2)
             ORDER BY applications.created_at"
        ))
        .bind(stored(now))
        .bind(stored(unconfirmed))
        .fetch_all(self.sqlite.reader())
        .await?;
        let rest: Vec<Filed> = sqlx::query_as(filed!(
            "WHERE (state = 'registered' AND anchored <> 'registered' AND valid_until > ?1 AND retry_at <= ?1)
                OR (state = 'approved' AND retry_at <= ?1 AND NOT EXISTS (
                        SELECT 1 FROM applications AS other
                        WHERE other.business = applications.business AND other.state = 'suspended'))
             ORDER BY retry_at, applications.created_at LIMIT 100"
        ))
        .bind(stored(now))
        .fetch_all(self.sqlite.reader())
        .await?;
        unfinished.extend(rest);
        Ok(unfinished)
    }

    /// Notes that an application could not be carried out: it waits, twice as long each time.
    pub(crate) async fn put_off(&self, id: &str, now: UnixTime) -> Result<(), sqlx::Error> {
        sqlx::query(
            "UPDATE applications SET failures = failures + 1, retry_at = ?1 + min(?2 << min(failures, 10), ?3)
             WHERE id = ?4",
        )
        .bind(stored(now))
        .bind(FIRST_WAIT)
        .bind(LONGEST_WAIT)
        .bind(id)
        .execute(self.sqlite.writer())
        .await?;
        Ok(())
    }

    /// Changes what an application says, as long as the applicant may: whether it was changed. Whoever read it before
    /// writes nothing afterwards: neither another page of it, nor a step that was chosen by what it said then.
    pub(crate) async fn write_content(&self, filed: &Filed) -> Result<bool, sqlx::Error> {
        let done = sqlx::query(
            "UPDATE applications SET content = ?, contact = ?, version = version + 1
             WHERE id = ? AND version = ? AND state IN ('draft', 'question')",
        )
        .bind(json(&filed.content)?)
        .bind(filed.contact.as_ref().map(json).transpose()?)
        .bind(&filed.id)
        .bind(stored(filed.version))
        .execute(self.sqlite.writer())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Until when the application counts, set once: what is written again must be the same.
    pub(crate) async fn settle_validity(&self, id: &str, until: UnixTime) -> Result<UnixTime, sqlx::Error> {
        sqlx::query("UPDATE applications SET valid_until = ? WHERE id = ? AND valid_until IS NULL")
            .bind(stored(until))
            .bind(id)
            .execute(self.sqlite.writer())
            .await?;
        let settled: i64 = sqlx::query_scalar("SELECT valid_until FROM applications WHERE id = ?")
            .bind(id)
            .fetch_one(self.sqlite.reader())
            .await?;
        Ok(restored(settled))
    }
}

/// An application that begins.
pub(crate) struct NewApplication<'a> {
    pub(crate) id: &'a str,
    pub(crate) business: &'a str,
    pub(crate) account: &'a str,
    pub(crate) applicant: Applicant,
    pub(crate) content: &'a Content,
    pub(crate) contact: Option<&'a Contact>,
}
