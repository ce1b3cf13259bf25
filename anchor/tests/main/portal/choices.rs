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

/// Begins a change of what is in force; its address, and that of its purpose.
async fn begin_change(shop: &mut Browser, path: &str) -> (String, String) {
    let changed = shop.submit(path, &format!("{path}/change"), &[]).await;
    let next = changed.location().to_owned();
    let at = format!("{next}/purposes/check-1");
    (next, at)
}

/// The application says that this is missing, and is not taken.
async fn is_not_handed_in(shop: &mut Browser, path: &str, missing: &str) {
    let page = shop.get(path).await;
    assert!(page.text().contains(missing), "{}", page.text());
    let token = page.field("form_token").unwrap();
    let fields = [("form_token", token.as_str()), ("version", "0")];
    let refused = shop.post(&format!("{path}/submit"), &fields).await;
    assert_eq!(refused.problem(), (422, "incomplete".to_owned()));
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
    is_not_handed_in(&mut shop, &path, "One alternative is none").await;
    let at = purpose(&mut shop, &path).await;
    for zone in ["Europe/Atlantis", "UTC+1", "../../etc/passwd"] {
        let refused = say(&mut shop, &at, (RULE, zone)).await;
        assert_eq!(refused.problem(), (422, "invalid_content".to_owned()), "{zone}");
    }
}

#[tokio::test]
async fn a_claim_can_be_in_two_of_three_alternatives() {
    let office = Office::open().await;
    let claims = [
        ("age_over_16", "choice_1_2"),
        ("age_over_65", "choice_1"),
        ("age_over_18", "choice_2_3"),
        ("age_over_21", "choice_3"),
    ];
    let (mut shop, path, _) = registered_for(&office, &claims).await;
    let card = scope(&office, &path).await.purposes[0].credentials[0].clone();
    let sets = [
        ["age_over_16", "age_over_65"],
        ["age_over_16", "age_over_18"],
        ["age_over_18", "age_over_21"],
    ];
    assert_eq!(card.claim_sets, sets.map(|names| set(&names)));
    let (asked, check) = handed_over(&office, &path);
    assert_eq!(asked, json!(sets));
    let follows = "(has(person.age_over_16) && person.age_over_16 && has(person.age_over_18) && person.age_over_18 \
                   || has(person.age_over_16) && person.age_over_16 && has(person.age_over_65) && person.age_over_65 \
                   || has(person.age_over_18) && person.age_over_18 && has(person.age_over_21) && person.age_over_21)";
    assert_eq!(check["rule"], follows);
    let words = "16 or older and 65 or older, or 16 or older and 18 or older, or 18 or older and 21 or older";
    let mine = shop.get(&format!("/portal/checks/{}", id(&path))).await.text();
    assert!(mine.contains(&format!("One of these is enough: {words}.")), "{mine}");
    // Whoever changes it finds what was said.
    let (_, at) = begin_change(&mut shop, &path).await;
    let page = shop.get(&at).await;
    for (_, how) in claims {
        let chosen = format!("value=\"{how}\" selected");
        assert_eq!(page.html().matches(&chosen).count(), 1, "{how}");
    }
}

#[tokio::test]
async fn what_is_in_every_alternative_is_needed_and_none_has_all_of_another() {
    let office = Office::open().await;
    let claims = [
        ("age_over_18", "choice_1_2"),
        ("age_over_21", "choice_1"),
        ("age_over_65", "choice_2"),
    ];
    let (_, path, _) = registered_for(&office, &claims).await;
    let card = scope(&office, &path).await.purposes[0].credentials[0].clone();
    assert_eq!(card.needed, set(&["age_over_18"]));
    assert_eq!(
        card.claim_sets,
        [
            set(&["age_over_18", "age_over_21"]),
            set(&["age_over_18", "age_over_65"])
        ]
    );
    let mut shop = office.applicant("Corner Shop").await;
    let path = begin(&mut shop, "business").await;
    let within = [
        ("age_over_16", "choice_1_2"),
        ("age_over_18", "choice_2"),
        ("age_over_21", "choice_3"),
    ];
    ask(&mut shop, &path, &within).await;
    is_not_handed_in(&mut shop, &path, "One alternative has all of another").await;
}

/// Whose day is today decides who is old enough.
#[tokio::test]
async fn h17_anchor_the_day_of_another_zone_takes_people() {
    let office = Office::open().await;
    let mut shop = office.applicant("Corner Shop").await;
    let path = begin(&mut shop, "business").await;
    let at = purpose(&mut shop, &path).await;
    assert_eq!(say(&mut shop, &at, (RULE, "Europe/Berlin")).await.location(), path);
    hand_in(&mut shop, &path).await;
    for name in ["ada", "bob"] {
        let mut operator = office.operator(name, Role::Approver).await;
        decide(&mut operator, &path, "approve").await;
    }
    let (next, at) = begin_change(&mut shop, &path).await;
    assert_eq!(say(&mut shop, &at, (RULE, "Pacific/Kiritimati")).await.location(), next);
    hand_in(&mut shop, &next).await;
    office.portal.carry_out().await.unwrap();
    let page = shop.get(&next).await.text();
    assert!(page.contains("Handed in"), "{page}");
    let (_, check) = handed_over(&office, &path);
    assert_eq!(check["time_zone"], "Europe/Berlin");
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
    let (next, at) = begin_change(&mut shop, &path).await;
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
