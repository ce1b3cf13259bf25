//! The register, the wallet, and three cards.

use anyhow::{Context, Result, ensure};

use crate::stack::{Agency, generate_people};
use crate::story::errands::TxCode;
use crate::story::people::PEOPLE;
use crate::story::world::World;
use crate::wallet::{Answer, Exit};

/// How many people the small register gets.
pub(super) const FEW: usize = 100;

pub(super) async fn import_few(world: &mut World) -> Result<String> {
    let people = generate_people(world.stack.layout(), FEW).await?;
    world.subject = world.stack.import_people(Agency::Transport, &people).await?;
    Ok(format!("{FEW} people, invented"))
}

pub(super) async fn import(world: &mut World) -> Result<String> {
    let people = world.people.file().await?;
    world.subject = world.stack.import_people(Agency::Population, &people).await?;
    Ok(format!("{PEOPLE} people, invented, with portraits"))
}

pub(super) async fn wallet(world: &mut World) -> Result<String> {
    world.init_wallet().await?.expect(Exit::Done)?;
    let again = world.init_wallet().await?;
    ensure!(again.exit != Exit::Done, "a wallet is set up over another");
    Ok("vault made, and never over another".to_owned())
}

pub(super) async fn person(world: &mut World) -> Result<String> {
    let answer = world
        .issue(Agency::Population, "person", "person-identification", TxCode::Needed)
        .await?;
    accepted(&answer)
}

pub(super) async fn residence(world: &mut World) -> Result<String> {
    world
        .issue(Agency::Population, "residence", "residence", TxCode::None)
        .await?;
    let listed = world.wallet.run(&["list"]).await?.expect(Exit::Done)?;
    let count = listed.json["cards"].as_array().map_or(0, Vec::len);
    ensure!(count == 3, "{count} cards instead of 3: {}", listed.json);
    Ok("3 in the wallet, of two agencies".to_owned())
}

pub(super) async fn licence(world: &mut World) -> Result<String> {
    let answer = world
        .issue(Agency::Transport, "licence", "driving-licence", TxCode::None)
        .await?;
    let checked = accepted(&answer)?;
    let id = answer.json["cards"][0]["id"].as_str().context("a card without id")?;
    let card = world.wallet.run(&["show", id]).await?.expect(Exit::Done)?.json["card"].take();
    let kind = (card["id"].as_str(), card["type"].as_str());
    ensure!(
        kind == (Some(id), Some("urn:holdfast:vct:driving-licence:1")),
        "another card is shown: {kind:?}"
    );
    for claim in ["given_name", "family_name", "birth_date", "licence_number"] {
        let value = card["claims"][claim].as_str().unwrap_or_default();
        ensure!(!value.is_empty(), "the card shows no {claim}");
    }
    Ok(format!("{checked}, read by its owner"))
}

/// Fails unless the wallet took exactly one card.
fn accepted(answer: &Answer) -> Result<String> {
    let cards = answer.json["cards"].as_array().map_or(0, Vec::len);
    ensure!(cards == 1, "{cards} cards were accepted: {}", answer.json);
    Ok("every copy checked, stored".to_owned())
}
