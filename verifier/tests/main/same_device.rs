//! A check on the device that the wallet is on. OpenID4VP 1.0 §14.2

use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::{Value, json};
use url::Url;

use crate::world::{TOKEN, World};

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
    assert!(cookie.starts_with("__Host-"), "from no other host: {cookie}");
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

/// The browser comes back; gives where it is sent on to.
async fn back(world: &World, browser: &Browser, url: &Url) -> Result<Url, StatusCode> {
    let address = format!("{}?{}", url.path(), url.query().unwrap_or_default());
    let request = Request::get(address)
        .header("cookie", &browser.cookie)
        .body(Body::empty())
        .unwrap();
    let response = world.send(request).await;
    if response.status() != StatusCode::SEE_OTHER {
        return Err(response.status());
    }
    assert_eq!(response.headers()["cache-control"], "no-store");
    assert_eq!(response.headers()["referrer-policy"], "no-referrer");
    Ok(response.headers()["location"].to_str().unwrap().parse().unwrap())
}

/// What the business is told when it brings this code, or none.
async fn collect(world: &World, opened: &Value, code: Option<&str>) -> Value {
    let mut address = format!("/api/v1/sessions/{}", opened["id"].as_str().unwrap());
    if let Some(code) = code {
        address.push_str(&format!("?response_code={code}"));
    }
    let request = Request::get(address)
        .header("authorization", format!("Bearer {TOKEN}"))
        .body(Body::empty())
        .unwrap();
    let (status, outcome) = world.call(request).await;
    assert_eq!(status, StatusCode::OK);
    outcome
}

fn code_in(url: &Url) -> String {
    let code = url.query_pairs().find(|(name, _)| name == "response_code");
    code.unwrap().1.into_owned()
}

fn waits(opened: &Value) -> Value {
    json!({ "id": opened["id"], "state": "scanned" })
}

#[track_caller]
fn assert_mismatch(outcome: &Value) {
    assert_eq!(
        (&outcome["verdict"], &outcome["reason"]),
        (&json!("could_not_check"), &json!("session_mismatch"))
    );
    assert_eq!(outcome.get("claims"), None);
}

#[tokio::test]
async fn the_browser_that_asked_brings_the_outcome() {
    let world = World::new().await;
    let opened = world.open_with("contact", json!({ "flow": "same_device" })).await;
    let browser = start(&world, &opened).await;
    let url = answer(&world, &opened).await;
    assert_eq!(world.outcome(&opened).await, waits(&opened));
    let page = back(&world, &browser, &url).await.unwrap();
    assert_eq!((page.host_str(), page.path()), (Some("shop.example"), "/thanks"));
    assert_eq!(world.outcome(&opened).await, waits(&opened), "not without the code");
    let code = code_in(&page);
    assert_eq!(collect(&world, &opened, Some(&code)).await["verdict"], "yes");
    assert_eq!(world.outcome(&opened).await["verdict"], "yes", "and again");
    assert!(code.len() >= 43, "256 bits");
}

#[tokio::test]
async fn a_restart_does_not_hide_that_a_wallet_has_the_request() {
    let mut world = World::new().await;
    let opened = world.open_with("contact", json!({ "flow": "same_device" })).await;
    world.request(&opened).await;
    world.restart().await;
    let url: Url = opened["start_url"].as_str().unwrap().parse().unwrap();
    let response = world.send(Request::get(url.path()).body(Body::empty()).unwrap()).await;
    assert_eq!(response.status(), StatusCode::CONFLICT, "no browser is bound any more");
}

#[tokio::test]
async fn g2_verifier_other_browser_or_wrong_code() {
    for spoil in ["browser", "no browser", "code", "no code"] {
        let world = World::new().await;
        let opened = world.open_with("contact", json!({ "flow": "same_device" })).await;
        let mut browser = start(&world, &opened).await;
        let mut url = answer(&world, &opened).await;
        match spoil {
            "browser" => browser.cookie = "holdfast_other=1".to_owned(),
            "no browser" => browser.cookie = String::new(),
            "code" => url.set_query(Some("response_code=wrong")),
            _ => url.set_query(None),
        }
        assert_eq!(
            back(&world, &browser, &url).await,
            Err(StatusCode::FORBIDDEN),
            "{spoil}"
        );
        assert_mismatch(&world.outcome(&opened).await);
    }
}

#[tokio::test]
async fn g2_verifier_the_business_brings_another_code() {
    let world = World::new().await;
    let opened = world.open_with("contact", json!({ "flow": "same_device" })).await;
    let browser = start(&world, &opened).await;
    let url = answer(&world, &opened).await;
    back(&world, &browser, &url).await.unwrap();
    assert_mismatch(&collect(&world, &opened, Some("wrong")).await);
    assert_mismatch(&collect(&world, &opened, Some(&code_in(&url))).await);
}

/// The code alone, taken from the wallet, is not enough: the browser that asked
/// has to have come back.
#[tokio::test]
async fn g2_verifier_a_code_that_no_browser_brought() {
    let world = World::new().await;
    let opened = world.open_with("contact", json!({ "flow": "same_device" })).await;
    start(&world, &opened).await;
    let url = answer(&world, &opened).await;
    assert_mismatch(&collect(&world, &opened, Some(&code_in(&url))).await);
}

#[tokio::test]
async fn g2_verifier_before_an_answer_a_code_changes_nothing() {
    let world = World::new().await;
    let opened = world.open_with("contact", json!({ "flow": "same_device" })).await;
    let browser = start(&world, &opened).await;
    let early = collect(&world, &opened, Some("early")).await;
    assert_eq!(early, json!({ "id": opened["id"], "state": "open" }));
    let url = answer(&world, &opened).await;
    let page = back(&world, &browser, &url).await.unwrap();
    assert_eq!(collect(&world, &opened, Some(&code_in(&page))).await["verdict"], "yes");
}

#[tokio::test]
async fn a_refusal_comes_back_the_same_way() {
    let world = World::new().await;
    let opened = world.open_with("contact", json!({ "flow": "same_device" })).await;
    let browser = start(&world, &opened).await;
    let (target, body) = world.request(&opened).await.refuse();
    let (status, reply) = world.post(target.path(), body.as_str()).await;
    assert_eq!(status, StatusCode::OK);
    let url: Url = reply["redirect_uri"].as_str().unwrap().parse().unwrap();
    let page = back(&world, &browser, &url).await.unwrap();
    let outcome = collect(&world, &opened, Some(&code_in(&page))).await;
    assert_eq!(
        (&outcome["state"], &outcome["reason"]),
        (&json!("refused"), &json!("refused"))
    );
}

#[tokio::test]
async fn without_a_page_to_come_back_to_there_is_no_same_device() {
    let world = World::new().await;
    let request = Request::post("/api/v1/checks/adult/sessions")
        .header("authorization", format!("Bearer {TOKEN}"))
        .body(Body::from(json!({ "flow": "same_device" }).to_string()))
        .unwrap();
    let (status, problem) = world.call(request).await;
    assert_eq!(
        (status, &problem["code"]),
        (StatusCode::CONFLICT, &json!("no_return_url"))
    );
}

#[tokio::test]
async fn across_devices_a_code_means_nothing() {
    let world = World::new().await;
    let opened = world.open("contact").await;
    let request = world.request(&opened).await;
    let shown = world.show(&world.person(3), &["given_name", "family_name"], &request);
    let (status, reply) = world.respond(request, &[("person", shown)]).await;
    assert_eq!((status, reply.get("redirect_uri")), (StatusCode::OK, None));
    assert_eq!(collect(&world, &opened, Some("any")).await["verdict"], "yes");
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
