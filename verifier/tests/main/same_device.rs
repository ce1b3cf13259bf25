//! A check on the device that the wallet is on. OpenID4VP 1.0 §14.2

use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::{Value, json};
use url::Url;

use crate::world::World;

struct Browser {
    cookie: String,
}

async fn start(world: &World, opened: &Value) -> Browser {
    let url: Url = opened["start_url"].as_str().unwrap().parse().unwrap();
    let response = world.send(Request::get(url.path()).body(Body::empty()).unwrap()).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(response.headers()["location"], opened["request_uri"].as_str().unwrap());
    let cookie = response.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("Secure") && cookie.contains("SameSite=Lax"));
    Browser {
        cookie: cookie.split(';').next().unwrap().to_owned(),
    }
}

/// Answers and gives the address that the wallet opens.
async fn answer(world: &World, opened: &Value) -> Url {
    let request = world.request(opened).await;
    let shown = world.show(&world.person(3), &["given_name", "family_name"], &request);
    let (status, reply) = world.respond(request, &[("person", shown)]).await;
    assert_eq!(status, StatusCode::OK);
    reply["redirect_uri"].as_str().unwrap().parse().unwrap()
}

async fn back(world: &World, browser: &Browser, url: &Url) -> StatusCode {
    let address = format!("{}?{}", url.path(), url.query().unwrap_or_default());
    let request = Request::get(address)
        .header("cookie", &browser.cookie)
        .body(Body::empty())
        .unwrap();
    world.send(request).await.status()
}

#[tokio::test]
async fn the_browser_that_asked_gets_the_outcome() {
    let world = World::new().await;
    let opened = world.open_with("contact", json!({ "flow": "same_device" })).await;
    let browser = start(&world, &opened).await;
    let url = answer(&world, &opened).await;
    assert_eq!(
        world.outcome(&opened).await,
        json!({ "id": opened["id"], "state": "scanned" })
    );
    assert_eq!(back(&world, &browser, &url).await, StatusCode::SEE_OTHER);
    assert_eq!(world.outcome(&opened).await["verdict"], "yes");
}

#[tokio::test]
async fn g2_verifier_other_browser_or_wrong_code() {
    for spoil in ["browser", "code", "no code"] {
        let world = World::new().await;
        let opened = world.open_with("contact", json!({ "flow": "same_device" })).await;
        let mut browser = start(&world, &opened).await;
        let mut url = answer(&world, &opened).await;
        match spoil {
            "browser" => browser.cookie = "holdfast_other=1".to_owned(),
            "code" => url.set_query(Some("response_code=wrong")),
            _ => url.set_query(None),
        }
        assert_eq!(back(&world, &browser, &url).await, StatusCode::FORBIDDEN);
        let outcome = world.outcome(&opened).await;
        assert_eq!(
            (&outcome["verdict"], &outcome["reason"]),
            (&json!("could_not_check"), &json!("session_mismatch"))
        );
        assert_eq!(outcome.get("claims"), None);
    }
}

#[tokio::test]
async fn only_the_first_browser_is_bound() {
    let world = World::new().await;
    let opened = world.open_with("contact", json!({ "flow": "same_device" })).await;
    start(&world, &opened).await;
    let url: Url = opened["start_url"].as_str().unwrap().parse().unwrap();
    let second = world.send(Request::get(url.path()).body(Body::empty()).unwrap()).await;
    assert_eq!(second.status(), StatusCode::CONFLICT);
}

#[tokio::test]
async fn across_devices_there_is_no_browser() {
    let world = World::new().await;
    let opened = world.open("contact").await;
    assert_eq!(opened.get("start_url"), None);
    let path = format!("/start/{}", opened["id"].as_str().unwrap());
    let response = world.send(Request::get(path).body(Body::empty()).unwrap()).await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
}
