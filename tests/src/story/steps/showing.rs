//! What is asked, what is shown, what is withheld.

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::stack::Business;
use crate::story::errands::is_verdict;
use crate::story::world::World;
use crate::wallet::Exit;

pub(super) async fn adult_resident(world: &mut World) -> Result<String> {
    let (answer, session) = world.show(Business::Shop, "adult-resident", &[]).await?;
    let answer = answer.expect(Exit::Done)?;
    is_verdict(&session, "yes", "ok")?;
    shown(&answer.json, &["age_over_18", "country"])?;
    Ok("yes; two claims shown, nothing else".to_owned())
}

pub(super) async fn optional_left_out(world: &mut World) -> Result<String> {
    let (answer, session) = world.show(Business::Shop, "customer-account", &[]).await?;
    let answer = answer.expect(Exit::Done)?;
    is_verdict(&session, "yes", "ok")?;
    shown(&answer.json, &["family_name", "given_name"])?;
    Ok("yes without the nationality".to_owned())
}

pub(super) async fn refusal(world: &mut World) -> Result<String> {
    let session = world.open(Business::Shop, "customer-account").await?;
    world
        .wallet
        .present(&session.request, "no", &[])
        .await?
        .expect(Exit::PersonRefused)?;
    let seen = world.session(Business::Shop, &session).await?;
    ensure!(seen["verdict"] != "yes", "a refusal gives yes: {seen}");
    ensure!(seen["state"] == "refused", "the session is not refused: {seen}");
    Ok("the shop sees that, and no claim".to_owned())
}

pub(super) async fn over_asking(world: &mut World) -> Result<String> {
    let session = world.open(Business::Shop, "over-asking").await?;
    let answer = world
        .wallet
        .present(&session.request, "yes", &[])
        .await?
        .expect(Exit::WalletRefused)?;
    let seen = world.session(Business::Shop, &session).await?;
    let open = matches!(seen["state"].as_str(), Some("open" | "scanned"));
    ensure!(
        open && seen.get("verdict").is_none_or(Value::is_null),
        "something was sent: {seen}"
    );
    Ok(format!("the wallet refuses ({}) and sends nothing", answer.code()))
}

/// Fails unless exactly these claims left the wallet.
pub(super) fn shown(answer: &Value, expected: &[&str]) -> Result<()> {
    let cards = answer["cards"]
        .as_array()
        .with_context(|| format!("no cards in {answer}"))?;
    let claims = cards
        .iter()
        .flat_map(|card| card["shown"].as_array().into_iter().flatten());
    let mut names: Vec<&str> = claims.filter_map(Value::as_str).collect();
    names.sort_unstable();
    ensure!(names == expected, "shown {names:?} instead of {expected:?}: {answer}");
    Ok(())
}
