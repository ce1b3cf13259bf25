//! `holdfast-anchor policy`: another policy. docs/ledger.md §5.2

use clap::Args;
use service::{Clock, SystemClock};

use super::{Decided, Decision, Governance, GovernanceError, changed};

/// Changes the policy, signed by the governance keys of today and, where others take over, by theirs too.
#[derive(Clone, Debug, Args)]
pub struct ChangePolicy {
    #[command(flatten)]
    decision: Decision,
}

impl ChangePolicy {
    /// Writes the policy of today with what changes.
    ///
    /// # Errors
    /// [`GovernanceError`]
    pub async fn run(&self) -> Result<Decided, GovernanceError> {
        let governance = Governance::open(&self.decision, SystemClock.now())?;
        let (record, before) = governance.client.policy(governance.now).await?;
        let policy = changed(&before, &governance.change, before.version.checked_add(1))?;
        let receipt = governance.write(&record, &policy).await?;
        Ok(Decided {
            policy: Some(policy.version),
            pack: policy.trust_pack.version,
            receipt: Some(receipt),
        })
    }
}
