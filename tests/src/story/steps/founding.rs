//! The ledger, two agencies and a shop come into being.

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::stack::{Agency, Business, WITNESSES, cosignatures, size};
use crate::story::world::World;

pub(super) async fn ledger(world: &mut World) -> Result<String> {
    world.stack.found_ledger().await?;
    let mut names = WITNESSES.to_vec();
    names.extend(["mirror", "log"]);
    world.stack.start_all(&names).await?;
    let checkpoint = world.stack.checkpoint().await?;
    let count = cosignatures(&checkpoint);
    ensure!(
        count >= 3,
        "the first checkpoint has {count} cosignatures: {checkpoint}"
    );
    Ok(format!(
        "{} entries, checkpoint cosigned by mirror and witnesses",
        size(&checkpoint)?
    ))
}

pub(super) async fn accredit_population(world: &mut World) -> Result<String> {
    accredit(world, Agency::Population).await
}

pub(super) async fn accredit_transport(world: &mut World) -> Result<String> {
    accredit(world, Agency::Transport).await
}

async fn accredit(world: &mut World, agency: Agency) -> Result<String> {
    world.stack.found_agency(agency, agency.types()).await?;
    let application = world.stack.agency_application(agency).display().to_string();
    written(world, &["accredit", "--application", &application]).await
}

pub(super) async fn register_shop(world: &mut World) -> Result<String> {
    world.stack.found_business(Business::Shop, &["accredited"]).await?;
    let application = world.stack.business_application(Business::Shop).display().to_string();
    written(world, &["register-business", "--application", &application]).await
}

pub(super) async fn services(world: &mut World) -> Result<String> {
    let names = [
        "population",
        "population-status",
        "transport",
        "transport-status",
        "attester",
        "sign-in",
        "shop",
    ];
    world.stack.start_all(&names).await?;
    Ok("all answer /readyz".to_owned())
}

/// Runs a command of the registrar and finds the entry published with quorum.
async fn written(world: &World, arguments: &[&str]) -> Result<String> {
    let done = world.stack.registrar(arguments).await?.success()?;
    let answer: Value = serde_json::from_str(&done.stdout).with_context(|| format!("not JSON: {}", done.stdout))?;
    let index = answer["index"]
        .as_u64()
        .with_context(|| format!("no index in {answer}"))?;
    let checkpoint = world.stack.checkpoint().await?;
    let published = size(&checkpoint)?;
    ensure!(
        index < published,
        "entry {index} is not in the published tree of {published}"
    );
    ensure!(cosignatures(&checkpoint) >= 3, "no quorum: {checkpoint}");
    Ok(format!("entry {index}, in a checkpoint with quorum"))
}
