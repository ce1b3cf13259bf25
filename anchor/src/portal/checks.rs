//! The checks of a business, as its verifier reads them: one for each purpose. docs/registration.md §5

use std::collections::BTreeMap;

use ledger::{Channel, ClaimPath, PathElement, Purpose, Scope};
use rule::{ClaimType, Rule};
use serde_json::{Value, json};

use super::cards::Card;
use super::content::{Content, PurposeDraft};
use super::rules::rule_of;

/// One check for each purpose, as the JSON form of a `[[check]]`: of what is registered, by the rule that it names.
pub(crate) fn checks(content: &Content, scope: &Scope, cards: &[Card]) -> Vec<Value> {
    let drafted = |purpose: &Purpose| content.purposes.iter().find(|draft| draft.id == purpose.id);
    let purposes = scope.purposes.iter();
    purposes
        .map(|purpose| check(purpose, drafted(purpose), cards))
        .collect()
}

/// What is asked of one card.
struct Asked<'a> {
    id: String,
    vct: &'a str,
    needed: Vec<&'a str>,
    optional: Vec<&'a str>,
}

fn check(purpose: &Purpose, draft: Option<&PurposeDraft>, cards: &[Card]) -> Value {
    let asked = asked(purpose, cards);
    let rule = draft.and_then(|draft| rule_of(draft, cards).ok().flatten());
    let every = || {
        asked
            .iter()
            .flat_map(|card| card.claims().map(move |claim| (card, claim)))
    };
    let types: BTreeMap<&str, ClaimType> = rule.iter().flat_map(Rule::claims).collect();
    let keep: Vec<String> = if purpose.retention_days == 0 {
        Vec::new()
    } else {
        let kept = every().filter(|(_, claim)| *claim != "portrait");
        kept.map(|(card, claim)| card.named(claim)).collect()
    };
    let issuers: serde_json::Map<String, Value> = asked
        .iter()
        .map(|card| (card.vct.to_owned(), json!(["accredited"])))
        .collect();
    json!({
        "id": purpose.id,
        "purpose": purpose.text,
        "channel": channel(purpose.channel),
        "privacy_policy": purpose.privacy_policy,
        "dcql": json!({ "credentials": asked.iter().map(query).collect::<Vec<_>>() }).to_string(),
        "types": types,
        // Of what no rule can speak, it is enough that it was shown.
        "rule": rule.as_ref().map_or("true", Rule::text),
        "issuers": issuers,
        "retention_days": if keep.is_empty() { 0 } else { purpose.retention_days },
        "keep": keep,
    })
}

fn channel(channel: Channel) -> &'static str {
    match channel {
        Channel::Online => "online",
        Channel::InPerson => "in_person",
    }
}

/// What is asked, card by card. The portal writes one credential for each card, of claims at the top level.
fn asked<'a>(purpose: &'a Purpose, cards: &[Card]) -> Vec<Asked<'a>> {
    let credentials = purpose.credentials.iter().enumerate();
    credentials
        .map(|(place, credential)| {
            let vct = credential.vct_values.first().map_or("", String::as_str);
            let card = cards.iter().find(|card| card.vct == vct);
            Asked {
                id: card.map_or_else(|| format!("card_{}", place + 1), |card| card.query.to_owned()),
                vct,
                needed: names(&credential.needed),
                optional: names(&credential.optional),
            }
        })
        .collect()
}

/// Names at the top level; the portal writes no other paths.
fn names(paths: &[ClaimPath]) -> Vec<&str> {
    let mut names = Vec::new();
    for path in paths {
        if let [PathElement::Name(name)] = path.0.as_slice() {
            names.push(name.as_str());
        }
    }
    names
}

impl<'a> Asked<'a> {
    fn claims(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.needed.iter().chain(&self.optional).copied()
    }

    fn named(&self, claim: &str) -> String {
        format!("{}.{claim}", self.id)
    }
}

/// Smallest set first: a wallet that shows no more than the needed answers, too. OpenID4VP 1.0 §6.4.1
fn query(card: &Asked<'_>) -> Value {
    let claims: Vec<Value> = card
        .claims()
        .map(|claim| json!({"id": claim, "path": [claim]}))
        .collect();
    let mut query = json!({
        "id": card.id,
        "format": sd_jwt::TYP,
        "meta": {"vct_values": [card.vct]},
        "claims": claims,
    });
    if !card.optional.is_empty() && !card.needed.is_empty() {
        let all: Vec<&str> = card.claims().collect();
        query["claim_sets"] = json!([card.needed, all]);
    }
    query
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::portal::cards;
    use crate::portal::content::{ClaimDraft, Terms};

    const PERSON: &str = "urn:holdfast:vct:person-identification:1";

    fn checks(claims: &[(&str, bool)], days: u32) -> Vec<Value> {
        let cards = cards::cards();
        let claim = |(claim, is_needed): &(&str, bool)| ClaimDraft {
            vct: PERSON.to_owned(),
            claim: (*claim).to_owned(),
            is_needed: *is_needed,
        };
        let mut content = Content::new("Shop");
        content.purposes.push(PurposeDraft {
            id: content.next_purpose(),
            text: BTreeMap::from([("en".to_owned(), "You must be 18.".to_owned())]),
            channel: Channel::Online,
            retention_days: days,
            claims: claims.iter().map(claim).collect(),
            rule: String::new(),
        });
        let terms = Terms {
            subject: &"did:webvh:QmX:shop.example".parse().unwrap(),
            certificates: &[[7; 32]],
            valid_until: 9,
            notices: "https://ledger.example/portal/privacy/b1",
            cards: &cards,
        };
        let scope = content.scope(&terms).unwrap();
        super::checks(&content, &scope, &cards)
    }

    #[test]
    fn a_yes_or_no_is_the_rule() {
        let checks = checks(&[("age_over_18", true), ("family_name", true), ("portrait", false)], 0);
        assert_eq!(checks.len(), 1);
        assert_eq!(checks[0]["rule"], "person.age_over_18 && has(person.family_name)");
        assert_eq!(
            checks[0]["types"],
            json!({"person.age_over_18": "bool", "person.family_name": "string"})
        );
        let dcql: Value = serde_json::from_str(checks[0]["dcql"].as_str().unwrap()).unwrap();
        assert_eq!(dcql["credentials"][0]["id"], "person");
        assert_eq!(
            dcql["credentials"][0]["claim_sets"],
            json!([
                ["age_over_18", "family_name"],
                ["age_over_18", "family_name", "portrait"]
            ])
        );
        assert_eq!(checks[0]["issuers"], json!({PERSON: ["accredited"]}));
    }

    #[test]
    fn what_is_kept_is_no_portrait() {
        let checks = checks(&[("family_name", true), ("portrait", true)], 7);
        assert_eq!(checks[0]["keep"], json!(["person.family_name"]));
        assert_eq!(checks[0]["retention_days"], 7);
        assert_eq!(checks[0]["rule"], "has(person.family_name) && has(person.portrait)");
    }
}
