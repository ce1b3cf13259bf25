//! What a router answers and what its description says, to be held against each other.
#![expect(clippy::expect_used, reason = "fixtures: what goes wrong here is a failed test")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use serde_json::Value;

/// `GET /offers/{id}` for every method of every route. An axum router tells its routes in its
/// `Debug` form only; a test of this module notices if that changes.
pub fn routed(router: &impl Debug) -> BTreeSet<String> {
    let text = format!("{router:?}");
    let (routes, rest) = text.split_once("node: Node").expect("routes");
    let (paths, _) = rest.split_once("fallback_router").expect("paths");
    let paths: BTreeMap<&str, &str> = by_route(paths)
        .filter_map(|(id, rest)| Some((id, rest.strip_prefix('"')?.split('"').next()?)))
        .collect();
    let mut operations = BTreeSet::new();
    for (id, route) in by_route(routes) {
        let allowed = route.split_once("allow_header: Bytes(b\"").map_or("ANY", |(_, rest)| {
            rest.split('"').next().expect("the end of the methods")
        });
        let path = paths[id].replace("{*", "{");
        // HEAD comes with every GET and is nothing of its own.
        for method in allowed.split(',').filter(|method| *method != "HEAD") {
            operations.insert(format!("{method} {path}"));
        }
    }
    operations
}

fn by_route(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split("RouteId(").skip(1).filter_map(|part| part.split_once("): "))
}

/// The same for every operation of an OpenAPI description.
pub fn described(description: &Value) -> BTreeSet<String> {
    let paths = description["paths"].as_object().expect("paths");
    paths
        .iter()
        .flat_map(|(path, item)| {
            let methods = item.as_object().expect("operations");
            methods
                .keys()
                .map(move |method| format!("{} {path}", method.to_uppercase()))
        })
        .collect()
}
