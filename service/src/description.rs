//! What the descriptions of the services have in common. OpenAPI 3.1
//!
//! Each service describes its operations beside their handlers, by `utoipa`;
//! [`complete`] adds what is the same for all of them.

use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ContentBuilder, OpenApi, PathItem, Ref, RefOr, ResponseBuilder};
use utoipa::{PartialSchema, ToSchema};

pub use crate::signin::description as sign_in;

/// A problem document. RFC 9457 §3
#[derive(ToSchema)]
#[schema(as = Problem)]
struct ProblemDocument {
    /// Names the kind of problem.
    #[expect(dead_code, reason = "only described: `Problem::to_json` makes it")]
    r#type: String,
    /// One sentence for people.
    #[expect(dead_code, reason = "only described")]
    title: String,
    /// The status of the answer.
    #[expect(dead_code, reason = "only described")]
    status: u16,
    /// A stable word for programs.
    #[expect(dead_code, reason = "only described")]
    code: String,
}

/// Adds the ways to authenticate, the problem that every operation may answer
/// with, and a name of its own for each operation.
#[must_use]
pub fn complete(mut description: OpenApi) -> OpenApi {
    let components = description.components.get_or_insert_default();
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    let session = ApiKey::Cookie(ApiKeyValue::new("holdfast_session"));
    components.add_security_scheme("session", SecurityScheme::ApiKey(session));
    components
        .schemas
        .insert("Problem".to_owned(), ProblemDocument::schema());
    for (path, item) in &mut description.paths.paths {
        for (method, operation) in operations(item) {
            operation.operation_id = Some(name(method, path));
            let responses = &mut operation.responses.responses;
            responses.entry("default".to_owned()).or_insert_with(problem);
        }
    }
    description
}

/// The operations of a path with their methods.
fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let all = [
        ("get", item.get.as_mut()),
        ("post", item.post.as_mut()),
        ("put", item.put.as_mut()),
        ("delete", item.delete.as_mut()),
    ];
    all.into_iter()
        .filter_map(|(method, operation)| operation.map(|operation| (method, operation)))
}

/// `get_api_v1_offers_id`
fn name(method: &str, path: &str) -> String {
    let words = path.split(|letter: char| !letter.is_ascii_alphanumeric());
    let words = words.filter(|word| !word.is_empty());
    std::iter::once(method).chain(words).collect::<Vec<_>>().join("_")
}

fn problem() -> RefOr<utoipa::openapi::Response> {
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("Problem")))
        .build();
    ResponseBuilder::new()
        .description("RFC 9457")
        .content("application/problem+json", content)
        .build()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use utoipa::openapi::HttpMethod;
    use utoipa::openapi::path::{OperationBuilder, PathsBuilder};

    #[test]
    fn every_operation_has_a_name_and_a_problem() {
        let item = PathItem::new(HttpMethod::Get, OperationBuilder::new());
        let paths = PathsBuilder::new().path("/offers/{id}", item).build();
        let described = complete(OpenApi::new(utoipa::openapi::Info::new("x", "1"), paths));
        let operation = described.paths.paths["/offers/{id}"].get.as_ref().unwrap();
        assert_eq!(operation.operation_id.as_deref(), Some("get_offers_id"));
        assert!(operation.responses.responses.contains_key("default"));
    }
}
