//! Catalogue D: what a status may become.

use serde_json::{Value, json};

use crate::formats::{FORMATS, token};
use crate::status::{place, statuses};
use crate::wallet::{Wallet, c_nonce, fresh_key, key_proof};
use crate::world::World;

/// Changes the status of a card; what is answered, and the state that it has then or the code.
pub(crate) async fn change(world: &World, id: &str, what: &str) -> (u16, Value) {
    let answer = world
        .api("POST", &format!("/api/v1/credentials/{id}/{what}"), Value::Null)
        .await;
    let json = answer.json();
    let text = json
        .get("state")
        .or_else(|| json.get("code"))
        .cloned()
        .unwrap_or_default();
    (answer.status.as_u16(), text)
}

#[tokio::test]
async fn d10_issuer_status_changes() {
    let world = World::ledger().await;
    let wallet = Wallet::new();
    let (offer, code, _) = world.offer("residence", "SYN-000001", false).await;
    let token = wallet.token(&world, &code, None).await.json()["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let (mut copies, _) = wallet.copies(&world, &token, "residence", 3).await;
    copies.extend(wallet.copies(&world, &token, "residence.offline", 2).await.0);
    let state = world.offer_state(&offer).await;
    let id = state["credential_id"].as_str().unwrap();
    assert_eq!(state["state"], "issued");

    assert_eq!(change(&world, id, "suspend").await, (200, json!("suspended")));
    assert_eq!(change(&world, id, "suspend").await, (200, json!("suspended")));
    assert_eq!(statuses(&world, &copies).await, [2; 5], "all copies of a card at once");
    assert_eq!(change(&world, id, "reactivate").await, (200, json!("valid")));
    assert_eq!(statuses(&world, &copies).await, [0; 5]);
    assert_eq!(change(&world, id, "revoke").await, (200, json!("revoked")));
    assert_eq!(
        change(&world, id, "revoke").await,
        (200, json!("revoked")),
        "again is no error"
    );
    assert_eq!(change(&world, id, "reactivate").await, (409, json!("revoked")));
    assert_eq!(change(&world, id, "suspend").await, (409, json!("revoked")));
    assert_eq!(change(&world, "unknown", "revoke").await, (404, json!("not_found")));
    assert_eq!(statuses(&world, &copies).await, [1; 5]);
}

#[tokio::test]
async fn d10_issuer_a_revocation_survives_a_restart() {
    let mut world = World::x5c().await;
    let (copies, id) = crate::status::issued(&world, 2).await;
    assert_eq!(change(&world, &id, "revoke").await.0, 200);
    world.restart().await;
    assert_eq!(statuses(&world, &copies).await, [1, 1]);
    assert_eq!(change(&world, &id, "reactivate").await, (409, json!("revoked")));
}

/// How often a revocation and a renewal are let loose on each other.
const RACES: usize = 1_000;
/// How many renewals of one card run besides its revocation.
const RENEWALS: usize = 4;

/// Revokes a card that was issued under one configuration while copies are asked for under another, so many times.
async fn raced(world: &World, rounds: usize, card: (&str, &[&str]), first: &str, renewed: &str) {
    for round in 0..rounds {
        let wallet = Wallet::new();
        let (token, offer) = token(world, &wallet, card.0, card.1).await;
        wallet.copies(world, &token, first, 1).await;
        let id = world.offer_state(&offer).await["credential_id"]
            .as_str()
            .unwrap()
            .to_owned();
        let mut renewals = Vec::new();
        for _ in 0..RENEWALS {
            renewals.push(key_proof(&fresh_key(), &c_nonce(world).await));
        }
        let renew = futures_util::future::join_all(
            renewals
                .iter()
                .map(|proof| wallet.credential(world, &token, renewed, std::slice::from_ref(proof))),
        );
        let (revoked, renewals) = tokio::join!(change(world, &id, "revoke"), renew);
        assert_eq!(revoked.0, 200);
        for answer in renewals.iter().filter(|answer| answer.status != 200) {
            assert_eq!(
                answer.refusal(),
                (400, "credential_request_denied".to_owned()),
                "round {round}"
            );
        }
        assert_eq!(world.count("copies WHERE status <> 1").await, 0, "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d9_issuer_a_revocation_during_a_renewal_leaves_no_live_copy() {
    let world = World::x5c().await;
    raced(&world, RACES / RENEWALS, ("residence", &[]), "residence", "residence").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d9_issuer_a_revocation_while_another_format_is_issued_leaves_no_live_copy() {
    let world = World::x5c_with(FORMATS).await;
    let card = ("driving-licence", &["dc+sd-jwt", "mso_mdoc"][..]);
    raced(&world, 25, card, "driving-licence", "driving-licence.mdoc").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d11_issuer_places_are_unique_and_a_list_is_never_filled() {
    let world = World::x5c().await;
    let mut wallets = Vec::new();
    for _ in 0..100 {
        let wallet = Wallet::new();
        let token = wallet.access_token(&world, "residence", "SYN-000001").await;
        let proof = key_proof(&fresh_key(), &c_nonce(&world).await);
        wallets.push((wallet, token, proof));
    }
    let issue = |index: usize| {
        let ((wallet, token, proof), world) = (&wallets[index], &world);
        async move {
            let answer = wallet
                .credential(world, token, "residence", std::slice::from_ref(proof))
                .await;
            answer.json()["credentials"][0]["credential"]
                .as_str()
                .unwrap()
                .to_owned()
        }
    };
    let copies = futures_util::future::join_all((0..99).map(issue)).await;
    let places: std::collections::HashSet<(String, u64)> = copies.iter().map(|copy| place(copy)).collect();
    assert_eq!(places.len(), 99, "each its own place");
    let in_order: Vec<u64> = copies.iter().map(|copy| place(copy).1).collect();
    let mut indexes = in_order.clone();
    indexes.sort_unstable();
    assert_ne!(in_order, indexes, "nobody can foresee them");
    assert!(indexes.iter().any(|index| *index > 1_000));
    // As if four fifths of the list had been taken but for one place.
    let mut write = world.app.store().begin().await.unwrap();
    sqlx::query("UPDATE status_lists SET taken = entries * 8 / 10")
        .execute(&mut *write)
        .await
        .unwrap();
    write.commit().await.unwrap();
    assert_eq!(world.count("status_lists").await, 1);
    let (list, _) = place(&issue(99).await);
    assert_eq!(
        world.count("status_lists").await,
        2,
        "a new list is opened before the old one is full"
    );
    assert_ne!(list, place(&copies[0]).0);
}

#[tokio::test]
async fn d12_issuer_killed_between_a_revocation_and_its_publication() {
    let mut world = World::x5c().await;
    let (copies, id) = crate::status::issued(&world, 2).await;
    assert_eq!(statuses(&world, &copies).await, [0, 0], "a token is being served");
    assert_eq!(change(&world, &id, "revoke").await.0, 200);
    world.restart().await;
    assert_eq!(
        statuses(&world, &copies).await,
        [1, 1],
        "the first token served after the start is made from the store"
    );
}

#[tokio::test]
async fn the_interfaces_of_the_agency_need_its_token() {
    let world = World::x5c().await;
    for (method, path) in [
        ("POST", "/api/v1/offers"),
        ("GET", "/api/v1/offers/x"),
        ("POST", "/api/v1/offers/x/approve"),
        ("POST", "/api/v1/offers/x/deny"),
        ("POST", "/api/v1/credentials/x/revoke"),
        ("POST", "/api/v1/credentials/x/suspend"),
        ("POST", "/api/v1/credentials/x/reactivate"),
    ] {
        for header in [None, Some("Bearer wrong-wrong-wrong-wrong")] {
            let mut request = http::Request::builder().method(method).uri(path);
            if let Some(value) = header {
                request = request.header("authorization", value);
            }
            let answer = world.send(request.body(axum::body::Body::from("{}")).unwrap()).await;
            assert_eq!(answer.refusal(), (401, "unauthorised".to_owned()), "{method} {path}");
        }
    }
}
