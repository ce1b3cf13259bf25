//! `holdfast-anchor pack rotate`: the next trust pack. docs/ledger.md §9

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jose::Signer;
use ledger::{PackContent, Policy, UnverifiedTrustPack};
use service::files::write_atomically;
use service::{Clock, SystemClock};

use super::{Decided, Decision, Governance, GovernanceError, changed};

/// What is done with trust packs.
#[derive(Clone, Debug, Subcommand)]
pub enum PackAction {
    /// Makes and signs the next pack, anchors it by a policy that says the same, and puts it in the place of the one
    /// before.
    Rotate(RotatePack),
}

/// The next trust pack.
#[derive(Clone, Debug, Args)]
pub struct RotatePack {
    #[command(flatten)]
    decision: Decision,
    /// Where the new pack is written; in the place of the one before where nothing is said.
    #[arg(long)]
    out: Option<PathBuf>,
}

impl PackAction {
    /// Does it.
    ///
    /// # Errors
    /// [`GovernanceError`]
    pub async fn run(&self) -> Result<Decided, GovernanceError> {
        match self {
            Self::Rotate(rotate) => rotate.run().await,
        }
    }
}

impl RotatePack {
    /// The pack is signed and checked first, then anchored, then written: after a failure all is as it was.
    async fn run(&self) -> Result<Decided, GovernanceError> {
        let governance = Governance::open(&self.decision, SystemClock.now())?;
        let today = &governance.pack.pack;
        let content: PackContent = changed(today.content(), &governance.change, today.version().checked_add(1))?;
        let signers: Vec<&dyn Signer> = governance.keys.iter().map(|key| key as &dyn Signer).collect();
        let signed = content.sign(&signers)?;
        let pack = UnverifiedTrustPack::parse(&signed)?.verify(Some(today), governance.now)?;
        let mut decided = Decided {
            policy: None,
            pack: pack.version(),
            receipt: None,
        };
        // The policy of another log is written there.
        if content.origin == today.origin() {
            let (record, before) = governance.client.policy(governance.now).await?;
            let policy = Policy {
                governance: content.governance.clone(),
                mirrors: content.mirrors.clone(),
                quorum: content.policy.clone(),
                trust_pack: content.reference()?,
                version: before.version.saturating_add(1),
                ..before
            };
            decided.receipt = Some(governance.write(&record, &policy).await?);
            decided.policy = Some(policy.version);
        }
        let out = self.out.clone().unwrap_or_else(|| governance.files.trust_pack());
        write_atomically(&out, &signed).map_err(|source| GovernanceError::File {
            path: out.display().to_string(),
            source,
        })?;
        Ok(decided)
    }
}
