//! One operation: what it takes, and everything it answers.

use std::collections::BTreeMap;

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::schema::{problem, string};

/// The media type of most messages.
pub const JSON: &str = "application/json";

/// What the bounds around every route answer. See [`crate::layers::bounded`].
const BOUNDS: [u16; 3] = [408, 500, 503];

/// A method of an address.
#[derive(Debug, Clone)]
pub struct Operation {
    method: &'static str,
    path: String,
    about: &'static str,
    tag: &'static str,
    access: Access,
    parameters: Vec<Value>,
    body: Map<String, Value>,
    is_body_needed: bool,
    answers: BTreeMap<u16, Answer>,
}

/// Who may call an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Access {
    Anyone,
    /// By this scheme in `Authorization`.
    Http(&'static str),
    /// By this scheme, or without for some requests.
    MayBeHttp(&'static str),
    /// By the cookie of an operator who signed in.
    Session,
}

impl Access {
    /// The name of the scheme.
    pub(super) fn name(self) -> Option<&'static str> {
        match self {
            Self::Anyone => None,
            Self::Http(scheme) | Self::MayBeHttp(scheme) => Some(scheme),
            Self::Session => Some("session"),
        }
    }

    fn to_json(self) -> Value {
        let Some(name) = self.name() else {
            return json!([]);
        };
        let needed = Value::Object(Map::from_iter([(name.to_owned(), json!([]))]));
        match self {
            Self::MayBeHttp(_) => json!([{}, needed]),
            _ => json!([needed]),
        }
    }
}

#[derive(Debug, Clone, Default)]
struct Answer {
    content: Map<String, Value>,
    links: Map<String, Value>,
}

impl Operation {
    /// `GET`, with a sentence or the section of the specification that says what it is.
    #[must_use]
    pub fn get(path: &str, about: &'static str) -> Self {
        Self::new("get", path, about)
    }

    /// `POST`
    #[must_use]
    pub fn post(path: &str, about: &'static str) -> Self {
        Self::new("post", path, about)
    }

    /// `PUT`
    #[must_use]
    pub fn put(path: &str, about: &'static str) -> Self {
        Self::new("put", path, about)
    }

    /// `DELETE`
    #[must_use]
    pub fn delete(path: &str, about: &'static str) -> Self {
        Self::new("delete", path, about)
    }

    fn new(method: &'static str, path: &str, about: &'static str) -> Self {
        let operation = Self {
            method,
            path: path.to_owned(),
            about,
            tag: "",
            access: Access::Anyone,
            parameters: Vec::new(),
            body: Map::new(),
            is_body_needed: true,
            answers: BTreeMap::new(),
        };
        operation.problems(&BOUNDS).with_parts_of(path)
    }

    /// The parts of a path that differ from request to request.
    fn with_parts_of(self, path: &str) -> Self {
        let names = path.split('{').skip(1).filter_map(|rest| rest.split('}').next());
        names.fold(self, |operation, name| {
            // 400: what is no UTF-8.
            operation.parameter("path", name, true, string()).problems(&[400])
        })
    }

    /// The same below an address.
    #[must_use]
    pub(crate) fn below(mut self, prefix: &str) -> Self {
        self.path = format!("{prefix}{}", self.path);
        self.with_parts_of(prefix)
    }

    pub(super) fn tagged(mut self, tag: &'static str) -> Self {
        self.tag = tag;
        self
    }

    /// Needs this scheme in `Authorization`, by its registered name in lower case.
    #[must_use]
    pub fn http(mut self, scheme: &'static str) -> Self {
        self.access = Access::Http(scheme);
        self.problems(&[401])
    }

    /// Needs it for some requests.
    #[must_use]
    pub fn http_for_some(mut self, scheme: &'static str) -> Self {
        self.access = Access::MayBeHttp(scheme);
        self.problems(&[401])
    }

    /// Needs an operator who signed in. See [`crate::signin`].
    #[must_use]
    pub fn session(mut self) -> Self {
        self.access = Access::Session;
        self.problems(&[401, 403])
    }

    /// A part of the path that is not any text.
    #[must_use]
    pub fn path_of(mut self, name: &str, schema: Value) -> Self {
        self.parameters.retain(|parameter| parameter["name"] != name);
        self.parameter("path", name, true, schema)
    }

    /// Takes this in its query.
    #[must_use]
    pub fn query(self, name: &str, schema: Value) -> Self {
        self.parameter("query", name, false, schema).problems(&[400])
    }

    /// Needs this in its query.
    #[must_use]
    pub fn needs_query(self, name: &str, schema: Value) -> Self {
        self.parameter("query", name, true, schema).problems(&[400])
    }

    /// Needs this header.
    #[must_use]
    pub fn needs_header(self, name: &str, schema: Value) -> Self {
        self.parameter("header", name, true, schema)
    }

    /// Takes this header.
    #[must_use]
    pub fn takes_header(self, name: &str, schema: Value) -> Self {
        self.parameter("header", name, false, schema)
    }

    fn parameter(mut self, place: &str, name: &str, required: bool, schema: Value) -> Self {
        let parameter = json!({"in": place, "name": name, "required": required, "schema": schema});
        self.parameters.push(parameter);
        self
    }

    /// Takes a body of this media type.
    #[must_use]
    pub fn takes(mut self, media_type: &str, schema: Value) -> Self {
        self.body.insert(media_type.to_owned(), json!({"schema": schema}));
        // 400: what ends too early.
        self.problems(&[400, 413])
    }

    /// Takes JSON as the framework reads it, which tells apart what is no JSON, what does not fit, and what is
    /// something else.
    #[must_use]
    pub fn takes_json(self, schema: Value) -> Self {
        self.takes(JSON, schema).problems(&[415, 422])
    }

    /// The body may be left out.
    #[must_use]
    pub fn body_is_optional(mut self) -> Self {
        self.is_body_needed = false;
        self
    }

    /// Answers with this; a status may have several media types.
    #[must_use]
    pub fn answers(mut self, status: u16, media_type: &str, schema: Value) -> Self {
        let content = &mut self.answers.entry(status).or_default().content;
        content.insert(media_type.to_owned(), json!({"schema": schema}));
        self
    }

    /// Answers with a status alone.
    #[must_use]
    pub fn answers_nothing(mut self, status: u16) -> Self {
        self.answers.entry(status).or_default();
        self
    }

    /// Answers with problems. RFC 9457
    #[must_use]
    pub fn problems(self, statuses: &[u16]) -> Self {
        statuses.iter().fold(self, |operation, status| {
            operation.answers(*status, "application/problem+json", problem())
        })
    }

    /// Where an answer leads: the operation of that name, with values of the answer.
    #[must_use]
    pub fn link(mut self, status: u16, name: &str, operation: &str, parameters: &[(&str, &str)]) -> Self {
        let values = parameters.iter();
        let values: Map<String, Value> = values.map(|(name, from)| ((*name).to_owned(), json!(from))).collect();
        let links = &mut self.answers.entry(status).or_default().links;
        links.insert(name.to_owned(), json!({"operationId": operation, "parameters": values}));
        self
    }

    pub(super) fn path(&self) -> String {
        self.path.clone()
    }

    pub(super) fn method(&self) -> &'static str {
        self.method
    }

    /// Whether it only reads. RFC 9110 §9.2.1
    pub(crate) fn is_safe(&self) -> bool {
        self.method == "get"
    }

    pub(super) fn access(&self) -> Access {
        self.access
    }

    /// `get_api_v1_offers_id`
    fn id(&self) -> String {
        let words = self.path.split(|letter: char| !letter.is_ascii_alphanumeric());
        let words = words.filter(|word| !word.is_empty());
        std::iter::once(self.method).chain(words).collect::<Vec<_>>().join("_")
    }

    pub(super) fn to_json(&self) -> Value {
        let answers = self.answers.iter();
        let answers: Map<String, Value> = answers
            .map(|(status, answer)| (status.to_string(), answer.to_json(*status)))
            .collect();
        let mut operation = json!({
            "operationId": self.id(),
            "description": self.about,
            "tags": [self.tag],
            "parameters": self.parameters,
            "security": self.access.to_json(),
            "responses": answers,
        });
        if !self.body.is_empty() {
            operation["requestBody"] = json!({"required": self.is_body_needed, "content": self.body});
        }
        operation
    }
}

impl Answer {
    fn to_json(&self, status: u16) -> Value {
        let reason = StatusCode::from_u16(status).ok();
        let reason = reason.and_then(|status| status.canonical_reason()).unwrap_or_default();
        let mut answer = json!({"description": reason});
        if !self.content.is_empty() {
            answer["content"] = Value::Object(self.content.clone());
        }
        if !self.links.is_empty() {
            answer["links"] = Value::Object(self.links.clone());
        }
        answer
    }
}
