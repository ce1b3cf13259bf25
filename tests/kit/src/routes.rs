//! What a router answers, held against what its description says. OpenAPI 3.1
#![expect(clippy::expect_used, reason = "fixtures: what goes wrong here is a failed test")]

use std::collections::{BTreeMap, BTreeSet};

use axum::Router;
use axum::body::Body;
use http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE};
use http::{Request, StatusCode};
use serde_json::Value;
use tower::ServiceExt;

/// `GET /offers/{id}` for every method of every route. A router tells its routes in its `Debug` form only; that it is
/// read as it is meant shows where a route is held against its description.
#[must_use]
pub fn routed(router: &Router) -> BTreeSet<String> {
    let text = format!("{router:?}");
    let (routes, rest) = text.split_once("node: Node").expect("routes");
    let (paths, _) = rest.split_once("fallback_router").expect("paths");
    let paths: BTreeMap<&str, &str> = by_route(paths)
        .filter_map(|(id, rest)| Some((id, rest.strip_prefix('"')?.split('"').next()?)))
        .collect();
    let mut operations = BTreeSet::new();
    for (id, route) in by_route(routes) {
        let methods = route.split_once("allow_header: Bytes(b\"").map_or("ANY", |(_, rest)| {
            rest.split('"').next().expect("the end of the methods")
        });
        let path = paths[id].replace("{*", "{");
        // HEAD comes with every GET and is nothing of its own.
        for method in methods.split(',').filter(|method| *method != "HEAD") {
            operations.insert(format!("{method} {path}"));
        }
    }
    operations
}

fn by_route(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split("RouteId(").skip(1).filter_map(|part| part.split_once("): "))
}

/// The same for every operation of a description, whose links must lead to operations of its own.
#[must_use]
pub fn described(description: &Value) -> BTreeSet<String> {
    let names: BTreeSet<&str> = operations(description)
        .filter_map(|(.., operation)| operation["operationId"].as_str())
        .collect();
    for name in links(description) {
        assert!(names.contains(name), "a link leads nowhere: {name}");
    }
    operations(description)
        .map(|(method, path, _)| format!("{method} {path}"))
        .collect()
}

fn links(description: &Value) -> impl Iterator<Item = &str> {
    let answers = operations(description).filter_map(|(.., operation)| operation["responses"].as_object());
    let links = answers.flat_map(|answers| answers.values().filter_map(|answer| answer["links"].as_object()));
    links.flat_map(|links| links.values().filter_map(|link| link["operationId"].as_str()))
}

fn operations(description: &Value) -> impl Iterator<Item = (String, &str, &Value)> {
    let paths = description["paths"].as_object().expect("paths");
    paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().expect("operations");
        methods
            .iter()
            .map(move |(method, operation)| (method.to_uppercase(), path.as_str(), operation))
    })
}

/// Everything that answers otherwise than with 401 although nobody has authenticated, or somebody wrongly: operations
/// whose description says that they need it.
pub async fn open_to_strangers(router: &Router, description: &Value) -> Vec<String> {
    let mut open = Vec::new();
    for (method, path, operation) in operations(description) {
        let needed = operation["security"].as_array().expect("security");
        let Some(scheme) = needed
            .first()
            .and_then(Value::as_object)
            .and_then(|one| one.keys().next())
        else {
            continue;
        };
        for request in [stranger(&method, path), with_wrong(scheme, stranger(&method, path))] {
            let answer = router.clone().oneshot(request).await.expect("a router always answers");
            if answer.status() != StatusCode::UNAUTHORIZED {
                open.push(format!("{method} {path}: {}", answer.status()));
            }
        }
    }
    open
}

/// A request as good as can be made without knowing what it is about.
fn stranger(method: &str, path: &str) -> Request<Body> {
    // A part of a path that may be any text, or one of some words, is `revoke`.
    let parts = path
        .split('/')
        .map(|part| if part.starts_with('{') { "revoke" } else { part });
    Request::builder()
        .method(method)
        .uri(parts.collect::<Vec<_>>().join("/"))
        .header(CONTENT_TYPE, "application/json")
        .header("sec-fetch-site", "same-origin")
        .header("idempotency-key", "8e03978e-40d5-43dd-bc93-6894a57f9324")
        .body(Body::from("{}"))
        .expect("a request")
}

fn with_wrong(scheme: &str, mut request: Request<Body>) -> Request<Body> {
    let (name, value) = match scheme {
        "session" => (COOKIE, "holdfast_session=wrong".to_owned()),
        scheme => (AUTHORIZATION, format!("{scheme} wrong")),
    };
    let value = value.parse().expect("a header");
    request.headers_mut().insert(name, value);
    request
}
