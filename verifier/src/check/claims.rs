//! The claims that a query asks for, by the names that rules use, and whether each claim set is enough for an answer.

use std::collections::BTreeSet;

use oid4vp::{ClaimsQuery, CredentialQuery, DcqlQuery, PathComponent};
use rule::Rule;

use super::error::CheckProblem;

/// Face to face with a portrait, a receipt would say that somebody stood before somebody.
pub(super) fn asks_for_portrait(query: &DcqlQuery) -> bool {
    let claims = query.credentials().iter().flat_map(CredentialQuery::claims);
    claims
        .map(|claim| claim.path().components())
        .any(|path| matches!(path, [PathComponent::Key(name)] if name == "portrait"))
}

/// `query.claim` for every claim at the top level.
pub(super) fn claim_names(query: &DcqlQuery) -> BTreeSet<String> {
    let queries = query.credentials().iter();
    queries
        .flat_map(|asked| asked.claims().iter().filter_map(move |claim| claim_name(asked, claim)))
        .collect()
}

fn claim_name(asked: &CredentialQuery, claim: &ClaimsQuery) -> Option<String> {
    match claim.path().components() {
        [PathComponent::Key(name)] => Some(format!("{}.{name}", asked.id())),
        _ => None,
    }
}

/// Whoever shows no more than a claim set gets an answer: each set, beside all that the other cards show.
pub(super) fn every_set_answers(query: &DcqlQuery, rule: &Rule) -> Result<(), CheckProblem> {
    let all = claim_names(query);
    for asked in query.credentials() {
        for set in asked.claim_sets() {
            let mut shown = all.clone();
            for (place, claim) in asked.claims().iter().enumerate() {
                if let Some(name) = claim_name(asked, claim).filter(|_| !set.contains(&place)) {
                    shown.remove(&name);
                }
            }
            if !rule.can_answer(&shown) {
                return Err(CheckProblem::ClaimSetWithoutAnswer(asked.id().to_string()));
            }
        }
    }
    Ok(())
}
