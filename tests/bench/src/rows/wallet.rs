//! From the right PIN to the list of cards: what the wallet adds to Argon2id, whose cost is chosen.

use std::time::Instant;

use anyhow::{Context, Result, ensure};
use jose::{Algorithm, JwsHeader};
use serde_json::json;
use status_list::{Bits, StatusClaims, StatusList, sign_token};
use testkit::credential::signer;
use wallet::{CardStatus, Passphrase, Wallet};
use wiremock::ResponseTemplate;

use crate::measure::median;
use crate::report::Line;

// The parties of the wallet's own tests.
#[path = "../../../../wallet-app/core/tests/main/world/mod.rs"]
#[expect(
    dead_code,
    unused_imports,
    clippy::expect_used,
    reason = "made for more than this row, and for tests"
)]
mod world;

use world::{Issuer, NOW, PIN, World};

/// Cards that are held.
const CARDS: usize = 200;
/// Copies of each card in each of its two batches, as our issuer hands them out.
const BATCH: usize = 5;
/// How long it may take, in milliseconds.
const LIMIT_MS: f64 = 300.0;
/// How often it is measured.
const TIMES: usize = 31;

/// Opens a wallet of two hundred cards and lists them with their status. The PIN is stretched at a
/// cost that does not count.
pub(crate) fn open() -> Result<Vec<Line>> {
    let runtime = tokio::runtime::Runtime::new()?;
    let world = runtime.block_on(filled())?;
    let World {
        wallet,
        profile,
        keyring,
        clock,
        ..
    } = world;
    drop(wallet);
    let mut took = Vec::with_capacity(TIMES);
    for _ in 0..TIMES {
        let start = Instant::now();
        let wallet = Wallet::open(&profile, &Passphrase::new(PIN), keyring.as_ref(), clock.clone())?;
        let cards = wallet.whole_cards()?;
        let statuses = wallet.whole_statuses(&cards)?;
        took.push(start.elapsed().as_secs_f64() * 1_000.0);
        ensure!(statuses == [CardStatus::Valid; CARDS], "a card is missing or not valid");
    }
    let bytes = std::fs::metadata(profile.join("vault.db"))?.len();
    let counts = format!("{CARDS} cards, {} copies, {} KiB", CARDS * BATCH * 2, bytes / 1_024);
    Ok(vec![
        Line::at_most("wallet-open", [median(took), LIMIT_MS], "ms").counting(counts),
    ])
}

async fn filled() -> Result<World> {
    let world = World::new().await;
    let issuer = world.issuer("person-identification").await;
    let mut metadata = issuer.metadata();
    metadata["batch_credential_issuance"]["batch_size"] = json!(BATCH);
    let answer = ResponseTemplate::new(200).set_body_json(metadata);
    world.answer("/.well-known/openid-credential-issuer", answer).await;
    for _ in 0..CARDS {
        world.accept(&issuer.offer()).await?;
    }
    let list = published(&issuer, &world)?;
    let answer = ResponseTemplate::new(200).set_body_raw(list, "application/statuslist+jwt");
    world.answer("/lists/1", answer).await;
    let refreshed = world.wallet.refresh_status().await?;
    ensure!(refreshed.lists == 1, "the status list was not taken");
    Ok(world)
}

/// A list with a place for each copy and many more, all good.
fn published(issuer: &Issuer, world: &World) -> Result<String> {
    let list = StatusList::new(Bits::Two, 1 << 17);
    let said = StatusClaims {
        uri: &world.url("agency", "/lists/1"),
        issued_at: NOW,
        expires: NOW + 3_600,
        time_to_live: 60,
        aggregation_uri: None,
    };
    let header = JwsHeader::new(Algorithm::Es256).with_kid(&issuer.kid);
    sign_token(header, &said, &list, &signer(&issuer.key)).context("a status list")
}
