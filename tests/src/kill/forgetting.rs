//! Losses made on purpose, so that it is known that they would be noticed.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::inspect::inspect;
use super::round::Round;
use super::target::Target;
use crate::stack::copy;

/// Somebody who forgets, and the services that keep what he knows.
struct Party {
    name: &'static str,
    services: &'static [&'static str],
}

const PARTIES: [Party; 5] = [
    Party {
        name: "ledger",
        // All of it: a log alone that is older than its witnesses does not write.
        services: &["witness-1", "witness-2", "witness-3", "mirror", "log"],
    },
    Party {
        name: "witness",
        services: &["witness-2"],
    },
    Party {
        name: "issuer",
        services: &["population", "population-status"],
    },
    Party {
        name: "verifier",
        services: &["shop"],
    },
    Party {
        name: "wallet",
        services: &[],
    },
];

/// Puts each party in turn back to what it knew before the last entry, card and verdict, and
/// gives what the harness has to say about that; `None` where it notices nothing. Uses
/// an empty folder.
///
/// # Errors
/// The stack itself fails, or is not whole once a party has its memory back.
pub async fn forget(folder: &Path) -> Result<Vec<(&'static str, Option<String>)>> {
    let mut round = Round::found(folder, Target::Wallet).await?;
    for party in &PARTIES {
        stop(&mut round, party).await?;
        for folder in memories(&round, party) {
            // One witness is a party of its own besides.
            if !earlier(&folder).exists() {
                copy(&folder, &earlier(&folder))?;
            }
        }
        round.services.start_all(party.services).await?;
    }
    round.story_goes_on().await?;
    round.all_is_there().await?;
    let mut noticed = Vec::new();
    for party in &PARTIES {
        exchange(&mut round, party).await?;
        let found = inspect(&round.scene, &mut round.journal).await.err();
        noticed.push((party.name, found.map(|error| format!("{error:#}"))));
        exchange(&mut round, party).await?;
        round
            .all_is_there()
            .await
            .with_context(|| format!("with the memory of the {} back", party.name))?;
    }
    round.services.stop_all().await?;
    Ok(noticed)
}

/// Exchanges what the party knows and what it knew earlier.
async fn exchange(round: &mut Round, party: &Party) -> Result<()> {
    stop(round, party).await?;
    for folder in memories(round, party) {
        let aside = folder.with_extension("aside");
        std::fs::rename(&folder, &aside)?;
        std::fs::rename(earlier(&folder), &folder)?;
        std::fs::rename(&aside, earlier(&folder))?;
    }
    round.services.start_all(party.services).await
}

async fn stop(round: &mut Round, party: &Party) -> Result<()> {
    for service in party.services.iter().rev() {
        round.services.stop(service).await?;
    }
    Ok(())
}

/// The folders in which a party keeps what it knows.
fn memories(round: &Round, party: &Party) -> Vec<PathBuf> {
    let folders = party.services.iter();
    let folders = folders.map(|service| round.services.layout().of(service).join("data"));
    let mut folders: Vec<PathBuf> = folders.filter(|folder| folder.exists()).collect();
    if folders.is_empty() {
        folders.push(round.scene.world.wallet.profile().to_owned());
    }
    folders
}

fn earlier(folder: &Path) -> PathBuf {
    folder.with_extension("earlier")
}
