//! Cards that come another way: after a sign-in, later, and again.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::browser;
use crate::http::eventually;
use crate::stack::{Agency, Business};
use crate::story::world::World;
use crate::wallet::Exit;

/// The wallet's name of the card that came after a sign-in.
const SIGNED_IN: &str = "signed-in";
/// Longer than an agency of the stack lets wallets wait before they ask again.
const LATER: Duration = Duration::from_secs(10);

pub(super) async fn signed_in(world: &mut World) -> Result<String> {
    let person = world.subject.clone();
    let wanted = json!({"credential_type": "driving-licence", "subject": person, "grant": "authorization_code"});
    let offer = world.stack.offer(Agency::Transport, &wanted).await?;
    let arguments = ["accept", text(&offer, "offer_uri")?, "--no-wait"];
    let begun = world.other_wallet.run(&arguments).await?.expect(Exit::Done)?;
    let password = world.stack.password(&person).await?;
    let back = browser::sign_in(text(&begun.json, "url")?, &person, &password).await?;
    let came = world.other_wallet.run(&["accept", "--redirected", &back]).await?;
    let came = came.expect(Exit::Done)?;
    let card = text(&came.json["cards"][0], "id")?;
    world.cards.insert(SIGNED_IN, card.to_owned());
    Ok("by an office that lets people sign in".to_owned())
}

pub(super) async fn deferred(world: &mut World) -> Result<String> {
    let wanted = json!({"credential_type": "business-representative", "subject": world.subject, "approval": true});
    let offer = world.stack.offer(Agency::Population, &wanted).await?;
    let answer = world.other_wallet.accept(text(&offer, "offer_uri")?, None).await?;
    let answer = answer.expect(Exit::OtherSide)?;
    ensure!(answer.code() == "issuance_deferred", "not deferred: {}", answer.json);
    let api = world.stack.agency(Agency::Population)?;
    let url = format!("{}/api/v1/offers/{}/approve", api.url, text(&offer, "id")?);
    world.stack.http().post_json(&url, &api.token, &json!({})).await?;
    Ok("the wallet waits, and an officer approves the card".to_owned())
}

pub(super) async fn refreshed(world: &mut World) -> Result<String> {
    let card = world.cards.get(SIGNED_IN).context("no card after a sign-in")?;
    // One copy fewer, so that getting them again can be seen.
    let session = world.open(Business::Shop, "driver").await?;
    let shown = world.other_wallet.present(&session.request, "yes", &[]).await?;
    shown.expect(Exit::Done)?;
    let answer = world.other_wallet.run(&["refresh", card]).await?.expect(Exit::Done)?;
    let copies = answer.json["refreshed"]["copies"].as_i64().unwrap_or_default();
    let both = 2 * Agency::COPIES;
    ensure!(copies == both, "{copies} copies instead of {both}: {}", answer.json);
    Ok(format!("{copies} new copies, and nobody was asked"))
}

pub(super) async fn collected(world: &mut World) -> Result<String> {
    let wallet = &world.other_wallet;
    let arrived = eventually(LATER, || async {
        let answer = wallet.run(&["collect"]).await?.expect(Exit::Done)?;
        let card = answer.json["collected"][0].clone();
        ensure!(card["state"] == "arrived", "the card did not come: {card}");
        Ok(card)
    });
    let arrived = arrived.await?;
    let kept = wallet.run(&["keep", text(&arrived, "waiting")?]).await?;
    kept.expect(Exit::Done)?;
    Ok("the wallet asked again, and the card came".to_owned())
}

fn text<'v>(value: &'v Value, name: &str) -> Result<&'v str> {
    value[name].as_str().with_context(|| format!("{name} in {value}"))
}
