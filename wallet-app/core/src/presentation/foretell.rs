//! What the answer will be, by the rule that those who ask have publicly recorded, before anything is shown.
//! docs/rules.md §6

use super::Open;
use super::matching::Held;
use super::scope::Outside;
use crate::consent::{AskedCard, ConsentError, Foretold};
use jose::UnixTime;
use ledger::{Channel, Purpose};
use oid4vp::{ClaimsPath, DcqlQuery, PathComponent, QueryId};
use rule::{Card, Day, Rule, UnverifiedRule};
use serde_json::Value;
use std::collections::BTreeSet;

/// The rule that the recorded purpose names by its hash, and what day it is for those who ask.
#[derive(Clone, Debug)]
pub(super) struct RecordedRule {
    rule: Rule,
    reads: BTreeSet<String>,
    today: Option<Day>,
    in_person: bool,
}

/// What would be shown of one card.
pub(super) struct Shown<'a> {
    pub(super) query: &'a QueryId,
    pub(super) card: &'a Held,
    pub(super) claims: &'a [ClaimsPath],
}

impl RecordedRule {
    /// The rule that came along, where it is to be believed. Without one, with what is no rule or speaks of what is
    /// not asked for, and where no purpose vouches for it, nothing can be told; another rule than the recorded one is
    /// refused.
    pub(super) fn of(
        came_along: Option<&Value>,
        purpose: Option<&Purpose>,
        query: &DcqlQuery,
        now: UnixTime,
    ) -> Result<Option<Self>, Outside> {
        let Some((purpose, recorded)) = purpose.and_then(|purpose| Some((purpose, purpose.rule?))) else {
            return Ok(None);
        };
        let Some(unverified) = came_along.and_then(|json| UnverifiedRule::parse(json).ok()) else {
            return Ok(None);
        };
        let carried = unverified.if_recorded(&recorded).ok_or(Outside::Rule)?;
        let asked = query.rule_names();
        if carried.rule().claims().any(|(name, _)| !asked.contains(name)) {
            return Ok(None);
        }
        Ok(Some(Self {
            reads: carried.rule().reads(),
            today: carried.today(now),
            in_person: purpose.channel == Channel::InPerson,
            rule: carried.rule().clone(),
        }))
    }

    /// What the rule says of these cards, with these claims and no others.
    pub(super) fn answer(&self, shown: &[Shown<'_>]) -> Foretold {
        let Some(today) = self.today else {
            return Foretold::CannotBeTold;
        };
        let cards: Vec<Card<'_>> = shown.iter().map(Shown::as_card).collect();
        match self.rule.evaluate_cards(today, &cards) {
            Ok(true) => Foretold::Yes,
            Ok(false) => Foretold::No,
            Err(_) => Foretold::CannotBeTold,
        }
    }

    /// Whether a claim of a card makes no difference to the answer. A portrait that somebody looks at in person does.
    fn does_without(&self, query: &QueryId, path: &ClaimsPath) -> bool {
        let Some(PathComponent::Key(name)) = path.components().first() else {
            return true;
        };
        let looked_at = self.in_person && name == "portrait";
        !looked_at && !self.reads.contains(&format!("{query}.{name}"))
    }
}

impl<'a> Shown<'a> {
    fn as_card(&self) -> Card<'a> {
        let claims: &'a [ClaimsPath] = self.claims;
        let held: &'a Held = self.card;
        let shown = claims.iter().filter_map(move |path| match path.components() {
            [PathComponent::Key(name)] => Some((name.as_str(), held.claims().get(name)?)),
            _ => None,
        });
        Card {
            query: self.query.as_str(),
            claims: shown.collect(),
        }
    }
}

impl<Q> Open<Q> {
    /// Whether the rule that decides is known, because it is publicly recorded.
    #[must_use]
    pub fn has_recorded_rule(&self) -> bool {
        self.matched.rule.is_some()
    }

    /// What the answer will be with these optional claims and cards, as [`crate::Ask::agree_also`] takes them, if the
    /// cards are good; `None` where no rule is publicly recorded. It says nothing about whether they can be checked.
    #[must_use]
    pub fn foretell(&self, with: &[String], also: &[String]) -> Option<Foretold> {
        let rule = self.matched.rule.as_ref()?;
        Some(self.foretold(rule, with, also).unwrap_or(Foretold::CannotBeTold))
    }

    /// The same for every choice among the optional claims, as long as they are few; the first is the one without any.
    #[must_use]
    pub fn foretell_each(&self) -> Vec<(Vec<String>, Foretold)> {
        let optional = self.ask.cards.iter().flat_map(|card| &card.optional);
        let names: BTreeSet<String> = optional.map(ToString::to_string).collect();
        let mut choices: Vec<Vec<String>> = vec![Vec::new()];
        for name in names.iter().filter(|_| names.len() <= CHOICES) {
            let with: Vec<Vec<String>> = choices
                .iter()
                .map(|choice| [choice.as_slice(), std::slice::from_ref(name)].concat())
                .collect();
            choices.extend(with);
        }
        let each = choices.into_iter().filter_map(|with| {
            let told = self.foretell(&with, &[])?;
            Some((with, told))
        });
        each.collect()
    }

    /// What is needed of a card although the recorded rule does without it; nothing where none is recorded.
    #[must_use]
    pub fn beyond_rule(&self, asked: &AskedCard) -> Vec<ClaimsPath> {
        let Some(rule) = &self.matched.rule else {
            return Vec::new();
        };
        let beyond = asked.needed.iter().filter(|path| rule.does_without(&asked.query, path));
        beyond.cloned().collect()
    }

    fn foretold(&self, rule: &RecordedRule, with: &[String], also: &[String]) -> Result<Foretold, ConsentError> {
        let mut claims = Vec::new();
        for asked in self.ask.chosen(also)? {
            let mut paths = asked.with(with).ok_or(ConsentError::NotTogether)?;
            // What the card cannot withhold is seen, whether it was switched on or not.
            paths.extend(asked.company().filter(|path| asked.optional.contains(path)));
            claims.push((asked, paths));
        }
        let shown = claims.iter().filter_map(|(asked, paths)| {
            Some(Shown {
                query: &asked.query,
                card: self.matched.held(&asked.card)?,
                claims: paths,
            })
        });
        Ok(rule.answer(&shown.collect::<Vec<_>>()))
    }
}

/// So many optional claims are tried out in every combination.
const CHOICES: usize = 6;
