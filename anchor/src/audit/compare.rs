//! What two checkpoints of one log are to each other.

use ledger::{Landmark, LandmarkError, MakeBundleError, SplitEvidence, TrustPack, UnverifiedLandmark};
use thiserror::Error;
use tlog::{Frontier, UnverifiedCheckpoint, consistency_nodes, prove_consistency, verify_consistency};

use crate::source::{LogSource, SourceError};

/// What two checkpoints are to each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// The larger tree begins with the smaller one.
    Consistent,
    /// They cannot both be true, and this shows it to anybody.
    Split(Box<SplitEvidence>),
    /// The log does not show that the larger tree begins with the smaller one, nor that it does not: its tiles are not
    /// those of its checkpoint.
    NotShown,
}

/// Why bytes are no checkpoint of this log.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NotOfLogError {
    /// The log's signature is missing.
    #[error(transparent)]
    Unsigned(#[from] MakeBundleError),
    /// The log's signature does not hold.
    #[error(transparent)]
    Signature(#[from] LandmarkError),
}

/// A checkpoint that the log signed, whoever cosigned it: to be compared with others that it signed.
///
/// # Errors
/// [`NotOfLogError`]
pub fn signed_by_log(note: &UnverifiedCheckpoint, pack: &TrustPack) -> Result<Landmark, NotOfLogError> {
    Ok(UnverifiedLandmark::from_note(note)?.verify_to_compare(pack)?)
}

/// Compares two checkpoints that the log signed. The hashes in between are read where the larger one was.
///
/// # Errors
/// A tile cannot be read.
pub async fn compare(source: &LogSource, a: &Landmark, b: &Landmark) -> Result<Comparison, SourceError> {
    let (older, newer) = if a.size() <= b.size() { (a, b) } else { (b, a) };
    if older.size() == newer.size() {
        let split = SplitEvidence::of_one_size(older, newer);
        return Ok(split.map_or(Comparison::Consistent, |evidence| Comparison::Split(Box::new(evidence))));
    }
    let mut nodes = Frontier::nodes(older.size());
    // Sizes are in order, so there are nodes.
    nodes.extend(consistency_nodes(older.size(), newer.size()).unwrap_or_default());
    let hashes = source.hashes(&nodes, newer.size()).await?;
    let Ok(proof) = prove_consistency(older.size(), newer.size(), &hashes) else {
        return Ok(Comparison::NotShown);
    };
    let (old_root, new_root) = (older.root().into(), newer.root().into());
    if verify_consistency(older.size(), &old_root, newer.size(), &new_root, &proof).is_ok() {
        return Ok(Comparison::Consistent);
    }
    let split = SplitEvidence::in_tree(older, newer, &hashes).ok().flatten();
    Ok(split.map_or(Comparison::NotShown, |evidence| Comparison::Split(Box::new(evidence))))
}
