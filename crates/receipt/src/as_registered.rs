//! A query in the words of a registration.

use ledger::{ClaimPath, PayloadError, ScopeCredential};
use oid4vp::CredentialQuery;

/// What a query asks of one card, as a scope says it: a claim that every claim set has is needed, the others are
/// optional. docs/ledger.md §4.4
///
/// # Errors
/// [`PayloadError`] for a path that cannot be registered.
pub fn as_registered(asked: &CredentialQuery) -> Result<ScopeCredential, PayloadError> {
    let (mut needed, mut optional) = (Vec::new(), Vec::new());
    for (place, claim) in asked.claims().iter().enumerate() {
        let path = ClaimPath::from_json(&claim.path().to_value())?;
        if asked.claim_sets().iter().all(|set| set.contains(&place)) {
            needed.push(path);
        } else {
            optional.push(path);
        }
    }
    let types = asked.meta().type_names().into_iter();
    Ok(ScopeCredential {
        claim_sets: smallest_sets(asked)?,
        needed,
        optional,
        vct_values: types.map(str::to_owned).collect(),
    })
}

/// The claim sets that have no other within them, where there are several: what the others have beyond may be left out.
fn smallest_sets(asked: &CredentialQuery) -> Result<Vec<Vec<ClaimPath>>, PayloadError> {
    let sets = asked.claim_sets();
    let is_within = |set: &[usize], other: &[usize]| set.iter().all(|place| other.contains(place));
    let mut smallest: Vec<&[usize]> = Vec::new();
    for set in sets {
        let has_one_within = |other: &Vec<usize>| is_within(other, set) && !is_within(set, other);
        if !sets.iter().any(has_one_within) && !smallest.iter().any(|known| is_within(known, set)) {
            smallest.push(set);
        }
    }
    if smallest.len() < 2 {
        return Ok(Vec::new());
    }
    smallest.sort_by_key(|set| set.len());
    smallest.into_iter().map(|set| paths(asked, set)).collect()
}

/// The sets of claims with which whoever has the claims answers, whatever they say: what one alternative has and another
/// has not is not asked for certain values there. All claims where there are no alternatives.
pub(crate) fn always_enough(asked: &CredentialQuery) -> Result<Vec<Vec<ClaimPath>>, PayloadError> {
    let all: Vec<usize> = (0..asked.claims().len()).collect();
    let sets = match asked.claim_sets() {
        [] => std::slice::from_ref(&all),
        sets => sets,
    };
    let is_limited = |place: &usize| {
        let claim = asked.claims().get(*place);
        claim.is_some_and(|claim| !claim.values().is_empty()) && !sets.iter().all(|set| set.contains(place))
    };
    let open = sets.iter().filter(|set| !set.iter().any(is_limited));
    open.map(|set| paths(asked, set)).collect()
}

fn paths(asked: &CredentialQuery, set: &[usize]) -> Result<Vec<ClaimPath>, PayloadError> {
    let claims = set.iter().filter_map(|place| asked.claims().get(*place));
    claims
        .map(|claim| ClaimPath::from_json(&claim.path().to_value()))
        .collect()
}
