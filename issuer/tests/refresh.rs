//! Refresh tokens, and copies that are issued again. RFC 6749 §6. Catalogue A14

use serde_json::{Value, json};

use crate::citizens::{CLIENT, Push, code, refresh_form};
use crate::wallet::{Wallet, c_nonce, fresh_key, key_proof};
use crate::world::World;

const SOMEBODY: &str = "SYN-000001";

#[tokio::test]
async fn a14_issuer_a_refresh_token_belongs_to_its_key_and_client() {
    let world = World::citizens().await;
    let (wallet, thief) = (Wallet::new(), Wallet::new());
    let push = Push::of("residence");
    let code = code(&world, &push, SOMEBODY).await;
    let token = wallet.redeem(&world, push.redeeming(&code)).await.json();
    let refresh = refresh_form(token["refresh_token"].as_str().unwrap());
    let answer = thief.redeem(&world, refresh.clone()).await;
    assert_eq!(answer.refusal(), (400, "invalid_grant".to_owned()));
    let answer = wallet.redeem(&world, refresh.replace(CLIENT, "other-wallet")).await;
    assert_eq!(answer.refusal(), (400, "invalid_grant".to_owned()));
    let answer = wallet.redeem(&world, refresh_form("unknown")).await;
    assert_eq!(answer.refusal(), (400, "invalid_grant".to_owned()));
    let answer = wallet.redeem(&world, format!("{refresh}&scope=driving-licence")).await;
    assert_eq!(answer.refusal(), (400, "invalid_scope".to_owned()));
    let answer = wallet.redeem(&world, refresh.clone()).await;
    assert_eq!(
        (answer.status.as_u16(), answer.json()["token_type"].clone()),
        (200, json!("DPoP"))
    );
    world.clock.advance(31_536_000);
    let answer = wallet.redeem(&world, refresh).await;
    assert_eq!(answer.refusal(), (400, "invalid_grant".to_owned()), "over");
}

#[tokio::test]
async fn copies_are_issued_again_and_those_before_are_revoked_once_they_arrived() {
    let world = World::citizens().await;
    let wallet = Wallet::new();
    let push = Push::of("residence");
    let code = code(&world, &push, SOMEBODY).await;
    let token = wallet.redeem(&world, push.redeeming(&code)).await.json();
    let access = token["access_token"].as_str().unwrap();
    let accepted = async |access: &str, id: &str| {
        let body = json!({ "notification_id": id, "event": "credential_accepted" });
        assert_eq!(
            wallet
                .post(&world, "/notification", access, body.to_string())
                .await
                .status,
            204
        );
    };
    let (old, id) = wallet.copies(&world, access, "residence", 2).await;
    accepted(access, &id).await;
    world.clock.advance(86_400);
    let refresh = refresh_form(token["refresh_token"].as_str().unwrap());
    let again = wallet.redeem(&world, refresh).await.json();
    let again = again["access_token"].as_str().unwrap();
    let (new, id) = wallet.copies(&world, again, "residence", 2).await;
    let all = [old, new].concat();
    assert_eq!(
        crate::status::statuses(&world, &all).await,
        [0; 4],
        "nothing is lost on the way"
    );
    accepted(again, &id).await;
    assert_eq!(crate::status::statuses(&world, &all).await, [1, 1, 0, 0]);
    assert_eq!(world.count("credentials").await, 1, "it is the same card");
}

#[tokio::test]
async fn a_revoked_card_is_not_issued_again() {
    let world = World::citizens().await;
    let wallet = Wallet::new();
    let push = Push::of("residence");
    let code = code(&world, &push, SOMEBODY).await;
    let token = wallet.redeem(&world, push.redeeming(&code)).await.json();
    wallet
        .copies(&world, token["access_token"].as_str().unwrap(), "residence", 1)
        .await;
    let card: String = sqlx::query_scalar("SELECT id FROM credentials")
        .fetch_one(world.app.store().reader())
        .await
        .unwrap();
    let revoked = world
        .api("POST", &format!("/api/v1/credentials/{card}/revoke"), Value::Null)
        .await;
    assert!(revoked.status.is_success(), "{revoked:?}");
    let refresh = refresh_form(token["refresh_token"].as_str().unwrap());
    let again = wallet.redeem(&world, refresh).await.json();
    let proof = key_proof(&fresh_key(), &c_nonce(&world).await);
    let again = again["access_token"].as_str().unwrap();
    let answer = wallet.credential(&world, again, "residence", &[proof]).await;
    assert_eq!(answer.refusal(), (400, "credential_request_denied".to_owned()));
}
