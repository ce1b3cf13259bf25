//! A whole log to a document. did:webvh 1.0, "Read (Resolve)".

use jose::{Budget, OverBudget, UnixTime, Work};

use super::entry::UnverifiedLogEntry;
use super::error::LogError;
use super::identifier::WebvhDid;
use super::state::{LogState, VerifiedLogEntry};
use super::version::VersionId;
use super::witness::{WitnessError, WitnessProofs};
use crate::budget;
use crate::document::DidDocument;

/// How far ahead of `now` an entry may be dated: five minutes. Step 4.
pub const FUTURE_TOLERANCE: UnixTime = 300;

/// What a log says about a DID.
#[derive(Clone, Debug)]
pub struct Resolution {
    state: LogState,
    document: DidDocument,
}

impl Resolution {
    /// The newest document; `None` once the DID is deactivated. "Deactivate (Revoke)".
    #[must_use]
    pub fn document(&self) -> Option<&DidDocument> {
        (!self.state.is_deactivated()).then_some(&self.document)
    }

    /// What the log has established.
    #[must_use]
    pub fn state(&self) -> &LogState {
        &self.state
    }
}

/// Resolves `did` from the bytes of its `did.jsonl`. `witnesses` are the proofs of
/// `did-witness.json`, empty where there is no such file.
///
/// # Errors
/// Each broken rule is a variant of [`ResolveError`]; the first bad entry fails the whole log.
pub fn resolve(
    log: &[u8],
    did: &WebvhDid,
    witnesses: &WitnessProofs,
    now: UnixTime,
) -> Result<Resolution, ResolveError> {
    resolve_within(log, did, witnesses, now, &mut budget::LOG.clone())
}

/// Resolves `did` as [`resolve`] does, within a budget that is spent while the log is checked, from
/// its first byte to the last signature of a witness.
///
/// # Errors
/// Each broken rule is a variant of [`ResolveError`]; the first bad entry fails the whole log.
pub fn resolve_within(
    log: &[u8],
    did: &WebvhDid,
    witnesses: &WitnessProofs,
    now: UnixTime,
    budget: &mut Budget,
) -> Result<Resolution, ResolveError> {
    let entries = verify_entries(log, now, budget)?;
    if entries.iter().any(|entry| entry.state().did().scid() != did.scid()) {
        return Err(ResolveError::ScidMismatch);
    }
    // Every name the DID ever had resolves; one it never had does not.
    if !entries.iter().any(|entry| entry.state().did().did() == did.did()) {
        return Err(ResolveError::NoMatchingEntry);
    }
    let versions: Vec<VersionId> = entries.iter().map(|entry| entry.state().version_id().clone()).collect();
    let approvals = witnesses.approvals(&versions, budget)?;
    for (at, entry) in entries.iter().enumerate() {
        if let Some(rule) = entry.witness_rule() {
            approvals
                .check(rule, at)
                .map_err(|cause| ResolveError::Witness { at, cause })?;
        }
    }
    let newest = entries.into_iter().next_back().ok_or(ResolveError::Empty)?;
    let (state, document) = newest.into_parts();
    Ok(Resolution { state, document })
}

fn verify_entries(log: &[u8], now: UnixTime, budget: &mut Budget) -> Result<Vec<VerifiedLogEntry>, ResolveError> {
    budget.spend(Work::Bytes, log.len())?;
    // The last line may or may not end in a line feed.
    let log = log.strip_suffix(b"\n").unwrap_or(log);
    if log.is_empty() {
        return Err(ResolveError::Empty);
    }
    let mut entries: Vec<VerifiedLogEntry> = Vec::new();
    for (at, line) in log.split(|byte| *byte == b'\n').enumerate() {
        budget.spend(Work::Entries, 1)?;
        let failed = |cause| ResolveError::Entry { at, cause };
        let entry = UnverifiedLogEntry::parse_within(line, budget).map_err(failed)?;
        let verified = match entries.last() {
            None => LogState::genesis_within(entry, budget),
            Some(previous) => previous.state().next_within(entry, budget),
        }
        .map_err(failed)?;
        if verified.state().version_time().seconds() > now.saturating_add(FUTURE_TOLERANCE) {
            return Err(ResolveError::InTheFuture { at });
        }
        entries.push(verified);
    }
    Ok(entries)
}

/// Why a log does not resolve. Reported to resolver clients as `invalidDid`, but for
/// [`ResolveError::Empty`], which is `notFound`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResolveError {
    /// More bytes or entries than the budget allows, or more signatures of witnesses. What one
    /// entry exceeds is its [`LogError::OverBudget`].
    #[error(transparent)]
    OverBudget(#[from] OverBudget),
    /// No entry at all.
    #[error("the log is empty")]
    Empty,
    /// An entry is refused.
    #[error("entry {at}: {cause}")]
    Entry {
        /// Index of the entry, from 0.
        at: usize,
        /// The rule it breaks.
        cause: LogError,
    },
    /// An entry is dated more than [`FUTURE_TOLERANCE`] ahead. Step 4.
    #[error("entry {at} is dated in the future")]
    InTheFuture {
        /// Index of the entry, from 0.
        at: usize,
    },
    /// The log is of another SCID than the DID. "Reading did:webvh DID URLs".
    #[error("the log belongs to another SCID")]
    ScidMismatch,
    /// No entry's document has the DID asked for (`didIdMatchCount` is 0).
    #[error("no entry of the log is about this DID")]
    NoMatchingEntry,
    /// Too few witnesses approved an entry. Step 9.
    #[error("entry {at}: {cause}")]
    Witness {
        /// Index of the entry, from 0.
        at: usize,
        /// The rule it breaks.
        cause: WitnessError,
    },
}
