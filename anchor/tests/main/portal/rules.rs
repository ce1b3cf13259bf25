//! Rules of purposes: recorded by their hash, published by the registrar, and the same ones that the verifier gets.

use std::time::Duration;

use anchor::portal::Role;
use ledger::{Family, Payload, RuleEntry, UnverifiedBundle};
use rule::{ClaimType, Rule};
use service::Clock;
use test_case::test_case;

use super::browser::Browser;
use super::formats::widened;
use super::review::{decide, desk};
use super::{Office, ask, begin, hand_in, id, registered, registered_for};
use crate::fixtures::get;

/// The rule of the first check that the verifier was given, as the verifier reads it.
fn handed_over(office: &Office, path: &str) -> Rule {
    let check = office.verifier.told(|told| told.checks[id(path)]["checks"][0].clone());
    let types: Vec<(String, ClaimType)> = check["types"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, kind)| (name.clone(), serde_json::from_value(kind.clone()).unwrap()))
        .collect();
    Rule::parse(check["rule"].as_str().unwrap(), types).unwrap()
}

/// The rule of this hash that the registrar has published, proved; `None` where there is none.
pub(super) async fn published(office: &Office, hash: [u8; 32]) -> Option<RuleEntry> {
    let subject = format!("{}/rule/{}", office.world.registrar.did(), hex(&hash));
    let path = format!("/bundle/object?family=rule&subject={}", subject.replace('%', "%25"));
    let bytes = get(&office.world.url, &path).await.body;
    let bundle = UnverifiedBundle::parse(&bytes).unwrap();
    let bundle = bundle
        .verify_object(&office.world.pack, Family::Rule, &subject)
        .unwrap();
    match bundle.payload()? {
        Payload::Rule(rule) => Some(rule),
        other => panic!("{other:?}"),
    }
}

fn hex(hash: &[u8]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// More than a rule can say of two formats.
const MUCH: [(&str, &str); 9] = [
    ("family_name", "needed"),
    ("given_name", "needed"),
    ("birth_date", "needed"),
    ("personal_number", "needed"),
    ("portrait", "needed"),
    ("age_over_16", "needed"),
    ("age_over_18", "needed"),
    ("age_over_21", "needed"),
    ("age_over_65", "needed"),
];

/// Begins a purpose with a ready-made check; its address.
async fn begin_with(shop: &mut Browser, path: &str, made: &str) -> String {
    let begun = shop
        .submit(path, &format!("{path}/purposes"), &[("ready_made", made)])
        .await;
    begun.location().to_owned()
}

#[tokio::test]
async fn f4_anchor_the_record_names_the_rule_that_requests_carry_and_the_registrar_publishes_it() {
    let office = Office::open().await;
    let (_, path, did) = registered(&office).await;
    let scope = office.bundle(&did).await.scope().unwrap();
    let recorded = scope.purposes[0].rule.expect("the record names a rule");
    let rule = handed_over(&office, &path);
    assert_eq!(rule.hash(), recorded, "a wallet would refuse: rule_not_recorded");
    let entry = published(&office, recorded).await.unwrap();
    assert_eq!(entry.rule_hash().unwrap(), recorded);
    assert_eq!(
        (entry.expression.as_str(), entry.name.text("de")),
        ("person.age_over_18", "18 oder älter")
    );
    // The same rule of another business is there once.
    let (_, _, other) = registered(&office).await;
    assert_ne!(other, did);
    let scope = office.bundle(&other).await.scope().unwrap();
    assert_eq!(scope.purposes[0].rule, Some(recorded));
    assert_eq!(published(&office, recorded).await, Some(entry));
}

#[tokio::test]
async fn what_is_needed_and_no_yes_or_no_has_to_be_there() {
    let office = Office::open().await;
    let mut shop = office.applicant("Corner Shop").await;
    let path = begin(&mut shop, "business").await;
    ask(
        &mut shop,
        &path,
        &[("family_name", "needed"), ("age_over_18", "needed")],
    )
    .await;
    hand_in(&mut shop, &path).await;
    let mut ada = office.operator("ada", Role::Approver).await;
    let mut bob = office.operator("bob", Role::Approver).await;
    let text = "person.age_over_18 && has(person.family_name)";
    assert!(
        ada.get(&desk(&path))
            .await
            .text()
            .contains(&text.replace("&&", "&amp;&amp;"))
    );
    decide(&mut ada, &path, "approve").await;
    decide(&mut bob, &path, "approve").await;
    let did = office.verifier.did(id(&path));
    let recorded = office.bundle(&did).await.scope().unwrap().purposes[0].rule;
    let rule = handed_over(&office, &path);
    assert_eq!((rule.text(), Some(rule.hash())), (text, recorded));
}

#[tokio::test]
async fn a_ready_made_check_brings_its_rule() {
    let office = Office::open().await;
    let mut shop = office.applicant("Corner Shop").await;
    let path = begin(&mut shop, "business").await;
    let purpose = begin_with(&mut shop, &path, "drives-cars").await;
    let page = shop.get(&purpose).await;
    assert_eq!(
        page.field("text_en").as_deref(),
        Some("Handing over a car (category B)")
    );
    hand_in(&mut shop, &path).await;
    let did = office.verifier.did(id(&path));
    let recorded = office.bundle(&did).await.scope().unwrap().purposes[0].rule;
    assert_eq!(handed_over(&office, &path).text(), "licence.category_b");
    let check = office.verifier.told(|told| told.checks[id(&path)]["checks"][0].clone());
    assert_eq!(Some(widened(&check).hash()), recorded);
    let refused = shop
        .submit(
            "/portal/applications",
            &format!("{path}/purposes"),
            &[("ready_made", "age-17")],
        )
        .await;
    assert_eq!(refused.problem(), (422, "invalid_content".to_owned()));
}

#[tokio::test]
async fn a_rule_that_is_none_is_not_taken() {
    let office = Office::open().await;
    let mut shop = office.applicant("Corner Shop").await;
    let path = begin(&mut shop, "business").await;
    let purpose = begin_with(&mut shop, &path, "age-18").await;
    let long = format!("person.age_over_18{}", " ".repeat(1024));
    for rule in [
        "person.age_over_18 +",
        "person.age_over_21",
        "true",
        "person.age_over_18 && \"j.doe@shop.example\" != \"\"",
        &format!("{long} && true"),
    ] {
        let fields = [
            ("text_en", "You must be 18."),
            ("channel", "online"),
            ("retention_days", "0"),
            ("person-identification.age_over_18", "needed"),
            ("rule", rule),
        ];
        let refused = shop.submit(&purpose, &purpose, &fields).await;
        assert_eq!(refused.problem(), (422, "invalid_content".to_owned()), "{rule}");
    }
}

/// Written, or following from so much that is needed: it is asked twice where cards come in two formats.
#[test_case(&[("age_over_18", "needed")], 500 ; "written")]
#[test_case(&MUCH, 0 ; "following")]
#[tokio::test]
async fn a_rule_that_is_too_large_in_every_format_alone_is_told_where_it_is_written(
    asked: &[(&str, &str)],
    spaces: usize,
) {
    let office = Office::open().await;
    let mut shop = office.applicant("Corner Shop").await;
    let path = begin(&mut shop, "business").await;
    let purpose = begin_with(&mut shop, &path, "age-18").await;
    let rule = match spaces {
        0 => String::new(),
        spaces => format!("person.age_over_18{} && true", " ".repeat(spaces)),
    };
    let asked = asked
        .iter()
        .map(|(claim, how)| (format!("person-identification.{claim}"), *how));
    let asked: Vec<(String, &str)> = asked.collect();
    for (formats, expected) in [("every", 422), ("", 303)] {
        let mut fields = vec![
            ("text_en", "You must be 18."),
            ("channel", "online"),
            ("retention_days", "0"),
            ("rule", rule.as_str()),
            ("every_format", formats),
        ];
        fields.extend(asked.iter().map(|(name, how)| (name.as_str(), *how)));
        let answer = shop.submit(&purpose, &purpose, &fields).await;
        assert_eq!(answer.status, expected, "{formats}: {}", answer.text());
        if expected == 422 {
            assert_eq!(answer.problem(), (422, "rule_in_formats".to_owned()));
        }
    }
    hand_in(&mut shop, &path).await;
}

/// Operators approve what they read.
#[tokio::test]
async fn h17_anchor_a_rule_that_reads_otherwise_than_it_is_is_not_taken() {
    let office = Office::open().await;
    let mut shop = office.applicant("Corner Shop").await;
    let path = begin(&mut shop, "business").await;
    let purpose = begin_with(&mut shop, &path, "age-18").await;
    for hidden in ["\u{202E}", "\u{2066}", "\u{200B}"] {
        let rule = format!("person.age_over_18 || \"{hidden}\" != \"A\"");
        let fields = [
            ("text_en", "You must be 18."),
            ("channel", "online"),
            ("retention_days", "0"),
            ("person-identification.age_over_18", "needed"),
            ("rule", rule.as_str()),
        ];
        let refused = shop.submit(&purpose, &purpose, &fields).await;
        assert_eq!(refused.problem(), (422, "invalid_content".to_owned()), "{rule}");
    }
    assert!(!shop.get(&path).await.html().contains("\u{202E}"));
}

/// It would stand on the ledger for good, in the registrar's name.
#[tokio::test]
async fn h17_anchor_a_rule_that_somebody_wrote_takes_people() {
    let office = Office::open().await;
    let mut shop = office.applicant("Corner Shop").await;
    let path = begin(&mut shop, "business").await;
    let purpose = begin_with(&mut shop, &path, "age-18").await;
    let fields = [
        ("text_en", "Games for children."),
        ("channel", "online"),
        ("retention_days", "0"),
        ("person-identification.age_over_18", "needed"),
        ("rule", "!person.age_over_18"),
    ];
    assert_eq!(shop.submit(&purpose, &purpose, &fields).await.location(), path);
    hand_in(&mut shop, &path).await;
    office.portal.carry_out().await.unwrap();
    assert!(shop.get(&path).await.text().contains("Handed in"));
    assert!(office.verifier.told(|told| told.businesses.is_empty()));
    let mut ada = office.operator("ada", Role::Approver).await;
    let mut bob = office.operator("bob", Role::Approver).await;
    decide(&mut ada, &path, "approve").await;
    decide(&mut bob, &path, "approve").await;
    let rule = handed_over(&office, &path);
    assert_eq!(rule.text(), "!person.age_over_18");
    assert!(published(&office, rule.hash()).await.is_some());
}

/// Nobody waits for the rules of others: the record names the hash, and the rule is published later.
#[tokio::test]
async fn a_registration_does_not_wait_until_its_rule_is_published() {
    let office = Office::open().await;
    let claims = ["age_over_16", "age_over_18", "age_over_21", "age_over_65"];
    let mut recorded = Vec::new();
    // Eleven rules are more than one owner publishes in an hour.
    for number in 1..=11_u8 {
        let asked: Vec<(&str, &str)> = claims
            .iter()
            .enumerate()
            .filter(|(place, _)| number & (1 << place) != 0)
            .map(|(_, claim)| (*claim, "needed"))
            .collect();
        let (mut shop, path, did) = registered_for(&office, &asked).await;
        assert!(shop.get(&path).await.text().contains("Registered"), "{number}");
        recorded.push(office.bundle(&did).await.scope().unwrap().purposes[0].rule.unwrap());
    }
    let mut missing = 0;
    for hash in &recorded {
        missing += u32::from(published(&office, *hash).await.is_none());
    }
    assert_eq!(missing, 1);
    office.world.clock.set(office.world.clock.now() + 3_601);
    // What the ledger says has to be confirmed again by then.
    for _ in 0..100 {
        office.portal.carry_out().await.unwrap();
        missing = 0;
        for hash in &recorded {
            missing += u32::from(published(&office, *hash).await.is_none());
        }
        if missing == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(missing, 0);
}
