//! Purposes whose cards are taken in every format: one rule in the record, in the check and on the ledger.

use std::collections::BTreeMap;

use card_types::Spoken;
use ledger::ClaimPath;
use rule::{ClaimType, Rule};
use serde_json::{Value, json};

use super::browser::Browser;
use super::rules::published;
use super::{Office, PERSON, begin, hand_in, id, registered};

const PID: &str = "eu.europa.ec.eudi.pid.1";

/// The rule of a check as the verifier makes it of what it was given.
pub(super) fn widened(check: &Value) -> Rule {
    let mut query: Value = serde_json::from_str(check["dcql"].as_str().unwrap()).unwrap();
    let mut types: BTreeMap<String, String> = serde_json::from_value(check["types"].clone()).unwrap();
    let mut rule = check["rule"].as_str().unwrap().to_owned();
    let formats: Vec<String> = serde_json::from_value(check["formats"].clone()).unwrap();
    let mut spoken = Spoken {
        query: &mut query,
        types: &mut types,
        rule: &mut rule,
        keep: &mut Vec::new(),
        issuers: &mut BTreeMap::new(),
    };
    spoken.ask_in(&formats).unwrap();
    let types: BTreeMap<String, ClaimType> = serde_json::from_value(json!(types)).unwrap();
    Rule::parse(&rule, types).unwrap()
}

/// Hands in that this is asked in every format; the address of the application.
async fn asked_in_every_format(shop: &mut Browser, asked: &[(&str, &str)]) -> String {
    let path = begin(shop, "business").await;
    let begun = shop.submit(&path, &format!("{path}/purposes"), &[]).await;
    let at = begun.location().to_owned();
    let fields = [
        ("text_en", "You must be 18 to buy this."),
        ("channel", "online"),
        ("retention_days", "0"),
        ("every_format", "every"),
    ];
    let fields = [fields.as_slice(), asked].concat();
    assert_eq!(shop.submit(&at, &at, &fields).await.status, 303);
    hand_in(shop, &path).await;
    path
}

#[tokio::test]
async fn f4_anchor_a_card_in_every_format_has_one_rule_in_record_and_check() {
    let office = Office::open().await;
    let mut shop = office.applicant("Corner Shop").await;
    let path = asked_in_every_format(&mut shop, &[("person-identification.age_over_18", "needed")]).await;
    let scope = office.bundle(&office.verifier.did(id(&path))).await.scope().unwrap();
    let purpose = &scope.purposes[0];
    let types: Vec<&String> = purpose.credentials.iter().flat_map(|card| &card.vct_values).collect();
    assert_eq!(types, [PERSON, PID]);
    let there = ClaimPath::names(&[PID, "age_over_18"]);
    assert_eq!(purpose.credentials[1].needed, [there]);
    let check = office.verifier.told(|told| told.checks[id(&path)]["checks"][0].clone());
    assert_eq!(check["formats"], json!(["dc+sd-jwt", "mso_mdoc"]));
    let rule = widened(&check);
    assert_eq!(
        Some(rule.hash()),
        purpose.rule,
        "a wallet would refuse: rule_not_recorded"
    );
    let entry = published(&office, rule.hash()).await.unwrap();
    assert_eq!(entry.name.text("de"), "18 oder älter");
    let queries = entry
        .queries
        .iter()
        .map(|query| (query.id.as_str(), query.vct_values[0].as_str()));
    assert_eq!(queries.collect::<Vec<_>>(), [("person", PERSON), ("person_mdoc", PID)]);
}

#[tokio::test]
async fn what_may_be_chosen_is_told_once_in_however_many_formats_it_is_asked() {
    let office = Office::open().await;
    let mut shop = office.applicant("Corner Shop").await;
    let asked = [
        ("person-identification.age_over_18", "choice_1"),
        ("person-identification.age_over_21", "choice_2"),
    ];
    let path = asked_in_every_format(&mut shop, &asked).await;
    let scope = office.bundle(&office.verifier.did(id(&path))).await.scope().unwrap();
    let chosen = scope.purposes[0].credentials.iter().map(|card| card.claim_sets.len());
    assert_eq!(chosen.collect::<Vec<_>>(), [2, 2]);
    let mine = shop.get(&format!("/portal/checks/{}", id(&path))).await.text();
    assert_eq!(mine.matches("One of these is enough").count(), 1, "{mine}");
}

#[tokio::test]
async fn whoever_says_nothing_of_formats_is_registered_for_one() {
    let office = Office::open().await;
    let (_, path, did) = registered(&office).await;
    let scope = office.bundle(&did).await.scope().unwrap();
    assert_eq!(scope.purposes[0].credentials.len(), 1);
    let check = office.verifier.told(|told| told.checks[id(&path)]["checks"][0].clone());
    assert_eq!(check["formats"], Value::Null);
}
