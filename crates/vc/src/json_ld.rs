//! From JSON-LD to statements, by the crates of `ssi`, and what is believed of the outcome.
//!
//! JSON-LD drops what it has no meaning for, and a signature over statements does not cover what was
//! dropped. So the statements are counted: see [`crate::document::Tally`].

use std::cell::Cell;
use std::collections::HashMap;
use std::panic::resume_unwind;
use std::thread;

use futures_util::FutureExt;
use iref::Iri;
use jose::{Budget, OverBudget, Work};
use json_syntax::Parse;
use rdf_types::{Id, LexicalQuad, LiteralType};
use serde_json::{Map, Value};
use ssi_json_ld::{CompactJsonLd, Expandable, LoadError, Loader, LoadingResult, RemoteDocument};
use ssi_rdf::{AnyLdEnvironment, LdEnvironment};

use crate::document::{DocumentError, Tally};
use crate::statement::{Node, Statement, Term, quoted};
use crate::{ContextError, Contexts, budget};

/// The statements that a document makes, of which there must be as many as `tally` says.
pub(crate) fn statements(
    document: &Map<String, Value>,
    tally: Tally,
    contexts: &Contexts,
    budget: &mut Budget,
) -> Result<Vec<Statement>, DocumentError> {
    contexts.check(document.get("@context"))?;
    budget.spend(Work::Statements, tally.statements)?;
    with_room(|| expanded(document, tally, contexts))
}

/// What a thread needs for the most levels that a document may have, several times over: a level of JSON-LD takes more
/// than a tenth of the stack that runtimes give to their threads, and a stack that overflows ends the process. Only what
/// is used of it is taken.
const STACK: usize = 32 * 1024 * 1024;

fn with_room<T: Send>(work: impl FnOnce() -> Result<T, DocumentError> + Send) -> Result<T, DocumentError> {
    thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(STACK);
        let worker = thread.spawn_scoped(scope, work).map_err(|_| OverBudget(Work::Depth))?;
        worker.join().unwrap_or_else(|panic| resume_unwind(panic))
    })
}

fn expanded(document: &Map<String, Value>, tally: Tally, contexts: &Contexts) -> Result<Vec<Statement>, DocumentError> {
    // What the strict reader has read and `serde_json` writes, so that the two see the same.
    let text = serde_json::to_string(document).map_err(|_| DocumentError::NotAnObject)?;
    let (value, _) = json_syntax::Value::parse_str(&text).map_err(|_| DocumentError::NotAnObject)?;
    let mut environment = LdEnvironment::default();
    let held = Held {
        contexts,
        refused: Cell::new(false),
    };
    // Nothing is waited for: a document is held or refused at once.
    let expanded = CompactJsonLd(value).expand_with(&mut environment, &held).now_or_never();
    let Some(Ok(expanded)) = expanded else {
        return Err(match held.refused.get() {
            true => ContextError::Unknown.into(),
            false => DocumentError::JsonLd,
        });
    };
    let quads = environment.quads_of(&expanded).map_err(|_| DocumentError::JsonLd)?;
    let mut blanks = HashMap::new();
    let statements: Vec<Statement> = quads.iter().map(|quad| statement(quad, &mut blanks)).collect();
    let made = Tally {
        statements: statements.len(),
        blanks: blanks.len(),
        languages: quads.iter().filter(|quad| has_language(quad)).count(),
    };
    if made != tally {
        return Err(DocumentError::Unsigned);
    }
    Ok(statements)
}

/// The types of a node with this `@context`, as the contexts define them: absolute IRIs, in no order. JSON-LD 1.1 §5.1.
///
/// # Errors
/// [`DocumentError`]: contexts that are not accepted, or a type that they do not define.
pub fn type_names(
    context: Option<&Value>,
    types: &[String],
    contexts: &Contexts,
) -> Result<Vec<String>, DocumentError> {
    let mut node = Map::new();
    if let Some(context) = context {
        node.insert("@context".to_owned(), context.clone());
    }
    node.insert("type".to_owned(), types.into());
    let tally = Tally::of_node(&node)?;
    let mut budget = budget::CREDENTIAL;
    let made = statements(&node, tally, contexts, &mut budget)?;
    let names = made.into_iter().filter_map(|statement| match statement.object {
        Term::Node(Node::Iri(iri)) => Some(iri.trim_matches(['<', '>']).to_owned()),
        _ => None,
    });
    Ok(names.collect())
}

/// Hands out the documents that are held, and no others.
struct Held<'c> {
    contexts: &'c Contexts,
    /// Whether another one was asked for: the errors of the library do not say.
    refused: Cell<bool>,
}

impl Loader for Held<'_> {
    async fn load(&self, url: &Iri) -> LoadingResult {
        match self.contexts.document(url.as_str()) {
            Some(document) => Ok(RemoteDocument::new(Some(url.to_owned()), None, document.clone())),
            None => {
                self.refused.set(true);
                Err(LoadError::new(url.to_owned(), ContextError::Unknown))
            }
        }
    }
}

fn statement<'q>(quad: &'q LexicalQuad, blanks: &mut HashMap<&'q str, usize>) -> Statement {
    let mut node = |id: &'q Id| match id {
        Id::Iri(iri) => Node::Iri(format!("<{iri}>")),
        Id::Blank(blank) => {
            let next = blanks.len();
            Node::Blank(*blanks.entry(blank.as_str()).or_insert(next))
        }
    };
    Statement {
        subject: node(&quad.0),
        predicate: format!("<{}>", quad.1),
        object: match &quad.2 {
            rdf_types::Term::Id(id) => Term::Node(node(id)),
            rdf_types::Term::Literal(literal) => Term::Literal(match &literal.type_ {
                LiteralType::Any(iri) if iri.as_str() == XSD_STRING => quoted(&literal.value),
                LiteralType::Any(iri) => format!("{}^^<{iri}>", quoted(&literal.value)),
                LiteralType::LangString(tag) => format!("{}@{tag}", quoted(&literal.value)),
            }),
        },
        graph: quad.3.as_ref().map(node),
    }
}

fn has_language(quad: &LexicalQuad) -> bool {
    match &quad.2 {
        rdf_types::Term::Literal(literal) => matches!(literal.type_, LiteralType::LangString(_)),
        rdf_types::Term::Id(_) => false,
    }
}

const XSD_STRING: &str = "http://www.w3.org/2001/XMLSchema#string";
