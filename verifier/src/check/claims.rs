//! The claims that a query asks for, by the names that rules use, and whether each claim set is enough for an answer.

use std::collections::BTreeSet;

use oid4vp::{ClaimsQuery, CredentialQuery, DcqlQuery};
use rule::Rule;

use super::error::CheckProblem;

/// Face to face with a portrait, a receipt would say that somebody stood before somebody.
pub(super) fn asks_for_portrait(query: &DcqlQuery) -> bool {
    let is_portrait = |asked: &CredentialQuery, claim: &ClaimsQuery| name_of(asked, claim) == Some("portrait");
    let mut queries = query.credentials().iter();
    queries.any(|asked| asked.claims().iter().any(|claim| is_portrait(asked, claim)))
}

/// `query.claim` for every claim that has a name for a rule.
pub(super) fn claim_names(query: &DcqlQuery) -> BTreeSet<String> {
    let queries = query.credentials().iter();
    queries
        .flat_map(|asked| asked.claims().iter().filter_map(move |claim| claim_name(asked, claim)))
        .collect()
}

fn claim_name(asked: &CredentialQuery, claim: &ClaimsQuery) -> Option<String> {
    name_of(asked, claim).map(|name| format!("{}.{name}", asked.id()))
}

fn name_of<'c>(asked: &CredentialQuery, claim: &'c ClaimsQuery) -> Option<&'c str> {
    asked.meta().claim_name(claim.path())
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
