//! A rule over the cards that were shown.

use crate::day::Day;
use crate::evaluate::{EvaluationError, Input};
use crate::rule::Rule;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// A card that was shown, or is about to be.
#[derive(Clone)]
pub struct Card<'a> {
    /// The query that it answers.
    pub query: &'a str,
    /// Its claims at the top level, as far as they are shown.
    pub claims: Vec<(&'a str, &'a Json)>,
}

impl Rule {
    /// Whether the cards satisfy the rule.
    ///
    /// A rule speaks of one card for each query. Where several answer one query, it has to hold of
    /// each: to show one card more never turns a no into a yes. docs/rules.md §4
    ///
    /// # Errors
    /// [`EvaluationError`] where no choice gives a no, and one gives no answer.
    pub fn evaluate_cards(&self, today: Day, cards: &[Card<'_>]) -> Result<bool, EvaluationError> {
        let mut answer = Ok(true);
        for chosen in one_of_each(cards) {
            let mut input = Input::new(today);
            for card in chosen {
                for (claim, value) in &card.claims {
                    // A name that means two things means none.
                    if card.claims.iter().all(|(other, said)| other != claim || said == value) {
                        input.insert(card.query, claim, value);
                    }
                }
            }
            match self.evaluate(&input) {
                Ok(true) => {}
                Ok(false) => return Ok(false),
                Err(error) => answer = Err(error),
            }
        }
        answer
    }
}

/// Every way to take one card for each query that was answered. There are few: an answer holds
/// sixteen cards at most.
fn one_of_each<'c, 'a>(cards: &'c [Card<'a>]) -> Vec<Vec<&'c Card<'a>>> {
    let mut by_query: BTreeMap<&str, Vec<&'c Card<'a>>> = BTreeMap::new();
    for card in cards {
        by_query.entry(card.query).or_default().push(card);
    }
    let mut ways: Vec<Vec<&'c Card<'a>>> = vec![Vec::new()];
    for several in by_query.values() {
        let mut longer = Vec::new();
        for way in &ways {
            for card in several {
                let mut with = way.clone();
                with.push(*card);
                longer.push(with);
            }
        }
        ways = longer;
    }
    ways
}

impl std::fmt::Debug for Card<'_> {
    /// Names only.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names = self.claims.iter().map(|(name, _)| *name);
        f.debug_struct("Card")
            .field("query", &self.query)
            .field("claims", &names.collect::<Vec<_>>())
            .finish()
    }
}
