//! RDF statements, written as canonical N-Quads. RDF 1.1 N-Quads; RDF Dataset Canonicalization 1.0 §5.

use std::fmt::Write;

/// A subject, a node that is an object, or the name of a graph.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Node {
    /// `<…>`
    Iri(String),
    /// A node without a name of its own, by a number that means nothing outside the document.
    Blank(usize),
}

/// What a statement says of its subject.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Term {
    Node(Node),
    /// As it is written: `"…"`, with its type or language.
    Literal(String),
}

/// One statement, in a graph with a name or in the default graph.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Statement {
    pub(crate) subject: Node,
    /// `<…>`
    pub(crate) predicate: String,
    pub(crate) object: Term,
    pub(crate) graph: Option<Node>,
}

impl Statement {
    /// The line, with names for the blank nodes: `_:` and the rest.
    pub(crate) fn write(&self, name: &dyn Fn(usize) -> String) -> String {
        let node = |node: &Node| match node {
            Node::Iri(iri) => iri.clone(),
            Node::Blank(blank) => name(*blank),
        };
        let object = match &self.object {
            Term::Node(object) => node(object),
            Term::Literal(literal) => literal.clone(),
        };
        let graph = self.graph.as_ref().map_or_else(String::new, |graph| node(graph) + " ");
        format!("{} {} {object} {graph}.\n", node(&self.subject), self.predicate)
    }
}

/// A literal as canonical N-Quads write its text: quotes around it, and what must be escaped, escaped.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '\u{8}' => quoted.push_str("\\b"),
            '\t' => quoted.push_str("\\t"),
            '\n' => quoted.push_str("\\n"),
            '\u{c}' => quoted.push_str("\\f"),
            '\r' => quoted.push_str("\\r"),
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\0'..='\u{1f}' | '\u{7f}' => {
                // Writing to a string does not fail.
                let _ = write!(quoted, "\\u{:04X}", u32::from(character));
            }
            character => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}
