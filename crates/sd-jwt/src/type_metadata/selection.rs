//! Which claims of a credential a path means. draft-ietf-oauth-sd-jwt-vc §5.6, §5.6.1.
//!
//! Places in arrays are those of the array as issued, elements kept back included.

use std::collections::{HashMap, HashSet};

use jose::{Budget, OverBudget, Work};
use serde_json::{Map, Value};

use super::{ClaimPattern, PatternElement};
use crate::parts::Processed;
use crate::{ClaimPath, PathElement};

/// A credential, with what is known about claims that do not show.
pub(super) struct View<'c> {
    claims: &'c Map<String, Value>,
    disclosures: HashSet<&'c ClaimPath>,
    veiled: HashSet<&'c ClaimPath>,
    gaps: HashMap<&'c ClaimPath, &'c [usize]>,
}

/// One claim that a path selects.
pub(super) enum Selected<'c> {
    /// It shows. The path is that in the processed payload.
    Shown { path: ClaimPath, value: &'c Value },
    /// An array element that is there and does not show.
    KeptBack,
}

/// What a path selects, and where something may lie that does not show.
pub(super) struct Selection<'c> {
    pub(super) selected: Vec<Selected<'c>>,
    /// How many leading components of the path led to an object without the member named, which
    /// has digests that nobody disclosed.
    pub(super) veiled_at: Vec<usize>,
    /// The path goes on inside an element that was kept back.
    pub(super) goes_on_unseen: bool,
}

/// Why a path selects nothing and never could.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum PathError {
    /// A name in something that is no object, or a place in something that is no array.
    WrongKind,
    OverBudget(OverBudget),
}

impl From<OverBudget> for PathError {
    fn from(over: OverBudget) -> Self {
        Self::OverBudget(over)
    }
}

/// A value, or the payload itself.
#[derive(Clone, Copy)]
enum Node<'c> {
    Payload(&'c Map<String, Value>),
    Value(&'c Value),
}

impl<'c> View<'c> {
    pub(super) fn of(processed: &'c Processed) -> Self {
        let gaps = processed.withheld.elements.iter();
        Self {
            claims: &processed.claims,
            disclosures: processed.disclosures.iter().map(|(_, path)| path).collect(),
            veiled: processed.withheld.objects.iter().collect(),
            gaps: gaps.map(|(path, gaps)| (path, gaps.as_slice())).collect(),
        }
    }

    /// Whether the claim itself is a disclosure; that it lies in one is not enough.
    pub(super) fn is_disclosure(&self, path: &ClaimPath) -> bool {
        self.disclosures.contains(path)
    }

    pub(super) fn select(&self, pattern: &ClaimPattern, budget: &mut Budget) -> Result<Selection<'c>, PathError> {
        let mut nodes = vec![(ClaimPath::default(), Node::Payload(self.claims))];
        let mut kept_back = 0;
        let mut selection = Selection {
            selected: Vec::new(),
            veiled_at: Vec::new(),
            goes_on_unseen: false,
        };
        for (position, component) in pattern.elements().iter().enumerate() {
            // What was kept back before has no members that could be seen.
            selection.goes_on_unseen |= kept_back > 0;
            kept_back = 0;
            let mut next = Vec::new();
            for (path, node) in nodes {
                match component {
                    PatternElement::Name(name) => match node.object()?.get(name) {
                        Some(value) => next.push((path.child(PathElement::Name(name.clone())), Node::Value(value))),
                        None if self.veiled.contains(&path) => selection.veiled_at.push(position),
                        None => {}
                    },
                    PatternElement::Index(issued) => kept_back += self.element(&path, node, *issued, &mut next)?,
                    PatternElement::All => kept_back += self.elements(&path, node, &mut next)?,
                }
                budget.spend(Work::Values, 1)?;
            }
            nodes = next;
        }
        for (path, node) in nodes {
            if let Node::Value(value) = node {
                budget.spend(Work::Values, 1)?;
                selection.selected.push(Selected::Shown { path, value });
            }
        }
        budget.spend(Work::Values, kept_back)?;
        selection.selected.extend((0..kept_back).map(|_| Selected::KeptBack));
        Ok(selection)
    }

    fn gaps(&self, array: &ClaimPath) -> &'c [usize] {
        self.gaps.get(array).copied().unwrap_or_default()
    }

    /// The element that was issued at a place; whether it was kept back.
    fn element(
        &self,
        path: &ClaimPath,
        node: Node<'c>,
        issued: usize,
        next: &mut Vec<(ClaimPath, Node<'c>)>,
    ) -> Result<usize, PathError> {
        let array = node.array()?;
        let gaps = self.gaps(path);
        if gaps.contains(&issued) {
            return Ok(1);
        }
        let index = issued - gaps.iter().filter(|gap| **gap < issued).count();
        if let Some(value) = array.get(index) {
            next.push((path.child(PathElement::Index(index)), Node::Value(value)));
        }
        Ok(0)
    }

    /// Every element; how many were kept back.
    fn elements(
        &self,
        path: &ClaimPath,
        node: Node<'c>,
        next: &mut Vec<(ClaimPath, Node<'c>)>,
    ) -> Result<usize, PathError> {
        let array = node.array()?.iter().enumerate();
        next.extend(array.map(|(index, value)| (path.child(PathElement::Index(index)), Node::Value(value))));
        Ok(self.gaps(path).len())
    }
}

impl<'c> Node<'c> {
    fn object(self) -> Result<&'c Map<String, Value>, PathError> {
        match self {
            Self::Payload(object) | Self::Value(Value::Object(object)) => Ok(object),
            Self::Value(_) => Err(PathError::WrongKind),
        }
    }

    fn array(self) -> Result<&'c [Value], PathError> {
        match self {
            Self::Value(Value::Array(array)) => Ok(array),
            _ => Err(PathError::WrongKind),
        }
    }
}
