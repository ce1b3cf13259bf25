//! The staff of a business that was added: invited, joining, taken away.

use axum::body::Body;
use http::{Method, Request, StatusCode};
use serde_json::{Value, json};

use crate::added::{by_registrar, provisioning};
use crate::events::Events;
use crate::staff::post;
use crate::world::{GUESSES, World};

const PASSWORD: &str = "a till by the water";

/// What whoever acts for the business is told.
async fn manage(world: &World, method: Method, path: &str, body: &Value) -> (StatusCode, Value) {
    let path = format!("/api/v1/businesses/{path}");
    world.call(by_registrar(method, &path, body)).await
}

/// Invites somebody; the code.
async fn invite(world: &World, business: &str, name: &str, role: &str) -> String {
    let wanted = json!({ "name": name, "role": role });
    let (status, fresh) = manage(world, Method::POST, &format!("{business}/invitations"), &wanted).await;
    assert_eq!(status, StatusCode::CREATED, "{fresh}");
    fresh["code"].as_str().unwrap().to_owned()
}

async fn join(world: &World, business: &str, code: &str, password: &str) -> (StatusCode, Value) {
    let body = json!({ "code": code, "password": password }).to_string();
    let path = format!("/b/{business}/desk/api/v1/join");
    world.call(post(&path).body(body.into()).unwrap()).await
}

/// Signs in at the desk of a business; the cookie, where that works.
async fn sign_in(world: &World, business: &str, name: &str) -> Option<String> {
    let body = json!({ "name": name, "password": PASSWORD }).to_string();
    let path = format!("/b/{business}/desk/api/v1/sign-in");
    let response = world.send(post(&path).body(body.into()).unwrap()).await;
    let cookie = response.headers().get("set-cookie")?.to_str().unwrap();
    cookie.split(';').next().map(str::to_owned)
}

/// Somebody on the staff, signed in.
async fn member(world: &World, business: &str, name: &str, role: &str) -> String {
    let code = invite(world, business, name, role).await;
    assert_eq!(join(world, business, &code, PASSWORD).await.0, StatusCode::NO_CONTENT);
    sign_in(world, business, name).await.unwrap()
}

async fn look(world: &World, cookie: &str, path: &str) -> StatusCode {
    let request = Request::get(path).header("cookie", cookie);
    world.call(request.body(Body::empty()).unwrap()).await.0
}

async fn remove(world: &World, business: &str, name: &str) -> (StatusCode, Value) {
    manage(
        world,
        Method::DELETE,
        &format!("{business}/operators/{name}"),
        &json!({}),
    )
    .await
}

#[track_caller]
fn assert_problem(answer: &(StatusCode, Value), expected: u16, code: &str) {
    assert_eq!(
        (answer.0.as_u16(), answer.1["code"].as_str()),
        (expected, Some(code)),
        "{}",
        answer.1
    );
}

#[tokio::test]
async fn who_is_invited_picks_a_password_and_is_listed() {
    let mut world = World::with(provisioning()).await;
    world.add("one").await;
    let code = invite(&world, "one", "Till", "staff").await;
    let listed = manage(&world, Method::GET, "one/operators", &json!({})).await.1;
    assert_eq!(listed["operators"], json!([]));
    assert_eq!(listed["invitations"][0]["name"], "till");
    assert!(!listed.to_string().contains(&code), "it is told once");
    assert_problem(&join(&world, "one", &code, "too short").await, 422, "password_refused");
    let typed = code.to_lowercase().replace('-', " ");
    assert_eq!(join(&world, "one", &typed, PASSWORD).await.0, StatusCode::NO_CONTENT);
    let cookie = sign_in(&world, "one", "till").await.unwrap();
    assert_eq!(look(&world, &cookie, "/b/one/desk/api/v1/checks").await, StatusCode::OK);
    assert_eq!(
        look(&world, &cookie, "/b/one/desk/api/v1/today").await,
        StatusCode::FORBIDDEN,
        "staff sees no more than staff does"
    );
    let listed = manage(&world, Method::GET, "one/operators", &json!({})).await.1;
    assert_eq!(
        listed,
        json!({ "operators": [{ "name": "till", "role": "staff" }], "invitations": [] })
    );
}

#[tokio::test]
async fn g3_verifier_an_invitation_is_used_once_at_its_own_business_and_in_time() {
    let mut world = World::with(provisioning()).await;
    for id in ["one", "two"] {
        world.add(id).await;
    }
    let code = invite(&world, "one", "till", "owner").await;
    for business in ["two", "main", "nobody"] {
        assert_problem(&join(&world, business, &code, PASSWORD).await, 401, "wrong_code");
    }
    assert!(sign_in(&world, "two", "till").await.is_none());
    assert_eq!(join(&world, "one", &code, PASSWORD).await.0, StatusCode::NO_CONTENT);
    assert_problem(&join(&world, "one", &code, PASSWORD).await, 401, "wrong_code");
    // One that was taken back, and one that is over.
    let back = invite(&world, "one", "ben", "staff").await;
    let listed = manage(&world, Method::GET, "one/operators", &json!({})).await.1;
    let id = listed["invitations"][0]["id"].as_str().unwrap();
    let withdraw = |business: &str| format!("{business}/invitations/{id}");
    let refused = manage(&world, Method::DELETE, &withdraw("two"), &json!({})).await;
    assert_problem(&refused, 404, "not_found");
    let withdrawn = manage(&world, Method::DELETE, &withdraw("one"), &json!({})).await;
    assert_eq!(withdrawn.0, StatusCode::NO_CONTENT);
    assert_problem(&join(&world, "one", &back, PASSWORD).await, 401, "wrong_code");
    let late = invite(&world, "one", "cyd", "staff").await;
    world.clock.advance(14 * 86_400);
    assert_problem(&join(&world, "one", &late, PASSWORD).await, 401, "wrong_code");
    let listed = manage(&world, Method::GET, "one/operators", &json!({})).await.1;
    assert_eq!(
        listed,
        json!({ "operators": [{ "name": "till", "role": "owner" }], "invitations": [] })
    );
}

#[tokio::test]
async fn g3_verifier_codes_of_invitations_are_guessed_so_often() {
    let mut world = World::with(provisioning()).await;
    world.add("one").await;
    for _ in 0..GUESSES {
        assert_problem(
            &join(&world, "one", "AAAA-AAAA-AAAA-AAAA", PASSWORD).await,
            401,
            "wrong_code",
        );
    }
    let refused = join(&world, "one", "AAAA-AAAA-AAAA-AAAA", PASSWORD).await;
    assert_problem(&refused, 429, "too_many_attempts");
    // Whoever has the code is heard whatever others tried.
    let code = invite(&world, "one", "till", "staff").await;
    assert_eq!(join(&world, "one", &code, PASSWORD).await.0, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn h17_verifier_the_last_one_and_the_last_owner_stay() {
    let mut world = World::with(provisioning()).await;
    world.add("one").await;
    member(&world, "one", "till", "staff").await;
    assert_problem(&remove(&world, "one", "till").await, 409, "last_operator");
    member(&world, "one", "ada", "owner").await;
    let ada = sign_in(&world, "one", "ada").await.unwrap();
    assert_problem(&remove(&world, "one", "ada").await, 409, "last_operator");
    assert_eq!(look(&world, &ada, "/b/one/desk/api/v1/today").await, StatusCode::OK);
    member(&world, "one", "ben", "owner").await;
    assert_eq!(remove(&world, "one", "ada").await.0, StatusCode::NO_CONTENT);
    assert_eq!(remove(&world, "one", "till").await.0, StatusCode::NO_CONTENT);
    assert_problem(&remove(&world, "one", "ben").await, 409, "last_operator");
    assert_problem(&remove(&world, "one", "ada").await, 404, "not_found");
}

#[tokio::test]
async fn h17_verifier_who_is_taken_off_the_staff_is_out_at_once() {
    let mut world = World::with(provisioning()).await;
    world.add("one").await;
    member(&world, "one", "ada", "owner").await;
    let till = member(&world, "one", "till", "staff").await;
    let open = post("/b/one/desk/api/v1/checks/adult/sessions")
        .header("cookie", &till)
        .header("idempotency-key", "0123456789abcdef0");
    let opened = world.call(open.body("{}".into()).unwrap()).await.1;
    let id = opened["id"].as_str().unwrap().to_owned();
    let events = format!("/b/one/desk/api/v1/sessions/{id}/events");
    let watch = Request::get(&events).header("cookie", &till);
    let mut events = Events::of(&world, watch.body(Body::empty()).unwrap()).await;
    assert_eq!(events.next().await.unwrap()["state"], "open");
    assert_eq!(remove(&world, "one", "till").await.0, StatusCode::NO_CONTENT);
    assert_eq!(
        look(&world, &till, "/b/one/desk/api/v1/checks").await,
        StatusCode::UNAUTHORIZED
    );
    assert!(sign_in(&world, "one", "till").await.is_none());
    // A page that was left open is told nothing of what comes after.
    let request = crate::wallet::request_path(&opened);
    world.send(Request::get(request).body(Body::empty()).unwrap()).await;
    assert_eq!(events.next().await, None);
    // Who joins by the same name later does not go on where the other was.
    member(&world, "one", "till", "staff").await;
    assert_eq!(
        look(&world, &till, "/b/one/desk/api/v1/checks").await,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn a_name_is_on_the_staff_once_and_roles_are_those_of_the_desk() {
    let mut world = World::with(provisioning()).await;
    world.add("one").await;
    let before = invite(&world, "one", "till", "staff").await;
    let again = invite(&world, "one", "till", "owner").await;
    assert_eq!(join(&world, "one", &before, PASSWORD).await.0, StatusCode::NO_CONTENT);
    assert_problem(&join(&world, "one", &again, PASSWORD).await, 409, "operator_exists");
    for (name, role, expected, code) in [
        ("till", "staff", 409, "operator_exists"),
        ("ben", "clerk", 400, "malformed"),
        ("a/b", "staff", 400, "malformed"),
        ("", "staff", 400, "malformed"),
    ] {
        let wanted = json!({ "name": name, "role": role });
        let refused = manage(&world, Method::POST, "one/invitations", &wanted).await;
        assert_problem(&refused, expected, code);
    }
}

#[tokio::test]
async fn an_invitation_that_is_asked_for_twice_is_one() {
    let mut world = World::with(provisioning()).await;
    world.add("one").await;
    let wanted = json!({ "name": "till", "role": "staff" });
    let ask = async || {
        let mut request = by_registrar(Method::POST, "/api/v1/businesses/one/invitations", &wanted);
        let key = "0123456789abcdef0".parse().unwrap();
        request.headers_mut().insert("idempotency-key", key);
        world.call(request).await.1["code"].clone()
    };
    assert_eq!(ask().await, ask().await);
    let listed = manage(&world, Method::GET, "one/operators", &json!({})).await.1;
    assert_eq!(listed["invitations"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_staff_of_the_business_of_the_configuration_is_not_managed_from_outside() {
    let world = World::with(provisioning()).await;
    for (method, path) in [(Method::GET, "main/operators"), (Method::DELETE, "main/operators/ada")] {
        let refused = manage(&world, method, path, &json!({})).await;
        assert_problem(&refused, 404, "not_found");
    }
}
