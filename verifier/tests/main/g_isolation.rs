//! No business learns what another asks, not even that there is another.

use http::{Method, StatusCode};
use serde_json::{Value, json};
use service::signin::{Operators, Password};

use crate::added::{provisioning, with_token};
use crate::staff::{Staff, post};
use crate::world::{TOKEN, World};

const PASSWORD: &str = "correct horse battery staple";

#[tokio::test]
async fn g3_verifier_a_session_of_another_business_is_as_unknown_as_none() {
    let mut world = World::with(provisioning()).await;
    let (one, two) = (world.add("one").await, world.add("two").await);
    let of_main = world.open("adult").await;
    let of_one = world.open_of(&one.token).await;
    let unknown = world.outcome_for(&two.token, &json!("AAAAAAAAAAAAAAAAAAAAAA")).await;
    assert_eq!(unknown.0, StatusCode::NOT_FOUND);
    for (token, id) in [
        (two.token.as_str(), &of_one["id"]),
        (two.token.as_str(), &of_main["id"]),
        (TOKEN, &of_one["id"]),
    ] {
        assert_eq!(world.outcome_for(token, id).await, unknown);
        let events = format!("/api/v1/sessions/{}/events", id.as_str().unwrap());
        let events = with_token(token, Method::GET, &events, &json!({}));
        assert_eq!(world.call(events).await, unknown);
        let trying = format!("/try/api/v1/sessions/{}", id.as_str().unwrap());
        assert_eq!(
            world.call(with_token(token, Method::GET, &trying, &json!({}))).await,
            unknown
        );
    }
    let path = "/api/v1/checks/contact/sessions";
    let refused = world.call(with_token(&one.token, Method::POST, path, &json!({}))).await;
    assert_eq!(refused, unknown, "a check of another business");
    let webhook = json!({ "url": "https://two.example/in", "events": ["session.closed"] });
    let path = "/api/v1/businesses/two/webhooks/a";
    let refused = world.call(with_token(&one.token, Method::PUT, path, &webhook)).await;
    assert_eq!(refused, unknown, "an address of another business");
    assert_eq!(world.outcome_for(&one.token, &of_one["id"]).await.1["state"], "open");
}

/// A quarter of the fifty that this world has.
#[tokio::test]
async fn a_business_that_opens_many_sessions_leaves_room_for_others() {
    let mut world = World::with(provisioning()).await;
    let (one, two) = (world.add("one").await, world.add("two").await);
    for _ in 0..12 {
        world.open_of(&one.token).await;
    }
    let (status, problem) = world.try_open_of(&one.token).await;
    assert_eq!(
        (status, &problem["code"]),
        (StatusCode::SERVICE_UNAVAILABLE, &json!("too_many_sessions"))
    );
    world.open_of(&two.token).await;
    for _ in 0..13 {
        world.open("adult").await;
    }
    world.clock.advance(300);
    world.open_of(&one.token).await;
}

#[tokio::test]
async fn g3_verifier_one_key_of_two_businesses_opens_two_sessions() {
    let mut world = World::with(provisioning()).await;
    let (one, two) = (world.add("one").await, world.add("two").await);
    let open = async |token: &str| {
        let mut request = with_token(token, Method::POST, "/api/v1/checks/adult/sessions", &json!({}));
        let key = "8e03978e-40d5-43dd-bc93-6894a57f9324".parse().unwrap();
        request.headers_mut().insert("idempotency-key", key);
        world.call(request).await.1["id"].clone()
    };
    let (first, again, other) = (open(&one.token).await, open(&one.token).await, open(&two.token).await);
    assert_eq!(first, again);
    assert_ne!(first, other);
    assert_ne!(open(TOKEN).await, first);
}

/// Somebody of this business signs in at its desk; gives the cookie.
async fn sign_in(world: &World, business: &str, name: &str) -> String {
    let password = Password::new(PASSWORD).unwrap();
    let operators = Operators::of_realm(world.app.store.sqlite(), business);
    operators
        .add(&name.parse().unwrap(), "owner", &password, 0)
        .await
        .unwrap();
    let body = json!({ "name": name, "password": PASSWORD }).to_string();
    let path = format!("/b/{business}/desk/api/v1/sign-in");
    let response = world.send(post(&path).body(body.into()).unwrap()).await;
    assert_eq!(response.status(), StatusCode::OK);
    let cookie = response.headers()["set-cookie"].to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

async fn get(world: &World, cookie: &str, path: &str) -> (StatusCode, Value) {
    let request = http::Request::get(path).header("cookie", cookie);
    world.call(request.body(axum::body::Body::empty()).unwrap()).await
}

#[tokio::test]
async fn g3_verifier_staff_of_one_business_are_nobody_at_the_desk_of_another() {
    let mut world = World::with(provisioning()).await;
    for id in ["one", "two"] {
        world.add(id).await;
    }
    let (one, two) = (sign_in(&world, "one", "ada").await, sign_in(&world, "two", "ada").await);
    let (status, listed) = get(&world, &one, "/b/one/desk/api/v1/checks").await;
    assert_eq!((status, &listed["checks"][0]["id"]), (StatusCode::OK, &json!("adult")));
    assert_eq!(listed["site"]["name"]["en"], "Corner Shop");
    for path in [
        "/b/two/desk/api/v1/checks",
        "/b/nobody/desk/api/v1/checks",
        "/desk/api/v1/checks",
    ] {
        assert_eq!(get(&world, &one, path).await.0, StatusCode::UNAUTHORIZED, "{path}");
    }
    let request = post("/b/one/desk/api/v1/checks/adult/sessions")
        .header("cookie", &one)
        .header("idempotency-key", "0123456789abcdef0");
    let (status, opened) = world.call(request.body("{}".into()).unwrap()).await;
    assert_eq!(status, StatusCode::OK, "{opened}");
    let of_one = format!("sessions/{}", opened["id"].as_str().unwrap());
    let own = get(&world, &one, &format!("/b/one/desk/api/v1/{of_one}")).await;
    assert_eq!(own.0, StatusCode::OK);
    // The same name in another business is somebody else.
    let other = get(&world, &two, &format!("/b/two/desk/api/v1/{of_one}")).await;
    assert_eq!(other.0, StatusCode::NOT_FOUND);
    let (_, today) = get(&world, &two, "/b/two/desk/api/v1/today").await;
    assert_eq!(today, json!({ "checks": [] }));
    // The business of the configuration has its desk at both addresses.
    let staff = Staff::sign_in(&world, "ben", "staff").await;
    assert_eq!(
        get(&world, staff.cookie(), "/b/main/desk/api/v1/checks").await.0,
        StatusCode::OK
    );
}
