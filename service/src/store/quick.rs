//! Connections for short reads that are asked for all the time.
//!
//! A pool asks a connection that comes back whether it is there, by a task of its own and a message to SQLite's thread.
//! For a read of one statement this is as much as the read. These two stay where they are.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Connection, Error};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::WAIT;

/// How many read at the same time.
const AT_ONCE: usize = 2;

/// Connections that read. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Quick(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    options: SqliteConnectOptions,
    turns: Arc<Semaphore>,
    idle: Mutex<Vec<SqliteConnection>>,
}

/// A connection for reading: for one statement or a few, one after the other.
#[derive(Debug)]
pub struct Reading {
    /// Gone only while it goes back.
    connection: Option<SqliteConnection>,
    home: Arc<Inner>,
    _turn: OwnedSemaphorePermit,
}

impl Quick {
    /// None is opened before it is needed.
    pub(super) fn new(options: SqliteConnectOptions) -> Self {
        Self(Arc::new(Inner {
            options,
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            idle: Mutex::default(),
        }))
    }

    /// A connection when one is free.
    pub(super) async fn read(&self) -> Result<Reading, Error> {
        let turn = Arc::clone(&self.0.turns).acquire_owned();
        let turn = tokio::time::timeout(WAIT, turn).await;
        let turn = turn.map_err(|_| Error::PoolTimedOut)?.map_err(|_| Error::PoolClosed)?;
        let idle = self.0.idle().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => SqliteConnection::connect_with(&self.0.options).await?,
        };
        Ok(Reading {
            connection: Some(connection),
            home: Arc::clone(&self.0),
            _turn: turn,
        })
    }

    /// Lets nobody read any more, and waits for those who do.
    pub(super) async fn close(&self) {
        let all = u32::try_from(AT_ONCE).unwrap_or(u32::MAX);
        let last = self.0.turns.acquire_many(all).await;
        self.0.turns.close();
        drop(last);
        let idle = std::mem::take(&mut *self.0.idle());
        for connection in idle {
            // It has only read.
            let _ = connection.close().await;
        }
    }
}

impl Inner {
    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<SqliteConnection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        // Before the turn, which ends with the last field.
        if let Some(connection) = self.connection.take() {
            self.home.idle().push(connection);
        }
    }
}

impl Deref for Reading {
    type Target = SqliteConnection;

    #[expect(clippy::expect_used, reason = "it is taken out by the drop alone")]
    fn deref(&self) -> &SqliteConnection {
        self.connection.as_ref().expect("the connection went back")
    }
}

impl DerefMut for Reading {
    #[expect(clippy::expect_used, reason = "it is taken out by the drop alone")]
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        self.connection.as_mut().expect("the connection went back")
    }
}

#[cfg(test)]
mod tests {
    use super::super::Sqlite;

    #[tokio::test]
    async fn who_reads_sees_the_last_commit_also_after_others_who_gave_up() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let store = Sqlite::open(&path, &["CREATE TABLE a (x INTEGER PRIMARY KEY)"])
            .await
            .unwrap();
        for count in 1..=10_i64 {
            let put = sqlx::query("INSERT INTO a VALUES (?)").bind(count);
            store.execute(put).await.unwrap();
            let long = async {
                let mut reading = store.read().await.unwrap();
                let long =
                    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 100000) SELECT i FROM n";
                sqlx::query(long).fetch_all(&mut *reading).await.unwrap();
            };
            let _ = tokio::time::timeout(std::time::Duration::from_millis(1), long).await;
            let mut reading = store.read().await.unwrap();
            let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM a")
                .fetch_one(&mut *reading)
                .await
                .unwrap();
            assert_eq!(rows, count);
            assert!(sqlx::query("DELETE FROM a").execute(&mut *reading).await.is_err());
        }
        store.close().await;
        assert!(store.read().await.is_err());
    }
}
