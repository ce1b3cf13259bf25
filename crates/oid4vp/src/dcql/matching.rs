//! Which credentials answer a query, and with which claims. OpenID4VP 1.0 §6.4
//!
//! Format, type and claims come in as values, so that the language does not
//! depend on which formats are built.

use serde_json::Value;

use super::{Authority, ClaimsQuery, CredentialQuery, DcqlQuery, HolderBinding, QueryId, Requirement};
use crate::{ClaimsPath, PathView};

/// A credential that may answer a query.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// Its format identifier, as `dc+sd-jwt`.
    pub format: &'a str,
    /// Its type.
    pub kind: CredentialType<'a>,
    /// Its claims as one JSON object; of an mdoc: namespaces, and elements in them.
    pub claims: &'a Value,
    /// Whether it can be, or was, presented with a proof of the holder's key.
    pub holder_binding: HolderBinding,
    /// Who certifies its issuer, as far as the credential itself shows it.
    pub authorities: &'a [Authority],
}

/// The type of a credential, in the words of its format.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum CredentialType<'a> {
    /// `vct` of an SD-JWT VC.
    Vct(&'a str),
    /// `docType` of an mdoc.
    Doctype(&'a str),
    /// Expanded `type` values of a W3C credential.
    Types(&'a [String]),
}

/// The claims of one satisfiable alternative, in the verifier's order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimSelection(Vec<ClaimsPath>);

/// One credential that answers one query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialMatch {
    candidate: usize,
    options: Vec<ClaimSelection>,
}

/// A credential set with the alternatives that can be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetChoice {
    requirement: Requirement,
    options: Vec<Vec<QueryId>>,
}

/// What a query finds among the credentials of one holder. OpenID4VP 1.0 §6.4
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation {
    matches: Vec<(QueryId, Vec<CredentialMatch>)>,
    sets: Vec<SetChoice>,
}

impl CredentialQuery {
    /// How a credential, or a presentation, answers this query; `None` when it
    /// does not. OpenID4VP 1.0 §6.4.1
    pub fn selections(&self, candidate: &Candidate<'_>, view: PathView) -> Option<Vec<ClaimSelection>> {
        let held_to =
            candidate.holder_binding == HolderBinding::Cryptographic || self.holder_binding == HolderBinding::None;
        if self.format != candidate.format || !self.meta.accepts(&candidate.kind) || !held_to {
            return None;
        }
        if !self.is_certified(candidate.authorities) {
            return None;
        }
        let present: Vec<bool> = self
            .claims
            .iter()
            .map(|claim| claim.is_met(candidate.claims, view))
            .collect();
        let all: Vec<usize> = (0..self.claims.len()).collect();
        let sets: &[Vec<usize>] = match self.claim_sets.as_slice() {
            [] => std::slice::from_ref(&all),
            sets => sets,
        };
        let options: Vec<ClaimSelection> = sets
            .iter()
            .filter(|set| set.iter().all(|place| present.get(*place).copied().unwrap_or(false)))
            .map(|set| self.selection(set))
            .collect();
        (!options.is_empty()).then_some(options)
    }

    /// Whether the credential matches one of the conditions on its authorities,
    /// where there are any. OpenID4VP 1.0 §6.1
    fn is_certified(&self, authorities: &[Authority]) -> bool {
        self.trusted_authorities.is_empty() || self.trusted_authorities.iter().any(|one| one.matches(authorities))
    }

    fn selection(&self, set: &[usize]) -> ClaimSelection {
        let mut paths: Vec<ClaimsPath> = Vec::with_capacity(set.len());
        for claim in set.iter().filter_map(|place| self.claims.get(*place)) {
            if !paths.contains(&claim.path) {
                paths.push(claim.path.clone());
            }
        }
        ClaimSelection(paths)
    }
}

impl ClaimsQuery {
    /// Whether the claim is there and, where values are named, is one of them
    /// in type and value.
    fn is_met(&self, claims: &Value, view: PathView) -> bool {
        self.path
            .select(claims, view)
            .is_ok_and(|selected| self.values.is_empty() || selected.iter().any(|value| self.values.contains(value)))
    }
}

impl DcqlQuery {
    /// Finds which of a holder's credentials answer the query.
    /// OpenID4VP 1.0 §6.4
    pub fn evaluate(&self, candidates: &[Candidate<'_>]) -> Evaluation {
        let matches: Vec<(QueryId, Vec<CredentialMatch>)> = self
            .credentials
            .iter()
            .map(|query| (query.id.clone(), query.matches(candidates)))
            .collect();
        let answered = |id: &QueryId| matches.iter().any(|(known, found)| known == id && !found.is_empty());
        let sets = self.set_choices(answered);
        Evaluation { matches, sets }
    }

    /// Whether answers to exactly these queries satisfy the whole query.
    /// OpenID4VP 1.0 §6.4.2
    pub fn is_satisfied_by(&self, answered: impl Fn(&QueryId) -> bool) -> bool {
        self.set_choices(answered).iter().all(SetChoice::is_satisfiable)
    }

    /// Without `credential_sets` all queries together are one required set.
    fn set_choices(&self, answered: impl Fn(&QueryId) -> bool) -> Vec<SetChoice> {
        let choice = |options: &[Vec<QueryId>], requirement| SetChoice {
            requirement,
            options: options
                .iter()
                .filter(|option| option.iter().all(&answered))
                .cloned()
                .collect(),
        };
        if self.credential_sets.is_empty() {
            let all = self.credentials.iter().map(|query| query.id.clone()).collect();
            return vec![choice(&[all], Requirement::Required)];
        }
        self.credential_sets
            .iter()
            .map(|set| choice(&set.options, set.requirement))
            .collect()
    }
}

impl CredentialQuery {
    fn matches(&self, candidates: &[Candidate<'_>]) -> Vec<CredentialMatch> {
        candidates
            .iter()
            .enumerate()
            .filter_map(|(candidate, held)| {
                let options = self.selections(held, PathView::Credential)?;
                Some(CredentialMatch { candidate, options })
            })
            .collect()
    }
}

impl Evaluation {
    /// The credentials that answer one query; empty when none does.
    pub fn matches(&self, id: &QueryId) -> &[CredentialMatch] {
        self.matches
            .iter()
            .find(|(known, _)| known == id)
            .map_or(&[], |(_, found)| found)
    }

    /// The credential sets in the verifier's order, with the alternatives that
    /// can be answered. Without `credential_sets` it is one required set of
    /// all queries.
    pub fn sets(&self) -> &[SetChoice] {
        &self.sets
    }

    /// Whether every required set can be answered; if not, nothing at all may
    /// be returned. OpenID4VP 1.0 §6.4.2
    pub fn is_satisfiable(&self) -> bool {
        self.sets.iter().all(SetChoice::is_satisfiable)
    }
}

impl SetChoice {
    /// Whether the set must be answered.
    pub fn requirement(&self) -> Requirement {
        self.requirement
    }

    /// The alternatives that can be answered, preferred first.
    pub fn options(&self) -> &[Vec<QueryId>] {
        &self.options
    }

    fn is_satisfiable(&self) -> bool {
        self.requirement == Requirement::Optional || !self.options.is_empty()
    }
}

impl CredentialMatch {
    /// The position of the credential among the candidates.
    pub fn candidate(&self) -> usize {
        self.candidate
    }

    /// Every alternative that this credential can satisfy, preferred first;
    /// never empty.
    pub fn options(&self) -> &[ClaimSelection] {
        &self.options
    }

    /// The claims to show when the holder adds nothing: the alternative that
    /// the verifier prefers. OpenID4VP 1.0 §6.4.1
    pub fn needed(&self) -> &[ClaimsPath] {
        self.options.first().map_or(&[], ClaimSelection::paths)
    }

    /// Claims that may be added: those of the alternatives that contain all
    /// needed ones.
    pub fn optional(&self) -> Vec<&ClaimsPath> {
        let mut optional: Vec<&ClaimsPath> = Vec::new();
        for selection in self.options.iter().filter(|option| option.contains_all(self.needed())) {
            for path in selection.paths() {
                if !self.needed().contains(path) && !optional.contains(&path) {
                    optional.push(path);
                }
            }
        }
        optional
    }

    /// The smallest alternative with all needed claims and these; `None` when
    /// the verifier offers no such alternative.
    pub fn with_optional(&self, added: &[ClaimsPath]) -> Option<&ClaimSelection> {
        self.options
            .iter()
            .filter(|option| option.contains_all(self.needed()) && option.contains_all(added))
            .min_by_key(|option| option.paths().len())
    }
}

impl ClaimSelection {
    /// The claims to show, without repetitions.
    pub fn paths(&self) -> &[ClaimsPath] {
        &self.0
    }

    fn contains_all(&self, paths: &[ClaimsPath]) -> bool {
        paths.iter().all(|path| self.0.contains(path))
    }
}
