//! A business that comes in by the registrar's portal, and what its checks say of cards in one format alone.

use anyhow::{Context, Result, bail, ensure};

use crate::portal::{Hosted, Purpose};
use crate::story::errands::shown_until;
use crate::story::world::World;
use crate::wallet::{Exit, Wallet};

/// Whether somebody is 18 or older, by a card in any format.
pub(super) const ADULT: &str = "check-1";
/// Whether somebody studies, by the whole of a student card in any format.
pub(super) const STUDENT: &str = "check-2";

const NAME: &str = "Harbour Café";
const PURPOSES: [Purpose; 2] = [Purpose::ADULT, Purpose::STUDENT];

pub(super) async fn comes_in(world: &mut World) -> Result<String> {
    let hosted = Hosted::come_in(&world.stack, NAME, &PURPOSES).await?;
    let scope = world.stack.scope(&hosted.did).await?;
    let formats: usize = scope.purposes.iter().map(|purpose| purpose.credentials.len()).sum();
    let has_rules = scope.purposes.iter().all(|purpose| purpose.rule.is_some());
    ensure!(
        scope.name.text("en") == NAME && has_rules && formats == 2 * PURPOSES.len(),
        "something else is registered: {scope:?}"
    );
    if world.hosted.set(hosted).is_err() {
        bail!("the business came in twice");
    }
    Ok(
        "it may ask for two cards, each in two formats, by rules that are recorded; the shop's verifier asks"
            .to_owned(),
    )
}

/// The wallet says beforehand that the answer will be yes, the business says this, and the wallet has its receipt.
pub(super) async fn says(world: &World, wallet: &Wallet, check: &str, verdict: (&str, &str)) -> Result<()> {
    let hosted = world.hosted.get().context("no business came in by the portal")?;
    let asker = (world.stack.http(), &hosted.api);
    let (answer, seen) = shown_until(asker, wallet, check, verdict).await?;
    ensure!(answer["answer"] == "yes", "the wallet said otherwise: {answer}");
    ensure!(seen["receipt"].is_string(), "no receipt: {seen}");
    let history = wallet.run(&["history"]).await?.expect(Exit::Done)?;
    let newest = &history.json["entries"][0];
    ensure!(
        newest["party"] == NAME && newest["receipt"] == true,
        "it is noted otherwise: {newest}"
    );
    Ok(())
}
