//! Moves what was committed from the write-ahead log into the file, beside the writers.
//!
//! SQLite does this at the end of a commit that finds a thousand pages in the log: whoever commits then waits for the
//! disk several times. Here a connection of its own does it, which holds up neither readers nor writers. It cannot
//! begin the log anew while others write; so the writer still does the rest of it, rarely.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions};
use tokio::sync::mpsc;

/// Writers after which pages are moved.
const WRITERS: u32 = 200;
/// Pages in the log at which the writer moves what is left and begins the log anew: 64 MiB.
const WRITER_PAGES: &str = "16384";

/// Counts writers, and has the log moved now and then. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Checkpoints {
    writers: Arc<AtomicU32>,
    due: mpsc::Sender<()>,
    pool: SqlitePool,
}

impl Checkpoints {
    /// How the one that writes is opened.
    pub(super) fn of_writer(options: SqliteConnectOptions) -> SqliteConnectOptions {
        options.pragma("wal_autocheckpoint", WRITER_PAGES)
    }

    /// Begins to wait for writers; ends with the last copy of what it returns.
    pub(super) fn begin(options: SqliteConnectOptions) -> Self {
        let pool = SqlitePoolOptions::new().max_connections(1).connect_lazy_with(options);
        let (due, mut waits) = mpsc::channel(1);
        let mover = pool.clone();
        tokio::spawn(async move {
            while waits.recv().await.is_some() {
                if let Err(error) = sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").execute(&mover).await {
                    // Nothing is lost: all of it is in the log still, and the next round comes.
                    tracing::warn!(%error, "the write-ahead log was not moved");
                }
            }
        });
        Self {
            writers: Arc::default(),
            due,
            pool,
        }
    }

    /// One more has its turn.
    pub(super) fn one_writes(&self) {
        if self.writers.fetch_add(1, Ordering::Relaxed) % WRITERS == WRITERS - 1 {
            // One that is due already is enough.
            let _ = self.due.try_send(());
        }
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::Sqlite;
    use super::WRITERS;

    #[tokio::test]
    async fn what_is_committed_comes_into_the_file_while_others_write() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let store = Sqlite::open(&path, &["CREATE TABLE a (x BLOB)"]).await.unwrap();
        let length = || std::fs::metadata(&path).unwrap().len();
        let before = length();
        for _ in 0..WRITERS {
            let insert = sqlx::query("INSERT INTO a VALUES (zeroblob(4000))");
            store.execute(insert).await.unwrap();
        }
        let moved = u64::from(WRITERS) * 4000 / 2;
        for _ in 0..500 {
            if length() > before + moved {
                store.close().await;
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{} bytes in the file, {before} before", length());
    }
}
