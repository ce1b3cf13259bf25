//! Refresh tokens, and copies that are issued again. RFC 6749 §6. Catalogue A14

use serde_json::{Value, json};

use crate::citizens::{CLIENT, Push, code, refresh_form};
use crate::wallet::{Wallet, c_nonce, fresh_key, key_proof};
use crate::world::{Answer, World};

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

/// A wallet of somebody who signed in.
struct SignedIn {
    wallet: Wallet,
    access: String,
    refresh: String,
}

impl SignedIn {
    async fn new(world: &World, scope: &str) -> Self {
        let wallet = Wallet::new();
        let push = Push::of(scope);
        let code = code(world, &push, SOMEBODY).await;
        let token = wallet.redeem(world, push.redeeming(&code)).await.json();
        let text = |name: &str| token[name].as_str().unwrap().to_owned();
        Self {
            access: text("access_token"),
            refresh: refresh_form(&text("refresh_token")),
            wallet,
        }
    }

    /// One copy of a residence card, and its notification id.
    async fn copy(&self, world: &World) -> (String, String) {
        let (mut copies, id) = self.wallet.copies(world, &self.access, "residence", 1).await;
        (copies.remove(0), id)
    }

    async fn notify(&self, world: &World, id: &str, event: &str) -> Answer {
        let body = json!({ "notification_id": id, "event": event }).to_string();
        self.wallet.post(world, "/notification", &self.access, body).await
    }

    async fn refresh(&self, world: &World) -> Answer {
        self.wallet.redeem(world, self.refresh.clone()).await
    }

    /// Asks for a copy with an access token of this wallet.
    async fn ask(&self, world: &World, access: &str, configuration: &str) -> Answer {
        let proof = key_proof(&fresh_key(), &c_nonce(world).await);
        self.wallet.credential(world, access, configuration, &[proof]).await
    }
}

fn access(answer: &Answer) -> String {
    answer.json()["access_token"].as_str().unwrap().to_owned()
}

fn invalid_grant() -> (u16, String) {
    (400, "invalid_grant".to_owned())
}

#[tokio::test]
async fn h13_issuer_a_second_wallet_that_has_the_card_ends_the_grant_of_the_first() {
    let world = World::citizens().await;
    let first = SignedIn::new(&world, "residence").await;
    let (old, id) = first.copy(&world).await;
    assert_eq!(first.notify(&world, &id, "credential_accepted").await.status, 204);
    world.clock.advance(60);
    let second = SignedIn::new(&world, "residence").await;
    let (new, id) = second.copy(&world).await;
    let refreshed = first.refresh(&world).await;
    assert_eq!(
        refreshed.status, 200,
        "nothing arrived yet at the second: {refreshed:?}"
    );
    assert_eq!(second.notify(&world, &id, "credential_accepted").await.status, 204);

    assert_eq!(first.refresh(&world).await.refusal(), invalid_grant());
    let answer = first.ask(&world, &access(&refreshed), "residence").await;
    assert_eq!(answer.refusal(), (401, "invalid_token".to_owned()));
    assert_eq!(crate::status::statuses(&world, &[old, new]).await, [1, 0]);
    assert_eq!(second.refresh(&world).await.status, 200);
    assert_eq!(world.count("credentials").await, 1, "it is the same card");
}

#[tokio::test]
async fn a_second_wallet_that_did_not_keep_the_card_ends_nothing() {
    let world = World::citizens().await;
    let first = SignedIn::new(&world, "residence").await;
    let (_, id) = first.copy(&world).await;
    assert_eq!(first.notify(&world, &id, "credential_accepted").await.status, 204);
    world.clock.advance(60);
    let second = SignedIn::new(&world, "residence").await;
    let (_, id) = second.copy(&world).await;
    assert_eq!(second.notify(&world, &id, "credential_failure").await.status, 204);
    assert_eq!(first.refresh(&world).await.status, 200);
}

#[tokio::test]
async fn a_first_wallet_that_is_heard_late_ends_nothing() {
    let world = World::citizens().await;
    let first = SignedIn::new(&world, "residence").await;
    let (_, late) = first.copy(&world).await;
    world.clock.advance(60);
    let second = SignedIn::new(&world, "residence").await;
    let (new, id) = second.copy(&world).await;
    assert_eq!(first.notify(&world, &late, "credential_accepted").await.status, 204);
    assert_eq!(second.refresh(&world).await.status, 200);
    assert_eq!(second.notify(&world, &id, "credential_accepted").await.status, 204);
    assert_eq!(crate::status::statuses(&world, &[new]).await, [0]);
    let again = first.notify(&world, &late, "credential_accepted").await;
    assert_eq!(again.refusal(), (401, "invalid_token".to_owned()));
}

#[tokio::test]
async fn a_second_wallet_that_only_signed_in_loses_nothing_to_the_first() {
    let world = World::citizens().await;
    let first = SignedIn::new(&world, "residence").await;
    let (_, id) = first.copy(&world).await;
    world.clock.advance(60);
    let second = SignedIn::new(&world, "residence").await;
    assert_eq!(first.notify(&world, &id, "credential_accepted").await.status, 204);
    assert_eq!(second.refresh(&world).await.status, 200);
}

/// The first wallet gets its copies again while the second waits for the person's word.
#[tokio::test]
async fn copies_that_wait_at_a_second_wallet_outlast_a_refresh_of_the_first() {
    let world = World::citizens().await;
    let mut first = SignedIn::new(&world, "residence").await;
    let (old, id) = first.copy(&world).await;
    assert_eq!(first.notify(&world, &id, "credential_accepted").await.status, 204);
    world.clock.advance(60);
    let second = SignedIn::new(&world, "residence").await;
    let (waiting, waiting_id) = second.copy(&world).await;
    world.clock.advance(60);
    first.access = access(&first.refresh(&world).await);
    let (again, id) = first.copy(&world).await;
    let copies = [old, waiting, again];
    assert_eq!(crate::status::statuses(&world, &copies).await, [0; 3], "asking again");
    assert_eq!(first.notify(&world, &id, "credential_accepted").await.status, 204);
    assert_eq!(
        crate::status::statuses(&world, &copies).await,
        [1, 0, 0],
        "and getting it"
    );

    assert_eq!(
        second.notify(&world, &waiting_id, "credential_accepted").await.status,
        204
    );
    assert_eq!(crate::status::statuses(&world, &copies).await, [1, 0, 1]);
    assert_eq!(first.refresh(&world).await.refusal(), invalid_grant());
    assert_eq!(second.refresh(&world).await.status, 200);
}

/// The second wallet asks again, and then speaks of the copies that were revoked with that.
#[tokio::test]
async fn copies_that_are_revoked_before_they_are_accepted_take_nobodys_place() {
    let world = World::citizens().await;
    let first = SignedIn::new(&world, "residence").await;
    let (kept, id) = first.copy(&world).await;
    assert_eq!(first.notify(&world, &id, "credential_accepted").await.status, 204);
    world.clock.advance(60);
    let second = SignedIn::new(&world, "residence").await;
    let (lost, lost_id) = second.copy(&world).await;
    second.copy(&world).await;

    assert_eq!(second.notify(&world, &lost_id, "credential_accepted").await.status, 204);
    assert_eq!(crate::status::statuses(&world, &[lost, kept]).await, [1, 0]);
    assert_eq!(first.refresh(&world).await.status, 200);
    assert_eq!(second.refresh(&world).await.status, 200, "it gets its copies again");
}

#[tokio::test]
async fn h11_issuer_what_the_first_wallet_has_beside_the_card_stays() {
    let world = World::citizens().await;
    let first = SignedIn::new(&world, "residence person-identification").await;
    let (_, old) = first.copy(&world).await;
    world.clock.advance(60);
    let second = SignedIn::new(&world, "residence").await;
    let (new, id) = second.copy(&world).await;
    assert_eq!(second.notify(&world, &id, "credential_accepted").await.status, 204);

    let refreshed = first.refresh(&world).await;
    assert_eq!(refreshed.status, 200, "{refreshed:?}");
    for token in [&first.access, &access(&refreshed)] {
        let answer = first.ask(&world, token, "residence").await;
        assert_eq!(answer.refusal(), (403, "insufficient_scope".to_owned()));
        let answer = first.ask(&world, token, "person-identification").await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    let late = first.notify(&world, &old, "credential_accepted").await;
    assert_eq!(late.refusal(), (401, "invalid_token".to_owned()));
    assert_eq!(crate::status::statuses(&world, &[new]).await, [0]);
}
