//! `holdfast-anchor verify-contradiction`: whether a business signed a receipt that names another history than the log
//! signed. docs/receipts.md §7

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use ledger::UnverifiedBundle;
use receipt::{UnverifiedContradiction, VerifiedContradiction};
use service::{Clock, SystemClock};

use super::bundle::time;
use crate::pack::load_pack;

/// Checks a receipt that names another history than the log signed.
#[derive(Debug, Args)]
pub struct ContradictionCommand {
    /// The receipt with the landmark that it contradicts, as a wallet wrote it.
    file: PathBuf,
    /// The proof of the business's record, as the page of each organisation offers it.
    #[arg(long)]
    bundle: PathBuf,
    /// The ecosystem's trust pack.
    #[arg(long)]
    trust_pack: PathBuf,
}

impl ContradictionCommand {
    /// Prints what the file shows.
    ///
    /// # Errors
    /// It shows nothing; the sentence says why.
    pub fn run(self) -> anyhow::Result<()> {
        let pack = load_pack(&self.trust_pack, SystemClock.now())?;
        let contradiction = UnverifiedContradiction::parse(&read(&self.file)?)?;
        let bundle = UnverifiedBundle::parse(&read(&self.bundle)?)?;
        let Some(did) = bundle.dangerous_claimed_subject() else {
            bail!("the proof names no organisation");
        };
        let bundle = bundle.verify(&pack, &did)?;
        let record = bundle.record().context("the proof is of no organisation")?;
        for line in describe(&contradiction.verify(&pack, record)?, pack.origin()) {
            println!("{line}");
        }
        Ok(())
    }
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))
}

fn describe(shown: &VerifiedContradiction, origin: &str) -> [String; 5] {
    let tree = |root| format!("{} entries, root {}", shown.size, hex::encode(root));
    [
        format!(
            "contradiction   {} names another history than {origin}",
            shown.business.escape_debug()
        ),
        format!("in a receipt of {}", time(shown.hour.saturating_mul(3600))),
        format!("it named        {}", tree(shown.named)),
        format!("the log signed  {}", tree(shown.signed)),
        "either          the business was shown another history, or what it signed is not true".to_owned(),
    ]
}
