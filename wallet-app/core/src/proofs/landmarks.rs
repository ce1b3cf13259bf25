//! Looking for a log that shows two histories. docs/ledger.md §12

use crate::trust::TrustError;
use crate::wallet::Wallet;
use ledger::{Landmark, SplitEvidence};

impl Wallet {
    /// Compares landmarks with those that are held, and keeps them. Where two contradict, the evidence is kept, and
    /// from then on nothing is believed of this log.
    pub(crate) fn compare_landmarks(&self, found: &[Landmark]) -> Result<(), TrustError> {
        self.check_landmarks(found)?;
        self.vault.keep_landmarks(found, self.clock.now())?;
        Ok(())
    }

    /// The same for checkpoints that are no landmarks: others are not compared with them.
    pub(crate) fn check_landmarks(&self, found: &[Landmark]) -> Result<(), TrustError> {
        let held = self.vault.landmarks(&self.pack)?;
        let pairs = found.iter().flat_map(|new| held.iter().map(move |old| (old, new)));
        let evidence: Vec<SplitEvidence> = pairs
            .filter_map(|(old, new)| SplitEvidence::of_one_size(old, new))
            .collect();
        if evidence.is_empty() {
            return Ok(());
        }
        tracing::error!("the public record shows two histories");
        self.vault.keep_evidence(&evidence, self.clock.now())?;
        Err(TrustError::SplitView)
    }
}
