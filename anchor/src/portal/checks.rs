//! The checks of a business, as its verifier reads them: one for each purpose. docs/registration.md §5

use std::collections::BTreeMap;

use ledger::{Channel, ClaimPath, PathElement, Purpose, Scope, ScopeCredential};
use rule::{ClaimType, Rule};
use serde_json::{Value, json};

use super::cards::Card;
use super::choices::with_and_without;
use super::content::{Content, PurposeDraft};
use super::formats::form_of;
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
    claims: Vec<&'a str>,
    /// What is enough, from the smallest set to the largest. OpenID4VP 1.0 §6.4.1
    sets: Vec<Vec<&'a str>>,
}

fn check(purpose: &Purpose, draft: Option<&PurposeDraft>, cards: &[Card]) -> Value {
    let asked = asked(purpose, cards);
    let rule = draft.and_then(|draft| rule_of(draft, cards).ok().flatten());
    let every = || {
        asked
            .iter()
            .flat_map(|card| card.claims.iter().map(move |claim| (card, *claim)))
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
    let mut check = json!({
        "id": purpose.id,
        "purpose": purpose.text,
        "channel": channel(purpose.channel),
        "privacy_policy": purpose.privacy_policy,
        "dcql": json!({ "credentials": asked.iter().map(query).collect::<Vec<_>>() }).to_string(),
        "types": types,
        // Of what no rule can speak, it is enough that it was shown.
        "rule": rule.as_ref().map_or("true", Rule::text),
        "issuers": issuers,
        "time_zone": zone(draft),
        "retention_days": if keep.is_empty() { 0 } else { purpose.retention_days },
        "keep": keep,
    });
    // The verifier asks for each card in these too, by the rule that is registered.
    let mut formats: Vec<&str> = purpose
        .credentials
        .iter()
        .filter_map(form_of)
        .map(|form| form.format)
        .collect();
    formats.sort_unstable();
    formats.dedup();
    if !formats.is_empty() {
        formats.insert(0, sd_jwt::TYP);
        check["formats"] = json!(formats);
    }
    check
}

/// Whose day is today for the rule. docs/rules.md §1
fn zone(draft: Option<&PurposeDraft>) -> &str {
    let named = draft.map(|draft| draft.time_zone.as_str());
    named.filter(|zone| !zone.is_empty()).unwrap_or("UTC")
}

fn channel(channel: Channel) -> &'static str {
    match channel {
        Channel::Online => "online",
        Channel::InPerson => "in_person",
    }
}

/// What is asked, card by card. The portal writes one credential for each card, of claims at the top level, and one for
/// each other format, whose claims stand further in.
fn asked<'a>(purpose: &'a Purpose, cards: &[Card]) -> Vec<Asked<'a>> {
    let own = purpose.credentials.iter().filter(|card| form_of(card).is_none());
    own.enumerate()
        .map(|(place, credential)| {
            let vct = credential.vct_values.first().map_or("", String::as_str);
            let card = cards.iter().find(|card| card.vct == vct);
            Asked {
                id: card.map_or_else(|| format!("card_{}", place + 1), |card| card.query.to_owned()),
                vct,
                claims: names(credential.needed.iter().chain(&credential.optional)),
                sets: sets(credential),
            }
        })
        .collect()
}

/// What is needed, or each of the sets that are registered, and what may be left out beside it.
fn sets(credential: &ScopeCredential) -> Vec<Vec<&str>> {
    let mut sets: Vec<Vec<&str>> = credential.claim_sets.iter().map(names).collect();
    if sets.is_empty() {
        sets.push(names(&credential.needed));
    }
    with_and_without(sets, &names(credential.beside_sets()))
}

/// Names at the top level; the portal writes no other paths.
fn names<'a>(paths: impl IntoIterator<Item = &'a ClaimPath>) -> Vec<&'a str> {
    let mut names = Vec::new();
    for path in paths {
        if let [PathElement::Name(name)] = path.0.as_slice() {
            names.push(name.as_str());
        }
    }
    names
}

impl Asked<'_> {
    fn named(&self, claim: &str) -> String {
        format!("{}.{claim}", self.id)
    }
}

/// Smallest set first: a wallet that shows no more than is enough answers, too. OpenID4VP 1.0 §6.4.1
fn query(card: &Asked<'_>) -> Value {
    let claim = |claim: &&str| json!({"id": claim, "path": [claim]});
    let claims: Vec<Value> = card.claims.iter().map(claim).collect();
    let mut query = json!({
        "id": card.id,
        "format": sd_jwt::TYP,
        "meta": {"vct_values": [card.vct]},
        "claims": claims,
    });
    if card.sets.len() > 1 && card.sets.iter().all(|set| !set.is_empty()) {
        query["claim_sets"] = json!(card.sets);
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
        let claim = |(claim, is_needed): &(&str, bool)| ClaimDraft {
            vct: PERSON.to_owned(),
            claim: (*claim).to_owned(),
            is_needed: *is_needed,
            choices: [].into(),
        };
        checks_of(claims.iter().map(claim).collect(), days)
    }

    fn checks_of(claims: Vec<ClaimDraft>, days: u32) -> Vec<Value> {
        let cards = cards::cards();
        let mut content = Content::new("Shop");
        content.purposes.push(PurposeDraft {
            id: content.next_purpose(),
            text: BTreeMap::from([("en".to_owned(), "You must be 18.".to_owned())]),
            channel: Channel::Online,
            retention_days: days,
            claims,
            every_format: false,
            rule: String::new(),
            time_zone: if days == 0 {
                String::new()
            } else {
                "Europe/Berlin".to_owned()
            },
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
        assert_eq!(checks[0]["time_zone"], "UTC");
    }

    #[test]
    fn alternatives_come_smallest_first_and_what_is_optional_beside_each() {
        let claim = |name: &str, choices: &[u8]| ClaimDraft {
            vct: PERSON.to_owned(),
            claim: name.to_owned(),
            is_needed: false,
            choices: choices.iter().copied().collect(),
        };
        let claims = vec![
            claim("age_over_16", &[1]),
            claim("age_over_18", &[1]),
            claim("age_over_21", &[2]),
            claim("portrait", &[]),
        ];
        let checks = checks_of(claims, 0);
        let dcql: Value = serde_json::from_str(checks[0]["dcql"].as_str().unwrap()).unwrap();
        assert_eq!(
            dcql["credentials"][0]["claim_sets"],
            json!([
                ["age_over_21"],
                ["age_over_16", "age_over_18"],
                ["age_over_21", "portrait"],
                ["age_over_16", "age_over_18", "portrait"]
            ])
        );
    }

    #[test]
    fn what_is_kept_is_no_portrait() {
        let checks = checks(&[("family_name", true), ("portrait", true)], 7);
        assert_eq!(checks[0]["keep"], json!(["person.family_name"]));
        assert_eq!(checks[0]["retention_days"], 7);
        assert_eq!(checks[0]["time_zone"], "Europe/Berlin");
        assert_eq!(checks[0]["rule"], "has(person.family_name) && has(person.portrait)");
    }
}
