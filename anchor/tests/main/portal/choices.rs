//! Alternatives between claims: recorded, shown, asked smallest first, and answered by the rule one by one.

use anchor::portal::Role;
use ledger::{ClaimPath, Scope, ScopeChange};
use serde_json::{Value, json};

use super::browser::{Browser, Page};
use super::review::{decide, desk};
use super::{Office, ask, begin, hand_in, id, registered_for};

/// Turns both alternatives into yes or no.
const RULE: &str =
    "has(person.age_over_18) && person.age_over_18 || has(person.birth_date) && person.birth_date_age_years >= 18";

/// Begins a purpose; its address.
async fn purpose(shop: &mut Browser, path: &str) -> String {
    let begun = shop.submit(path, &format!("{path}/purposes"), &[]).await;
    begun.location().to_owned()
}

/// Says that 18 or older, or the day of birth, is enough, by this rule and in this time zone.
async fn say(shop: &mut Browser, purpose: &str, by: (&str, &str)) -> Page {
    say_also(shop, purpose, by, ("person-identification.portrait", "")).await
}

/// The same with one field more.
async fn say_also(shop: &mut Browser, purpose: &str, (rule, zone): (&str, &str), more: (&str, &str)) -> Page {
    let fields = [
        ("text_en", "You must be 18 to buy this."),
        ("channel", "online"),
        ("retention_days", "0"),
        ("person-identification.age_over_18", "choice_1"),
        ("person-identification.birth_date", "choice_2"),
        ("rule", rule),
        ("time_zone", zone),
        more,
    ];
    shop.submit(purpose, purpose, &fields).await
}

async fn scope(office: &Office, path: &str) -> Scope {
    office.bundle(&office.verifier.did(id(path))).await.scope().unwrap()
}

/// The claim sets of the first check that the verifier was given, and the check.
fn handed_over(office: &Office, path: &str) -> (Value, Value) {
    let check = office.verifier.told(|told| told.checks[id(path)]["checks"][0].clone());
    let dcql: Value = serde_json::from_str(check["dcql"].as_str().unwrap()).unwrap();
    (dcql["credentials"][0]["claim_sets"].clone(), check)
}

fn set(names: &[&str]) -> Vec<ClaimPath> {
    names.iter().map(|name| ClaimPath::names(&[name])).collect()
}

#[tokio::test]
async fn f4_anchor_the_record_says_which_claims_are_enough_and_the_check_asks_no_others() {
    let office = Office::open().await;
    // Yes or no in every alternative: nobody has to look.
    let claims = [
        ("age_over_18", "choice_2"),
        ("age_over_16", "choice_2"),
        ("age_over_65", "choice_1"),
        ("age_over_21", "optional"),
    ];
    let (mut shop, path, _) = registered_for(&office, &claims).await;
    let registered = scope(&office, &path).await;
    let card = &registered.purposes[0].credentials[0];
    assert_eq!(
        card.claim_sets,
        [set(&["age_over_65"]), set(&["age_over_16", "age_over_18"])],
        "the smallest first"
    );
    assert!(card.needed.is_empty());
    assert_eq!(card.beside_sets().cloned().collect::<Vec<_>>(), set(&["age_over_21"]));
    let (sets, check) = handed_over(&office, &path);
    assert_eq!(
        sets,
        json!([
            ["age_over_65"],
            ["age_over_16", "age_over_18"],
            ["age_over_65", "age_over_21"],
            ["age_over_16", "age_over_18", "age_over_21"]
        ])
    );
    let follows = "(has(person.age_over_16) && person.age_over_16 && has(person.age_over_18) && person.age_over_18 \
                   || has(person.age_over_65) && person.age_over_65)";
    assert_eq!(check["rule"], follows);
    // The business, whoever looks it up, and whoever is asked find the same words.
    let words = "65 or older, or 16 or older and 18 or older";
    let mine = shop.get(&format!("/portal/checks/{}", id(&path))).await.text();
    assert!(mine.contains(&format!("One of these is enough: {words}.")), "{mine}");
    let notice = shop.get(&format!("/portal/privacy/{}/check-1", id(&path))).await.text();
    assert!(notice.contains(words), "{notice}");
    let applied = shop.get(&path).await.text();
    assert!(applied.contains(&format!("One is enough {words}")), "{applied}");
}

#[tokio::test]
async fn f4_anchor_a_rule_that_leaves_one_alternative_without_an_answer_is_refused() {
    let office = Office::open().await;
    let mut shop = office.applicant("Corner Shop").await;
    let path = begin(&mut shop, "business").await;
    let at = purpose(&mut shop, &path).await;
    for rule in [
        "person.birth_date_age_years >= 18",
        "person.age_over_18",
        "has(person.age_over_18) && person.age_over_18 || person.birth_date_age_years >= 18",
    ] {
        let refused = say(&mut shop, &at, (rule, "")).await;
        assert_eq!(refused.problem(), (422, "invalid_content".to_owned()), "{rule}");
    }
    // What is a yes does not follow from a day of birth.
    assert_eq!(say(&mut shop, &at, ("", "")).await.location(), path);
    let page = shop.get(&path).await.text();
    assert!(page.contains("The rule of a purpose is missing"), "{page}");
    assert!(page.contains("This is still missing:"), "{page}");
    assert_eq!(say(&mut shop, &at, (RULE, "Europe/Berlin")).await.location(), path);
    hand_in(&mut shop, &path).await;
    // More than yes or no in one alternative: people look, and see all of it.
    assert!(shop.get(&path).await.text().contains("Handed in"));
    let mut ada = office.operator("ada", Role::Approver).await;
    let mut bob = office.operator("bob", Role::Approver).await;
    let page = ada.get(&desk(&path)).await.text();
    assert!(page.contains("18 or older, or Date of birth"), "{page}");
    assert!(page.contains("Ages count by the day in Europe/Berlin"), "{page}");
    decide(&mut ada, &path, "approve").await;
    decide(&mut bob, &path, "approve").await;
    let (sets, check) = handed_over(&office, &path);
    assert_eq!(sets, json!([["age_over_18"], ["birth_date"]]));
    assert_eq!(
        (&check["rule"], &check["time_zone"]),
        (&json!(RULE), &json!("Europe/Berlin"))
    );
}

#[tokio::test]
async fn one_alternative_alone_is_not_handed_in_and_no_zone_is_made_up() {
    let office = Office::open().await;
    let mut shop = office.applicant("Corner Shop").await;
    let path = begin(&mut shop, "business").await;
    ask(&mut shop, &path, &[("age_over_18", "choice_1")]).await;
    let page = shop.get(&path).await;
    assert!(page.text().contains("One alternative is none"), "{}", page.text());
    let token = page.field("form_token").unwrap();
    let fields = [("form_token", token.as_str()), ("version", "0")];
    let refused = shop.post(&format!("{path}/submit"), &fields).await;
    assert_eq!(refused.problem(), (422, "incomplete".to_owned()));
    let at = purpose(&mut shop, &path).await;
    for zone in ["Europe/Atlantis", "UTC+1", "../../etc/passwd"] {
        let refused = say(&mut shop, &at, (RULE, zone)).await;
        assert_eq!(refused.problem(), (422, "invalid_content".to_owned()), "{zone}");
    }
}

#[tokio::test]
async fn h17_anchor_an_alternative_more_beside_a_day_of_birth_takes_people() {
    let office = Office::open().await;
    let mut shop = office.applicant("Corner Shop").await;
    let path = begin(&mut shop, "business").await;
    let at = purpose(&mut shop, &path).await;
    let rule = format!("{RULE} || has(person.age_over_65) && person.age_over_65");
    let senior = |how| ("person-identification.age_over_65", how);
    let said = say_also(&mut shop, &at, (&rule, ""), senior("optional")).await;
    assert_eq!(said.location(), path);
    hand_in(&mut shop, &path).await;
    let mut ada = office.operator("ada", Role::Approver).await;
    let mut bob = office.operator("bob", Role::Approver).await;
    decide(&mut ada, &path, "approve").await;
    decide(&mut bob, &path, "approve").await;
    let before = scope(&office, &path).await;
    assert_eq!(before.purposes[0].credentials[0].claim_sets.len(), 2);
    // The same claims and the same rule: only what is enough is other than before.
    let changed = shop.submit(&path, &format!("{path}/change"), &[]).await;
    let next = changed.location().to_owned();
    let at = format!("{next}/purposes/check-1");
    let said = say_also(&mut shop, &at, (&rule, ""), senior("choice_3")).await;
    assert_eq!(said.location(), next);
    hand_in(&mut shop, &next).await;
    let page = shop.get(&next).await.text();
    assert!(page.contains("Handed in"), "{page}");
    assert_eq!(scope(&office, &path).await, before);
    decide(&mut ada, &next, "approve").await;
    decide(&mut bob, &next, "approve").await;
    let after = scope(&office, &path).await;
    assert_eq!(
        after.purposes[0].credentials[0].claim_sets,
        [set(&["age_over_18"]), set(&["birth_date"]), set(&["age_over_65"])]
    );
    let change = ScopeChange::between(&before, &after);
    assert!(change.widens() && !change.narrows(), "{change:?}");
}
