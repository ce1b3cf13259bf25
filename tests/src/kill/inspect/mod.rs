//! The journal against what the parties say now.

mod cards;
mod copies;
mod ledger;
mod sessions;

use anyhow::{Context, Result};

use super::journal::Journal;
use super::scene::Scene;

/// Holds every record against what is there now.
///
/// # Errors
/// The first record that was lost or changed.
pub(super) async fn inspect(scene: &Scene, journal: &mut Journal) -> Result<()> {
    ledger::entries(scene, journal).await.context("entries of the ledger")?;
    ledger::witnesses(scene, journal)
        .await
        .context("what the witnesses have cosigned")?;
    cards::offers(scene, journal).await.context("offers")?;
    cards::statuses(scene, journal).await.context("the status of cards")?;
    sessions::verdicts(scene, journal).await.context("verdicts")?;
    copies::wallet(scene, journal).await.context("the wallet")
}

pub(super) use copies::settled;
