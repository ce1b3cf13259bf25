//! What is signed, compared with the canonical forms and hashes of others.

use std::path::Path;

use jose::{Budget, OverBudget, Work};
use proptest::prelude::*;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use test_case::test_case;
use testkit::vectors::{self, Table};

use crate::document::Tally;
use crate::statement::{Node, Statement, Term, quoted};
use crate::{CREDENTIALS_V2, Contexts, budget, json_ld, rdfc};

#[path = "../tests/held_contexts.rs"]
mod held_contexts;

fn canonical(document: &Map<String, Value>) -> String {
    let mut plain = document.clone();
    plain.remove("@context");
    let tally = Tally::of_node(&plain).unwrap();
    let mut budget = budget::CREDENTIAL;
    let statements = json_ld::statements(document, tally, &held_contexts::contexts(), &mut budget).unwrap();
    rdfc::canonicalize(statements, &mut budget).unwrap()
}

/// Compares canonical forms and hashes of one folder of a suite's recommendation.
fn folder(folder: &Path, suffix: &str) {
    let read = |name: &str| std::fs::read_to_string(folder.join(format!("{name}{suffix}.txt"))).unwrap();
    let json = |name: &str| {
        vectors::json(&folder.join(format!("{name}{suffix}.json")))
            .as_object()
            .unwrap()
            .clone()
    };
    let mut document = json("signed");
    document.remove("proof");
    for (document, form, hash) in [
        (document, "canonDoc", "docHash"),
        (json("proofConfig"), "proofCanon", "proofHash"),
    ] {
        let canonical = canonical(&document);
        assert_eq!(
            canonical.trim_end(),
            read(form).trim_end(),
            "{form} of {}",
            folder.display()
        );
        assert_eq!(hex(&canonical), read(hash).trim(), "{hash} of {}", folder.display());
    }
}

fn hex(text: &str) -> String {
    Sha256::digest(text.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[test_case("vc-di-ecdsa", "ecdsa-rdfc-2019-p256", "ECDSAP256"; "ecdsa_rdfc_2019")]
#[test_case("vc-di-eddsa", "eddsa-rdfc-2022", "DataInt"; "eddsa_rdfc_2022")]
fn canonical_forms_are_those_of_the_recommendation(set: &str, suite: &str, suffix: &str) {
    if let Some(root) = vectors::folder(set) {
        folder(&root.join(suite), suffix);
        folder(&root.join(suite).join("employ"), suffix);
    }
}

/// Reads N-Quads, as far as the test suite has them; labels become numbers in the order they come.
fn parse(text: &str) -> Vec<Statement> {
    let mut labels: Vec<String> = Vec::new();
    let mut node = |token: &str| match token.strip_prefix("_:") {
        None => Node::Iri(unescape(token)),
        Some(label) => Node::Blank(labels.iter().position(|known| known == label).unwrap_or_else(|| {
            labels.push(label.to_owned());
            labels.len() - 1
        })),
    };
    let lines = text
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    let statements = lines.map(|line| {
        let (subject, rest) = line.split_once(' ').unwrap();
        let (predicate, rest) = rest.split_once(' ').unwrap();
        let rest = rest.trim_end().strip_suffix('.').unwrap().trim_end();
        let (object, graph) = match rest.rsplit_once('"') {
            Some((text, after)) => {
                let text = unescape(&text[1..]);
                let (kind, graph) = after
                    .split_once(' ')
                    .map_or((after, None), |(kind, graph)| (kind, Some(graph)));
                let kind = if kind == "^^<http://www.w3.org/2001/XMLSchema#string>" {
                    ""
                } else {
                    kind
                };
                (Term::Literal(quoted(&text) + &unescape(kind)), graph)
            }
            None => {
                let (object, graph) = rest
                    .split_once(' ')
                    .map_or((rest, None), |(object, graph)| (object, Some(graph)));
                (Term::Node(node(object)), graph)
            }
        };
        Statement {
            subject: node(subject),
            predicate: unescape(predicate),
            object,
            graph: graph.map(str::trim).map(&mut node),
        }
    });
    statements.collect()
}

fn unescape(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        plain.push_str(before);
        let (digits, at) = match after.as_bytes()[0] {
            b'u' => (4, None),
            b'U' => (8, None),
            escaped => (0, Some(char::from(escaped))),
        };
        plain.push(match at {
            None => char::from_u32(u32::from_str_radix(&after[1..=digits], 16).unwrap()).unwrap(),
            Some(escaped) => "btnfr"
                .find(escaped)
                .map_or(escaped, |at| char::from(b"\x08\t\n\x0c\r"[at])),
        });
        rest = &after[1 + digits..];
    }
    plain + rest
}

fn canonicalize(statements: Vec<Statement>) -> Result<String, OverBudget> {
    rdfc::canonicalize(statements, &mut Budget::NOTHING.allow(Work::Statements, 1_000_000))
}

/// The test suite of RDF Dataset Canonicalization 1.0.
#[test]
fn rdfc_1_0() {
    let Some(root) = vectors::folder("rdf-canon") else {
        return;
    };
    let mut table = Table::new("rdf-canon");
    for path in vectors::files(&root.join("rdfc10")) {
        let name = path.file_name().unwrap().to_str().unwrap();
        let Some(name) = name.strip_suffix("-in.nq") else {
            continue;
        };
        let canonical = canonicalize(parse(&std::fs::read_to_string(&path).unwrap()));
        let expected = std::fs::read_to_string(path.with_file_name(format!("{name}-rdfc10.nq")));
        match (name, expected) {
            ("test075", _) => table.out_of_scope("graphs", 1, "SHA-384: hashes are SHA-256"),
            (_, Ok(expected)) => {
                assert_eq!(canonical.as_deref(), Ok(expected.as_str()), "{name}");
                table.agrees("graphs", true);
            }
            (_, Err(_)) => {
                assert_eq!(canonical, Err(OverBudget(Work::Statements)), "{name}");
                table.agrees("graphs", false);
            }
        }
    }
    table.check(&[("graphs", [63, 1, 0, 1])]);
}

/// Two nodes that look alike, with neighbours that do not: named by the canonical names of these. The test suite
/// has no such graph.
#[test]
fn alike_nodes_are_named_after_their_neighbours() {
    let school = |degree, school: usize| Statement {
        predicate: "<urn:school>".to_owned(),
        ..link(degree, school)
    };
    let name = |school, name| Statement {
        object: Term::Literal(quoted(name)),
        predicate: "<urn:name>".to_owned(),
        ..link(school, 0)
    };
    let degree = |degree| Statement {
        subject: Node::Iri("<urn:r>".to_owned()),
        predicate: "<urn:degree>".to_owned(),
        ..link(0, degree)
    };
    let graph = vec![
        degree(0),
        degree(1),
        school(0, 2),
        school(1, 3),
        name(2, "A"),
        name(3, "B"),
    ];
    let canonical = canonicalize(graph).unwrap();
    assert_eq!(
        canonical.lines().collect::<Vec<_>>(),
        [
            "<urn:r> <urn:degree> _:c14n2 .",
            "<urn:r> <urn:degree> _:c14n3 .",
            "_:c14n0 <urn:name> \"A\" .",
            "_:c14n1 <urn:name> \"B\" .",
            "_:c14n2 <urn:school> _:c14n0 .",
            "_:c14n3 <urn:school> _:c14n1 .",
        ]
    );
}

fn link(subject: usize, object: usize) -> Statement {
    Statement {
        subject: Node::Blank(subject),
        predicate: "<urn:x:p>".to_owned(),
        object: Term::Node(Node::Blank(object)),
        graph: None,
    }
}

#[test]
fn a_graph_made_to_cost_ends_at_the_budget() {
    let clique = (0..10).flat_map(|one| {
        (0..10)
            .filter(move |other| *other != one)
            .map(move |other| link(one, other))
    });
    assert_eq!(canonicalize(clique.collect()), Err(OverBudget(Work::Statements)));
    let chain = (0..2_000).map(|place| link(place, place + 1)).chain([link(2_000, 0)]);
    assert_eq!(canonicalize(chain.collect()), Err(OverBudget(Work::Statements)));
}

proptest! {
    /// Labels and order make no difference; a link more does.
    #[test]
    fn labels_make_no_difference(
        links in proptest::collection::btree_set((0_usize..5, 0_usize..5), 0..12),
        order in Just((0_usize..5).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let graph: Vec<Statement> = links.iter().map(|(one, other)| link(*one, *other)).collect();
        let renamed: Vec<Statement> = links.iter().rev().map(|(one, other)| link(order[*one], order[*other])).collect();
        let canonical = canonicalize(graph);
        prop_assert!(canonical.is_ok());
        prop_assert_eq!(&canonical, &canonicalize(renamed));
        let more: Vec<Statement> = links.iter().map(|(one, other)| link(*one, *other)).chain([link(0, 5)]).collect();
        prop_assert_ne!(canonicalize(more), canonical);
    }

    #[test]
    fn what_is_canonical_stays_as_it_is(links in proptest::collection::btree_set((0_usize..4, 0_usize..4), 0..10)) {
        let canonical = canonicalize(links.iter().map(|(one, other)| link(*one, *other)).collect()).unwrap();
        prop_assert_eq!(canonicalize(parse(&canonical)), Ok(canonical));
    }
}
