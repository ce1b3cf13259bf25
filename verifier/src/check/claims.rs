//! What the claims of a query mean for a check: a portrait, and claim sets that are enough for an answer.

use oid4vp::{CredentialQuery, DcqlQuery, PathComponent};
use rule::Rule;

use super::error::CheckProblem;

/// Face to face with a portrait, a receipt would say that somebody stood before somebody.
pub(super) fn asks_for_portrait(query: &DcqlQuery) -> bool {
    let claims = query.credentials().iter().flat_map(CredentialQuery::claims);
    claims
        .map(|claim| claim.path().components())
        .any(|path| matches!(path, [PathComponent::Key(name)] if name == "portrait"))
}

/// Whoever shows no more than a claim set gets an answer: each set, beside all that the other cards show.
pub(super) fn every_set_answers(query: &DcqlQuery, rule: &Rule) -> Result<(), CheckProblem> {
    let all = query.rule_names();
    for asked in query.credentials() {
        for set in asked.claim_sets() {
            let mut shown = all.clone();
            for (place, claim) in asked.claims().iter().enumerate() {
                if let Some(name) = asked.rule_name(claim).filter(|_| !set.contains(&place)) {
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
