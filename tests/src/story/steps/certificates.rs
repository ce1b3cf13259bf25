//! The same with an agency and a business that are known by certificate alone.

use anyhow::{Result, ensure};

use crate::stack::{Agency, Business, generate_people};
use crate::story::errands::{TxCode, is_verdict};
use crate::story::world::World;
use crate::wallet::Exit;

pub(super) async fn services(world: &mut World) -> Result<String> {
    world
        .stack
        .found_agency(Agency::Certified, Agency::Certified.types())
        .await?;
    world.stack.found_business(Business::Club, &["x5c"]).await?;
    let people = generate_people(world.stack.layout(), super::cards::FEW).await?;
    world.stack.import_people(Agency::Certified, &people).await?;
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

pub(super) async fn revoke(world: &mut World) -> Result<String> {
    world
        .change_status(Agency::Certified, "foreign-residence", "revoke")
        .await?;
    Ok("the residence card".to_owned())
}

pub(super) async fn refusal(world: &mut World) -> Result<String> {
    let session = world.open(Business::Club, "customer-account").await?;
    world
        .other_wallet
        .present(&session.request, "no", &[])
        .await?
        .expect(Exit::PersonRefused)?;
    let seen = world.session(Business::Club, &session).await?;
    ensure!(
        seen["state"] == "refused" && seen["verdict"] != "yes",
        "the session is not refused: {seen}"
    );
    Ok("the club sees that, and no claim".to_owned())
}

pub(super) async fn revoked(world: &mut World) -> Result<String> {
    world
        .expect_soon(Business::Club, "adult-resident", "no", "revoked")
        .await?;
    Ok("no, revoked".to_owned())
}
