//! What is let in. docs/ledger.md §5.6: the log asks more than `apply`, because it has a clock.

use did::webvh::{FUTURE_TOLERANCE, UnverifiedLogEntry};
use jose::UnixTime;
use ledger::{Entry, Head, Kind, Limits, Part, RateGroup, Rejection, RejectionClass, SubmissionError};

use crate::store::ReadError;

/// Why an entry was not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AppendError {
    /// The bytes are no submission.
    #[error(transparent)]
    Submission(#[from] SubmissionError),
    /// The state function refuses the entry.
    #[error(transparent)]
    Rejected(Rejection),
    /// Only the log writes map heads, and only `init` the policy.
    #[error("this kind is not taken here")]
    KindNotAdmitted,
    /// A DID log line is dated more than five minutes ahead.
    #[error("the log line is dated in the future")]
    LineInTheFuture,
    /// Too many entries about this subject.
    #[error("too many entries about this subject")]
    RateLimited {
        /// Seconds until the next is taken.
        retry_after: u64,
    },
    /// Committed entries wait for a quorum, or too many submissions wait.
    #[error("too many entries wait for their quorum")]
    Backlog,
    /// The log does not write at this time.
    #[error("the log does not write at this time")]
    ReadOnly,
    /// The store cannot be written.
    #[error("the store cannot be written")]
    Store,
}

impl AppendError {
    /// The head that a conflicting entry should have continued.
    #[must_use]
    pub fn conflict(&self) -> Option<Option<&Head>> {
        match self {
            Self::Rejected(Rejection::Conflict { head }) => Some(head.as_ref()),
            _ => None,
        }
    }

    /// What a writer can make of a rejection.
    #[must_use]
    pub fn class(&self) -> Option<RejectionClass> {
        match self {
            Self::Rejected(rejection) => Some(rejection.class()),
            Self::Submission(SubmissionError::PayloadTooLong | SubmissionError::PrivateTooLong) => {
                Some(RejectionClass::TooLong)
            }
            Self::Submission(_) | Self::LineInTheFuture => Some(RejectionClass::Invalid),
            Self::KindNotAdmitted => Some(RejectionClass::Unauthorised),
            _ => None,
        }
    }
}

impl From<ReadError> for AppendError {
    fn from(error: ReadError) -> Self {
        tracing::error!(error = &error as &dyn std::error::Error, "reading for admission failed");
        Self::Store
    }
}

/// Map heads are the log's own, the policy is `init`'s until governance has a way to write it.
pub(super) fn check_kind(kind: Kind) -> Result<(), AppendError> {
    match kind {
        Kind::MapHead | Kind::Policy => Err(AppendError::KindNotAdmitted),
        _ => Ok(()),
    }
}

/// did:webvh 1.0, "Read (Resolve)" step 4: resolvers refuse lines of the future, so the log
/// takes none. `apply` cannot ask, it has no clock.
pub(super) fn check_line_time(entry: &Entry, now: UnixTime) -> Result<(), AppendError> {
    if entry.leaf().kind.part() != Part::Did {
        return Ok(());
    }
    let line = UnverifiedLogEntry::parse(entry.payload());
    let line = line.map_err(|error| AppendError::Rejected(error.into()))?;
    if line.dangerous_unverified_time().seconds() > now.saturating_add(FUTURE_TOLERANCE) {
        return Err(AppendError::LineInTheFuture);
    }
    Ok(())
}

/// At most so many entries about one subject. `times` are those of the last day.
pub(super) fn check_rate(
    limits: &Limits,
    kind: Kind,
    times: &[(Kind, UnixTime)],
    now: UnixTime,
) -> Result<(), AppendError> {
    let Some(group) = RateGroup::of(kind) else {
        return Ok(());
    };
    let same = |(kind, time): &(Kind, UnixTime)| (RateGroup::of(*kind) == Some(group)).then_some(*time);
    let times: Vec<UnixTime> = times.iter().filter_map(same).collect();
    limits
        .admit(group, &times, now)
        .map_err(|exceeded| AppendError::RateLimited {
            retry_after: exceeded.retry_after,
        })
}
