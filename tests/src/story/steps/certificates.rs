//! The same with an agency and a business that are known by certificate alone.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokio::time::Instant;

use crate::stack::{Agency, Business, generate_people};
use crate::story::errands::{TxCode, is_verdict};
use crate::story::steps::showing::shown as only_shown;
use crate::story::world::World;
use crate::wallet::Exit;

/// How many people the register of this agency gets.
const PEOPLE: usize = 50;
/// When a list that is not refreshed any more is certainly over: twice its `ttl`.
const LIST_TIME: Duration = Duration::from_secs(4);

pub(super) async fn services(world: &mut World) -> Result<String> {
    world
        .stack
        .found_agency(Agency::Certified, Agency::Certified.types())
        .await?;
    world.stack.found_business(Business::Club, &["x5c"]).await?;
    let people = generate_people(world.stack.layout(), PEOPLE).await?;
    world.subject = world.stack.import_people(Agency::Certified, &people).await?;
    world
        .stack
        .start_all(&["certified", "certified-status", "club"])
        .await?;
    Ok("neither is on the ledger".to_owned())
}

pub(super) async fn wallet(world: &mut World) -> Result<String> {
    world.init_other_wallet().await?.expect(Exit::Done)?;
    Ok("it trusts the agency's and the club's authorities from a folder".to_owned())
}

pub(super) async fn cards(world: &mut World) -> Result<String> {
    world
        .issue(
            Agency::Certified,
            "foreign-person",
            "person-identification",
            TxCode::Needed,
        )
        .await?;
    world
        .issue(Agency::Certified, "foreign-residence", "residence", TxCode::None)
        .await?;
    Ok("two cards in another wallet, one with a transaction code".to_owned())
}

pub(super) async fn shown(world: &mut World) -> Result<String> {
    let (answer, session) = world.show(Business::Club, "adult-resident", &[]).await?;
    answer.expect(Exit::Done)?;
    is_verdict(&session, "yes", "ok")?;
    let session = world.open(Business::Shop, "adult-resident").await?;
    world
        .other_wallet
        .present(&session.request, "yes", &[])
        .await?
        .expect(Exit::Done)?;
    let session = world.session(Business::Shop, &session).await?;
    is_verdict(&session, "no", "issuer_not_accepted")?;
    Ok("yes at the club; no at the shop, which goes by the ledger".to_owned())
}

pub(super) async fn account(world: &mut World) -> Result<String> {
    let (answer, session) = world.show(Business::Club, "customer-account", &[]).await?;
    let answer = answer.expect(Exit::Done)?;
    is_verdict(&session, "yes", "ok")?;
    only_shown(&answer.json, &["family_name", "given_name"])?;
    let registration = answer.json["who"]["registration"].to_string();
    ensure!(
        registration.contains("foreign"),
        "the citizen is not told that the club is not registered here: {registration}"
    );
    Ok("yes without the nationality; said to be not registered here".to_owned())
}

pub(super) async fn suspended(world: &mut World) -> Result<String> {
    world
        .change_status(Agency::Certified, "foreign-person", "suspend")
        .await?;
    world
        .expect_soon(Business::Club, "customer-account", "no", "suspended")
        .await?;
    let answer = world.other_wallet.run(&["status"]).await?.expect(Exit::Done)?;
    let lists = answer.json["lists"].as_u64().unwrap_or_default();
    ensure!(lists > 0, "no list was read: {}", answer.json);
    let cards = answer.json["cards"].as_array().into_iter().flatten();
    let known: BTreeMap<&str, &str> = cards
        .filter_map(|card| Some((card["type"].as_str()?, card["status"].as_str()?)))
        .collect();
    let expected = [
        ("urn:holdfast:vct:person-identification:1", "suspended"),
        ("urn:holdfast:vct:residence:1", "valid"),
    ];
    ensure!(known == BTreeMap::from(expected), "the wallet knows {known:?}");
    Ok("no, suspended; the wallet learns it too, and that the other is valid".to_owned())
}

pub(super) async fn revoked(world: &mut World) -> Result<String> {
    world
        .change_status(Agency::Certified, "foreign-person", "reactivate")
        .await?;
    world
        .change_status(Agency::Certified, "foreign-residence", "revoke")
        .await?;
    world
        .expect_soon(Business::Club, "adult-resident", "no", "revoked")
        .await?;
    let (answer, session) = world.show(Business::Club, "customer-account", &["nationality"]).await?;
    let answer = answer.expect(Exit::Done)?;
    is_verdict(&session, "yes", "ok")?;
    only_shown(&answer.json, &["family_name", "given_name", "nationality"])?;
    world.stack.stop("certified-status").await?;
    world.lists_stopped = Some(Instant::now());
    Ok("no, revoked; the one that is valid again: yes, with the nationality on the citizen's word".to_owned())
}

pub(super) async fn stale(world: &mut World) -> Result<String> {
    let stopped = world.lists_stopped.context("the status listener was not stopped")?;
    tokio::time::sleep_until(stopped + LIST_TIME).await;
    let session = world
        .expect(
            Business::Club,
            "customer-account",
            "could_not_check",
            "status_unavailable",
        )
        .await?;
    let age = session["ages"]["status_s"]
        .as_u64()
        .with_context(|| format!("no age of the status in {session}"))?;
    Ok(format!("could not check, the list is {age} s old"))
}

pub(super) async fn refusal(world: &mut World) -> Result<String> {
    let session = world.open(Business::Club, "customer-account").await?;
    // Nobody is at a terminal to be asked.
    world
        .other_wallet
        .present(&session.request, "ask", &[])
        .await?
        .expect(Exit::PersonRefused)?;
    let seen = world.session(Business::Club, &session).await?;
    ensure!(
        seen["state"] == "refused" && seen["verdict"] != "yes",
        "the session is not refused: {seen}"
    );
    // The licence is of an agency on the ledger, whose authority is no anchor of the club.
    world
        .expect(Business::Club, "driver", "no", "issuer_not_accepted")
        .await?;
    Ok("the club sees that, and no claim; a card under no anchor of the club: no, issuer_not_accepted".to_owned())
}
