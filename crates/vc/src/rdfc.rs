//! RDF Dataset Canonicalization 1.0 (RDFC-1.0) with SHA-256, within a budget.
//!
//! Names depend on the statements alone, and not on the labels that blank nodes came with. For most graphs
//! that takes one hash for each blank node; for some it takes a walk through all orders of alike ones, which
//! grows as the factorial of their number. Every statement gone through is paid for, so that there is an
//! end to it (§7.1, dataset poisoning).

use std::collections::{BTreeMap, HashMap};

use jose::{Budget, OverBudget, Work};
use sha2::{Digest, Sha256};

use crate::statement::{Node, Statement, Term};

/// Blank nodes that are named one inside the other. In a document that is a tree there are about as many as
/// it has levels.
const DEEPEST: usize = 64;

/// The statements as canonical N-Quads, sorted, each once. §4.4.
pub(crate) fn canonicalize(mut statements: Vec<Statement>, budget: &mut Budget) -> Result<String, OverBudget> {
    statements.sort_unstable();
    statements.dedup();
    let canonical = Naming::new(&statements, budget)?.finish(budget)?;
    budget.spend(Work::Statements, statements.len())?;
    let name = |blank| canonical.name(blank).unwrap_or_default();
    let mut lines: Vec<String> = statements.iter().map(|statement| statement.write(&name)).collect();
    lines.sort_unstable();
    Ok(lines.concat())
}

/// Names given to blank nodes, in order. §4.5.
#[derive(Clone)]
struct Issuer {
    prefix: &'static str,
    order: Vec<usize>,
    places: HashMap<usize, usize>,
}

impl Issuer {
    fn new(prefix: &'static str) -> Self {
        Self {
            prefix,
            order: Vec::new(),
            places: HashMap::new(),
        }
    }

    fn name(&self, blank: usize) -> Option<String> {
        let place = self.places.get(&blank)?;
        Some(format!("_:{}{place}", self.prefix))
    }

    fn issue(&mut self, blank: usize) -> String {
        let next = self.order.len();
        let place = *self.places.entry(blank).or_insert(next);
        if place == next {
            self.order.push(blank);
        }
        format!("_:{}{place}", self.prefix)
    }
}

/// The state of the algorithm. §4.3.
struct Naming<'s> {
    statements: &'s [Statement],
    /// For each blank node the statements that it is part of.
    parts: BTreeMap<usize, Vec<usize>>,
    first_degree: BTreeMap<usize, String>,
    canonical: Issuer,
}

impl<'s> Naming<'s> {
    /// Steps 2 and 3 of §4.4.3.
    fn new(statements: &'s [Statement], budget: &mut Budget) -> Result<Self, OverBudget> {
        budget.spend(Work::Statements, statements.len())?;
        let mut naming = Self {
            statements,
            parts: BTreeMap::new(),
            first_degree: BTreeMap::new(),
            canonical: Issuer::new("c14n"),
        };
        for (place, statement) in statements.iter().enumerate() {
            for (blank, _) in statement.blanks() {
                let parts = naming.parts.entry(blank).or_default();
                if parts.last() != Some(&place) {
                    parts.push(place);
                }
            }
        }
        for blank in naming.parts.keys() {
            let hash = naming.hash_first_degree(*blank, budget)?;
            naming.first_degree.insert(*blank, hash);
        }
        Ok(naming)
    }

    /// Steps 4 and 5 of §4.4.3.
    fn finish(mut self, budget: &mut Budget) -> Result<Issuer, OverBudget> {
        let mut by_hash: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (blank, hash) in &self.first_degree {
            by_hash.entry(hash).or_default().push(*blank);
        }
        for alike in by_hash.values() {
            if let [only] = alike.as_slice() {
                self.canonical.issue(*only);
            }
        }
        let alike: Vec<Vec<usize>> = by_hash.into_values().filter(|alike| alike.len() > 1).collect();
        for alike in alike {
            let mut paths = Vec::new();
            for blank in alike {
                if self.canonical.name(blank).is_some() {
                    continue;
                }
                let mut issuer = Issuer::new("b");
                issuer.issue(blank);
                paths.push(self.hash_n_degree(blank, issuer, 0, budget)?);
            }
            paths.sort_by(|(one, _), (other, _)| one.cmp(other));
            for (_, issuer) in paths {
                for blank in issuer.order {
                    self.canonical.issue(blank);
                }
            }
        }
        Ok(self.canonical)
    }

    fn parts(&self, blank: usize) -> impl Iterator<Item = &'s Statement> {
        let places = self.parts.get(&blank).map(Vec::as_slice).unwrap_or_default();
        places.iter().filter_map(|place| self.statements.get(*place))
    }

    /// Hash First Degree Quads. §4.6.
    fn hash_first_degree(&self, blank: usize, budget: &mut Budget) -> Result<String, OverBudget> {
        let name = |other| {
            if other == blank {
                "_:a".to_owned()
            } else {
                "_:z".to_owned()
            }
        };
        let mut lines: Vec<String> = self.parts(blank).map(|statement| statement.write(&name)).collect();
        budget.spend(Work::Statements, lines.len())?;
        lines.sort_unstable();
        Ok(hash(&lines.concat()))
    }

    /// Hash Related Blank Node. §4.7.
    fn hash_related(&self, related: usize, statement: &Statement, position: char, issuer: &Issuer) -> String {
        let name = self.canonical.name(related).or_else(|| issuer.name(related));
        let name = name
            .or_else(|| self.first_degree.get(&related).cloned())
            .unwrap_or_default();
        match position {
            'g' => hash(&format!("g{name}")),
            position => hash(&format!("{position}{}{name}", statement.predicate)),
        }
    }

    /// Hash N-Degree Quads. §4.8.
    fn hash_n_degree(
        &self,
        blank: usize,
        mut issuer: Issuer,
        depth: usize,
        budget: &mut Budget,
    ) -> Result<(String, Issuer), OverBudget> {
        if depth > DEEPEST {
            return Err(OverBudget(Work::Statements));
        }
        let mut related: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for statement in self.parts(blank) {
            budget.spend(Work::Statements, 1)?;
            for (other, position) in statement.blanks().filter(|(other, _)| *other != blank) {
                let hash = self.hash_related(other, statement, position, &issuer);
                related.entry(hash).or_default().push(other);
            }
        }
        let mut data = String::new();
        for (hash, mut list) in related {
            data.push_str(&hash);
            list.sort_unstable();
            let mut chosen: Option<(String, Issuer)> = None;
            loop {
                let shortest = chosen.as_ref().map(|(path, _)| path.as_str());
                if let Some(better) = self.path(&list, &issuer, shortest, depth, budget)? {
                    chosen = Some(better);
                }
                if !next_order(&mut list) {
                    break;
                }
            }
            if let Some((path, names)) = chosen {
                data.push_str(&path);
                issuer = names;
            }
        }
        Ok((self::hash(&data), issuer))
    }

    /// The path through related blank nodes in one order; `None` where it is no better than the one
    /// chosen. §4.8.3, steps 5.4.1 to 5.4.6.
    fn path(
        &self,
        order: &[usize],
        issuer: &Issuer,
        chosen: Option<&str>,
        depth: usize,
        budget: &mut Budget,
    ) -> Result<Option<(String, Issuer)>, OverBudget> {
        // An order costs as much as the names that are copied for it.
        budget.spend(Work::Statements, 1 + order.len() + issuer.order.len())?;
        let worse = |path: &str| chosen.is_some_and(|chosen| path.len() >= chosen.len() && path > chosen);
        let mut names = issuer.clone();
        let mut path = String::new();
        let mut to_visit = Vec::new();
        for related in order {
            if let Some(name) = self.canonical.name(*related) {
                path.push_str(&name);
            } else {
                if names.name(*related).is_none() {
                    to_visit.push(*related);
                }
                path.push_str(&names.issue(*related));
            }
            if worse(&path) {
                return Ok(None);
            }
        }
        for related in to_visit {
            let (hash, deeper) = self.hash_n_degree(related, names.clone(), depth + 1, budget)?;
            path.push_str(&names.issue(related));
            path.push('<');
            path.push_str(&hash);
            path.push('>');
            names = deeper;
            if worse(&path) {
                return Ok(None);
            }
        }
        Ok(chosen
            .is_none_or(|chosen| path.as_str() < chosen)
            .then_some((path, names)))
    }
}

impl Statement {
    /// The blank nodes of a statement, each with its position. §4.7.
    fn blanks(&self) -> impl Iterator<Item = (usize, char)> {
        let object = match &self.object {
            Term::Node(node) => Some(node),
            Term::Literal(_) => None,
        };
        [(Some(&self.subject), 's'), (object, 'o'), (self.graph.as_ref(), 'g')]
            .into_iter()
            .filter_map(|(node, position)| match node {
                Some(Node::Blank(blank)) => Some((*blank, position)),
                _ => None,
            })
    }
}

/// The next order of a list that began sorted, in lexicographic order; false where it was the last.
fn next_order(list: &mut [usize]) -> bool {
    let Some(low) = list.windows(2).rposition(|pair| pair.first() < pair.last()) else {
        return false;
    };
    let lowest = list.get(low).copied();
    if let Some(high) = list.iter().rposition(|value| Some(*value) > lowest) {
        list.swap(low, high);
    }
    if let Some(tail) = list.get_mut(low + 1..) {
        tail.reverse();
    }
    true
}

fn hash(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().fold(String::with_capacity(64), |mut hex, byte| {
        for nibble in [byte >> 4, byte & 15] {
            hex.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
        }
        hex
    })
}
