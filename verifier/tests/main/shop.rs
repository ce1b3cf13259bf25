//! The example shop: nobody is welcome without a yes, and nobody in another's
//! place.

use axum::body::{Body, to_bytes};
use http::{Request, StatusCode};
use serde_json::{Value, json};
use url::Url;
use verifier::ShopSettings;

use crate::staff::post;
use crate::world::{Options, World};

/// A customer's browser: its cookies.
#[derive(Default, Clone)]
struct Browser {
    cookies: Vec<(String, String)>,
}

impl Browser {
    fn cookie(&self) -> String {
        let pairs: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.join("; ")
    }

    async fn call(&mut self, world: &World, mut request: Request<Body>) -> (StatusCode, Option<String>, Value) {
        request.headers_mut().insert("cookie", self.cookie().parse().unwrap());
        let response = world.send(request).await;
        for cookie in response.headers().get_all("set-cookie") {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            assert!(rest.contains("HttpOnly") && rest.contains("Secure") && rest.contains("SameSite=Lax"));
            assert_eq!(name.starts_with("__Host-"), rest.contains("Path=/;"), "{cookie:?}");
            let value = rest.split(';').next().unwrap().to_owned();
            self.cookies.retain(|(known, _)| known != name);
            self.cookies.push((name.to_owned(), value));
        }
        let location = response
            .headers()
            .get("location")
            .map(|value| value.to_str().unwrap().to_owned());
        let status = response.status();
        let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        (status, location, serde_json::from_slice(&body).unwrap_or_default())
    }

    async fn start(&mut self, world: &World, flow: &str) -> Value {
        let (status, _, started) = self.call(world, start(flow)).await;
        assert_eq!(status, StatusCode::OK, "{started}");
        started
    }

    async fn order(&mut self, world: &World) -> (StatusCode, Value) {
        let request = Request::get("/shop/api/v1/order").body(Body::empty()).unwrap();
        let (status, _, order) = self.call(world, request).await;
        (status, order)
    }

    async fn open(&mut self, world: &World, url: &Url) -> (StatusCode, Option<String>) {
        let address = format!("{}?{}", url.path(), url.query().unwrap_or_default());
        let (status, location, _) = self
            .call(world, Request::get(address).body(Body::empty()).unwrap())
            .await;
        (status, location)
    }
}

fn start(flow: &str) -> Request<Body> {
    post("/shop/api/v1/order/checks")
        .body(json!({ "flow": flow }).to_string().into())
        .unwrap()
}

async fn shop() -> World {
    World::with(Options {
        shop: Some(ShopSettings {
            check: "adult".to_owned(),
            checks_per_address: 4,
        }),
        ..Options::default()
    })
    .await
}

/// Shows the card of somebody of this age; gives the address to go on at.
async fn show(world: &World, started: &Value, adult: bool) -> Option<Url> {
    let mut claims = testkit::credential::person_identification();
    claims.insert("age_over_18".to_owned(), json!(adult));
    let card = world.card("person-identification", claims, 3);
    let request = world.request(started).await;
    let shown = world.show(&card, &["age_over_18"], &request);
    let (status, reply) = world.respond(request, &[("person", shown)]).await;
    assert_eq!(status, StatusCode::OK);
    reply["redirect_uri"].as_str().map(|url| url.parse().unwrap())
}

#[tokio::test]
async fn across_devices_yes_is_welcome_and_no_is_not() {
    let world = shop().await;
    for (adult, verdict) in [(true, "yes"), (false, "no")] {
        let mut browser = Browser::default();
        assert_eq!(browser.order(&world).await.0, StatusCode::NOT_FOUND);
        let started = browser.start(&world, "cross_device").await;
        assert_eq!(browser.order(&world).await.1, json!({ "state": "open" }));
        assert_eq!(show(&world, &started, adult).await, None);
        let order = browser.order(&world).await.1;
        assert_eq!(
            (&order["state"], &order["verdict"]),
            (&json!("answered"), &json!(verdict))
        );
        let (status, nobody) = Browser::default().order(&world).await;
        assert_eq!((status, &nobody["code"]), (StatusCode::NOT_FOUND, &json!("no_order")));
    }
}

#[tokio::test]
async fn on_one_device_the_browser_that_bought_is_welcome() {
    let world = shop().await;
    let mut browser = Browser::default();
    let started = browser.start(&world, "same_device").await;
    let back = show(&world, &started, true).await.unwrap();
    assert_eq!(
        browser.order(&world).await.1,
        json!({ "state": "scanned" }),
        "not told yet"
    );
    let (status, location) = browser.open(&world, &back).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert_eq!(location.as_deref(), Some("https://shop.example/shop/return"));
    assert_eq!(browser.order(&world).await.1["verdict"], "yes");
}

#[tokio::test]
async fn whoever_shows_for_another_browser_opens_nothing() {
    let world = shop().await;
    let mut buyer = Browser::default();
    // The buyer passes the link on; somebody else's wallet opens that one's browser.
    let started = buyer.start(&world, "same_device").await;
    let back = show(&world, &started, true).await.unwrap();
    let mut other = Browser::default();
    let (status, location) = other.open(&world, &back).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert_eq!(location.as_deref(), Some("https://shop.example/shop/return"));
    assert_eq!(other.order(&world).await.0, StatusCode::NOT_FOUND);
    let order = buyer.order(&world).await.1;
    assert_eq!(
        (&order["verdict"], &order["reason"]),
        (&json!("could_not_check"), &json!("session_mismatch"))
    );
    // Not even with the address itself.
    buyer.open(&world, &back).await;
    assert_ne!(buyer.order(&world).await.1["verdict"], "yes");
}

#[tokio::test]
async fn a_made_up_cookie_is_no_order() {
    let world = shop().await;
    let mut browser = Browser {
        cookies: vec![("holdfast_order".to_owned(), service::random::token())],
    };
    assert_eq!(browser.order(&world).await.0, StatusCode::NOT_FOUND);
    let (made_up, started) = (browser.cookie(), browser.start(&world, "cross_device").await);
    assert_ne!(browser.cookie(), made_up, "an order has a token that the shop chose");
    show(&world, &started, true).await;
    assert_eq!(browser.order(&world).await.1["verdict"], "yes");
}

#[tokio::test]
async fn trying_again_begins_anew() {
    let world = shop().await;
    let mut browser = Browser::default();
    let started = browser.start(&world, "cross_device").await;
    show(&world, &started, false).await;
    browser.start(&world, "cross_device").await;
    assert_eq!(browser.order(&world).await.1, json!({ "state": "open" }));
    browser.start(&world, "same_device").await;
    world.clock.advance(300);
    assert_eq!(browser.order(&world).await.1, json!({ "state": "expired" }));
}

#[tokio::test]
async fn one_address_cannot_open_sessions_without_end() {
    let world = shop().await;
    for _ in 0..4 {
        Browser::default().start(&world, "cross_device").await;
    }
    let response = world.send(start("cross_device")).await;
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(response.headers()["retry-after"], "600");
    world.clock.advance(600);
    Browser::default().start(&world, "cross_device").await;
}

#[tokio::test]
async fn customers_leave_room_for_the_desk() {
    let world = shop().await;
    for _ in 0..25 {
        world.open("adult").await;
    }
    let (status, problem) = world.call(start("cross_device")).await;
    assert_eq!(
        (status, &problem["code"]),
        (StatusCode::SERVICE_UNAVAILABLE, &json!("too_many_sessions"))
    );
    world.open("adult").await;
}

#[tokio::test]
async fn what_it_asks_is_told_before_and_the_session_never() {
    let world = shop().await;
    let request = Request::get("/shop/api/v1/shop").body(Body::empty()).unwrap();
    let (status, _, told) = Browser::default().call(&world, request).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(told["asked"][0]["claims"][0]["label"]["en"], "18 or older");
    assert_eq!(told["kept_days"], 0);
    let (_, _, started) = Browser::default().call(&world, start("cross_device")).await;
    let mut names: Vec<&str> = started.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["expires_at", "qr_svg", "request_uri"]);
}

#[tokio::test]
async fn another_site_cannot_buy() {
    let world = shop().await;
    let form = Request::post("/shop/api/v1/order/checks")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from("flow=cross_device"))
        .unwrap();
    assert_eq!(world.send(form).await.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn there_is_no_shop_unless_it_is_configured() {
    let world = World::new().await;
    for path in ["/shop", "/shop/return", "/shop/api/v1/shop"] {
        let request = Request::get(path).body(Body::empty()).unwrap();
        assert_eq!(world.send(request).await.status(), StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(world.send(start("cross_device")).await.status(), StatusCode::NOT_FOUND);
}
