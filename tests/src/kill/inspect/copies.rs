//! Cards and copies, in the wallet and on the wire.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail, ensure};
use jose::jwe::{ContentEncryption, UnverifiedJwe};
use jose::strict_json;
use serde_json::Value;

use crate::kill::journal::{Journal, Session};
use crate::kill::scene::Scene;
use crate::wallet::Exit;

/// The vault opens and lists every card; what was seen on the wire shows no copy twice.
pub(super) async fn wallet(scene: &Scene, journal: &mut Journal) -> Result<()> {
    let unused = unused(scene).await?;
    for card in &journal.cards {
        let left = unused.get(&card.id);
        if card.leaving {
            ensure!(
                left.is_none_or(|left| *left == card.online),
                "card {} was deleted in part",
                card.id
            );
            continue;
        }
        let left = left.with_context(|| format!("card {} is gone from the wallet", card.id))?;
        ensure!(
            *left <= card.online,
            "card {} has more copies than it came with",
            card.id
        );
    }
    let staying = journal.cards.iter().filter(|card| !card.leaving);
    let used: u64 = staying.map(|card| card.online - unused[&card.id]).sum();
    let sent = sent(scene, journal)?.map_or_else(|| answered(journal), |copies| copies.len() as u64);
    ensure!(used >= sent, "{sent} copies were sent, and {used} are marked as used");
    Ok(())
}

/// Once nothing is under way, exactly the copies that were sent are marked as used.
///
/// # Errors
/// A copy was lost or can be shown again.
pub(in crate::kill) async fn settled(scene: &Scene, journal: &Journal) -> Result<()> {
    let unused = unused(scene).await?;
    ensure!(
        unused.len() == journal.cards.len(),
        "the wallet has {} cards instead of {}",
        unused.len(),
        journal.cards.len()
    );
    let used: u64 = journal.cards.iter().map(|card| card.online - unused[&card.id]).sum();
    match sent(scene, journal)? {
        Some(copies) => ensure!(
            used == copies.len() as u64,
            "{} copies were sent, and {used} are marked as used",
            copies.len()
        ),
        None => ensure!(
            (answered(journal)..=journal.sessions.len() as u64).contains(&used),
            "{used} copies are marked as used after {} sessions",
            journal.sessions.len()
        ),
    }
    Ok(())
}

/// Copies left for use over a network, by card.
async fn unused(scene: &Scene) -> Result<BTreeMap<String, u64>> {
    let listed = scene.world.wallet.run(&["list"]).await?.expect(Exit::Done)?;
    let cards = listed.json["cards"].as_array().context("cards")?;
    cards
        .iter()
        .map(|card| {
            let id = card["id"].as_str().context("id")?.to_owned();
            Ok((id, card["unused_copies"]["online"].as_u64().context("unused_copies")?))
        })
        .collect()
}

fn answered(journal: &Journal) -> u64 {
    let answered = journal.sessions.iter().filter(|session| session.verdict.is_some());
    answered.count() as u64
}

/// Every copy that left the wallet, read on the wire; `None` where nobody listens.
/// A copy goes to one session, and a session gets one answer, byte for byte.
fn sent(scene: &Scene, journal: &Journal) -> Result<Option<BTreeSet<String>>> {
    let Some(wire) = &scene.wire else { return Ok(None) };
    let mut bodies: BTreeMap<&str, Vec<u8>> = BTreeMap::new();
    let mut copies = BTreeSet::new();
    for posted in wire.seen() {
        let Some(session) = journal.sessions.iter().find(|session| is_to(session, &posted.path)) else {
            continue;
        };
        let Some(response) = response(&posted.body) else {
            continue;
        };
        if let Some(before) = bodies.get(session.wallet_id.as_str()) {
            ensure!(*before == posted.body, "a session got two different answers");
            continue;
        }
        for copy in opened(&response, session)? {
            ensure!(copies.insert(copy), "a copy was shown to two sessions");
        }
        bodies.insert(&session.wallet_id, posted.body);
    }
    Ok(Some(copies))
}

/// Whether answers to a session are posted to this path.
pub(super) fn is_to(session: &Session, path: &str) -> bool {
    path.strip_prefix("/openid4vp/response/") == Some(&session.wallet_id)
}

/// The encrypted response in a form; what else the harness itself posts is none.
pub(super) fn response(body: &[u8]) -> Option<String> {
    let mut fields = url::form_urlencoded::parse(body);
    let (_, value) = fields.find(|(name, _)| name == "response")?;
    value.contains('.').then(|| value.into_owned())
}

/// The issuer's part of every credential in a response: it names the copy.
fn opened(response: &str, session: &Session) -> Result<Vec<String>> {
    let allowed = [ContentEncryption::A128Gcm, ContentEncryption::A256Gcm];
    let plain = UnverifiedJwe::parse(response)?.decrypt(&session.key, &allowed)?;
    let plain = strict_json::parse(&plain, &strict_json::Limits::VP_TOKEN)?;
    let Some(token) = plain["vp_token"].as_object() else {
        bail!("a response without vp_token")
    };
    let shown = token.values().flat_map(|shown| shown.as_array().into_iter().flatten());
    shown
        .filter_map(Value::as_str)
        .map(|shown| Ok(shown.split('~').next().context("a credential")?.to_owned()))
        .collect()
}
