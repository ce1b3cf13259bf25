//! All presentations together, and the rule.

use card_formats::{Binding, Handover};
use jose::UnixTime;
use ledger::Channel;
use oid4vp::{Answers, CredentialQuery, Multiplicity, QueryId, UnverifiedVpToken};
use rule::{Card, Day, Rule};
use serde_json::{Map, Value};

use super::issuer::Grounds;
use super::presentation::{self, Passed};
use super::{Ages, Judgement, Portrait, Reason, Rejection, Verdict};
use crate::check::{Check, Freshness};
use crate::trust::TrustView;

/// A response to be judged, with everything the judgement may rest on.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// What was asked.
    pub check: &'a Check,
    /// Who asked: the full client identifier.
    pub client_id: &'a str,
    /// The nonce of the request.
    pub nonce: &'a str,
    /// How the response was handed over; `None` without a network.
    pub handover: Option<Handover<'a>>,
    /// What came back.
    pub token: &'a UnverifiedVpToken,
    /// What is held of ledger, lists and anchors.
    pub trust: &'a TrustView,
    /// The clock of this machine.
    pub device: UnixTime,
    /// How old the grounds may be: of the check, over a network or without one.
    pub limits: Freshness,
}

/// Judges responses.
pub trait Engine: Send + Sync {
    /// Judges one response, without any input but the case.
    fn judge(&self, case: &Case<'_>) -> Judgement;
}

/// The engine of the service: form, issuer, signature, key binding, query,
/// status and freshness of each presentation, then the sets, then the rule.
#[derive(Debug, Clone, Copy, Default)]
pub struct Pipeline;

impl Engine for Pipeline {
    fn judge(&self, case: &Case<'_>) -> Judgement {
        // By a clock that was set back, what ran out since then would count again.
        if case.trust.clock_behind(case.device).is_some() {
            return Judgement::of(Reason::ClockWrong, Ages::default());
        }
        let query = case.check.query();
        let grounds = Grounds {
            trust: case.trust,
            device: case.device,
            limits: case.limits,
        };
        let binding = Binding {
            audience: case.client_id,
            nonce: case.nonce,
            handover: case.handover,
        };
        let mut answers: Answers<'_, Passed, Rejection> = Answers::new(query);
        let mut passed: Vec<QueryId> = Vec::new();
        for (id, text) in case.token.presentations() {
            let Some(asked) = query.credential(id.as_str()) else {
                continue;
            };
            let outcome = presentation::check(text, asked, case.check, binding, &grounds);
            if outcome.is_ok() {
                passed.push(id.clone());
            }
            answers.record(id.clone(), outcome);
        }
        match answers.finish() {
            Ok(satisfied) => decide(case, satisfied.into_presentations()),
            Err(unsatisfied) => {
                let rejection = explain(case.check, &passed, &unsatisfied.into_discarded());
                let mut judgement = Judgement::of(rejection.reason, rejection.ages);
                judgement.unheld_list = rejection.unheld_list;
                judgement
            }
        }
    }
}

/// Where the presentations that could not be checked would have been enough,
/// nobody can say; else the first definite reason counts.
fn explain(check: &Check, passed: &[QueryId], discarded: &[(QueryId, Rejection)]) -> Rejection {
    let unknown = |rejection: &Rejection| rejection.reason.verdict() == Verdict::CouldNotCheck;
    let with_unknown = check.query().is_satisfied_by(|id| {
        passed.contains(id)
            || discarded
                .iter()
                .any(|(known, rejection)| known == id && unknown(rejection))
    });
    discarded
        .iter()
        .map(|(_, rejection)| rejection)
        .find(|rejection| unknown(rejection) == with_unknown)
        .cloned()
        .unwrap_or(Reason::RuleNotMet.into())
}

fn decide(case: &Case<'_>, presentations: Vec<(QueryId, Passed)>) -> Judgement {
    let ages = presentations
        .iter()
        .fold(Ages::default(), |ages, (_, passed)| ages.oldest(passed.ages));
    let over_disclosed = presentations
        .iter()
        .map(|(_, passed)| passed.claims.over_disclosed())
        .sum();
    let reason = match case.check.today(case.trust.clock(case.device).now()) {
        None => Reason::Internal,
        Some(today) => by_rule(case.check.rule(), &presentations, today),
    };
    let mut judgement = Judgement::of(reason, ages);
    judgement.over_disclosed = over_disclosed;
    judgement.kept = kept(case.check, &presentations);
    if reason == Reason::Ok && case.check.channel() == Channel::InPerson {
        judgement.portrait = portrait(&presentations);
    }
    judgement
}

/// The first of the cards that has one.
fn portrait(presentations: &[(QueryId, Passed)]) -> Option<Portrait> {
    let mut claims = presentations.iter().flat_map(|(_, passed)| passed.claims.named());
    claims.find_map(|(name, value)| Portrait::of_claim(name, value))
}

/// What the rule says of the cards that hold.
fn by_rule(rule: &Rule, presentations: &[(QueryId, Passed)], today: Day) -> Reason {
    let cards = presentations.iter().map(|(id, passed)| Card {
        query: id.as_str(),
        claims: passed.claims.named().collect(),
    });
    match rule.evaluate_cards(today, &cards.collect::<Vec<_>>()) {
        Ok(true) => Reason::Ok,
        Ok(false) => Reason::RuleNotMet,
        Err(_) => Reason::RuleUndecided,
    }
}

/// By query; where a query takes several cards, a list.
fn kept(check: &Check, presentations: &[(QueryId, Passed)]) -> Map<String, Value> {
    let mut kept = Map::new();
    for (id, passed) in presentations {
        let named = passed.claims.named();
        let claims: Map<String, Value> = named
            .filter(|(name, _)| check.keeps(id, name))
            .map(|(name, value)| (name.to_owned(), value.clone()))
            .collect();
        if claims.is_empty() {
            continue;
        }
        let claims = Value::Object(claims);
        let takes_several = |asked: &CredentialQuery| asked.multiple() == Multiplicity::Several;
        if check.query().credential(id.as_str()).is_some_and(takes_several) {
            let list = kept.entry(id.as_str()).or_insert_with(|| Value::Array(Vec::new()));
            list.as_array_mut()
                .into_iter()
                .for_each(|list| list.push(claims.clone()));
        } else {
            kept.insert(id.as_str().to_owned(), claims);
        }
    }
    kept
}
