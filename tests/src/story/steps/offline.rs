//! A card is shown where nobody can be asked: codes on two screens.

use anyhow::{Context, Result, ensure};

use super::formats;
use super::showing::shown;
use crate::alone::Alone;
use crate::codes;
use crate::kiosk::Kiosk;
use crate::stack::Business;
use crate::story::errands::is_verdict;
use crate::story::offline::{AtDesk, Offline};
use crate::story::world::World;
use crate::wallet::Exit;

const CHECK: &str = "adult";

pub(super) async fn sync(world: &mut World) -> Result<String> {
    let device = world.stack.device(Business::Shop).await?;
    let held = world.stack.sync(&device).await?;
    let shown = world.stack.layout().of("offline").join("answer");
    world.offline = Some(Offline {
        device,
        asked: None,
        shown,
    });
    let first = held.lines().next().context("the device holds nothing")?;
    Ok(format!("it holds what it judges by: {first}"))
}

pub(super) async fn answer(world: &mut World) -> Result<String> {
    let offline = world.offline.as_mut().context("no device was prepared")?;
    let mut kiosk = Kiosk::start(&world.stack, &offline.device, Alone::where_possible().await).await?;
    let challenge = world.stack.layout().of("offline").join("challenge");
    let session = kiosk.ask(CHECK, &challenge).await?;
    let nowhere = Alone::where_possible().await;
    let answer = world.wallet.answer(&nowhere, &challenge, &offline.shown).await?;
    let answer = answer.expect(Exit::Done)?;
    shown(&answer.json, &["age_over_18"])?;
    let codes = answer.json["needed"].as_u64().context("no number of codes")?;
    offline.asked = Some(AtDesk { kiosk, session });
    formats::answer_no_codes(world, &nowhere, &challenge).await?;
    if !nowhere.is_certain() {
        return Ok(format!(
            "{codes} codes; this machine gives nobody a network of their own"
        ));
    }
    let tried = nowhere.tried()?;
    ensure!(
        tried.connections + tried.datagrams == 0,
        "the wallet asked somebody: {tried:?}"
    );
    Ok(format!(
        "{codes} codes, by the card in the format that is spoken there alone, and there is no way to ask anybody"
    ))
}

pub(super) async fn verdict(world: &mut World) -> Result<String> {
    let offline = world.offline.as_mut().context("no device was prepared")?;
    let AtDesk { mut kiosk, session } = offline.asked.take().context("nobody asked")?;
    let seen = kiosk.see(&session, &codes::read(&offline.shown)?).await?.success()?;
    ensure!(seen["state"] == "complete", "the codes give no answer: {seen}");
    is_verdict(&seen["outcome"], "yes", "ok")?;
    let ages = &seen["outcome"]["ages"];
    ensure!(ages["ledger_s"].is_u64(), "nobody says how old this is: {seen}");
    kiosk.stop().await?;
    Ok("yes, by what both had with them".to_owned())
}
