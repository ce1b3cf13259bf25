//! Pages out of an embedded folder.

use axum::Router;
use axum::body::Body;
use http::{HeaderMap, Request};
use rust_embed::RustEmbed;
use service::pages::{Pages, Policy};
use tower::ServiceExt;

#[derive(RustEmbed)]
#[folder = "tests/main/built"]
struct Built;

#[derive(RustEmbed)]
#[folder = "tests/main/never-built"]
#[allow_missing = true]
struct Missing;

async fn get(routes: Router, path: &str, known: Option<&str>) -> (u16, HeaderMap, String) {
    let mut request = Request::get(path);
    if let Some(tag) = known {
        request = request.header("if-none-match", tag);
    }
    let response = routes.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, 10_000).await.unwrap();
    let text = String::from_utf8(body.to_vec()).unwrap();
    (parts.status.as_u16(), parts.headers, text)
}

fn routes() -> Router {
    let pages = Pages::<Built>::new("npm run build");
    Router::new()
        .route("/", pages.page("index.html", Policy::strict()))
        .route("/people/{id}", pages.page("index.html", Policy::strict()))
        .merge(pages.assets())
}

#[tokio::test]
async fn html_is_never_cached_and_the_same_on_every_route_of_the_app() {
    let (status, headers, first) = get(routes(), "/", None).await;
    assert_eq!(status, 200);
    assert_eq!(headers["content-type"], "text/html; charset=utf-8");
    assert_eq!(headers["cache-control"], "no-store");
    assert!(
        headers["content-security-policy"]
            .to_str()
            .unwrap()
            .contains("frame-ancestors 'none'")
    );
    let (_, _, second) = get(routes(), "/people/SYN-000001", None).await;
    assert_eq!(first, second);
}

#[tokio::test]
async fn an_asset_is_kept_for_ever_and_not_sent_twice() {
    let (status, headers, text) = get(routes(), "/assets/app-1a2b3c.js", None).await;
    assert_eq!((status, text.as_str()), (200, "export const built = true;\n"));
    assert_eq!(headers["content-type"], "text/javascript; charset=utf-8");
    assert_eq!(headers["cache-control"], "public, max-age=31536000, immutable");
    assert_eq!(headers["x-content-type-options"], "nosniff");
    let tag = headers["etag"].to_str().unwrap().to_owned();
    let (status, _, text) = get(routes(), "/assets/app-1a2b3c.js", Some(&format!("\"x\", W/{tag}"))).await;
    assert_eq!((status, text.as_str()), (304, ""));
}

#[tokio::test]
async fn nothing_outside_the_assets_is_served() {
    for path in [
        "/assets/none.js",
        "/assets/../index.html",
        "/assets/%2e%2e/%2e%2e/main.rs",
    ] {
        let (status, headers, text) = get(routes(), path, None).await;
        assert_eq!(status, 404, "{path}: {text}");
        assert!(headers.get("cache-control").is_none_or(|value| value == "no-store"));
    }
}

#[tokio::test]
async fn pages_that_are_not_built_say_how() {
    let pages = Pages::<Missing>::new("npm run build -w some/pages");
    let (status, headers, text) = get(
        Router::new().route("/", pages.page("index.html", Policy::strict())),
        "/",
        None,
    )
    .await;
    let problem: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (status, &problem["code"], &problem["build"]),
        (404, &"pages_not_built".into(), &"npm run build -w some/pages".into())
    );
    assert!(headers.contains_key("content-security-policy"));
}
