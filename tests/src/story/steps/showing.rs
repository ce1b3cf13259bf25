//! What is asked, what is shown, what is withheld.

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::stack::Business;
use crate::story::errands::is_verdict;
use crate::story::world::World;
use crate::wallet::Exit;

/// Values of this length are looked for inside other texts too; shorter ones may be part of a name or a number.
const SEARCHED: usize = 8;

pub(super) async fn adult_resident(world: &mut World) -> Result<String> {
    let (answer, session) = world.show(Business::Shop, "adult-resident", &[]).await?;
    let answer = answer.expect(Exit::Done)?;
    is_verdict(&session, "yes", "ok")?;
    shown(&answer.json, &["age_over_18", "country"])?;
    foretold(&answer.json)?;
    ensure!(session["rule"].is_string(), "the verdict names no rule: {session}");
    Ok("yes; two claims shown, nothing else".to_owned())
}

/// Fails unless the wallet said beforehand that the answer would be yes.
fn foretold(answer: &Value) -> Result<()> {
    ensure!(
        answer["answer"] == "yes",
        "the wallet did not say what the answer would be: {answer}"
    );
    Ok(())
}

pub(super) async fn optional_left_out(world: &mut World) -> Result<String> {
    let (answer, session) = world.show(Business::Shop, "customer-account", &[]).await?;
    let answer = answer.expect(Exit::Done)?;
    is_verdict(&session, "yes", "ok")?;
    shown(&answer.json, &["family_name", "given_name"])?;
    foretold(&answer.json)?;
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
    let history = world.wallet.run(&["history"]).await?.expect(Exit::Done)?.json["entries"].take();
    noted(&history)?;
    without_values(world, &history).await?;
    Ok(format!(
        "the wallet refuses ({}), sends nothing, and its history says who asked what and why, and no value",
        answer.code()
    ))
}

/// Fails unless the history names the shop, the purposes and the claims of what happened so far.
fn noted(history: &Value) -> Result<()> {
    let [shop, ..] = Business::Shop.name();
    let entries = history.as_array().context("no entries")?;
    let find = |outcome: &str| {
        let ended = |entry: &&Value| entry["party"] == shop && entry["outcome"] == outcome;
        let about = |entry: &&Value| entry["purpose"] == "Opening a customer account";
        entries.iter().filter(ended).find(about)
    };
    let newest = entries.first().context("nothing is noted")?;
    ensure!(
        newest["party"] == shop && newest["outcome"] == "blocked",
        "the newest is not what was refused now: {newest}"
    );
    ensure!(
        newest["reportable"] == true,
        "the request was not kept, so it cannot be reported: {newest}"
    );
    ensure!(
        find("not_shared").is_some(),
        "the citizen's refusal is not noted: {history}"
    );
    let shared = find("shared").with_context(|| format!("what was shown is not noted: {history}"))?;
    ensure!(
        shared["receipt"] == true,
        "the shop gave no receipt that holds: {shared}"
    );
    let claims = shared["cards"][0]["claims"].as_array().into_iter().flatten();
    let mut names: Vec<&str> = claims.filter_map(Value::as_str).collect();
    names.sort_unstable();
    ensure!(
        names == ["family_name", "given_name"],
        "other claims are noted: {shared}"
    );
    Ok(())
}

/// Fails if the history has the value of a claim of any card.
async fn without_values(world: &World, history: &Value) -> Result<()> {
    let noted = texts(history);
    let listed = world.wallet.run(&["list"]).await?.expect(Exit::Done)?;
    let mut compared = 0;
    for card in listed.json["cards"].as_array().into_iter().flatten() {
        let id = card["id"].as_str().context("a card without id")?;
        let shown = world.wallet.run(&["show", id]).await?.expect(Exit::Done)?;
        let claims = shown.json["card"]["claims"]
            .as_object()
            .context("a card without claims")?;
        let own = claims
            .iter()
            .filter(|(name, _)| !matches!(name.as_str(), "iss" | "vct" | "_sd_alg"));
        for (name, value) in own.flat_map(|(name, value)| texts(value).into_iter().map(move |value| (name, value))) {
            let is_there = |text: &&str| *text == value || (value.len() >= SEARCHED && text.contains(value));
            ensure!(!noted.iter().any(is_there), "the history has the value of {name}");
            compared += 1;
        }
    }
    ensure!(compared > 10, "only {compared} values were compared");
    Ok(())
}

/// Every text in a value, however deep.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(values) => values.iter().flat_map(texts).collect(),
        Value::Object(members) => members.values().flat_map(texts).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
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
