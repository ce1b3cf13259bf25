//! `holdfast-anchor verify-evidence`: whether a log told two people two things. docs/ledger.md §12.3

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use ledger::{Landmark, SplitEvidence, UnverifiedSplitEvidence};
use service::{Clock, SystemClock};

use crate::pack::load_pack;

/// Checks evidence that a log showed two faces.
#[derive(Debug, Args)]
pub struct EvidenceCommand {
    /// The evidence.
    file: PathBuf,
    /// The ecosystem's trust pack.
    #[arg(long)]
    trust_pack: PathBuf,
}

impl EvidenceCommand {
    /// Prints what the file shows.
    ///
    /// # Errors
    /// It is no evidence; the sentence says why.
    pub fn run(self) -> anyhow::Result<()> {
        let pack = load_pack(&self.trust_pack, SystemClock.now())?;
        let bytes = std::fs::read(&self.file).with_context(|| format!("{} cannot be read", self.file.display()))?;
        let evidence = UnverifiedSplitEvidence::parse(&bytes)?.verify(&pack)?;
        for line in describe(&evidence, pack.origin()) {
            println!("{line}");
        }
        Ok(())
    }
}

fn describe(evidence: &SplitEvidence, origin: &str) -> [String; 4] {
    let checkpoint =
        |landmark: &Landmark| format!("{} entries, root {}", landmark.size(), hex::encode(landmark.root()));
    [
        format!("evidence that   {origin} signed two checkpoints that cannot both be true"),
        format!("one             {}", checkpoint(evidence.older())),
        format!("the other       {}", checkpoint(evidence.newer())),
        if evidence.older().size() == evidence.newer().size() {
            "because         one size has one root".to_owned()
        } else {
            "because         the larger tree does not begin with the smaller one".to_owned()
        },
    ]
}
