//! Reading a document, and the rules that hold for all of it.
//!
//! A proof with RDF canonicalization signs statements and not the text. What JSON-LD makes no statement of
//! is not signed, and what it makes the same statement of can be written in several ways. A reader of the
//! JSON would see what nobody signed, or miss what was. So a document is read in a profile of JSON-LD in
//! which each value is one statement and each statement has one place.

use std::collections::HashSet;

use iref::Iri;
use jose::strict_json::{self, StrictJsonError};
use jose::{Budget, OverBudget, Work};
use serde_json::{Map, Value};

use crate::ContextError;

/// Why a document was refused before anything it says was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentError {
    /// More bytes, levels, values or statements than the reader's [`crate::budget`] allows.
    #[error(transparent)]
    OverBudget(#[from] OverBudget),
    /// Not strict JSON.
    #[error(transparent)]
    Json(#[from] StrictJsonError),
    /// JSON, but not an object.
    #[error("the document is not an object")]
    NotAnObject,
    /// A context that is not known or not accepted.
    #[error(transparent)]
    Context(#[from] ContextError),
    /// `null`, which JSON-LD drops.
    #[error("a value is null")]
    Null,
    /// An array with nothing in it, which JSON-LD drops.
    #[error("an array is empty")]
    EmptyArray,
    /// An array in an array, which JSON-LD takes for one.
    #[error("an array stands in an array")]
    NestedArray,
    /// The same element twice, where that is one statement in RDF: a text, a number, a node with an IRI.
    #[error("an array has an element twice")]
    DuplicateElement,
    /// A number that is not whole or beyond 2^53 - 1: libraries write such numbers in several ways.
    #[error("a number is not whole, or too large")]
    Number,
    /// A name that begins with `@`, but for `@context` at the top and the members of a text with a language.
    #[error("a keyword of JSON-LD is used")]
    Keyword,
    /// A name with a colon. A term written as its IRI would be signed and not be found under its name.
    #[error("a name is an IRI")]
    Name,
    /// An `id` that is no absolute IRI. VCDM 2.0 §4.4.
    #[error("an id is not a URL")]
    Identifier,
    /// A `type` that is neither a text nor an array of texts. VCDM 2.0 §4.5.
    #[error("a type is malformed")]
    Type,
    /// A text with a language is not `@value`, `@language` and perhaps `@direction`. VCDM 2.0 §11.1.
    #[error("a text with a language is malformed")]
    Language,
    /// `proof` or `verifiableCredential` inside a claim.
    #[error("a proof or a credential stands inside a claim")]
    Misplaced,
    /// Two objects with one `id` say something: members could be moved from one to the other.
    #[error("an id is described in two places")]
    DescribedTwice,
    /// A term without a definition, one that is defined anew against its protection, or the like. JSON-LD 1.1.
    #[error("the document is not valid JSON-LD")]
    JsonLd,
    /// JSON-LD made more or fewer statements than there are values: part of the document would not be signed.
    #[error("not all of the document would be signed")]
    Unsigned,
}

/// Reads an object strictly within a budget.
pub(crate) fn read(text: &[u8], budget: &mut Budget) -> Result<Map<String, Value>, DocumentError> {
    budget.spend(Work::Bytes, text.len())?;
    match strict_json::parse_within(text, budget)? {
        Value::Object(document) => Ok(document),
        _ => Err(DocumentError::NotAnObject),
    }
}

/// What a document must come to: how many statements, how many nodes without an IRI, how many texts with a
/// language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) statements: usize,
    pub(crate) blanks: usize,
    pub(crate) languages: usize,
}

impl Tally {
    /// Of one node with all it says: a credential without its proof, or the options of a proof.
    pub(crate) fn of_node(node: &Map<String, Value>) -> Result<Self, DocumentError> {
        let mut walk = Walk::default();
        walk.node(node, true)?;
        Ok(walk.tally)
    }

    /// Of a presentation without its own proof; the credentials in it have theirs. Each of both is a graph
    /// of its own, which one statement more connects. VCDM 2.0 §4.13, §6.
    pub(crate) fn of_presentation(presentation: &Map<String, Value>) -> Result<Self, DocumentError> {
        let mut rest = presentation.clone();
        let credentials = rest.remove("verifiableCredential");
        let mut tally = Self::of_node(&rest)?;
        for credential in credentials.iter().flat_map(elements) {
            let mut credential = credential.as_object().ok_or(DocumentError::NotAnObject)?.clone();
            let proof = credential.remove("proof");
            tally.add_graph(Self::of_node(&credential)?);
            for proof in proof.iter().flat_map(elements) {
                tally.add_graph(Self::of_node(proof.as_object().ok_or(DocumentError::NotAnObject)?)?);
            }
        }
        Ok(tally)
    }

    fn add_graph(&mut self, graph: Self) {
        self.statements += graph.statements + 1;
        self.blanks += graph.blanks + 1;
        self.languages += graph.languages;
    }
}

/// The elements of an array, or the one value.
pub(crate) fn elements(value: &Value) -> &[Value] {
    match value {
        Value::Array(elements) => elements,
        value => std::slice::from_ref(value),
    }
}

/// Whether a text is an absolute IRI.
pub(crate) fn is_url(text: &str) -> bool {
    Iri::new(text).is_ok()
}

#[derive(Default)]
struct Walk<'d> {
    tally: Tally,
    described: HashSet<&'d str>,
}

impl<'d> Walk<'d> {
    fn node(&mut self, node: &'d Map<String, Value>, top: bool) -> Result<(), DocumentError> {
        let mut id = None;
        for (name, value) in node {
            match name.as_str() {
                "@context" if top => {}
                "id" => {
                    id = Some(
                        value
                            .as_str()
                            .filter(|id| is_url(id))
                            .ok_or(DocumentError::Identifier)?,
                    )
                }
                "type" => self.types(value)?,
                "proof" | "verifiableCredential" => return Err(DocumentError::Misplaced),
                name if name.starts_with('@') => return Err(DocumentError::Keyword),
                name if name.contains(':') => return Err(DocumentError::Name),
                _ => self.values(value)?,
            }
        }
        match id {
            None => self.tally.blanks += 1,
            Some(id) if node.len() > 1 && !self.described.insert(id) => return Err(DocumentError::DescribedTwice),
            Some(_) => {}
        }
        Ok(())
    }

    fn types(&mut self, types: &Value) -> Result<(), DocumentError> {
        let named = elements(types);
        if named.is_empty() || !named.iter().all(Value::is_string) {
            return Err(DocumentError::Type);
        }
        check_duplicates(named)?;
        self.tally.statements += named.len();
        Ok(())
    }

    fn values(&mut self, value: &'d Value) -> Result<(), DocumentError> {
        let values = elements(value);
        if values.is_empty() {
            return Err(DocumentError::EmptyArray);
        }
        check_duplicates(values)?;
        for value in values {
            self.tally.statements += 1;
            match value {
                Value::Null => return Err(DocumentError::Null),
                Value::Array(_) => return Err(DocumentError::NestedArray),
                Value::Number(number) if number.as_i64().is_none_or(|number| number.unsigned_abs() > LARGEST) => {
                    return Err(DocumentError::Number);
                }
                Value::Object(text) if text.contains_key("@value") => self.text(text)?,
                Value::Object(node) => self.node(node, false)?,
                Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
            }
        }
        Ok(())
    }

    fn text(&mut self, text: &Map<String, Value>) -> Result<(), DocumentError> {
        let known = |name: &String| ["@value", "@language", "@direction"].contains(&name.as_str());
        let texts = ["@value", "@language"]
            .iter()
            .all(|name| text.get(*name).is_some_and(Value::is_string));
        if !texts || !text.keys().all(known) {
            return Err(DocumentError::Language);
        }
        self.tally.languages += 1;
        Ok(())
    }
}

fn check_duplicates(elements: &[Value]) -> Result<(), DocumentError> {
    let mut seen = HashSet::with_capacity(elements.len());
    let mut told_apart_by_value = elements.iter().filter(|element| !is_nameless_node(element));
    match told_apart_by_value.all(|element| seen.insert(element)) {
        true => Ok(()),
        false => Err(DocumentError::DuplicateElement),
    }
}

/// Whether this becomes a blank node: one of its own wherever it stands, also beside another that says the same.
fn is_nameless_node(element: &Value) -> bool {
    element
        .as_object()
        .is_some_and(|node| !node.contains_key("id") && !node.contains_key("@value"))
}

/// Whole numbers are exact in every reader of JSON up to here. RFC 8259 §6.
const LARGEST: u64 = (1 << 53) - 1;
