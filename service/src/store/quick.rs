//! Connections for short reads that are asked for all the time.
//!
//! A pool asks a connection that comes back whether it is there, by a task of its own and a message to SQLite's thread.
//! For a read of one statement this is as much as the read. These two stay where they are, and are asked now and then.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Connection, Error};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::WAIT;

/// How many read at the same time.
const AT_ONCE: usize = 2;
/// How often a connection that is in use is asked whether SQLite's thread is there.
const ASKED_EVERY: Duration = Duration::from_millis(500);

/// Connections that read. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Quick(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    options: SqliteConnectOptions,
    turns: Arc<Semaphore>,
    idle: Mutex<Vec<Connected>>,
}

/// A connection, and when it was last known that SQLite's thread is there.
#[derive(Debug)]
struct Connected {
    connection: SqliteConnection,
    seen_at: Instant,
}

/// A connection for reading: for one statement or a few, one after the other.
#[derive(Debug)]
pub struct Reading {
    /// Gone only while it goes back.
    connected: Option<Connected>,
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
        let there = match idle {
            Some(idle) => idle.if_there().await,
            None => None,
        };
        let connected = match there {
            Some(connected) => connected,
            None => Connected::open(&self.0.options).await?,
        };
        Ok(Reading {
            connected: Some(connected),
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
        for connected in idle {
            // It has only read.
            let _ = connected.connection.close().await;
        }
    }
}

impl Connected {
    async fn open(options: &SqliteConnectOptions) -> Result<Self, Error> {
        Ok(Self {
            connection: SqliteConnection::connect_with(options).await?,
            seen_at: Instant::now(),
        })
    }

    /// Itself; `None` where SQLite's thread has ended. Every query would fail then, whoever asks.
    async fn if_there(mut self) -> Option<Self> {
        if self.seen_at.elapsed() >= ASKED_EVERY {
            if let Err(error) = self.connection.ping().await {
                tracing::error!(%error, "a connection that reads is lost");
                return None;
            }
            self.seen_at = Instant::now();
        }
        Some(self)
    }
}

impl Inner {
    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connected>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        // Before the turn, which ends with the last field.
        if let Some(connected) = self.connected.take() {
            self.home.idle().push(connected);
        }
    }
}

impl Deref for Reading {
    type Target = SqliteConnection;

    #[expect(clippy::expect_used, reason = "it is taken out by the drop alone")]
    fn deref(&self) -> &SqliteConnection {
        let connected = self.connected.as_ref();
        &connected.expect("the connection went back").connection
    }
}

impl DerefMut for Reading {
    #[expect(clippy::expect_used, reason = "it is taken out by the drop alone")]
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        let connected = self.connected.as_mut();
        &mut connected.expect("the connection went back").connection
    }
}

#[cfg(test)]
mod tests {
    use std::thread::ThreadId;

    use tracing::Instrument;
    use tracing::span::Id;
    use tracing_subscriber::Layer;
    use tracing_subscriber::layer::{Context, SubscriberExt};

    use super::super::Sqlite;
    use super::ASKED_EVERY;

    /// Panics in every thread but this one that goes on with what was begun in a span, as that of a connection does.
    struct OnlyIn(ThreadId);

    impl<S: tracing::Subscriber> Layer<S> for OnlyIn {
        fn on_enter(&self, _: &Id, _: Context<'_, S>) {
            assert_eq!(std::thread::current().id(), self.0, "this thread is to end");
        }
    }

    #[tokio::test]
    async fn a_connection_whose_thread_ended_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let store = Sqlite::open(&path, &["CREATE TABLE a (x INTEGER PRIMARY KEY)"]);
        let store = store.await.unwrap();
        let rows = || sqlx::query_scalar::<sqlx::Sqlite, i64>("SELECT count(*) FROM a");
        let only_here = OnlyIn(std::thread::current().id());
        let ends = tracing::subscriber::set_default(tracing_subscriber::registry().with(only_here));
        let mut reading = store.read().await.unwrap();
        let last = rows().fetch_one(&mut *reading);
        assert!(last.instrument(tracing::error_span!("the last")).await.is_err());
        drop((reading, ends));
        tokio::time::sleep(ASKED_EVERY).await;
        for _ in 0..3 {
            let mut reading = store.read().await.unwrap();
            assert_eq!(rows().fetch_one(&mut *reading).await.unwrap(), 0);
        }
        store.close().await;
    }

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
