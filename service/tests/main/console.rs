//! A console of a service through its routes: signing in, roles, sessions, requests of other sites.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::Router;
use axum::body::Body;
use axum::routing::{get, post};
use http::{HeaderMap, Request};
use serde_json::{Value, json};
use service::idempotency::{self, Idempotency};
use service::signin::{self, Operator, Operators, Password, Realm, Role, SignIn, Watcher};
use service::store::Sqlite;
use service::{ClientAddress, TestClock};
use tower::ServiceExt;

struct Clerk;
impl Role for Clerk {
    const HELD_BY: &'static [&'static str] = &["clerk", "officer"];
}

struct Officer;
impl Role for Officer {
    const HELD_BY: &'static [&'static str] = &["officer"];
}

const PASSWORD: &str = "a long enough password";

struct World {
    _folder: tempfile::TempDir,
    store: Sqlite,
    clock: Arc<TestClock>,
    routes: Router,
    done: Arc<AtomicU32>,
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let migrations = [signin::SCHEMA, idempotency::SCHEMA];
        let store = Sqlite::open(&folder.path().join("store.sqlite"), &migrations)
            .await
            .unwrap();
        let password = Password::new(PASSWORD).unwrap();
        for (name, role) in [("ada", "officer"), ("ben", "clerk")] {
            let operators = Operators::new(&store);
            operators.add(&name.parse().unwrap(), role, &password, 0).await.unwrap();
        }
        let clock = Arc::new(TestClock::at(1_000_000));
        let sign_in = SignIn::new(
            store.clone(),
            clock.clone(),
            &"http://desk.localhost:7000".parse().unwrap(),
        );
        let done = Arc::new(AtomicU32::new(0));
        let work = Arc::clone(&done);
        let act = move |_: Operator<Clerk>| {
            let number = work.fetch_add(1, Ordering::SeqCst) + 1;
            async move {
                tokio::time::sleep(std::time::Duration::from_millis(30)).await;
                axum::Json(json!({ "number": number }))
            }
        };
        let once = Idempotency::new(store.clone(), clock.clone()).once(Router::new().route("/act", post(act)));
        let routes = Router::new()
            .route(
                "/look",
                get(async |operator: Operator<Clerk>| operator.name().to_owned()),
            )
            .route("/poll", get(async |_: Watcher<Clerk>| "same"))
            .route("/end", post(async |_: Operator<Officer>| "ended"))
            .merge(once);
        Self {
            _folder: folder,
            store,
            clock,
            routes: Router::new().nest("/console", sign_in.console(routes)),
            done,
        }
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.routes.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, 10_000).await.unwrap();
        let text = String::from_utf8(body.to_vec()).unwrap();
        let json = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            json,
        }
    }

    async fn sign_in(&self, name: &str, password: &str, address: u8) -> Answer {
        let body = json!({ "name": name, "password": password }).to_string();
        let mut request = post_request("/console/sign-in", "", &body);
        let address = IpAddr::V4(Ipv4Addr::new(192, 0, 2, address));
        request.extensions_mut().insert(ClientAddress(address));
        self.send(request).await
    }

    async fn cookie(&self, name: &str) -> String {
        let answer = self.sign_in(name, PASSWORD, 1).await;
        assert_eq!(answer.status, 200, "{:?}", answer.json);
        let cookie = answer.headers["set-cookie"].to_str().unwrap();
        assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict"), "{cookie}");
        cookie.split(';').next().unwrap().to_owned()
    }

    async fn get(&self, path: &str, cookie: &str) -> Answer {
        let request = Request::get(path).header("cookie", cookie);
        self.send(request.body(Body::empty()).unwrap()).await
    }

    async fn act(&self, cookie: &str, key: &str, body: &str) -> Answer {
        let mut request = post_request("/console/act", cookie, body);
        request.headers_mut().insert("idempotency-key", key.parse().unwrap());
        self.send(request).await
    }
}

struct Answer {
    status: u16,
    headers: HeaderMap,
    json: Value,
}

impl Answer {
    fn refusal(&self) -> (u16, &str) {
        (self.status, self.json["code"].as_str().unwrap_or_default())
    }
}

fn post_request(path: &str, cookie: &str, body: &str) -> Request<Body> {
    let request = Request::post(path)
        .header("sec-fetch-site", "same-origin")
        .header("content-type", "application/json")
        .header("cookie", cookie);
    request.body(Body::from(body.to_owned())).unwrap()
}

#[tokio::test]
async fn a_role_opens_its_routes_and_no_others() {
    let world = World::new().await;
    assert_eq!(world.get("/console/look", "").await.refusal(), (401, "signed_out"));
    let ben = world.cookie("ben").await;
    let answer = world.get("/console/look", &ben).await;
    assert_eq!((answer.status, answer.json), (200, json!("ben")));
    assert_eq!(answer.headers["cache-control"], "no-store");
    let refused = world.send(post_request("/console/end", &ben, "{}")).await;
    assert_eq!(refused.refusal(), (403, "not_allowed"));
    let ada = world.cookie("Ada ").await;
    assert_eq!(world.send(post_request("/console/end", &ada, "{}")).await.status, 200);
    let me = world.get("/console/me", &ada).await.json;
    assert_eq!(
        me,
        json!({ "name": "ada", "role": "officer", "idle_seconds": 900, "ends_at": 1_000_000 + 28_800 })
    );
}

#[tokio::test]
async fn l12_another_site_changes_nothing() {
    let world = World::new().await;
    let ada = world.cookie("ada").await;
    for (header, value, status) in [
        ("sec-fetch-site", "cross-site", 403),
        ("sec-fetch-site", "same-site", 403),
        ("sec-fetch-site", "none", 403),
        ("origin", "http://evil.localhost:7000", 403),
        ("origin", "null", 403),
        ("origin", "http://desk.localhost:7000", 200),
    ] {
        let mut request = post_request("/console/end", &ada, "{}");
        request.headers_mut().remove("sec-fetch-site");
        request.headers_mut().insert(header, value.parse().unwrap());
        assert_eq!(world.send(request).await.status, status, "{header}: {value}");
    }
    let mut bare = post_request("/console/end", &ada, "{}");
    bare.headers_mut().remove("sec-fetch-site");
    assert_eq!(world.send(bare).await.refusal(), (403, "cross_site"));
    let mut form = post_request("/console/end", &ada, "a=b");
    form.headers_mut()
        .insert("content-type", "application/x-www-form-urlencoded".parse().unwrap());
    assert_eq!(world.send(form).await.refusal(), (415, "unsupported_media_type"));
}

#[tokio::test]
async fn a_session_ends_without_work_after_a_day_and_when_told() {
    let world = World::new().await;
    let idle = world.cookie("ben").await;
    world.clock.advance(14 * 60);
    assert_eq!(world.get("/console/look", &idle).await.status, 200, "work goes on");
    for _ in 0..3 {
        world.clock.advance(5 * 60);
        let polled = world.get("/console/poll", &idle).await.status;
        assert!(polled == 200 || polled == 401);
    }
    assert_eq!(
        world.get("/console/look", &idle).await.refusal(),
        (401, "signed_out"),
        "what a page asks by itself is no work"
    );

    let long = world.cookie("ben").await;
    for _ in 0..47 {
        world.clock.advance(10 * 60);
        assert_eq!(world.get("/console/look", &long).await.status, 200);
    }
    world.clock.advance(10 * 60);
    assert_eq!(world.get("/console/look", &long).await.status, 401, "eight hours");

    let out = world.cookie("ben").await;
    assert_eq!(
        world.send(post_request("/console/sign-out", &out, "{}")).await.status,
        204
    );
    assert_eq!(world.get("/console/look", &out).await.status, 401);
}

#[tokio::test]
async fn another_password_or_removal_ends_all_sessions() {
    let world = World::new().await;
    let (one, two) = (world.cookie("ben").await, world.cookie("ben").await);
    let name = "ben".parse().unwrap();
    let operators = Operators::new(&world.store);
    let other = Password::new("another long password").unwrap();
    operators.set_password(&name, &other).await.unwrap();
    assert_eq!(world.get("/console/look", &one).await.status, 401);
    assert_eq!(world.get("/console/look", &two).await.status, 401);
    let ada = world.cookie("ada").await;
    operators.remove(&"ada".parse().unwrap()).await.unwrap();
    assert_eq!(world.get("/console/look", &ada).await.status, 401);
    assert_eq!(operators.list().await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_operator_of_one_realm_is_nobody_in_another() {
    let mut world = World::new().await;
    let password = Password::new(PASSWORD).unwrap();
    let operators = Operators::of_realm(&world.store, "shop");
    operators
        .add(&"ada".parse().unwrap(), "clerk", &password, 0)
        .await
        .unwrap();
    assert_eq!(operators.list().await.unwrap().len(), 1);
    assert_eq!(Operators::new(&world.store).list().await.unwrap().len(), 2);
    let ours = world.cookie("ada").await;
    let plain = world.routes.clone();
    world.routes = plain.clone().layer(axum::Extension(Realm("shop".to_owned())));
    assert_eq!(world.get("/console/look", &ours).await.status, 401);
    assert_eq!(world.sign_in("ben", PASSWORD, 1).await.status, 401);
    let theirs = world.cookie("ada").await;
    assert_eq!(world.get("/console/look", &theirs).await.json, json!("ada"));
    world.routes = plain;
    assert_eq!(world.get("/console/look", &theirs).await.status, 401);
}

#[tokio::test]
async fn wrong_passwords_wait_whether_there_is_such_a_name_or_not() {
    let world = World::new().await;
    let mut answers = Vec::new();
    for (name, address) in [("ben", 2), ("nobody", 3)] {
        let mut seen = Vec::new();
        for _ in 0..6 {
            let answer = world.sign_in(name, "a wrong password", address).await;
            seen.push((answer.json.clone(), answer.headers.get("retry-after").cloned()));
        }
        answers.push(seen);
    }
    assert_eq!(answers[0], answers[1], "nothing tells whether the name exists");
    assert_eq!(answers[0][4].0["code"], "sign_in_failed");
    assert_eq!(answers[0][5].0["code"], "too_many_attempts");
    assert_eq!(answers[0][5].0["retry_after"], 30);
    assert_eq!(
        world.sign_in("ben", PASSWORD, 9).await.refusal(),
        (429, "too_many_attempts"),
        "from anywhere, also with the right password"
    );
    assert_eq!(world.sign_in("ada", PASSWORD, 2).await.status, 200, "others are let in");
    world.clock.advance(31);
    assert_eq!(world.sign_in("ben", PASSWORD, 9).await.status, 200);
    assert_eq!(
        world.sign_in("ben", "a wrong password", 9).await.refusal(),
        (401, "sign_in_failed"),
        "the count began anew"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_guesses_at_once_are_no_more_than_five() {
    let world = Arc::new(World::new().await);
    let guesses = (0..20).map(|number| {
        let world = Arc::clone(&world);
        tokio::spawn(async move { world.sign_in("ben", "a wrong password", number).await.status })
    });
    let mut tried = 0;
    for guess in guesses.collect::<Vec<_>>() {
        tried += u32::from(guess.await.unwrap() == 401);
    }
    assert_eq!(tried, 5);
}

#[tokio::test]
async fn an_address_waits_too() {
    let world = World::new().await;
    for number in 0..20 {
        let answer = world.sign_in(&format!("guess-{number}"), "a wrong password", 7).await;
        assert_eq!(answer.status, 401, "{number}");
    }
    assert_eq!(world.sign_in("ada", PASSWORD, 7).await.status, 429);
    assert_eq!(world.sign_in("ada", PASSWORD, 8).await.status, 200);
}

const KEY: &str = "\"8e03978e-40d5-43dd-bc93-6894a57f9324\"";

#[tokio::test]
async fn m6_a_key_has_its_effect_once() {
    let world = World::new().await;
    let ben = world.cookie("ben").await;
    let (first, second) = tokio::join!(world.act(&ben, KEY, "{}"), world.act(&ben, KEY, "{}"));
    assert_eq!((first.status, first.json), (200, json!({ "number": 1 })));
    assert_eq!((second.status, second.json), (200, json!({ "number": 1 })));
    assert_eq!(second.headers["content-type"], "application/json");
    assert_eq!(world.done.load(Ordering::SeqCst), 1);
    assert_eq!(
        world.act(&ben, KEY, "{\"other\": 1}").await.refusal(),
        (422, "idempotency_key_reused")
    );
    let ada = world.cookie("ada").await;
    assert_eq!(world.act(&ada, KEY, "{}").await.json, json!({ "number": 2 }), "her own");
    world.clock.advance(3601);
    let ben = world.cookie("ben").await;
    assert_eq!(
        world.act(&ben, KEY, "{}").await.json,
        json!({ "number": 3 }),
        "after an hour"
    );
    let bare = world.send(post_request("/console/act", &ben, "{}")).await;
    assert_eq!(bare.refusal(), (400, "idempotency_key_missing"));
}

#[tokio::test]
async fn what_is_kept_of_an_answer_cannot_be_read_without_its_key() {
    let world = World::new().await;
    let ben = world.cookie("ben").await;
    world.act(&ben, KEY, "{}").await;
    let kept: Vec<u8> = sqlx::query_scalar("SELECT answer FROM idempotency")
        .fetch_one(world.store.reader())
        .await
        .unwrap();
    assert!(!kept.windows(6).any(|part| part == b"number"));
}

#[tokio::test]
async fn a_request_that_was_refused_for_now_may_come_again() {
    let world = World::new().await;
    assert_eq!(world.act("", KEY, "{}").await.refusal(), (401, "signed_out"));
    let ben = world.cookie("ben").await;
    assert_eq!(world.act(&ben, KEY, "{}").await.json, json!({ "number": 1 }));
}
