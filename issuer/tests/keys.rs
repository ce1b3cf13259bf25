//! Catalogue H13 and H16: copies that nobody has, and a signing key that is away.

use serde_json::json;

use crate::wallet::{Wallet, c_nonce, fresh_key, key_proof};
use crate::world::{Answer, World};

async fn asked(world: &World, wallet: &Wallet, token: &str) -> Answer {
    let proof = key_proof(&fresh_key(), &c_nonce(world).await);
    wallet.credential(world, token, "residence", &[proof]).await
}

#[tokio::test]
async fn h16_issuer_a_signing_key_that_is_away() {
    let world = World::x5c().await;
    let wallet = Wallet::new();
    let (offer, code, _) = world.offer("residence", "SYN-000001", false).await;
    let keys = world.folder.path().join("data/identity/keys.json");
    let away = keys.with_extension("away");
    std::fs::rename(&keys, &away).unwrap();
    assert!(world.app.reload_identity().is_err());
    assert!(world.app.are_keys_gone(), "what readiness says");

    let token = wallet.token(&world, &code, None).await;
    assert_eq!(token.status, 200, "offers stay valid");
    let token = token.json()["access_token"].as_str().unwrap().to_owned();
    let answer = asked(&world, &wallet, &token).await;
    assert_eq!((answer.status.as_u16(), answer.header("retry-after")), (503, Some("2")));
    assert_eq!(answer.json()["code"], "unavailable");
    let request = http::Request::get("/.well-known/openid-credential-issuer").header("accept", "application/jwt");
    let signed = world.send(request.body(axum::body::Body::empty()).unwrap()).await;
    assert_eq!(signed.status, 503, "nothing is signed by another key, or not at all");
    assert_eq!((world.count("copies").await, world.count("credentials").await), (0, 0));
    assert_eq!(world.count("used WHERE kind = 1").await, 0, "no nonce is spent");
    assert_eq!(world.offer_state(&offer).await["state"], "redeemed");

    std::fs::rename(&away, &keys).unwrap();
    world.app.reload_identity().unwrap();
    assert_eq!(
        asked(&world, &wallet, &token).await.status,
        200,
        "the same token, once the key is back"
    );
}

#[tokio::test]
async fn h16_issuer_a_rotation_under_way_is_no_missing_key() {
    let world = World::x5c().await;
    let pending = world.folder.path().join("data/identity/pending.json");
    std::fs::write(&pending, "{}").unwrap();
    assert!(world.app.reload_identity().is_err());
    assert!(!world.app.are_keys_gone());
}

#[tokio::test]
async fn h13_issuer_the_very_same_request_again_issues_nothing_and_a_fresh_one_does() {
    let mut world = World::x5c().await;
    let wallet = Wallet::new();
    let token = wallet.access_token(&world, "residence", "SYN-000001").await;
    let (key, nonce) = (fresh_key(), c_nonce(&world).await);
    let ask = async |world: &World| {
        wallet
            .credential(world, &token, "residence", &[key_proof(&key, &nonce)])
            .await
    };
    let lost = ask(&world).await;
    assert_eq!(lost.status, 200);
    world.restart().await;
    assert_eq!(
        ask(&world).await.refusal(),
        (400, "invalid_nonce".to_owned()),
        "the wallet fetches another nonce"
    );
    assert_eq!(world.count("copies").await, 1);
    let proof = key_proof(&key, &c_nonce(&world).await);
    let again = wallet.credential(&world, &token, "residence", &[proof]).await;
    assert_eq!(again.status, 200, "issued again, to the same key");
    let copies = [lost, again].map(|answer| {
        answer.json()["credentials"][0]["credential"]
            .as_str()
            .unwrap()
            .to_owned()
    });
    assert_eq!(
        crate::status::statuses(&world, &copies).await,
        [1, 0],
        "the lost copy is revoked"
    );
}

#[tokio::test]
async fn h13_issuer_copies_that_nobody_confirmed_are_revoked_by_the_sweeper() {
    let world = World::x5c_with("confirm_seconds = 3600").await;
    let wallet = Wallet::new();
    let token = wallet.access_token(&world, "residence", "SYN-000001").await;
    let (confirmed, id) = wallet.copies(&world, &token, "residence", 2).await;
    let body = json!({ "notification_id": id, "event": "credential_accepted" }).to_string();
    assert_eq!(wallet.post(&world, "/notification", &token, body).await.status, 204);
    let other = Wallet::new();
    let token = other.access_token(&world, "residence", "SYN-000002").await;
    let (lost, _) = other.copies(&world, &token, "residence", 2).await;
    let copies = [confirmed, lost].concat();
    world.clock.advance(3_599);
    assert_eq!(world.app.revoke_unconfirmed().await.unwrap(), 0);
    world.clock.advance(1);
    assert_eq!(world.app.revoke_unconfirmed().await.unwrap(), 1);
    assert_eq!(crate::status::statuses(&world, &copies).await, [0, 0, 1, 1]);
    assert_eq!(world.app.revoke_unconfirmed().await.unwrap(), 0, "once");
}

#[tokio::test]
async fn wallets_need_not_confirm_unless_the_agency_says_so() {
    let world = World::x5c().await;
    let wallet = Wallet::new();
    let token = wallet.access_token(&world, "residence", "SYN-000001").await;
    let (copies, _) = wallet.copies(&world, &token, "residence", 2).await;
    world.clock.advance(10_000_000);
    assert_eq!(world.app.revoke_unconfirmed().await.unwrap(), 0);
    world.clock.set(crate::world::NOW);
    assert_eq!(crate::status::statuses(&world, &copies).await, [0, 0]);
}
