//! The counter-offer: of what would answer a question, the least that gets a yes.

use super::foretell::{RecordedRule, Shown};
use super::matching::{Held, describe};
use crate::consent::{AskedCard, Foretold};
use oid4vp::{ClaimsPath, QueryId};

/// A card, and what could be shown of it for its query, the fewest claims first.
pub(super) struct Alternatives<'a> {
    pub(super) query: QueryId,
    pub(super) held: &'a Held,
    pub(super) options: Vec<Vec<ClaimsPath>>,
}

/// Makes the fewest claims with which the recorded rule gives a yes the needed ones. Where none do, the fewest claims
/// stay what is offered: nobody shows more for a no.
pub(super) fn offer(asked: &mut [AskedCard], alternatives: &[Alternatives<'_>], rule: &RecordedRule) {
    let of = |card: &AskedCard| alternatives.iter().find(|found| found.query == card.query);
    let Some(cards) = asked.iter().map(of).collect::<Option<Vec<_>>>() else {
        return;
    };
    let yes = |choice: &Vec<usize>| {
        let shown = cards.iter().zip(choice).filter_map(|(card, place)| {
            Some(Shown {
                query: &card.query,
                card: card.held,
                claims: card.options.get(*place)?,
            })
        });
        rule.answer(&shown.collect::<Vec<_>>()) == Foretold::Yes
    };
    let Some(choice) = by_size(&cards).into_iter().find(yes) else {
        return;
    };
    for ((card, found), place) in asked.iter_mut().zip(&cards).zip(choice) {
        if place > 0 {
            let larger = found.options.get(place..).unwrap_or_default();
            *card = describe(&found.query, found.held, larger.to_vec());
        }
    }
}

/// Every way to take one alternative of each card, those with the fewest claims first; none where there are too many.
fn by_size(cards: &[&Alternatives<'_>]) -> Vec<Vec<usize>> {
    let mut choices: Vec<(usize, Vec<usize>)> = vec![(0, Vec::new())];
    for card in cards {
        if choices.len().saturating_mul(card.options.len()) > MOST {
            return Vec::new();
        }
        let mut longer = Vec::new();
        for (claims, choice) in &choices {
            for (place, option) in card.options.iter().enumerate() {
                longer.push((
                    claims + option.len(),
                    [choice.as_slice(), std::slice::from_ref(&place)].concat(),
                ));
            }
        }
        choices = longer;
    }
    choices.sort_by_key(|(claims, _)| *claims);
    choices.into_iter().map(|(_, choice)| choice).collect()
}

/// So many ways are tried.
const MOST: usize = 256;
