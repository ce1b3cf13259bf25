//! The checks of a business, as its verifier reads them: one for each purpose. docs/registration.md §5

use ledger::{Channel, ClaimPath, PathElement, Purpose, Scope};
use serde_json::{Value, json};

use super::cards::{self, Card, Kind};

/// One check for each purpose, as the JSON form of a `[[check]]`.
pub(crate) fn checks(scope: &Scope, cards: &[Card]) -> Vec<Value> {
    scope.purposes.iter().map(|purpose| check(purpose, cards)).collect()
}

/// What is asked of one card.
struct Asked<'a> {
    id: String,
    vct: &'a str,
    needed: Vec<&'a str>,
    optional: Vec<&'a str>,
}

fn check(purpose: &Purpose, cards: &[Card]) -> Value {
    let asked = asked(purpose);
    let every = || {
        asked
            .iter()
            .flat_map(|card| card.claims().map(move |claim| (card, claim)))
    };
    let types: serde_json::Map<String, Value> = every()
        .filter_map(|(card, claim)| Some((card.named(claim), json!(word(cards::kind(cards, card.vct, claim)?)?))))
        .collect();
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
        "rule": rule(&asked, cards),
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
fn asked(purpose: &Purpose) -> Vec<Asked<'_>> {
    let credentials = purpose.credentials.iter().enumerate();
    credentials
        .map(|(place, credential)| Asked {
            id: format!("card_{}", place + 1),
            vct: credential.vct_values.first().map_or("", String::as_str),
            needed: names(&credential.needed),
            optional: names(&credential.optional),
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

/// Yes where every needed yes-or-no is yes; what else is needed only has to be there.
fn rule(asked: &[Asked<'_>], cards: &[Card]) -> String {
    let of = |card: &Asked<'_>| {
        let needed = card.needed.iter();
        let conditions = needed.filter_map(|claim| match cards::kind(cards, card.vct, claim)? {
            Kind::Boolean => Some(card.named(claim)),
            Kind::Date | Kind::List | Kind::Text | Kind::Other => None,
        });
        conditions.collect::<Vec<_>>()
    };
    let conditions: Vec<String> = asked.iter().flat_map(of).collect();
    if conditions.is_empty() {
        "true".to_owned()
    } else {
        conditions.join(" && ")
    }
}

/// The name of a kind in rules; pictures and lists of more than texts have none. docs/rules.md §1
fn word(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Boolean => Some("bool"),
        Kind::Date => Some("date"),
        Kind::Text => Some("string"),
        Kind::List | Kind::Other => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERSON: &str = "urn:holdfast:vct:person-identification:1";

    fn scope(needed: &[&str], optional: &[&str]) -> Scope {
        let did = "did:webvh:QmX:shop.example".parse().unwrap();
        let purpose = testkit::purpose("check-1", PERSON, needed, optional);
        testkit::scope(&did, "Shop", &[[7; 32]], vec![purpose], 9)
    }

    #[test]
    fn a_yes_or_no_is_the_rule() {
        let checks = checks(&scope(&["age_over_18", "family_name"], &["portrait"]), &cards::cards());
        assert_eq!(checks.len(), 1);
        assert_eq!(checks[0]["rule"], "card_1.age_over_18");
        assert_eq!(
            checks[0]["types"],
            json!({"card_1.age_over_18": "bool", "card_1.family_name": "string"})
        );
        let dcql: Value = serde_json::from_str(checks[0]["dcql"].as_str().unwrap()).unwrap();
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
        let mut scope = scope(&["family_name", "portrait"], &[]);
        scope.purposes[0].retention_days = 7;
        let checks = checks(&scope, &cards::cards());
        assert_eq!(checks[0]["keep"], json!(["card_1.family_name"]));
        assert_eq!(checks[0]["retention_days"], 7);
        assert_eq!(checks[0]["rule"], "true");
    }
}
