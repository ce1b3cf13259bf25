//! Suspended, valid again, revoked, and no list at all.
//!
//! What an agency changes and what a business then sees are steps of their own:
//! the business reads the lists on a timer, and other things happen meanwhile.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokio::time::Instant;

use crate::stack::{Agency, Business};
use crate::story::world::World;

const CHECK: &str = "customer-account";
/// How old a list may be at the shop's checks, and a little more.
const LIST_TIME: Duration = Duration::from_millis(5_500);

pub(super) async fn suspend(world: &mut World) -> Result<String> {
    world.change_status(Agency::Population, "person", "suspend").await?;
    Ok("the person card".to_owned())
}

pub(super) async fn suspended(world: &mut World) -> Result<String> {
    world.expect_soon(Business::Shop, CHECK, "no", "suspended").await?;
    Ok("no, suspended".to_owned())
}

pub(super) async fn reactivate(world: &mut World) -> Result<String> {
    world.change_status(Agency::Population, "person", "reactivate").await?;
    world.change_status(Agency::Population, "residence", "revoke").await?;
    Ok("person valid, residence revoked".to_owned())
}

pub(super) async fn reactivated(world: &mut World) -> Result<String> {
    world.expect_soon(Business::Shop, CHECK, "yes", "ok").await?;
    Ok("yes again".to_owned())
}

pub(super) async fn revoked(world: &mut World) -> Result<String> {
    world
        .expect_soon(Business::Shop, "adult-resident", "no", "revoked")
        .await?;
    Ok("no, revoked".to_owned())
}

pub(super) async fn stopped(world: &mut World) -> Result<String> {
    // The shop holds the list only once its timer has brought it.
    world.expect_soon(Business::Shop, "driver", "yes", "ok").await?;
    world.stack.stop("transport-status").await?;
    world.lists_stopped = Some(Instant::now());
    world.expect(Business::Shop, "driver", "yes", "ok").await?;
    Ok("a card is still good: the list held is young enough".to_owned())
}

pub(super) async fn stale(world: &mut World) -> Result<String> {
    let stopped = world.lists_stopped.context("the status listener was not stopped")?;
    tokio::time::sleep_until(stopped + LIST_TIME).await;
    let session = world
        .expect(Business::Shop, "driver", "could_not_check", "status_unavailable")
        .await?;
    let age = session["ages"]["status_s"]
        .as_u64()
        .with_context(|| format!("no age of the status in {session}"))?;
    ensure!(age >= 5, "the list is said to be {age} s old");
    world.stack.start_all(&["transport-status"]).await?;
    world.note_change();
    Ok(format!("could not check, the list is {age} s old"))
}

pub(super) async fn back(world: &mut World) -> Result<String> {
    world.expect_soon(Business::Shop, "driver", "yes", "ok").await?;
    Ok("yes: the timer has brought a fresh list".to_owned())
}
