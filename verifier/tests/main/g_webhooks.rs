//! Messages to businesses: signed, at least once, and to nobody else.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Method, StatusCode};
use outbound::{Client, Policy};
use serde_json::{Value, json};
use service::Clock;
use service::webhook::{ID, SIGNATURE, TIMESTAMP, WebhookError, WebhookSecret};
use sha2::{Digest, Sha256};
use test_case::test_case;
use verifier::Deliveries;

use crate::added::{provisioning, with_token};
use crate::wallet::assert_outcome;
use crate::world::{SANDBOX, TOKEN, World};

const WEBHOOK: &str = "/api/v1/businesses/main/webhooks/till";

/// A business that takes messages, or does not.
#[derive(Clone, Default)]
struct Target(Arc<Mutex<Inbox>>);

#[derive(Default)]
struct Inbox {
    answer: Option<StatusCode>,
    /// How long it thinks about each.
    pause: Duration,
    taken: Vec<(HeaderMap, Bytes)>,
}

impl Target {
    /// Listens on a port of the machine until the test ends.
    async fn serve(&self) -> u16 {
        let router = Router::new().fallback(take).with_state(self.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move { axum::serve(listener, router).await });
        port
    }

    fn answers(&self, status: StatusCode) {
        self.0.lock().unwrap().answer = Some(status);
    }

    fn take(&self, headers: HeaderMap, body: Bytes) -> (StatusCode, Duration) {
        let mut inbox = self.0.lock().unwrap();
        inbox.taken.push((headers, body));
        (inbox.answer.unwrap_or(StatusCode::NO_CONTENT), inbox.pause)
    }

    fn taken(&self) -> Vec<(HeaderMap, Bytes)> {
        self.0.lock().unwrap().taken.clone()
    }
}

async fn take(State(target): State<Target>, headers: HeaderMap, body: Bytes) -> Response {
    let (status, pause) = target.take(headers, body);
    tokio::time::sleep(pause).await;
    // A redirect would lead to where nobody may be asked.
    (status, [("location", "http://localhost:1/elsewhere")]).into_response()
}

/// A service that tells one address, and who sends.
struct Telling {
    world: World,
    target: Target,
    deliveries: Deliveries,
    secret: WebhookSecret,
}

impl Telling {
    async fn new() -> Self {
        let world = World::with(provisioning()).await;
        let target = Target::default();
        let port = target.serve().await;
        let set = set(&world, &format!("http://till.localhost:{port}/in?key=1")).await;
        let client = Client::new(Policy::Development { ports: vec![port] }).unwrap();
        Self {
            deliveries: Deliveries::new(Arc::clone(&world.app), client),
            secret: WebhookSecret::parse(set["secret"].as_str().unwrap()).unwrap(),
            world,
            target,
        }
    }

    async fn round(&self) {
        self.deliveries.round().await.unwrap();
    }

    async fn state(&self) -> Value {
        read(&self.world).await
    }
}

async fn set(world: &World, url: &str) -> Value {
    let wanted = json!({ "url": url, "events": ["session.closed"] });
    let (status, told) = world.call(with_token(TOKEN, Method::PUT, WEBHOOK, &wanted)).await;
    assert_eq!(status, StatusCode::OK, "{told}");
    told
}

async fn read(world: &World) -> Value {
    let (status, told) = world.call(with_token(TOKEN, Method::GET, WEBHOOK, &json!({}))).await;
    assert_eq!(status, StatusCode::OK, "{told}");
    told
}

/// HMAC-SHA256 by its definition, so that the service's own is not what it is held against. RFC 2104 §2
fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let padded = |pad: u8| -> Vec<u8> {
        let mut block = [pad; 64];
        for (byte, key) in block.iter_mut().zip(key) {
            *byte ^= key;
        }
        block.to_vec()
    };
    let inner = Sha256::digest([padded(0x36), message.to_vec()].concat());
    Sha256::digest([padded(0x5c), inner.to_vec()].concat()).to_vec()
}

fn decoded(text: &str) -> Vec<u8> {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.decode(text).unwrap()
}

#[tokio::test]
async fn g8_verifier_a_message_says_what_came_of_a_session_and_nothing_of_the_card() {
    let telling = Telling::new().await;
    let world = &telling.world;
    let outcome = world
        .present("contact", "person", &world.person(3), &["given_name", "family_name"])
        .await;
    assert_outcome(&outcome, "yes", "ok");
    telling.round().await;
    let taken = telling.target.taken();
    let [(headers, body)] = &taken[..] else {
        panic!("{} messages", taken.len())
    };
    assert_eq!(headers["content-type"], "application/json");
    let told: Value = serde_json::from_slice(body).unwrap();
    let hour = world.clock.now() / 3_600 * 3_600;
    assert_eq!(
        told,
        json!({ "type": "session.closed", "data": { "session": outcome["id"], "check": "contact",
                "verdict": "yes", "reason": "ok", "hour": hour } })
    );
    telling.round().await;
    assert_eq!(telling.target.taken().len(), 1, "what was taken is not sent again");
    assert_eq!(telling.state().await["waiting"], 0);
}

/// Whoever tries an integration gets the message, and can tell it from one about a person.
#[tokio::test]
async fn a_message_about_the_sandbox_says_so() {
    let telling = Telling::new().await;
    let path = "/api/v1/checks/adult/sandbox";
    let wanted = json!({ "reason": "revoked" });
    let (_, tried) = telling
        .world
        .call(with_token(SANDBOX, Method::POST, path, &wanted))
        .await;
    telling.round().await;
    let taken = telling.target.taken();
    let told: Value = serde_json::from_slice(&taken[0].1).unwrap();
    let data = &told["data"];
    assert_eq!(
        (&data["session"], &data["verdict"], &data["sandbox"]),
        (&tried["id"], &json!("no"), &json!(true))
    );
}

#[test_case(StatusCode::INTERNAL_SERVER_ERROR; "it fails")]
#[test_case(StatusCode::TEMPORARY_REDIRECT; "it leads elsewhere")]
#[test_case(StatusCode::NOT_FOUND; "nobody is there")]
#[tokio::test]
async fn g8_verifier_what_is_not_taken_is_sent_again_after_longer_and_longer(answer: StatusCode) {
    let mut telling = Telling::new().await;
    telling.target.answers(answer);
    telling.world.adult(&telling.world.person(3)).await;
    let mut failed = 0;
    for pause in [30, 120, 600, 3_600, 14_400, 43_200, 86_400, 86_400] {
        telling.round().await;
        failed += 1;
        assert_eq!(telling.target.taken().len(), failed);
        assert_eq!(telling.state().await["failures"], failed);
        telling.world.clock.advance(pause - 1);
        telling.round().await;
        assert_eq!(telling.target.taken().len(), failed, "too early after {pause} seconds");
        // Up to a tenth more, so that not all come back at once.
        telling.world.clock.advance(pause / 10 + 1);
    }
    telling.round().await;
    let state = telling.state().await;
    assert_eq!((&state["state"], &state["waiting"]), (&json!("disabled"), &json!(1)));
    assert_eq!(telling.world.counted("webhooks_disabled"), 1);
    telling.world.clock.advance(7 * 86_400);
    telling.round().await;
    assert_eq!(
        telling.target.taken().len(),
        failed + 1,
        "an address that was given up is left alone"
    );

    // It is the same message, and it waits for the address to be set again, also over a restart.
    let first = telling.target.taken()[0].0[ID].clone();
    assert!(telling.target.taken().iter().all(|(headers, _)| headers[ID] == first));
    telling.world.restart().await;
    telling.target.answers(StatusCode::OK);
    let port = telling.target.serve().await;
    set(&telling.world, &format!("http://till.localhost:{port}/in")).await;
    let client = Client::new(Policy::Development { ports: vec![port] }).unwrap();
    telling.deliveries = Deliveries::new(Arc::clone(&telling.world.app), client);
    telling.round().await;
    assert_eq!(telling.target.taken().last().unwrap().0[ID], first);
    let state = telling.state().await;
    assert_eq!((&state["state"], &state["waiting"]), (&json!("active"), &json!(0)));
}

#[tokio::test]
async fn g8_verifier_an_address_that_says_it_is_gone_is_given_up_at_once() {
    let telling = Telling::new().await;
    telling.target.answers(StatusCode::GONE);
    telling.world.adult(&telling.world.person(3)).await;
    telling.round().await;
    assert_eq!(telling.state().await["state"], "disabled");
}

#[tokio::test]
async fn g8_verifier_an_address_that_takes_slowly_has_a_short_turn() {
    let telling = Telling::new().await;
    for _ in 0..3 {
        telling.world.adult(&telling.world.person(3)).await;
    }
    telling.target.0.lock().unwrap().pause = Duration::from_millis(40);
    let deliveries = telling.deliveries.with_turns_of(Duration::from_millis(20));
    for sent in 1..=3 {
        deliveries.round().await.unwrap();
        assert_eq!(telling.target.taken().len(), sent);
    }
    let state = read(&telling.world).await;
    assert_eq!((&state["failures"], &state["waiting"]), (&json!(0), &json!(0)));
}

#[tokio::test]
async fn g8_verifier_an_address_with_which_something_goes_wrong_stops_no_other() {
    let telling = Telling::new().await;
    let wanted = json!({ "url": "https://broken.example/in", "events": ["session.closed"] });
    let path = "/api/v1/businesses/main/webhooks/broken";
    let set = telling.world.call(with_token(TOKEN, Method::PUT, path, &wanted)).await;
    assert_eq!(set.0, StatusCode::OK);
    telling.world.adult(&telling.world.person(3)).await;
    sqlx::query("UPDATE webhook_message SET reason = 'nonsense' WHERE webhook = 'broken'")
        .execute(telling.world.app.store.sqlite().writer())
        .await
        .unwrap();
    telling.round().await;
    assert_eq!(telling.target.taken().len(), 1);
    let (_, state) = telling
        .world
        .call(with_token(TOKEN, Method::GET, path, &json!({})))
        .await;
    assert_eq!(state["waiting"], 1, "what is broken stays");
}

#[test_case("https://10.0.0.7/in"; "a private address")]
#[test_case("https://169.254.169.254/latest/meta-data"; "the address of a cloud")]
#[test_case("https://[::1]/in"; "this machine")]
#[test_case("https://localhost/in"; "this machine by name")]
#[tokio::test]
async fn g8_verifier_nothing_is_sent_to_an_address_that_is_not_public(url: &str) {
    let world = World::new().await;
    set(&world, url).await;
    world.adult(&world.person(3)).await;
    let client = Client::new(Policy::Public).unwrap();
    Deliveries::new(Arc::clone(&world.app), client.clone())
        .round()
        .await
        .unwrap();
    assert_eq!(client.blocked_total(), 1);
    let state = read(&world).await;
    assert_eq!((&state["failures"], &state["waiting"]), (&json!(1), &json!(1)));
}

#[test_case("http://shop.example/in"; "http")]
#[test_case("https://a:b@shop.example/in"; "credentials")]
#[test_case("ftp://shop.example/in"; "another scheme")]
#[test_case("in"; "no address")]
#[tokio::test]
async fn g8_verifier_an_address_that_nothing_may_be_sent_to_is_refused(url: &str) {
    let world = World::new().await;
    let wanted = json!({ "url": url, "events": ["session.closed"] });
    let (status, problem) = world.call(with_token(TOKEN, Method::PUT, WEBHOOK, &wanted)).await;
    assert_eq!((status.as_u16(), &problem["code"]), (422, &json!("url_refused")));
    let (status, _) = world.call(with_token(TOKEN, Method::GET, WEBHOOK, &json!({}))).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn g8_verifier_nothing_is_told_of_an_outcome_that_may_not_be_told_yet() {
    let telling = Telling::new().await;
    let world = &telling.world;
    let opened = world.open_with("contact", json!({ "flow": "same_device" })).await;
    let request = world.request(&opened).await;
    let shown = world.show(&world.person(3), &["given_name", "family_name"], &request);
    assert_eq!(world.respond(request, &[("person", shown)]).await.0, StatusCode::OK);
    telling.round().await;
    assert!(telling.target.taken().is_empty());
    // Another browser than the one that asked comes back.
    let back = http::Request::get(format!("/return/{}?response_code=x", opened["id"].as_str().unwrap()));
    world.call(back.body(axum::body::Body::empty()).unwrap()).await;
    telling.round().await;
    let taken = telling.target.taken();
    let told: Value = serde_json::from_slice(&taken[0].1).unwrap();
    assert_eq!((taken.len(), &told["data"]["reason"]), (1, &json!("session_mismatch")));
}

#[tokio::test]
async fn g9_verifier_a_message_is_signed_over_its_id_its_time_and_every_byte() {
    let telling = Telling::new().await;
    telling.world.adult(&telling.world.person(3)).await;
    telling.round().await;
    let (headers, body) = telling.target.taken().remove(0);
    let text = |name: &str| headers[name].to_str().unwrap().to_owned();
    let now = telling.world.clock.now();
    assert_eq!(text(TIMESTAMP), now.to_string());
    let signed = [format!("{}.{now}.", text(ID)).as_bytes(), &body[..]].concat();
    let revealed = telling.secret.dangerous_reveal();
    let key = decoded(revealed.strip_prefix("whsec_").unwrap());
    let signature = text(SIGNATURE);
    assert_eq!(decoded(signature.strip_prefix("v1,").unwrap()), hmac(&key, &signed));
    assert_eq!(telling.secret.verify(&headers, &body, now), Ok(()));
}

#[tokio::test]
async fn g9_verifier_a_message_that_was_changed_or_is_sent_again_later_is_not_believed() {
    let telling = Telling::new().await;
    telling.world.adult(&telling.world.person(3)).await;
    telling.round().await;
    let (headers, body) = telling.target.taken().remove(0);
    let now = telling.world.clock.now();
    let verify = |headers: &HeaderMap, body: &[u8], now| telling.secret.verify(headers, body, now);
    let better = String::from_utf8(body.to_vec()).unwrap().replace("\"yes\"", "\"no\"");
    assert_eq!(verify(&headers, better.as_bytes(), now), Err(WebhookError::Signature));
    assert_eq!(verify(&headers, &body, now + 300), Ok(()));
    assert_eq!(verify(&headers, &body, now + 301), Err(WebhookError::Time));
    let mut other = headers.clone();
    other.insert(TIMESTAMP, (now + 301).into());
    assert_eq!(verify(&other, &body, now + 301), Err(WebhookError::Signature));
    let mut other = headers.clone();
    other.insert(ID, "msg_another".parse().unwrap());
    assert_eq!(verify(&other, &body, now), Err(WebhookError::Signature));
    // Whoever knows the secret of another address cannot speak for this one.
    let secret = set(&telling.world, "https://other.example/in").await;
    let secret = WebhookSecret::parse(secret["secret"].as_str().unwrap()).unwrap();
    assert_eq!(secret.verify(&headers, &body, now), Err(WebhookError::Signature));
}

#[tokio::test]
async fn a_secret_is_told_once_and_addresses_are_few() {
    let world = World::new().await;
    assert!(set(&world, "https://till.example/in").await["secret"].is_string());
    assert!(read(&world).await.get("secret").is_none());
    for number in 0..7 {
        let path = format!("/api/v1/businesses/main/webhooks/more-{number}");
        let wanted = json!({ "url": "https://till.example/in", "events": ["session.closed"] });
        assert_eq!(
            world.call(with_token(TOKEN, Method::PUT, &path, &wanted)).await.0,
            StatusCode::OK
        );
    }
    let wanted = json!({ "url": "https://till.example/in", "events": ["session.closed"] });
    let path = "/api/v1/businesses/main/webhooks/one-more";
    let (status, problem) = world.call(with_token(TOKEN, Method::PUT, path, &wanted)).await;
    assert_eq!((status.as_u16(), &problem["code"]), (409, &json!("too_many")));
    let gone = with_token(TOKEN, Method::DELETE, WEBHOOK, &json!({}));
    assert_eq!(world.call(gone).await.0, StatusCode::NO_CONTENT);
    assert_eq!(
        world.call(with_token(TOKEN, Method::PUT, path, &wanted)).await.0,
        StatusCode::OK
    );
}
