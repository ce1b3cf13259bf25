//! The register, the wallet, and three cards.

use anyhow::{Context, Result, ensure};

use crate::stack::{Agency, generate_people};
use crate::story::people::PEOPLE;
use crate::story::world::{TxCode, World};
use crate::wallet::Exit;

/// How many people the registers of the other agencies get.
pub(super) const FEW: usize = 100;

pub(super) async fn import(world: &mut World) -> Result<String> {
    let (many, few) = (
        world.people.file().await?,
        generate_people(world.stack.layout(), FEW).await?,
    );
    world.subject = world.stack.import_people(Agency::Population, &many).await?;
    world.stack.import_people(Agency::Transport, &few).await?;
    Ok(format!("{PEOPLE} people, invented, with portraits"))
}

pub(super) async fn wallet(world: &mut World) -> Result<String> {
    world.init_wallet().await?.expect(Exit::Done)?;
    let again = world.init_wallet().await?;
    ensure!(again.exit != Exit::Done, "a wallet is set up over another");
    Ok("vault made, and never over another".to_owned())
}

pub(super) async fn person(world: &mut World) -> Result<String> {
    world
        .issue(Agency::Population, "person", "person-identification", TxCode::Needed)
        .await?;
    Ok(format!("{} in the wallet", cards(world).await?))
}

pub(super) async fn residence(world: &mut World) -> Result<String> {
    world
        .issue(Agency::Population, "residence", "residence", TxCode::None)
        .await?;
    Ok(format!("{} in the wallet", cards(world).await?))
}

pub(super) async fn licence(world: &mut World) -> Result<String> {
    world
        .issue(Agency::Transport, "licence", "driving-licence", TxCode::None)
        .await?;
    let count = cards(world).await?;
    ensure!(count == 3, "{count} cards instead of 3");
    Ok("3 in the wallet, of two agencies".to_owned())
}

async fn cards(world: &World) -> Result<usize> {
    let listed = world.wallet.run(&["list"]).await?.expect(Exit::Done)?;
    Ok(listed.json["cards"]
        .as_array()
        .with_context(|| format!("cards in {}", listed.json))?
        .len())
}
