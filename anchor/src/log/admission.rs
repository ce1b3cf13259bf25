//! What is let in. docs/ledger.md §5.6: the log asks more than `apply`, because it has a clock.

use std::collections::HashMap;
use std::sync::Arc;

use did::webvh::FUTURE_TOLERANCE;
use jose::UnixTime;
use ledger::{
    Change, Entry, Head, Kind, Leaf, Limits, Part, Payload, QuotaHolder, RateExceeded, RateGroup, Refusal, Rejection,
    RejectionClass, SubmissionError,
};
use service::Clock;

use super::keys::LogKeys;
use crate::store::{LogStore, ReadError};

const DAY: u64 = 24 * 3600;
/// Entries that are read at once when the quotas are counted after a start.
const PORTION: u64 = 1000;

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
    /// Only the log writes map heads.
    #[error("this kind is not taken here")]
    KindNotAdmitted,
    /// A DID log line is dated more than five minutes ahead.
    #[error("the log line is dated in the future")]
    LineInTheFuture,
    /// Too many entries about this subject, or by this writer.
    #[error("too many entries about this subject or by this writer")]
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

/// Map heads are the log's own.
pub(super) fn check_kind(kind: Kind) -> Result<(), AppendError> {
    match kind {
        Kind::MapHead => Err(AppendError::KindNotAdmitted),
        _ => Ok(()),
    }
}

/// did:webvh 1.0, "Read (Resolve)" step 4: resolvers refuse lines of the future, so the log
/// takes none. `apply` cannot ask, it has no clock.
pub(super) fn check_line_time(kind: Kind, change: &Change, now: UnixTime) -> Result<(), AppendError> {
    match change {
        Change::Organisation(record)
            if kind.part() == Part::Did && record.did_state().version_time() > now.saturating_add(FUTURE_TOLERANCE) =>
        {
            Err(AppendError::LineInTheFuture)
        }
        _ => Ok(()),
    }
}

/// What registrars say about an organisation names no person. `apply` does not ask: entries from before the log did
/// count as they are.
pub(super) fn check_words(entry: &Entry) -> Result<(), AppendError> {
    let kind = entry.leaf().kind;
    if !matches!(kind.part(), Part::Accreditation | Part::RelyingParty) {
        return Ok(());
    }
    let refused = |error| AppendError::Rejected(Rejection::Payload(error));
    let payload = Payload::parse(kind, entry.payload()).map_err(refused)?;
    payload.check_words().map_err(refused)
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
    Ok(limits.admit(group, &times, now)?)
}

impl From<RateExceeded> for AppendError {
    fn from(exceeded: RateExceeded) -> Self {
        Self::RateLimited {
            retry_after: exceeded.retry_after,
        }
    }
}

/// What each registrar and each owner has written in the last day, over all subjects.
#[derive(Debug, Default)]
pub(super) struct Quotas(HashMap<QuotaHolder, Vec<UnixTime>>);

impl Quotas {
    /// Counts what is committed, newest first, until a day ago.
    pub(super) async fn load<S: LogStore>(store: &S, size: u64, now: UnixTime) -> Result<Self, ReadError> {
        let mut quotas = Self::default();
        let since = now.saturating_sub(DAY);
        let mut before = size;
        while before > 0 {
            let entries = store.entries_before(before, PORTION).await?;
            before = before.saturating_sub(PORTION);
            for (bytes, time) in entries {
                if time <= since {
                    before = 0;
                    break;
                }
                let leaf = Leaf::parse(&bytes).map_err(|_| ReadError::Damaged("leaf"))?;
                quotas.count(&leaf, time);
            }
        }
        // The oldest first, as they are counted from here on.
        quotas.0.values_mut().for_each(|times| times.reverse());
        Ok(quotas)
    }

    /// Whether whoever signed may write one more now.
    pub(super) fn check(&mut self, limits: &Limits, leaf: &Leaf, now: UnixTime) -> Result<(), AppendError> {
        for holder in QuotaHolder::of(leaf) {
            let times = self.0.entry(holder.clone()).or_default();
            let counts = |time: &UnixTime| time.saturating_add(DAY) > now;
            // Looked through when the oldest is out of it, and not for each entry.
            if times.first().is_some_and(|oldest| !counts(oldest)) {
                times.retain(counts);
            }
            limits.admit_writer(&holder, times, now)?;
        }
        Ok(())
    }

    /// One more was taken.
    pub(super) fn count(&mut self, leaf: &Leaf, time: UnixTime) {
        for holder in QuotaHolder::of(leaf) {
            self.0.entry(holder).or_default().push(time);
        }
    }
}

/// Signs that an entry was not taken. docs/ledger.md §13
#[derive(Clone)]
pub(super) struct Refuser {
    pub(super) keys: LogKeys,
    pub(super) clock: Arc<dyn Clock>,
}

impl Refuser {
    /// The refusal; `None` where the key cannot sign.
    pub(super) fn refuse(&self, leaf_hash: &tlog::Hash, code: &str) -> Option<Refusal> {
        let now = self.clock.now();
        let refused = Refusal::sign(self.keys.most_known(now), *leaf_hash.as_bytes(), code, now);
        refused
            .inspect_err(|error| tracing::error!(%error, "a refusal cannot be signed"))
            .ok()
    }
}
