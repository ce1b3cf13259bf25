//! Offers and cards, at the agency.

use anyhow::{Context, Result, ensure};

use crate::kill::journal::{Journal, Stage};
use crate::kill::lists::Lists;
use crate::kill::scene::Scene;
use crate::stack::Agency;

/// Every offer is there, no less far than it was, with the same card.
pub(super) async fn offers(scene: &Scene, journal: &mut Journal) -> Result<()> {
    let api = scene.world.stack.agency(Agency::Population)?;
    for offer in &mut journal.offers {
        let url = format!("{}/api/v1/offers/{}", api.url, offer.id);
        let found = scene.world.stack.http().get_json(&url, &api.token).await?;
        let stage = found["state"].as_str().and_then(Stage::from_name);
        ensure!(
            stage.is_some_and(|stage| stage >= offer.stage),
            "offer {} was {:?} and is {found}",
            offer.id,
            offer.stage
        );
        let credential = found["credential_id"].as_str().map(str::to_owned);
        ensure!(
            offer.credential.is_none() || offer.credential == credential,
            "offer {} has another card: {found}",
            offer.id
        );
        offer.stage = stage.context("a stage")?;
        offer.credential = credential;
    }
    Ok(())
}

/// Every card is as the agency last acknowledged it, for everybody to see.
pub(super) async fn statuses(scene: &Scene, journal: &mut Journal) -> Result<()> {
    let lists = Lists::fetch(scene).await?;
    for card in &journal.cards {
        let places = scene.places(&card.credential).await?;
        let status = lists.status(&places)?;
        ensure!(
            status == card.status || Some(status) == card.asked,
            "card {} was {:?} and is {status:?}",
            card.credential,
            card.status
        );
    }
    Ok(())
}
