use std::path::Path;

use service::store::{Sqlite, StoreError};
use sqlx::Row;
use tlog::{LogCheckpoint, SignatureLine, UnixTime};

use super::WitnessRecords;

/// Of each log: more signed checkpoints than it makes by mistake, and few enough for a small disk.
const MOST_EVIDENCE: i64 = 1024;

const MIGRATIONS: &[&str] = &["
    CREATE TABLE newest (
        origin TEXT PRIMARY KEY,
        -- A decimal number: SQLite has no unsigned 64-bit integers.
        size TEXT NOT NULL,
        note TEXT NOT NULL,
        -- The same checkpoint or one before it, with the cosignature that was given away.
        cosigned TEXT
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE evidence (
        origin TEXT NOT NULL,
        refused TEXT NOT NULL,
        recorded TEXT,
        reason TEXT NOT NULL,
        time INTEGER NOT NULL,
        PRIMARY KEY (origin, refused)
    ) STRICT, WITHOUT ROWID;
"];

/// The newest checkpoint of each log, and checkpoints that a log should never have signed.
#[derive(Debug, Clone)]
pub struct WitnessStore(Sqlite);

/// Two statements of one log that may contradict each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The note that was refused, with the log's signature.
    pub refused: String,
    /// The note that was recorded at that time.
    pub recorded: Option<String>,
    /// Why the first was refused.
    pub reason: String,
}

impl WitnessStore {
    /// Opens or makes the file.
    ///
    /// # Errors
    /// When it cannot be used.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        Ok(Self(Sqlite::open(path, MIGRATIONS).await?))
    }

    /// The newest cosigned checkpoint of a log.
    pub(super) async fn cosigned(&self, origin: &str) -> Result<Option<String>, sqlx::Error> {
        let row: Option<Option<String>> = sqlx::query_scalar("SELECT cosigned FROM newest WHERE origin = ?1")
            .bind(origin)
            .fetch_optional(self.0.reader())
            .await?;
        Ok(row.flatten())
    }

    /// What was kept as evidence about a log.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn evidence(&self, origin: &str) -> Result<Vec<Evidence>, sqlx::Error> {
        let statement = "SELECT refused, recorded, reason FROM evidence WHERE origin = ?1 ORDER BY time, refused";
        let rows = sqlx::query(statement).bind(origin).fetch_all(self.0.reader()).await?;
        rows.into_iter()
            .map(|row| {
                Ok(Evidence {
                    refused: row.try_get(0)?,
                    recorded: row.try_get(1)?,
                    reason: row.try_get(2)?,
                })
            })
            .collect()
    }

    /// Closes the file.
    pub async fn close(&self) {
        self.0.close().await;
    }
}

impl WitnessRecords for WitnessStore {
    async fn newest(&self) -> Result<Vec<String>, sqlx::Error> {
        sqlx::query_scalar("SELECT note FROM newest ORDER BY origin")
            .fetch_all(self.0.reader())
            .await
    }

    async fn replace(&self, checkpoint: &LogCheckpoint, previous_size: u64) -> Result<bool, sqlx::Error> {
        let new = checkpoint.checkpoint();
        let note = checkpoint.to_note(&[]).to_string();
        let statement = if previous_size == 0 {
            "INSERT INTO newest (origin, size, note) VALUES (?1, ?2, ?3)
             ON CONFLICT (origin) DO UPDATE SET size = ?2, note = ?3 WHERE size = ?4"
        } else {
            "UPDATE newest SET size = ?2, note = ?3 WHERE origin = ?1 AND size = ?4"
        };
        let result = sqlx::query(statement)
            .bind(new.origin().as_str())
            .bind(new.size().to_string())
            .bind(note)
            .bind(previous_size.to_string())
            .execute(self.0.writer())
            .await?;
        Ok(result.rows_affected() == 1)
    }

    async fn keep_cosigned(&self, checkpoint: &LogCheckpoint, cosignature: &SignatureLine) -> Result<(), sqlx::Error> {
        sqlx::query("UPDATE newest SET cosigned = ?2 WHERE origin = ?1")
            .bind(checkpoint.checkpoint().origin().as_str())
            .bind(checkpoint.to_note(std::slice::from_ref(cosignature)).to_string())
            .execute(self.0.writer())
            .await
            .map(|_| ())
    }

    /// The same one is kept once, and not without bound.
    async fn keep_evidence(
        &self,
        refused: &LogCheckpoint,
        recorded: Option<&LogCheckpoint>,
        reason: &str,
        now: UnixTime,
    ) -> Result<(), sqlx::Error> {
        sqlx::query(
            "INSERT OR IGNORE INTO evidence (origin, refused, recorded, reason, time)
             SELECT ?1, ?2, ?3, ?4, ?5 WHERE (SELECT count(*) FROM evidence WHERE origin = ?1) < ?6",
        )
        .bind(refused.checkpoint().origin().as_str())
        .bind(refused.to_note(&[]).to_string())
        .bind(recorded.map(|recorded| recorded.to_note(&[]).to_string()))
        .bind(reason)
        .bind(i64::try_from(now).unwrap_or(i64::MAX))
        .bind(MOST_EVIDENCE)
        .execute(self.0.writer())
        .await
        .map(|_| ())
    }
}
