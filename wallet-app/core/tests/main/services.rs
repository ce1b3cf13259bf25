//! What can I use? The whole list is fetched by everybody; what it means is said on this device. docs/services.md

use crate::in_both_formats;
use crate::world::{NOW, World};
use ledger::{Family, LegalBasis, Localized, RuleEntry, RuleQuery, Service};
use std::collections::{BTreeMap, BTreeSet};
use test_case::test_case;
use testkit::credential::vct;
use testkit::objects;
use wallet::{CardStatus, Entitlement, OfferedService, Readiness, ServicesError, TrustError, WhyNotTold};
use wiremock::ResponseTemplate;

const SERVICES: &str = "/ledger/bundles/service";
const RULES: &str = "/ledger/bundles/rule";
const HOUR: u64 = 3_600;

/// A rule over these claims, with the person identification as `pid` and the residence as `home`.
fn rule(world: &World, expression: &str) -> RuleEntry {
    let mut rule = objects::rule(world.agency.did());
    rule.expression = expression.to_owned();
    let all = [
        ("pid.age_over_18", "pid", "person-identification"),
        ("home.resident", "home", "residence"),
        ("licence.category_b", "licence", "driving-licence"),
    ];
    let read = all.into_iter().filter(|(claim, ..)| expression.contains(claim));
    let read: Vec<_> = read.collect();
    rule.claims = read
        .iter()
        .map(|(claim, ..)| ((*claim).to_owned(), ledger::ClaimType::Bool))
        .collect();
    rule.queries = read
        .iter()
        .map(|(_, id, kind)| RuleQuery {
            id: (*id).to_owned(),
            vct_values: vec![vct(kind)],
        })
        .collect();
    rule.queries.sort_by(|one, other| one.id.cmp(&other.id));
    rule
}

/// The agency records this rule, in the place of what was recorded there.
fn record_rule(world: &mut World, rule: &RuleEntry) {
    let payload = rule.encode().expect("a rule");
    world
        .ledger
        .publish_object(&world.agency, Family::Rule, &rule.subject, payload);
}

fn record_service(world: &mut World, service: &Service) {
    let payload = service.encode().expect("a service");
    world
        .ledger
        .publish_object(&world.agency, Family::Service, &service.subject, payload);
}

/// The agency offers housing benefit to whom this rule says yes.
fn offer(world: &mut World, expression: &str) -> Service {
    let rule = rule(world, expression);
    record_rule(world, &rule);
    let mut service = objects::service(world.agency.did());
    let named = service.rule.as_mut().expect("a rule");
    named.hash = rule.rule_hash().expect("a hash");
    record_service(world, &service);
    service
}

/// The ledger serves everything that is published, with the hour's file and lists of these bytes.
async fn serve(world: &mut World, bits: u8) {
    world.publish_proofs(&[bits; 128]).await;
    serve_lists(world, "/ledger").await;
}

async fn serve_lists(world: &mut World, at: &str) {
    for family in [Family::Service, Family::Rule] {
        let set = world.ledger.object_bundles(family);
        let word = family.word().expect("a word");
        world.answer_cbor(&format!("{at}/bundles/{word}"), set).await;
    }
}

async fn refreshed(world: &World) -> usize {
    let refreshed = world.wallet.refresh_proofs().await.expect("refreshed");
    refreshed.services.expect("the list")
}

fn offered(world: &World) -> Vec<OfferedService> {
    world.wallet.services().expect("services").services
}

fn answer(world: &World) -> Entitlement {
    let offered = offered(world);
    assert_eq!(offered.len(), 1, "{offered:?}");
    offered[0].answer.clone()
}

fn not_told(why: WhyNotTold) -> Entitlement {
    Entitlement::CannotBeTold { why }
}

/// What each lacked card is called, who issues it, and what is wrong with the one that is here.
fn lacked(answer: &Entitlement) -> Vec<(String, Vec<String>, Option<CardStatus>)> {
    let Entitlement::LacksCard { cards } = answer else {
        panic!("{answer:?}");
    };
    let lacked = cards.iter().map(|card| {
        let issuers = card.issuers.iter().map(|office| office.name.text("en").to_owned());
        (card.name.text("en").to_owned(), issuers.collect(), card.yours)
    });
    lacked.collect()
}

#[tokio::test]
async fn what_a_card_is_good_for_is_said_before_and_after_it_is_here() {
    let mut world = World::new().await;
    let service = offer(&mut world, "pid.age_over_18");
    serve(&mut world, 0).await;
    assert_eq!(refreshed(&world).await, 1);
    let office = vec!["City Office".to_owned()];
    assert_eq!(
        lacked(&answer(&world)),
        [("Person identification".to_owned(), office, None)]
    );

    let issuer = world.issuer("person-identification").await;
    world.accept(&issuer.offer()).await.expect("accepted");
    world.wallet.refresh_proofs().await.expect("refreshed");
    let list = world.wallet.services().expect("services");
    assert_eq!(
        (list.confirmed_at, list.age),
        (Some(NOW), Readiness::Ready { hours: 0 })
    );
    assert_eq!(list.cards_confirmed_at, Some(NOW));
    let offered = &list.services[0];
    assert_eq!(offered.answer, Entitlement::CanUse);
    assert_eq!(offered.id, service.subject);
    assert_eq!(offered.name.text("de"), "Housing benefit");
    assert_eq!(offered.competent.name.text("en"), "City Office");
    let fee = offered.fee.as_ref().expect("a fee");
    assert_eq!((fee.amount, fee.currency.as_str()), (1500, "EUR"));
    assert_eq!(offered.time_limit_days, Some(30));
    assert_eq!(offered.complaints, "https://agency.example/complaints");
    assert_eq!(offered.legal_basis[0].uri, "https://law.example/housing");
}

#[test_case("pid.age_over_18" => Entitlement::CanUse ; "the rule says yes")]
#[test_case("!pid.age_over_18" => Entitlement::CannotUse ; "the rule says no")]
#[test_case("!pid.age_over_18 && home.resident" => Entitlement::CannotUse ; "no, whatever another card says")]
#[test_case("pid.age_over_18 || home.resident" => Entitlement::CanUse ; "yes, whatever another card says")]
#[test_case("pid.age_over_18 && today >= 20261121" => not_told(WhyNotTold::DayMatters) ; "somewhere it is tomorrow")]
#[tokio::test]
async fn with_a_card(expression: &str) -> Entitlement {
    let mut world = World::with_card().await;
    offer(&mut world, expression);
    serve(&mut world, 0).await;
    refreshed(&world).await;
    answer(&world)
}

#[test_case("pid.age_over_18 && home.resident" ; "both are needed")]
#[test_case("has(pid.age_over_18) && !pid.age_over_18 || has(home.resident) && home.resident" ; "the other would do")]
#[tokio::test]
async fn a_second_card_is_lacking(expression: &str) {
    let mut world = World::with_card().await;
    offer(&mut world, expression);
    serve(&mut world, 0).await;
    refreshed(&world).await;
    let lacked = lacked(&answer(&world));
    assert_eq!(lacked, [("Residence".to_owned(), vec!["City Office".to_owned()], None)]);
}

#[tokio::test]
async fn a_card_that_nobody_may_issue_is_lacking_all_the_same() {
    let mut world = World::new().await;
    offer(&mut world, "licence.category_b");
    serve(&mut world, 0).await;
    refreshed(&world).await;
    assert_eq!(lacked(&answer(&world))[0].1, Vec::<String>::new());
}

#[tokio::test]
async fn d8_wallet_a_revoked_card_entitles_to_nothing() {
    let mut world = World::with_card().await;
    offer(&mut world, "pid.age_over_18");
    serve(&mut world, 0).await;
    refreshed(&world).await;
    assert_eq!(answer(&world), Entitlement::CanUse);
    world.ledger.set_now(NOW + 60);
    world.clock.set(NOW + 60);
    serve(&mut world, 0xff).await;
    refreshed(&world).await;
    assert_eq!(lacked(&answer(&world))[0].2, Some(CardStatus::Revoked));
}

#[test_case(0b0000_0111 ; "in the first")]
#[test_case(0b0011_1000 ; "in the other")]
#[tokio::test]
async fn d8_wallet_a_card_that_is_revoked_in_one_format_entitles_in_none(places: u8) {
    let mut world = in_both_formats::with_card().await;
    offer(&mut world, "pid.age_over_18");
    serve(&mut world, 0).await;
    refreshed(&world).await;
    assert_eq!(answer(&world), Entitlement::CanUse);
    world.ledger.set_now(NOW + 60);
    world.clock.set(NOW + 60);
    let mut list = [0; 128];
    list[0] = places;
    world.publish_proofs(&list).await;
    serve_lists(&mut world, "/ledger").await;
    refreshed(&world).await;
    assert_eq!(lacked(&answer(&world))[0].2, Some(CardStatus::Revoked));
}

/// The agency says with its new key that all its cards are good; this one is signed with the old key.
#[tokio::test]
async fn i5_wallet_a_card_by_a_key_that_was_taken_out_entitles_to_nothing() {
    let mut world = World::with_card().await;
    offer(&mut world, "pid.age_over_18");
    serve(&mut world, 0).await;
    refreshed(&world).await;
    assert_eq!(answer(&world), Entitlement::CanUse);
    world.ledger.set_now(NOW + 60);
    world.clock.set(NOW + 60);
    world.ledger.rotate(&mut world.agency, did::identity::OldKey::TakeOut);
    serve(&mut world, 0).await;
    refreshed(&world).await;
    assert_eq!(world.card_status(), CardStatus::Valid);
    assert_eq!(lacked(&answer(&world))[0].2, None);
}

#[tokio::test]
async fn a_card_of_which_nothing_is_known_is_neither_yes_nor_no() {
    let mut world = World::with_card().await;
    offer(&mut world, "pid.age_over_18");
    serve(&mut world, 0).await;
    refreshed(&world).await;
    world.clock.set(NOW + 2 * HOUR);
    assert_eq!(answer(&world), not_told(WhyNotTold::StatusUnknown));
    world.clock.set(NOW + 48 * HOUR);
    let list = world.wallet.services().expect("services");
    assert_eq!(list.age, Readiness::Old { hours: 48 });
}

#[tokio::test]
async fn k16_wallet_the_text_of_another_rule_is_not_believed() {
    let mut world = World::with_card().await;
    offer(&mut world, "!pid.age_over_18");
    let kinder = rule(&world, "pid.age_over_18");
    record_rule(&mut world, &kinder);
    serve(&mut world, 0).await;
    refreshed(&world).await;
    assert_eq!(answer(&world), not_told(WhyNotTold::AnotherRule));
}

#[tokio::test]
async fn a_rule_that_is_recorded_nowhere_says_nothing() {
    let mut world = World::with_card().await;
    let service = objects::service(world.agency.did());
    record_service(&mut world, &service);
    serve(&mut world, 0).await;
    refreshed(&world).await;
    assert_eq!(answer(&world), not_told(WhyNotTold::RuleMissing));
}

#[tokio::test]
async fn a_service_without_a_rule_is_for_everybody() {
    let mut world = World::new().await;
    let mut service = objects::service(world.agency.did());
    service.rule = None;
    record_service(&mut world, &service);
    serve(&mut world, 0).await;
    refreshed(&world).await;
    assert_eq!(answer(&world), Entitlement::CanUse);
}

#[tokio::test]
async fn k16_wallet_a_list_with_one_unproved_service_is_not_taken() {
    let mut world = World::with_card().await;
    offer(&mut world, "!pid.age_over_18");
    serve(&mut world, 0).await;
    refreshed(&world).await;
    let subject = offered(&world)[0].id.clone();
    // Somebody in between hands out the older payload's record with another text.
    let mut set = world.ledger.object_bundles(Family::Service);
    let place = find(&set, b"Housing benefit");
    set[place] = b'M';
    world.answer_cbor(SERVICES, set).await;
    let error = world.wallet.refresh_services().await.expect_err("refused");
    assert!(
        matches!(error, ServicesError::Trust(TrustError::Bundle(_))),
        "{error:?}"
    );
    assert_eq!(error.code(), "ledger_proof_invalid");
    // Everything else is refreshed, and what was held stays.
    let refreshed = world.wallet.refresh_proofs().await.expect("refreshed");
    assert_eq!(refreshed.services.expect_err("refused").code(), "ledger_proof_invalid");
    let kept = offered(&world);
    assert_eq!(
        (kept[0].id.as_str(), kept[0].name.text("en")),
        (subject.as_str(), "Housing benefit")
    );
}

/// Where some bytes begin.
fn find(bytes: &[u8], wanted: &[u8]) -> usize {
    let mut windows = bytes.windows(wanted.len());
    windows.position(|window| window == wanted).expect("found")
}

#[tokio::test]
async fn k17_wallet_a_list_that_stands_still_is_not_taken() {
    let mut world = World::new().await;
    offer(&mut world, "pid.age_over_18");
    serve(&mut world, 0).await;
    world.clock.set(NOW + HOUR);
    let error = world.wallet.refresh_services().await.expect_err("frozen");
    assert_eq!(error.code(), "ledger_stale");
    assert_eq!(world.wallet.services().expect("services").confirmed_at, None);
}

#[tokio::test]
async fn everybody_asks_for_the_same_whole_list() {
    let mut asked = BTreeSet::new();
    for mut world in [World::with_card().await, World::new().await] {
        offer(&mut world, "pid.age_over_18");
        serve(&mut world, 0).await;
        refreshed(&world).await;
        for at in [SERVICES, RULES] {
            let sent = world.sent("GET", at).await;
            assert_eq!(sent.len(), 1);
            assert_eq!((sent[0].url.query(), sent[0].body.len()), (None, 0));
            let names: Vec<&str> = sent[0].headers.keys().map(http::HeaderName::as_str).collect();
            asked.insert(format!("{at} {names:?}"));
        }
    }
    assert_eq!(asked.len(), 2, "the same, whatever cards somebody has: {asked:?}");
}

#[tokio::test]
async fn to_find_out_what_one_can_use_asks_nobody() {
    let mut world = World::with_card().await;
    offer(&mut world, "pid.age_over_18 && home.resident");
    serve(&mut world, 0).await;
    refreshed(&world).await;
    let before = world.outbound().await;
    let world = world.killed();
    for later in [0, HOUR, 72 * HOUR] {
        world.clock.set(NOW + later);
        assert_eq!(offered(&world).len(), 1);
    }
    assert_eq!(world.outbound().await, before);
    assert!(
        world
            .wallet
            .history()
            .expect("history")
            .iter()
            .all(|entry| entry.at < NOW + 1)
    );
}

#[tokio::test]
async fn what_is_superseded_or_over_is_not_there_with_the_next_list() {
    let mut world = World::with_card().await;
    let mut service = offer(&mut world, "pid.age_over_18");
    serve(&mut world, 0).await;
    refreshed(&world).await;
    service.name = Localized::new(BTreeMap::from([
        ("en".to_owned(), "Rent support".to_owned()),
        ("de".to_owned(), "Mietzuschuss".to_owned()),
    ]))
    .expect("names");
    service.legal_basis.push(LegalBasis {
        name: Localized::english("Rent Act").expect("a name"),
        uri: "https://law.example/rent".to_owned(),
    });
    service.until = Some(NOW + HOUR);
    world.ledger.set_now(NOW + 60);
    record_service(&mut world, &service);
    serve(&mut world, 0).await;
    assert_eq!(refreshed(&world).await, 1);
    let now = offered(&world);
    assert_eq!(
        (now.len(), now[0].name.text("de"), now[0].legal_basis.len()),
        (1, "Mietzuschuss", 2)
    );
    world.clock.set(NOW + HOUR);
    assert!(offered(&world).is_empty(), "it is over");
}

#[tokio::test]
async fn what_no_agency_offers_is_not_shown() {
    let mut world = World::with_card().await;
    let mut service = objects::service(world.business.did());
    service.rule = None;
    let payload = service.encode().expect("a service");
    world
        .ledger
        .publish_object(&world.business, Family::Service, &service.subject, payload);
    serve(&mut world, 0).await;
    assert_eq!(refreshed(&world).await, 1);
    assert_eq!(offered(&world), []);
}

#[tokio::test]
async fn an_agency_that_lost_its_accreditation_offers_nothing() {
    let mut world = World::new().await;
    offer(&mut world, "pid.age_over_18");
    let other = world.ledger.create("other.localhost%3A9");
    world.ledger.accredit(&other, "Other Office", &[&vct("residence")]);
    serve(&mut world, 0).await;
    refreshed(&world).await;
    assert_eq!(offered(&world).len(), 1);
    world.ledger.set_now(NOW + 60);
    world.clock.set(NOW + 60);
    world.ledger.revoke_accreditation(&world.agency);
    world.publish_agencies().await;
    serve_lists(&mut world, "/ledger").await;
    // The file of the hour still has it.
    assert_eq!(refreshed(&world).await, 1);
    assert_eq!(offered(&world), []);
}

#[tokio::test]
async fn a_mirror_serves_the_list_where_the_ledger_does_not() {
    let mut world = World::with_card().await;
    offer(&mut world, "pid.age_over_18");
    serve(&mut world, 0).await;
    for at in [SERVICES, RULES] {
        world.answer(at, ResponseTemplate::new(503)).await;
    }
    serve_lists(&mut world, "/mirror").await;
    refreshed(&world).await;
    assert_eq!(answer(&world), Entitlement::CanUse);
}
