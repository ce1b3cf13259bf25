//! Writers of one file, which commit together.
//!
//! What costs is the commit: it waits for the disk. So a writer that is done leaves its part in the open transaction,
//! and hears that it is committed only when it is. The next in line adds its part in a savepoint, and takes nothing
//! along when it fails. Behind those who wait comes the commit, for all of them; where nobody waits, it comes at once.
//! Where it fails, nobody of them is told that anything was written.
//!
//! A connection that goes back to its pool is asked first whether it is there, by a task of its own and a message to
//! SQLite's thread: as much as a statement costs, after each transaction. So the writers keep it a little longer, for
//! whoever comes next.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteConnection, SqlitePool, SqliteQueryResult};
use sqlx::{Error, Sqlite};
use tokio::runtime::Handle;
use tokio::sync::{Mutex, OwnedMutexGuard, oneshot};

use super::WAIT;
use super::checkpoint::Checkpoints;

/// `SQLITE_CONSTRAINT`, in the low byte of its extended codes.
const CONSTRAINT: u32 = 19;
/// How long the connection is kept, whether anybody writes or not. So long may those wait who take it from the pool.
const KEPT: Duration = Duration::from_millis(20);

/// The writers of one file, in the order in which they come. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Writers {
    pool: SqlitePool,
    line: Arc<Mutex<Line>>,
    waiting: Arc<AtomicUsize>,
    checkpoints: Checkpoints,
}

/// What the writer whose turn it is works with.
#[derive(Debug, Default)]
struct Line {
    /// Held as long as a transaction is open, and a while longer.
    connection: Option<PoolConnection<Sqlite>>,
    /// A transaction is open.
    is_open: bool,
    /// The connection goes back as soon as none is open.
    is_due: bool,
    /// A part was begun and has not ended.
    at_work: bool,
    /// Whose parts have ended: they wait for the commit.
    ended: Vec<oneshot::Sender<()>>,
}

/// The turn of one writer. A part that has not ended with it is undone.
#[derive(Debug)]
struct Turn(OwnedMutexGuard<Line>);

/// Counts one who waits, as long as it does.
struct Waiting<'a>(&'a AtomicUsize);

/// A transaction that writes. Dropped without a commit it has written nothing.
#[derive(Debug)]
pub struct Write {
    turn: Turn,
    is_first: bool,
}

impl Writers {
    pub(super) fn new(pool: SqlitePool, checkpoints: Checkpoints) -> Self {
        Self {
            pool,
            line: Arc::default(),
            waiting: Arc::default(),
            checkpoints,
        }
    }

    /// Begins a transaction when its turn has come.
    pub(super) async fn begin(&self) -> Result<Write, Error> {
        let mut turn = self.turn().await?;
        let is_first = !turn.0.is_open;
        turn.take(&self.pool).await?;
        turn.0.begin().await?;
        Ok(Write { turn, is_first })
    }

    /// One statement, which is a transaction of its own.
    pub(super) async fn execute(&self, query: Query<'_, Sqlite, SqliteArguments>) -> Result<SqliteQueryResult, Error> {
        let mut turn = self.turn().await?;
        if !turn.0.is_open {
            turn.take(&self.pool).await?;
            if self.waiting.load(Ordering::Relaxed) == 0 {
                return query.execute(turn.0.connection()).await;
            }
            turn.0.begin().await?;
        }
        let executed = query.execute(turn.0.connection()).await;
        match executed {
            Ok(done) => turn.end().await.map(|()| done),
            Err(error) => {
                // A statement that breaks a constraint is undone alone. After any other failure SQLite may have undone
                // more, so nothing counts.
                if !is_constraint(&error) {
                    turn.0.give_up().await;
                }
                Err(error)
            }
        }
    }

    async fn turn(&self) -> Result<Turn, Error> {
        let waiting = Waiting::new(&self.waiting);
        let line = tokio::time::timeout(WAIT, Arc::clone(&self.line).lock_owned()).await;
        drop(waiting);
        let mut turn = Turn(line.map_err(|_| Error::PoolTimedOut)?);
        turn.0.tidy().await;
        self.checkpoints.one_writes();
        Ok(turn)
    }
}

impl Line {
    async fn begin(&mut self) -> Result<(), Error> {
        self.at_work = true;
        if self.is_open {
            return self.run("SAVEPOINT part").await;
        }
        self.is_open = true;
        self.run("BEGIN IMMEDIATE").await
    }

    /// Undoes a part that ended without a word.
    async fn tidy(&mut self) {
        if self.at_work {
            self.undo().await;
        }
    }

    /// Undoes the part at work, and no other.
    async fn undo(&mut self) {
        let is_alone = self.ended.is_empty();
        if is_alone || self.run("ROLLBACK TO part").await.is_err() || self.run("RELEASE part").await.is_err() {
            self.give_up().await;
        }
        self.at_work = false;
    }

    /// Undoes everything that is not committed; whoever waits for it hears so.
    async fn give_up(&mut self) {
        if self.is_open && self.run("ROLLBACK").await.is_err() {
            // SQLite has undone it by itself, or cannot be relied on any more.
            if let Some(mut connection) = self.connection.take() {
                connection.close_on_drop();
            }
        }
        self.at_work = false;
        self.closed();
        self.ended.clear();
    }

    /// No transaction is open any more.
    fn closed(&mut self) {
        self.is_open = false;
        if std::mem::take(&mut self.is_due) {
            self.connection = None;
        }
    }

    /// The connection goes back, now or after the transaction that is open.
    fn give_back(&mut self) {
        self.is_due = self.is_open;
        if !self.is_open {
            self.connection = None;
        }
    }

    /// Commits all parts that have ended.
    async fn commit(&mut self) {
        if !self.is_open {
            return;
        }
        if let Err(error) = self.run("COMMIT").await {
            tracing::error!(%error, parts = self.ended.len(), "writes were not committed");
            self.give_up().await;
            return;
        }
        self.closed();
        for waits in self.ended.drain(..) {
            // Whoever went away need not hear it.
            let _ = waits.send(());
        }
    }

    async fn run(&mut self, sql: &'static str) -> Result<(), Error> {
        sqlx::query(sql).execute(self.connection()).await.map(drop)
    }

    #[expect(clippy::expect_used, reason = "it is there as long as a turn needs it")]
    fn connection(&mut self) -> &mut SqliteConnection {
        self.connection.as_mut().expect("no connection was taken")
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        // Where there is no runtime any more, no pool takes it back.
        if Handle::try_current().is_err()
            && let Some(connection) = self.connection.take()
        {
            drop(connection.leak());
        }
    }
}

impl Turn {
    /// Takes the connection from the pool, unless it is here still; it goes back after a while.
    async fn take(&mut self, pool: &SqlitePool) -> Result<(), Error> {
        if self.0.connection.is_some() {
            return Ok(());
        }
        self.0.connection = Some(pool.acquire().await?);
        let line = Arc::clone(OwnedMutexGuard::mutex(&self.0));
        tokio::spawn(async move {
            tokio::time::sleep(KEPT).await;
            line.lock().await.give_back();
        });
        Ok(())
    }

    /// Ends the part and lets the next in line begin; returns once it is committed.
    async fn end(mut self) -> Result<(), Error> {
        let (done, committed) = oneshot::channel();
        self.0.at_work = false;
        self.0.ended.push(done);
        if self.0.ended.len() == 1 {
            // A task of its own: whoever goes away now must not keep the others from their commit.
            tokio::spawn(commit(Arc::clone(OwnedMutexGuard::mutex(&self.0))));
        }
        drop(self);
        committed
            .await
            .map_err(|_| Error::Protocol("the transaction was not committed".to_owned()))
    }
}

/// Commits when those in line have had their turn.
async fn commit(line: Arc<Mutex<Line>>) {
    let mut line = line.lock().await;
    line.tidy().await;
    line.commit().await;
}

impl Drop for Turn {
    fn drop(&mut self) {
        // The next in line would undo it as well; but there may be none.
        if self.0.at_work
            && let Ok(runtime) = Handle::try_current()
        {
            let line = Arc::clone(OwnedMutexGuard::mutex(&self.0));
            runtime.spawn(async move { line.lock().await.tidy().await });
        }
    }
}

impl<'a> Waiting<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Write {
    /// Commits; what was written survives a power cut when this returns.
    ///
    /// # Errors
    /// Nothing was written then, or nobody knows.
    pub async fn commit(mut self) -> Result<(), Error> {
        if !self.is_first {
            self.turn.0.run("RELEASE part").await?;
        }
        self.turn.end().await
    }

    /// Undoes everything at once.
    ///
    /// # Errors
    /// None; as with other transactions.
    pub async fn rollback(mut self) -> Result<(), Error> {
        self.turn.0.undo().await;
        Ok(())
    }
}

impl Deref for Write {
    type Target = SqliteConnection;

    #[expect(clippy::expect_used, reason = "it is there as long as a turn needs it")]
    fn deref(&self) -> &SqliteConnection {
        self.turn.0.connection.as_ref().expect("no connection was taken")
    }
}

impl DerefMut for Write {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        self.turn.0.connection()
    }
}

fn is_constraint(error: &Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.and_then(|code| code.parse::<u32>().ok())
        .is_some_and(|code| code & 0xff == CONSTRAINT)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;
    use std::time::Duration;

    use tempfile::TempDir;
    use tokio::task::JoinHandle;

    use super::super::Sqlite;
    use super::{Error, Write};

    const SCHEMA: &str = "CREATE TABLE a (x INTEGER PRIMARY KEY);
        CREATE TABLE b (x INTEGER REFERENCES a DEFERRABLE INITIALLY DEFERRED);";

    async fn open() -> (TempDir, Sqlite) {
        let folder = tempfile::tempdir().unwrap();
        let store = Sqlite::open(&folder.path().join("store.db"), &[SCHEMA]).await.unwrap();
        (folder, store)
    }

    async fn put(write: &mut Write, x: i64) -> Result<(), Error> {
        let put = sqlx::query("INSERT INTO a VALUES (?)").bind(x);
        put.execute(&mut **write).await.map(drop)
    }

    async fn rows(store: &Sqlite) -> Vec<i64> {
        sqlx::query_scalar("SELECT x FROM a ORDER BY x")
            .fetch_all(store.reader())
            .await
            .unwrap()
    }

    /// Begins and puts, and gives the transaction.
    fn begun(store: &Sqlite, x: i64) -> JoinHandle<Result<Write, Error>> {
        let store = store.clone();
        tokio::spawn(async move {
            let mut write = store.begin().await?;
            put(&mut write, x).await?;
            Ok(write)
        })
    }

    /// Begins, puts and commits.
    fn written(store: &Sqlite, x: i64) -> JoinHandle<Result<(), Error>> {
        let write = begun(store, x);
        tokio::spawn(async move { write.await.unwrap()?.commit().await })
    }

    /// Returns once so many wait for their turn.
    async fn until_waiting(store: &Sqlite, count: usize) {
        while store.writers.waiting.load(Ordering::Relaxed) < count {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    #[tokio::test]
    async fn whoever_waits_is_committed_with_those_before_and_nobody_is_told_earlier() {
        let (_folder, store) = open().await;
        let first = begun(&store, 1).await.unwrap().unwrap();
        let second = begun(&store, 2);
        until_waiting(&store, 1).await;
        let first = tokio::spawn(first.commit());
        let second = second.await.unwrap().unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert!(!first.is_finished());
        assert_eq!(rows(&store).await, [0_i64; 0]);
        second.commit().await.unwrap();
        first.await.unwrap().unwrap();
        assert_eq!(rows(&store).await, [1, 2]);
    }

    #[tokio::test]
    async fn whoever_takes_the_connection_from_the_pool_gets_it_between_others_that_write() {
        let (_folder, store) = open().await;
        let writes = {
            let store = store.clone();
            tokio::spawn(async move {
                for x in 1.. {
                    written(&store, x).await.unwrap().unwrap();
                    store
                        .execute(sqlx::query("INSERT INTO a VALUES (?)").bind(-x))
                        .await
                        .unwrap();
                }
            })
        };
        for x in 0..3 {
            let put = sqlx::query("INSERT INTO a VALUES (?)").bind(1_000_000 + x);
            put.execute(store.writer()).await.unwrap();
        }
        writes.abort();
        let rows = rows(&store).await;
        assert!(rows.contains(&1_000_002) && rows.contains(&-1));
        store.close().await;
    }

    #[tokio::test]
    async fn a_writer_that_fails_takes_nothing_along() {
        let (_folder, store) = open().await;
        let first = begun(&store, 1).await.unwrap().unwrap();
        let twice = {
            let store = store.clone();
            tokio::spawn(async move {
                let mut write = store.begin().await?;
                put(&mut write, 2).await?;
                put(&mut write, 1).await?;
                write.commit().await
            })
        };
        until_waiting(&store, 1).await;
        let third = written(&store, 3);
        until_waiting(&store, 2).await;
        first.commit().await.unwrap();
        assert!(twice.await.unwrap().is_err());
        third.await.unwrap().unwrap();
        assert_eq!(rows(&store).await, [1, 3]);
    }

    #[tokio::test]
    async fn a_writer_that_panics_or_goes_away_takes_nothing_along_and_keeps_nobody_out() {
        let (_folder, store) = open().await;
        let first = begun(&store, 1).await.unwrap().unwrap();
        let panics = {
            let write = begun(&store, 2);
            tokio::spawn(async move {
                let _write = write.await.unwrap().unwrap();
                panic!("with a transaction at work");
            })
        };
        until_waiting(&store, 1).await;
        let goes = {
            let write = begun(&store, 3);
            tokio::spawn(async move {
                let _write = write.await.unwrap().unwrap();
                std::future::pending::<()>().await;
            })
        };
        until_waiting(&store, 2).await;
        let fourth = written(&store, 4);
        until_waiting(&store, 3).await;
        let first = tokio::spawn(first.commit());
        assert!(panics.await.unwrap_err().is_panic());
        until_waiting(&store, 1).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        goes.abort();
        fourth.await.unwrap().unwrap();
        first.await.unwrap().unwrap();
        assert_eq!(rows(&store).await, [1, 4]);
    }

    #[tokio::test]
    async fn alone_a_transaction_that_is_dropped_is_undone_although_nobody_comes() {
        let (folder, store) = open().await;
        drop(begun(&store, 1).await.unwrap().unwrap());
        tokio::time::sleep(Duration::from_millis(50)).await;
        // Another process finds the file free.
        let other = Sqlite::open(&folder.path().join("store.db"), &[SCHEMA]).await.unwrap();
        written(&other, 2).await.unwrap().unwrap();
        begun(&store, 3).await.unwrap().unwrap().rollback().await.unwrap();
        assert_eq!(rows(&store).await, [2]);
    }

    #[tokio::test]
    async fn where_the_commit_fails_nobody_is_told_that_it_did_not() {
        let (_folder, store) = open().await;
        let first = begun(&store, 1).await.unwrap().unwrap();
        let breaks = {
            let store = store.clone();
            tokio::spawn(async move {
                let mut write = store.begin().await?;
                // Nobody refuses it before the commit.
                sqlx::query("INSERT INTO b VALUES (99)").execute(&mut *write).await?;
                write.commit().await
            })
        };
        until_waiting(&store, 1).await;
        assert!(first.commit().await.is_err());
        assert!(breaks.await.unwrap().is_err());
        assert_eq!(rows(&store).await, [0_i64; 0]);
        written(&store, 1).await.unwrap().unwrap();
        assert_eq!(rows(&store).await, [1]);
    }

    #[tokio::test]
    async fn single_statements_are_committed_together_and_fail_alone() {
        let (_folder, store) = open().await;
        let alone = store.execute(sqlx::query("INSERT INTO a VALUES (1)")).await.unwrap();
        assert_eq!(alone.rows_affected(), 1);
        let first = begun(&store, 2).await.unwrap().unwrap();
        let mut single = Vec::new();
        for x in 1..=20_i64 {
            let one = store.clone();
            single.push(tokio::spawn(async move {
                one.execute(sqlx::query("INSERT INTO a VALUES (?)").bind(x)).await
            }));
        }
        until_waiting(&store, 20).await;
        first.commit().await.unwrap();
        for (x, one) in (1..=20_i64).zip(single) {
            assert_eq!(one.await.unwrap().is_ok(), x > 2, "{x}");
        }
        assert_eq!(rows(&store).await, (1..=20).collect::<Vec<i64>>());
    }
}
