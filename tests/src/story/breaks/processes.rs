//! Processes that are stopped or killed.

use anyhow::Result;

use crate::story::world::World;

pub(super) async fn witnesses_down(world: &mut World) -> Result<()> {
    world.stack.stop("witness-1").await?;
    world.stack.stop("witness-2").await
}

pub(super) async fn mirror_down(world: &mut World) -> Result<()> {
    world.stack.stop("mirror").await
}

pub(super) async fn issuer_killed(world: &mut World) -> Result<()> {
    world.stack.kill("population").await
}

pub(super) async fn keyring_gone(world: &mut World) -> Result<()> {
    world.wallet.close().await?;
    world.keyring = None;
    Ok(())
}
