//! Which cards answer a query, with the fewest claims.

use super::{RequestRefused, Unanswerable};
use crate::cards::{Card, UnusedCopy};
use crate::consent::AskedCard;
use crate::vault::Vault;
use jose::UnixTime;
use oid4vp::{Candidate, ClaimsPath, CredentialMatch, CredentialType, DcqlQuery, HolderBinding, QueryId, Requirement};
use sd_jwt::{ClaimPath, HeldSdJwt, UnverifiedSdJwt};
use serde_json::Value;
use std::collections::BTreeMap;

/// A card with the copy that would be shown of it.
pub(super) struct Held {
    pub(super) card: Card,
    pub(super) copy: UnusedCopy,
    pub(super) sd_jwt: HeldSdJwt,
    claims: Value,
}

/// The cards that answer a request, each with the copy to be used.
#[derive(Default)]
pub(super) struct Matched {
    pub(super) asked: Vec<AskedCard>,
    pub(super) held: BTreeMap<QueryId, Held>,
}

/// Why nothing here answers a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoMatch {
    /// No card does.
    Card,
    /// One would, and every copy of it was shown.
    Copy,
}

impl NoMatch {
    /// Stable name of the reason.
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Card => "no_matching_card",
            Self::Copy => "no_copy_left",
        }
    }

    /// The same in the history, once whoever asks was told.
    pub(super) fn code_when_told(self) -> &'static str {
        match self {
            Self::Card => "no_matching_card_told",
            Self::Copy => "no_copy_left_told",
        }
    }

    pub(super) fn refusal(self, kept: Box<Unanswerable>) -> RequestRefused {
        match self {
            Self::Card => RequestRefused::NoMatchingCard(kept),
            Self::Copy => RequestRefused::NoCopyLeft(kept),
        }
    }
}

/// Finds the cards. Of several sets the one with the fewest cards is taken, of several alternatives
/// the one with the fewest claims; what is not required is left out.
pub(super) fn find(
    vault: &Vault,
    query: &DcqlQuery,
    now: UnixTime,
) -> Result<Result<Matched, NoMatch>, RequestRefused> {
    let (mut held, exhausted) = load(vault, now)?;
    let candidates: Vec<Candidate<'_>> = held.iter().map(Held::candidate).collect();
    let evaluation = query.evaluate(&candidates)?;
    if !evaluation.is_satisfiable() {
        return Ok(Err(if exhausted { NoMatch::Copy } else { NoMatch::Card }));
    }
    let required = evaluation
        .sets()
        .iter()
        .filter(|set| set.requirement() == Requirement::Required);
    let mut queries: Vec<QueryId> = Vec::new();
    for set in required {
        let smallest = set.options().iter().min_by_key(|option| option.len());
        for id in smallest.into_iter().flatten() {
            if !queries.contains(id) {
                queries.push(id.clone());
            }
        }
    }
    let mut asked = Vec::with_capacity(queries.len());
    let mut chosen: Vec<(QueryId, usize)> = Vec::with_capacity(queries.len());
    for id in queries {
        // One copy answers one query; a second query for the same card takes another card.
        let free = |found: &&CredentialMatch| chosen.iter().all(|(_, taken)| *taken != found.candidate());
        let matches = evaluation.matches(&id);
        let Some(found) = matches.iter().find(free) else {
            return Ok(Err(NoMatch::Copy));
        };
        asked.push(describe(&id, &held[found.candidate()], found));
        chosen.push((id, found.candidate()));
    }
    if asked.is_empty() {
        return Ok(Err(NoMatch::Card));
    }
    let mut slots: Vec<Option<Held>> = held.drain(..).map(Some).collect();
    let held = chosen
        .into_iter()
        .filter_map(|(id, place)| Some((id, slots.get_mut(place)?.take()?)))
        .collect();
    Ok(Ok(Matched { asked, held }))
}

/// Every card that has not run out, with an unused copy; and whether one was left out because all
/// its copies were used.
fn load(vault: &Vault, now: UnixTime) -> Result<(Vec<Held>, bool), RequestRefused> {
    let mut held = Vec::new();
    let mut exhausted = false;
    for card in vault.cards()? {
        if card.valid_until.is_some_and(|until| until <= now) {
            continue;
        }
        let Some(copy) = vault.unused_copy(&card.id)? else {
            exhausted = true;
            continue;
        };
        let sd_jwt = UnverifiedSdJwt::parse(&copy.credential)?.dangerous_from_storage()?;
        let claims = Value::Object(sd_jwt.claims().clone());
        held.push(Held {
            card,
            copy,
            sd_jwt,
            claims,
        });
    }
    Ok((held, exhausted))
}

impl Held {
    fn candidate(&self) -> Candidate<'_> {
        Candidate {
            format: "dc+sd-jwt",
            kind: CredentialType::Vct(&self.card.vct),
            claims: &self.claims,
            holder_binding: HolderBinding::Cryptographic,
        }
    }
}

fn describe(query: &QueryId, held: &Held, found: &CredentialMatch) -> AskedCard {
    let mut options: Vec<Vec<ClaimsPath>> = found.options().iter().map(|option| option.paths().to_vec()).collect();
    options.sort_by_key(Vec::len);
    let needed = options.first().cloned().unwrap_or_default();
    options.retain(|option| needed.iter().all(|path| option.contains(path)));
    let mut optional: Vec<ClaimsPath> = Vec::new();
    for path in options.iter().flatten() {
        if !needed.contains(path) && !optional.contains(path) {
            optional.push(path.clone());
        }
    }
    let asked = || needed.iter().chain(&optional);
    let withheld = withheld(held, asked().flat_map(|path| path.resolve(&held.claims)).collect());
    AskedCard {
        query: query.clone(),
        card: held.card.id.clone(),
        vct: held.card.vct.clone(),
        needed,
        optional,
        withheld,
        always: held.sd_jwt.always_visible(),
        alternatives: options,
    }
}

/// What can be withheld and is not asked for, the outermost of each, by name.
fn withheld(held: &Held, asked: Vec<ClaimPath>) -> Vec<String> {
    let hidden: Vec<&ClaimPath> = held.sd_jwt.disclosable().collect();
    let is_outermost = |path: &ClaimPath| !hidden.iter().any(|other| *other != path && other.contains(path));
    let is_asked = |path: &ClaimPath| asked.iter().any(|asked| asked.contains(path) || path.contains(asked));
    let mut withheld: Vec<String> = hidden
        .iter()
        .filter(|path| is_outermost(path) && !is_asked(path))
        .map(|path| path.to_string())
        .collect();
    withheld.sort();
    withheld.dedup();
    withheld
}
