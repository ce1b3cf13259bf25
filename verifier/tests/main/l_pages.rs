//! Group L: what a page may do in the browser.

use axum::body::Body;
use http::{Method, Request, StatusCode};
use verifier::ShopSettings;

use crate::world::{Options, World};

const STRICT: [&str; 11] = [
    "/",
    "/ask/adult",
    "/today",
    "/b/main/desk",
    "/b/main/ask/adult",
    "/try",
    "/try/age-18",
    "/developers",
    "/shop",
    "/shop/check",
    "/shop/return",
];
const SCANNING: [&str; 6] = [
    "/scan",
    "/scan/adult",
    "/offline",
    "/offline/adult",
    "/b/main/scan/adult",
    "/b/main/offline",
];
const OTHERS: [&str; 7] = [
    "/b/main/desk/api/v1/checks",
    "/try/api/v1/checks",
    "/desk/api/v1/checks",
    "/shop/api/v1/shop",
    "/api/v1/sessions/x",
    "/.well-known/did.jsonl",
    "/start/x",
];

async fn world() -> World {
    World::with(Options {
        shop: Some(ShopSettings {
            check: "adult".to_owned(),
            checks_per_address: 4,
        }),
        ..Options::default()
    })
    .await
}

#[tokio::test]
async fn l12_verifier_pages_load_nothing_from_elsewhere_and_stand_in_no_frame() {
    let world = world().await;
    for path in STRICT.iter().chain(&SCANNING) {
        let response = world.send(Request::get(*path).body(Body::empty()).unwrap()).await;
        let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
        let policy = header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self'"),
            "{path}: {policy}"
        );
        for forbidden in ["unsafe-inline", "'unsafe-eval'", "http:", "https:", "*"] {
            assert!(!policy.contains(forbidden), "{path}: {policy}");
        }
        assert!(policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert_eq!(header("x-frame-options"), "DENY", "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("referrer-policy"), "no-referrer", "{path}");
        let scans = SCANNING.contains(path);
        assert_eq!(policy.contains("'wasm-unsafe-eval'"), scans, "{path}: {policy}");
        assert_eq!(header("permissions-policy").contains("camera=(self)"), scans, "{path}");
    }
}

#[tokio::test]
async fn l12_verifier_no_other_site_may_read_anything() {
    let world = world().await;
    for path in STRICT.iter().chain(&SCANNING).chain(&OTHERS) {
        for method in [Method::GET, Method::OPTIONS] {
            let request = Request::builder()
                .method(method)
                .uri(*path)
                .header("origin", "https://evil.example")
                .header("access-control-request-method", "POST")
                .body(Body::empty())
                .unwrap();
            let response = world.send(request).await;
            let cors = response
                .headers()
                .keys()
                .find(|name| name.as_str().starts_with("access-control-"));
            assert_eq!(cors, None, "{path}");
        }
    }
}

#[tokio::test]
async fn l12_verifier_another_site_cannot_sign_in_or_ask() {
    let world = world().await;
    for path in ["/desk/api/v1/sign-in", "/desk/api/v1/checks/adult/sessions"] {
        let request = Request::post(path)
            .header("content-type", "application/json")
            .header("sec-fetch-site", "cross-site")
            .header("origin", "https://evil.example")
            .body(Body::from("{}"))
            .unwrap();
        let (status, problem) = world.call(request).await;
        assert_eq!(
            (status, problem["code"].as_str()),
            (StatusCode::FORBIDDEN, Some("cross_site"))
        );
    }
}
