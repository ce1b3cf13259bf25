//! What a service answers, for programs. OpenAPI 3.1
//!
//! A service writes its operations down in one place beside its routes. A test holds them against
//! its router, both ways, and `cargo xtask soak schemathesis` makes requests from them and holds
//! the answers against them.

mod operation;
mod schema;

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

pub use operation::{JSON, Operation};
pub use schema::{
    anything, array, boolean, bytes, count, did_log_line, either, events, exactly, nullable, object, one_of, problem,
    string, texts,
};

use crate::signin::SESSION_COOKIE;
use operation::Access;

/// The operations of a service.
#[derive(Debug, Clone)]
pub struct Description {
    title: &'static str,
    about: &'static str,
    operations: Vec<Operation>,
}

impl Description {
    /// The description of a service, without operations.
    #[must_use]
    pub fn new(title: &'static str, about: &'static str) -> Self {
        Self {
            title,
            about,
            operations: Vec::new(),
        }
    }

    /// Adds operations under one tag: who calls them.
    #[must_use]
    pub fn with(mut self, tag: &'static str, operations: impl IntoIterator<Item = Operation>) -> Self {
        let tagged = operations.into_iter().map(|operation| operation.tagged(tag));
        self.operations.extend(tagged);
        self
    }

    /// The same with the operations of another listener.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.operations.extend(other.operations);
        self
    }

    /// The document.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut paths: Map<String, Value> = Map::new();
        for operation in &self.operations {
            let item = paths.entry(operation.path()).or_insert_with(|| json!({}));
            item[operation.method()] = operation.to_json();
        }
        json!({
            "openapi": "3.1.0",
            "info": {"title": self.title, "description": self.about, "version": env!("CARGO_PKG_VERSION")},
            "paths": paths,
            "components": {"schemas": {"Problem": problem_members()}, "securitySchemes": self.security_schemes()},
        })
    }

    /// The ways to authenticate that some operation knows.
    fn security_schemes(&self) -> Map<String, Value> {
        let accesses: BTreeSet<Access> = self.operations.iter().map(Operation::access).collect();
        let schemes = accesses.into_iter().filter_map(|access| {
            let scheme = match access {
                Access::Anyone => return None,
                Access::Http(scheme) | Access::MayBeHttp(scheme) => json!({"type": "http", "scheme": scheme}),
                // Under https the name begins with `__Host-`. RFC 6265bis §4.1.3.2
                Access::Session => json!({"type": "apiKey", "in": "cookie", "name": SESSION_COOKIE}),
            };
            Some((access.name()?.to_owned(), scheme))
        });
        schemes.collect()
    }
}

/// RFC 9457 §3; some problems have further members.
fn problem_members() -> Value {
    object(
        &[
            ("type", string()),
            ("title", string()),
            ("status", count()),
            ("code", string()),
        ],
        &[],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described() -> Value {
        let offer = Operation::post("/offers/{id}", "Takes an offer.")
            .http("bearer")
            .query("form", string())
            .takes(JSON, exactly(&[("card", string())], &[]))
            .answers(201, JSON, exactly(&[("id", string())], &[]))
            .link(201, "read", "get_offers_id", &[("id", "$response.body#/id")])
            .problems(&[404]);
        let read = Operation::get("/offers/{id}", "Reads an offer.")
            .session()
            .answers(200, JSON, anything());
        let service = Description::new("Offers", "An example.");
        service.with("systems", [offer]).with("people", [read]).to_json()
    }

    #[test]
    fn an_operation_has_a_name_its_parameters_and_its_answers() {
        let document = described();
        let operation = &document["paths"]["/offers/{id}"]["post"];
        assert_eq!(operation["operationId"], "post_offers_id");
        assert_eq!(operation["tags"], json!(["systems"]));
        assert_eq!(operation["parameters"][0]["name"], "id");
        assert_eq!(operation["parameters"][0]["required"], true);
        assert_eq!(operation["parameters"][1]["required"], false);
        let statuses: Vec<&String> = operation["responses"].as_object().unwrap().keys().collect();
        assert_eq!(statuses, ["201", "400", "401", "404", "408", "413", "500", "503"]);
        let refused = &operation["responses"]["404"]["content"]["application/problem+json"];
        assert_eq!(refused["schema"]["$ref"], "#/components/schemas/Problem");
        let link = &operation["responses"]["201"]["links"]["read"];
        assert_eq!(link["parameters"]["id"], "$response.body#/id");
    }

    #[test]
    fn every_way_to_authenticate_is_a_scheme_and_no_other() {
        let document = described();
        let item = &document["paths"]["/offers/{id}"];
        assert_eq!(item["post"]["security"], json!([{"bearer": []}]));
        assert_eq!(item["get"]["security"], json!([{"session": []}]));
        let schemes = document["components"]["securitySchemes"].as_object().unwrap();
        assert_eq!(schemes.keys().collect::<Vec<_>>(), ["bearer", "session"]);
    }
}
