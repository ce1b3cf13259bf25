//! Cards that their issuer needs time for. OpenID4VCI 1.0 §9; catalogue I4

use crate::world::{CredentialEndpoint, Issuer, METADATA, NOW, World};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use wallet::{Collected, IssuanceError, Outcome};
use wiremock::{Request, Respond, ResponseTemplate};

/// A credential endpoint that defers, and a deferred one that delivers once it is told to.
struct Later {
    world: World,
    delivers: Arc<AtomicUsize>,
}

/// What the wallet asked first, so that the deferred endpoint can issue to its keys.
struct Deferring {
    requests: Arc<std::sync::Mutex<Vec<Request>>>,
}

impl Respond for Deferring {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let mut requests = self.requests.lock().expect("lock");
        requests.push(request.clone());
        let body = json!({ "transaction_id": format!("t{}", requests.len() - 1), "interval": 60 });
        ResponseTemplate::new(202).set_body_json(body)
    }
}

/// Delivers the first `delivers` transactions, and lets the rest wait.
struct Deferred {
    requests: Arc<std::sync::Mutex<Vec<Request>>>,
    delivers: Arc<AtomicUsize>,
    endpoint: CredentialEndpoint,
}

impl Respond for Deferred {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let body: Value = serde_json::from_slice(&request.body).expect("json");
        let transaction = body["transaction_id"].as_str().expect("transaction");
        let number: usize = transaction.trim_start_matches('t').parse().expect("number");
        if number >= self.delivers.load(Ordering::SeqCst) {
            let body = json!({ "transaction_id": transaction, "interval": 100 });
            return ResponseTemplate::new(202).set_body_json(body);
        }
        self.endpoint.respond(&self.requests.lock().expect("lock")[number])
    }
}

/// Accepts a card that its issuer needs a minute for, and is asked for again at this path. How many of its batches are
/// ready then.
pub(crate) async fn defer(world: &World, issuer: &Issuer, at: &str) -> Arc<AtomicUsize> {
    issuer.mount(world).await;
    let mut metadata = issuer.metadata();
    metadata["deferred_credential_endpoint"] = format!("{}{at}", issuer.url).into();
    let answer = ResponseTemplate::new(200).set_body_json(metadata);
    world.answer(METADATA, answer).await;
    let (requests, delivers) = (Arc::default(), Arc::new(AtomicUsize::new(0)));
    let deferring = Deferring {
        requests: Arc::clone(&requests),
    };
    world.answer_by("/credential", deferring).await;
    let deferred = Deferred {
        requests,
        delivers: Arc::clone(&delivers),
        endpoint: issuer.endpoint(),
    };
    world.answer_by(at, deferred).await;
    let error = world.accept(&issuer.offer()).await.expect_err("not yet");
    assert!(matches!(error, IssuanceError::Deferred { interval: 60 }), "{error:?}");
    assert_eq!(error.code(), "issuance_deferred");
    delivers
}

impl Later {
    async fn new() -> Self {
        let world = World::new().await;
        let issuer = Issuer::of(&world, "person-identification");
        let delivers = defer(&world, &issuer, "/deferred").await;
        Self { world, delivers }
    }

    fn deliver(&self, batches: usize) {
        self.delivers.store(batches, Ordering::SeqCst);
    }

    async fn collect(&self) -> Collected {
        let mut collected = self.world.wallet.collect_waiting().await.expect("asked");
        assert_eq!(collected.len(), 1);
        collected.remove(0).1
    }

    async fn asked(&self) -> usize {
        self.world.sent("POST", "/deferred").await.len()
    }
}

#[tokio::test]
async fn i4_wallet_a_deferred_card_is_asked_for_when_the_issuer_said_and_comes_once() {
    let later = Later::new().await;
    let world = &later.world;
    let waiting = world.wallet.waiting_cards().expect("waiting");
    assert_eq!((waiting.len(), waiting[0].ask_again_at), (1, NOW + 60));
    assert_eq!(waiting[0].titles[0].text("en"), "Test card");
    assert!(world.wallet.cards().expect("cards").is_empty(), "they count as nothing");
    assert!(matches!(later.collect().await, Collected::Waiting { ask_again_at } if ask_again_at == NOW + 60));
    assert_eq!(later.asked().await, 0, "nobody is asked earlier than he said");
    world.clock.advance(60);
    assert!(matches!(later.collect().await, Collected::Waiting { ask_again_at } if ask_again_at == NOW + 160));
    assert_eq!(later.asked().await, 2);

    // One batch of two is ready: it is kept, and not asked for again.
    later.deliver(1);
    world.clock.advance(100);
    assert!(matches!(later.collect().await, Collected::Waiting { .. }));
    assert_eq!(later.asked().await, 4);
    let world = later.world.killed();
    let later = Later {
        world,
        delivers: later.delivers,
    };
    later.deliver(2);
    later.world.clock.advance(100);
    let Collected::Arrived(arrival) = later.collect().await else {
        panic!("arrived")
    };
    assert_eq!(later.asked().await, 5, "what came is not asked for again");
    let world = &later.world;
    let card = &arrival.cards[0];
    assert_eq!((card.unused.online, card.unused.offline), (3, 3));
    assert!(world.wallet.waiting_cards().expect("waiting").is_empty());
    assert!(world.wallet.collect_waiting().await.expect("asked").is_empty());
    world.wallet.keep_cards(&arrival.id).await.expect("kept");
    assert_eq!(world.wallet.cards().expect("cards").len(), 1, "never twice");
    assert_eq!(world.notified().await, ["credential_accepted", "credential_accepted"]);

    // What its copies are got again with waited, too. Where the issuer needs time, the card stays as it is.
    let error = world.wallet.refresh_card(card.id.as_str()).await.expect_err("not yet");
    assert!(matches!(error, IssuanceError::Busy(_)), "{error:?}");
    assert!(world.wallet.waiting_cards().expect("waiting").is_empty());
    assert_eq!(world.wallet.vault().holder_keys().expect("keys"), 6);
}

#[tokio::test]
async fn i4_wallet_two_who_ask_at_once_get_the_card_once() {
    let later = Later::new().await;
    later.deliver(2);
    later.world.clock.advance(60);
    let wallet = &later.world.wallet;
    let (first, second) = tokio::join!(wallet.collect_waiting(), wallet.collect_waiting());
    let came = [first.expect("asked"), second.expect("asked")].concat();
    assert!(matches!(came.as_slice(), [(_, Collected::Arrived(_))]), "{came:?}");
    assert_eq!(later.asked().await, 2, "each batch is asked for once");
}

#[tokio::test]
async fn a_damaged_record_keeps_no_other_waiting() {
    let later = Later::new().await;
    let wallet = &later.world.wallet;
    let damaged = "INSERT INTO waiting (id, since, ask_again_at, body) VALUES ('damaged', 0, 0, '{}')";
    wallet.vault().dangerous_execute(damaged).expect("written");
    assert_eq!(wallet.waiting_cards().expect("waiting").len(), 1);
    later.deliver(2);
    later.world.clock.advance(60);
    assert!(matches!(later.collect().await, Collected::Arrived(_)));
}

#[tokio::test]
async fn i4_wallet_a_denial_ends_the_waiting() {
    let later = Later::new().await;
    let world = &later.world;
    let denied = ResponseTemplate::new(400).set_body_json(json!({ "error": "credential_request_denied" }));
    world.answer("/deferred", denied).await;
    world.clock.advance(60);
    assert!(matches!(
        later.collect().await,
        Collected::Over {
            code: "credential_request_denied"
        }
    ));
    assert!(world.wallet.waiting_cards().expect("waiting").is_empty());
    assert_eq!(world.wallet.vault().holder_keys().expect("keys"), 0);
    let history = world.wallet.history().expect("history");
    assert_eq!(history[0].record.outcome, Outcome::NotStored);
    assert_eq!(history[0].record.reason.as_deref(), Some("credential_request_denied"));
}

#[tokio::test]
async fn i4_wallet_an_issuer_that_fails_is_asked_again_later() {
    let later = Later::new().await;
    let world = &later.world;
    for status in [500, 503, 429] {
        world.answer("/deferred", ResponseTemplate::new(status)).await;
        world.clock.advance(200);
        assert!(matches!(later.collect().await, Collected::Waiting { .. }), "{status}");
    }
    assert_eq!(world.wallet.waiting_cards().expect("waiting").len(), 1);
}

#[tokio::test]
async fn i4_wallet_what_comes_late_is_checked_like_anything_else() {
    let later = Later::new().await;
    let world = &later.world;
    let answer = json!({ "credentials": [{ "credential": "no card" }], "notification_id": "n" });
    world
        .answer("/deferred", ResponseTemplate::new(200).set_body_json(answer))
        .await;
    world.clock.advance(60);
    assert!(matches!(
        later.collect().await,
        Collected::Over { code: "card_invalid" }
    ));
    assert!(world.wallet.cards().expect("cards").is_empty());
    assert_eq!(world.notified().await, ["credential_failure", "credential_failure"]);
}
