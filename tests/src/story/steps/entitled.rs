//! What can I use? Before there is a card, and with it.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::http::eventually;
use crate::stack::Agency;
use crate::story::world::World;
use crate::wallet::Exit;

/// The wallet reads from the log or from the mirror, which follows it.
const FOLLOWED: Duration = Duration::from_secs(10);

pub(super) async fn before(world: &mut World) -> Result<String> {
    let mut published = 0;
    for agency in [Agency::Population, Agency::Transport] {
        published += world.stack.publish_services(agency).await?;
    }
    let list = eventually(FOLLOWED, || async {
        let list = services(world).await?;
        let count = list.as_array().map_or(0, Vec::len);
        ensure!(count == published, "{count} services instead of {published}: {list}");
        Ok(list)
    })
    .await?;
    says(&list, "Report noise", "can_use")?;
    let permit = says(&list, "Parking permit", "lacks_card")?;
    let lacked = &permit["lacks"][0];
    let [issuer, ..] = Agency::Transport.name();
    ensure!(
        lacked["type"] == "urn:holdfast:vct:driving-licence:1" && lacked["issuers"][0]["name"]["en"] == issuer,
        "nobody says who issues the card that is lacking: {permit}"
    );
    Ok(format!(
        "{published} services; for one a driving licence of the {issuer} is lacking"
    ))
}

pub(super) async fn after(world: &mut World) -> Result<String> {
    let list = services(world).await?;
    says(&list, "Parking permit", "can_use")?;
    says(&list, "Library card", "lacks_card")?;
    Ok("the parking permit can be had now; the library card takes another card".to_owned())
}

/// The newest list, and what the wallet makes of it.
async fn services(world: &World) -> Result<Value> {
    world.wallet.run(&["refresh"]).await?.expect(Exit::Done)?;
    let said = world.wallet.run(&["services"]).await?.expect(Exit::Done)?;
    Ok(said.json["services"].clone())
}

/// The service of this name, about which the wallet must say this.
pub(super) fn says(list: &Value, name: &str, answer: &str) -> Result<Value> {
    let mut all = list.as_array().context("no list")?.iter();
    let service = all.find(|service| service["name"]["en"] == name);
    let service = service.with_context(|| format!("{name} is not in the list: {list}"))?;
    ensure!(service["answer"] == answer, "not {answer}: {service}");
    Ok(service.clone())
}
