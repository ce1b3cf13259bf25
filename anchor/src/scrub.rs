//! Reading all of a store again, day by day: bits can turn on a disk long after they were written well. Catalogue K8
//!
//! Nothing is ever mended: which copy is right is for people to find out.

use std::time::Duration;

use service::CancellationToken;

use crate::store::ReadError;

/// Rows of one read: a reader that takes long keeps the write-ahead log from being emptied.
pub(crate) const PORTION: u64 = 64;
/// Between two portions, so that who writes and who asks comes first.
const REST: Duration = Duration::from_millis(10);
/// Pause after a pass that could not be ended because the store could not be read.
const RETRY: Duration = Duration::from_secs(60);
/// SQLITE_CORRUPT, which is the low byte of its extended codes too.
const SQLITE_CORRUPT: u32 = 11;

/// Rests between two portions.
pub(crate) async fn rest() {
    tokio::time::sleep(REST).await;
}

/// Makes one pass after another, the first at once, until one finds something that has changed, and says what; `None`
/// once `stop` is cancelled. `passed` is told of each pass that found nothing.
pub(crate) async fn until_altered<F>(
    pass: impl Fn() -> F,
    passed: impl Fn(),
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
fn altered(error: &ReadError) -> Option<&'static str> {
    match error {
        ReadError::Damaged(part) => Some(*part),
        ReadError::Store(sqlx::Error::Database(cause)) => {
            let code = cause.code()?.parse::<u32>().ok()?;
            (code & 0xff == SQLITE_CORRUPT).then_some("pages")
        }
        ReadError::Store(_) => None,
    }
}
