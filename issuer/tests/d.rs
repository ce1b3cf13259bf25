//! Catalogue D: what a status may become.

use serde_json::{Value, json};

use crate::status::statuses;
use crate::wallet::Wallet;
use crate::world::World;

async fn change(world: &World, id: &str, what: &str) -> (u16, Value) {
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
    let wallet = Wallet::new();
    let (offer, code, _) = world.offer("residence", "SYN-000001", false).await;
    let token = wallet.token(&world, &code, None).await.json()["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let (copies, _) = wallet.copies(&world, &token, "residence", 2).await;
    let id = world.offer_state(&offer).await["credential_id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(change(&world, &id, "revoke").await.0, 200);
    world.restart().await;
    assert_eq!(statuses(&world, &copies).await, [1, 1]);
    assert_eq!(change(&world, &id, "reactivate").await, (409, json!("revoked")));
}

#[tokio::test]
async fn the_interfaces_of_the_agency_need_its_token() {
    let world = World::x5c().await;
    for (method, path) in [
        ("POST", "/api/v1/offers"),
        ("GET", "/api/v1/offers/x"),
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
