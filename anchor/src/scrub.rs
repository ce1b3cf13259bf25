//! Reading all of a store again, day by day: bits can turn on a disk long after they were written well. Catalogue K8
//!
//! Nothing is ever mended: which copy is right is for people to find out. What reads badly is read once more through a
//! connection of its own before it counts, and what cannot be read keeps nothing that comes after it unread.

use std::time::Duration;

use service::CancellationToken;

use crate::store::ReadError;

/// Rows of one read: a reader that takes long keeps the write-ahead log from being emptied.
pub(crate) const PORTION: u64 = 64;
/// Between two portions, so that who writes and who asks comes first.
const REST: Duration = Duration::from_millis(10);
/// Pause after a pass in which not all of the store could be read.
const RETRY: Duration = Duration::from_secs(60);
/// The low byte of these codes, and of their extended ones: the file is no database of this form.
const SQLITE_CORRUPT: u32 = 11;
const SQLITE_NOTADB: u32 = 26;

/// Rests between two portions.
pub(crate) async fn rest() {
    tokio::time::sleep(REST).await;
}

/// Makes one pass after another, the first at once, until one finds something that has changed, and says what; `None`
/// once `stop` is cancelled. `passed` is told of each pass that found nothing, `unread` of each in which something
/// could not be read.
pub(crate) async fn until_altered<F>(
    pass: impl Fn() -> F,
    passed: impl Fn(),
    unread: impl Fn(),
    every: Duration,
    stop: &CancellationToken,
) -> Option<&'static str>
where
    F: Future<Output = Result<(), ReadError>>,
{
    loop {
        let found = tokio::select! {
            () = stop.cancelled() => return None,
            found = pass() => found,
        };
        let pause = match found {
            Ok(()) => {
                passed();
                every
            }
            Err(error) => {
                if let Some(part) = altered(&error) {
                    return Some(part);
                }
                unread();
                tracing::warn!(error = &error as &dyn std::error::Error, "the store cannot be scrubbed");
                every.min(RETRY)
            }
        };
        tokio::select! {
            () = stop.cancelled() => return None,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// What is not as it was stored. That it cannot be read at this moment says nothing.
pub(crate) fn altered(error: &ReadError) -> Option<&'static str> {
    match error {
        ReadError::Damaged(part) => Some(*part),
        ReadError::Store(sqlx::Error::Database(cause)) => {
            let code = cause.code()?.parse::<u32>().ok()?;
            matches!(code & 0xff, SQLITE_CORRUPT | SQLITE_NOTADB).then_some("pages")
        }
        // A value that its column cannot have, or a text that is none.
        ReadError::Store(sqlx::Error::ColumnDecode { .. }) => Some("rows"),
        ReadError::Store(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use super::*;

    #[tokio::test]
    async fn a_file_that_is_no_database_has_changed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.db");
        std::fs::write(&path, [7_u8; 4096]).unwrap();
        let opened = sqlx::SqlitePool::connect(&format!("sqlite://{}", path.display())).await;
        let read = match opened {
            Ok(pool) => sqlx::query("SELECT 1 FROM head").fetch_all(&pool).await.map(drop),
            Err(error) => Err(error),
        };
        assert_eq!(altered(&ReadError::Store(read.unwrap_err())), Some("pages"));
    }

    #[tokio::test]
    async fn what_cannot_be_read_is_counted_and_read_again() {
        let (passed, unread) = (Cell::new(0), Cell::new(0));
        let found = RefCell::new(vec![
            Err(ReadError::Damaged("entries")),
            Ok(()),
            Err(ReadError::Store(sqlx::Error::PoolTimedOut)),
        ]);
        let part = until_altered(
            || std::future::ready(found.borrow_mut().pop().unwrap()),
            || passed.set(passed.get() + 1),
            || unread.set(unread.get() + 1),
            Duration::from_millis(1),
            &CancellationToken::new(),
        )
        .await;
        assert_eq!((part, passed.get(), unread.get()), (Some("entries"), 1, 1));
    }
}
