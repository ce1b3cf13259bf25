//! Cards that an officer has to approve. OpenID4VCI 1.0 §9

use jose::jwe::{self, ContentEncryption, UnverifiedJwe};
use jose::{PrivateJwk, PublicJwk, Signer};
use serde_json::{Value, json};

use crate::log::Log;
use crate::wallet::{Wallet, c_nonce, fresh_key, key_proof};
use crate::world::{Answer, World};

/// An offer that has to be approved, and a wallet that waits for it.
struct Waiting {
    world: World,
    wallet: Wallet,
    offer: String,
    token: String,
    keys: Vec<PublicJwk>,
    transaction: String,
}

async fn offered(world: &World, wallet: &Wallet) -> (String, String) {
    let wanted = json!({ "credential_type": "residence", "subject": "SYN-000001", "approval": true, "form": "value" });
    let made = world.api("POST", "/api/v1/offers", wanted).await;
    assert_eq!(made.status, 201, "{made:?}");
    let made = made.json();
    let link = oid4vci::OfferLink::parse(made["offer_uri"].as_str().unwrap(), oid4vci::Transport::LoopbackHttp);
    let Ok(oid4vci::OfferLink::ByValue(offer)) = link else {
        panic!("{made}")
    };
    let code = offer.grants.pre_authorized_code.unwrap().pre_authorized_code;
    let answer = wallet.token(world, &code, None).await.json();
    assert_eq!(
        answer["expires_in"], 2_592_000,
        "the token lasts as long as the wallet may wait"
    );
    let token = answer["access_token"].as_str().unwrap().to_owned();
    (made["id"].as_str().unwrap().to_owned(), token)
}

async fn asked(world: &World, wallet: &Wallet, token: &str, keys: &[&dyn Signer]) -> Answer {
    let nonce = c_nonce(world).await;
    let issuer = oid4vci::Identifier::parse(crate::world::PUBLIC_URL, oid4vci::Transport::LoopbackHttp).unwrap();
    let proofs: Vec<String> = keys
        .iter()
        .map(|key| oid4vci::make_key_proof(&issuer, Some(&nonce), *key, crate::world::NOW).unwrap())
        .collect();
    wallet.credential(world, token, "residence", &proofs).await
}

impl Waiting {
    async fn new() -> Self {
        let world = World::x5c().await;
        let wallet = Wallet::new();
        let (offer, token) = offered(&world, &wallet).await;
        let keys = [fresh_key(), fresh_key()];
        let signers: Vec<&dyn Signer> = keys.iter().map(|key| key as &dyn Signer).collect();
        let answer = asked(&world, &wallet, &token, &signers).await;
        assert_eq!(answer.status, 202, "{}", String::from_utf8_lossy(&answer.body));
        let body = answer.json();
        assert_eq!(body["interval"], 60);
        assert!(body.get("credentials").is_none() && body.get("notification_id").is_none());
        Self {
            transaction: body["transaction_id"].as_str().unwrap().to_owned(),
            keys: keys.iter().map(|key| key.public_jwk().clone()).collect(),
            world,
            wallet,
            offer,
            token,
        }
    }

    async fn ask_again(&self) -> Answer {
        self.ask_for(&self.transaction).await
    }

    async fn ask_for(&self, transaction: &str) -> Answer {
        let body = json!({ "transaction_id": transaction }).to_string();
        self.wallet.post(&self.world, "/deferred", &self.token, body).await
    }

    /// The copies of an answer, and the id to notify with.
    async fn issued(&self) -> (Vec<String>, String) {
        let answer = self.ask_again().await;
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        let body = answer.json();
        let items = body["credentials"].as_array().unwrap().iter();
        let copies = items.map(|item| item["credential"].as_str().unwrap().to_owned());
        (copies.collect(), body["notification_id"].as_str().unwrap().to_owned())
    }

    async fn notify(&self, id: &str, event: &str) -> Answer {
        let body = json!({ "notification_id": id, "event": event }).to_string();
        self.wallet.post(&self.world, "/notification", &self.token, body).await
    }

    async fn decide(&self, what: &str) -> Answer {
        self.world
            .api("POST", &format!("/api/v1/offers/{}/{what}", self.offer), Value::Null)
            .await
    }
}

fn refusal(code: &str) -> (u16, String) {
    (400, code.to_owned())
}

#[tokio::test]
async fn a_card_is_issued_once_an_officer_approved_it() {
    let mut waiting = Waiting::new().await;
    assert_eq!(
        waiting.world.offer_state(&waiting.offer).await["state"],
        "awaiting_approval"
    );
    let answer = waiting.ask_again().await;
    assert_eq!(answer.status, 202);
    assert_eq!(
        answer.json(),
        json!({ "transaction_id": waiting.transaction, "interval": 60 })
    );
    assert_eq!(waiting.world.count("copies").await, 0);

    waiting.world.restart().await;
    let decided = waiting.decide("approve").await;
    assert_eq!(
        (decided.status.as_u16(), &decided.json()["approval"]),
        (200, &json!("approved"))
    );
    let (copies, id) = waiting.issued().await;
    for (copy, key) in copies.iter().zip(&waiting.keys) {
        let copy = crate::status::payload(copy);
        assert_eq!(copy["cnf"]["jwk"], key.to_value(), "bound to the keys that were proven");
    }
    assert_eq!(waiting.world.count("copies").await, 2);
    assert_eq!(waiting.world.offer_state(&waiting.offer).await["state"], "issued");

    assert_eq!(waiting.notify(&id, "credential_accepted").await.status, 204);
    let again = waiting.ask_again().await;
    assert_eq!(
        again.refusal(),
        refusal("invalid_transaction_id"),
        "over with the delivery"
    );
    assert_eq!(waiting.world.count("deferred").await, 0);
    assert_eq!(waiting.world.count("copies").await, 2);
}

/// OpenID4VCI 1.0 §9.1: a transaction is over once the wallet has the card, not once an answer was sent.
#[tokio::test]
async fn h13_issuer_a_deferred_answer_that_was_lost_is_given_again_and_the_lost_copies_are_revoked() {
    let mut waiting = Waiting::new().await;
    waiting.decide("approve").await;
    let (lost, _) = waiting.issued().await;
    waiting.world.restart().await;
    let (kept, id) = waiting.issued().await;
    for (copy, key) in kept.iter().zip(&waiting.keys) {
        assert_eq!(crate::status::payload(copy)["cnf"]["jwk"], key.to_value());
    }
    let statuses = crate::status::statuses(&waiting.world, &[lost, kept].concat()).await;
    assert_eq!(statuses, [1, 1, 0, 0]);
    assert_eq!(waiting.world.count("credentials").await, 1);
    for _ in 0..2 {
        assert_eq!(waiting.notify(&id, "credential_accepted").await.status, 204);
    }
    assert_eq!(waiting.ask_again().await.refusal(), refusal("invalid_transaction_id"));
    assert_eq!(waiting.world.count("deferred").await, 0);
}

#[tokio::test]
async fn a_denial_is_final() {
    let waiting = Waiting::new().await;
    assert_eq!(waiting.decide("deny").await.json()["state"], "denied");
    assert_eq!(waiting.decide("deny").await.status, 200, "again is no error");
    let other = waiting.decide("approve").await;
    assert_eq!(other.refusal(), (409, "offer_decided".to_owned()));
    for _ in 0..2 {
        assert_eq!(
            waiting.ask_again().await.refusal(),
            refusal("credential_request_denied")
        );
    }
    let answer = asked(&waiting.world, &waiting.wallet, &waiting.token, &[&fresh_key()]).await;
    assert_eq!(answer.refusal(), refusal("credential_request_denied"));
    assert_eq!(waiting.world.count("copies").await, 0);
}

#[tokio::test]
async fn what_was_approved_before_anybody_asked_is_issued_at_once() {
    let world = World::x5c().await;
    let wallet = Wallet::new();
    let (offer, token) = offered(&world, &wallet).await;
    assert_eq!(
        world.offer_state(&offer).await,
        json!({ "state": "redeemed", "approval": "waiting" })
    );
    let answer = world
        .api("POST", &format!("/api/v1/offers/{offer}/approve"), Value::Null)
        .await;
    assert_eq!(answer.status, 200);
    assert_eq!(asked(&world, &wallet, &token, &[&fresh_key()]).await.status, 200);
}

#[tokio::test]
async fn transactions_that_are_none() {
    let waiting = Waiting::new().await;
    assert_eq!(
        waiting.ask_for("made up").await.refusal(),
        refusal("invalid_transaction_id")
    );
    let missing = waiting
        .wallet
        .post(&waiting.world, "/deferred", &waiting.token, "{}")
        .await;
    assert_eq!(missing.refusal(), refusal("invalid_credential_request"));
    let stranger = Wallet::new();
    let foreign = stranger.access_token(&waiting.world, "residence", "SYN-000002").await;
    let body = json!({ "transaction_id": waiting.transaction }).to_string();
    let answer = stranger.post(&waiting.world, "/deferred", &foreign, body.clone()).await;
    assert_eq!(answer.refusal(), refusal("invalid_transaction_id"), "of another offer");
    let stolen = stranger.post(&waiting.world, "/deferred", &waiting.token, body).await;
    assert_eq!(
        stolen.refusal(),
        (401, "invalid_token".to_owned()),
        "without the key of the token"
    );
    waiting.decide("approve").await;
    assert_eq!(waiting.ask_again().await.status, 200, "still waiting");
}

#[tokio::test]
async fn a_wallet_that_asks_again_from_the_start_waits_once() {
    let waiting = Waiting::new().await;
    let again = asked(&waiting.world, &waiting.wallet, &waiting.token, &[&fresh_key()]).await;
    let transaction = again.json()["transaction_id"].as_str().unwrap().to_owned();
    assert_ne!(transaction, waiting.transaction);
    assert_eq!(waiting.world.count("deferred").await, 1);
    assert_eq!(waiting.ask_again().await.refusal(), refusal("invalid_transaction_id"));
    waiting.decide("approve").await;
    assert_eq!(
        waiting.ask_for(&transaction).await.json()["credentials"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn nobody_waits_for_ever() {
    let waiting = Waiting::new().await;
    waiting.world.clock.advance(2_592_000);
    waiting.world.app.forget().await.unwrap();
    assert_eq!(waiting.world.count("deferred").await, 0);
    let answer = waiting.ask_again().await;
    assert_eq!(answer.refusal(), (401, "invalid_token".to_owned()));
}

#[tokio::test]
async fn many_requests_at_once_get_one_card() {
    let waiting = Waiting::new().await;
    waiting.decide("approve").await;
    let answers = futures_util::future::join_all((0..20).map(|_| waiting.ask_again())).await;
    let issued = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(issued, 5, "an answer may be lost that often in a day");
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        assert_eq!(answer.refusal(), refusal("credential_request_denied"));
    }
    assert_eq!(waiting.world.count("credentials").await, 1);
    assert_eq!(waiting.world.count("copies WHERE status = 0").await, 2);
}

#[tokio::test]
async fn only_the_agencys_systems_decide_and_only_where_it_is_asked_for() {
    let world = World::x5c().await;
    let (offer, _, _) = world.offer("residence", "SYN-000001", false).await;
    let request = http::Request::post(format!("/api/v1/offers/{offer}/approve"));
    let answer = world.send(request.body(axum::body::Body::empty()).unwrap()).await;
    assert_eq!(answer.status, 401);
    let answer = world
        .api("POST", &format!("/api/v1/offers/{offer}/approve"), Value::Null)
        .await;
    assert_eq!(answer.refusal(), (409, "no_approval_needed".to_owned()));
    let answer = world.api("POST", "/api/v1/offers/none/deny", Value::Null).await;
    assert_eq!(answer.status, 404);
}

#[tokio::test]
async fn a_type_may_always_need_an_approval() {
    let world = World::x5c_with("approval = [\"driving-licence\"]").await;
    let (offer, _, _) = world.offer("driving-licence", "SYN-000001", false).await;
    assert_eq!(world.offer_state(&offer).await["approval"], "waiting");
    let (offer, _, _) = world.offer("residence", "SYN-000001", false).await;
    assert!(world.offer_state(&offer).await.get("approval").is_none());
}

/// OpenID4VCI 1.0 §9.1: the key of the deferred request counts, not that of the first one.
#[tokio::test]
async fn the_answer_is_encrypted_to_the_key_of_the_request_it_answers() {
    let waiting = Waiting::new().await;
    waiting.decide("approve").await;
    let metadata = waiting.world.get("/.well-known/openid-credential-issuer").await.json();
    let recipient = PublicJwk::parse(&metadata["credential_request_encryption"]["jwks"]["keys"][0]).unwrap();
    let key = PrivateJwk::generate_p256(&mut service::random::fill);
    let jwk = key.public().clone().for_encryption().unwrap().to_value();
    let body = json!({
        "transaction_id": waiting.transaction,
        "credential_response_encryption": { "jwk": jwk, "enc": "A256GCM" },
    });
    let plain = waiting
        .wallet
        .post(&waiting.world, "/deferred", &waiting.token, body.to_string())
        .await;
    assert_eq!(plain.refusal(), refusal("invalid_encryption_parameters"));
    let enc = ContentEncryption::A128Gcm;
    let sealed = jwe::encrypt(body.to_string().as_bytes(), &recipient, enc, None, None).unwrap();
    let media_type = "application/jwt";
    let answer = waiting
        .wallet
        .post_as(&waiting.world, "/deferred", &waiting.token, media_type, sealed)
        .await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("content-type")),
        (200, Some(media_type))
    );
    let opened = UnverifiedJwe::parse(std::str::from_utf8(&answer.body).unwrap()).unwrap();
    let opened: Value = serde_json::from_slice(&opened.decrypt(&key, &[ContentEncryption::A256Gcm]).unwrap()).unwrap();
    assert_eq!(opened["credentials"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn h7_issuer_a_nonce_is_spent_when_a_card_is_deferred() {
    let world = World::x5c().await;
    let wallet = Wallet::new();
    let (_, token) = offered(&world, &wallet).await;
    let nonce = c_nonce(&world).await;
    let ask = async || {
        wallet
            .credential(&world, &token, "residence", &[key_proof(&fresh_key(), &nonce)])
            .await
    };
    assert_eq!(ask().await.status, 202);
    assert_eq!(ask().await.refusal(), refusal("invalid_nonce"));
}

#[tokio::test]
async fn a_decision_leaves_a_trace_without_the_person() {
    let log = Log::listen();
    for (what, decision) in [("approve", "approved"), ("deny", "denied")] {
        let waiting = Waiting::new().await;
        waiting.decide(what).await;
        waiting.decide(what).await;
        let lines = log.about(&waiting.offer);
        let lines: Vec<_> = lines.iter().filter(|line| line.contains(decision)).collect();
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(!lines[0].contains("SYN-"), "{lines:?}");
    }
}
