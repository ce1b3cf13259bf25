//! What the answer will be, said before anything is shared. docs/rules.md §6

use crate::world::{NOW, RequestDraft, World, agree};
use rule::{CarriedRule, ClaimType, Day, Rule};
use serde_json::{Value, json};
use test_case::test_case;
use testkit::credential::vct;
use wallet::{Foretold, OpenRequest};

/// What a business asks, and the rule that it has recorded.
struct Asking {
    needed: &'static [&'static str],
    optional: &'static [&'static str],
    rule: Rule,
}

const TYPES: [(&str, ClaimType); 3] = [
    ("card.age_over_18", ClaimType::Bool),
    ("card.birth_date", ClaimType::Date),
    ("card.given_name", ClaimType::String),
];

impl Asking {
    fn of(needed: &'static [&'static str], optional: &'static [&'static str], rule: &str) -> Self {
        let asked = |name: &str| {
            needed
                .iter()
                .chain(optional)
                .any(|claim| name == format!("card.{claim}"))
        };
        let types = TYPES.into_iter().filter(|(name, _)| asked(name));
        Self {
            needed,
            optional,
            rule: Rule::parse(rule, types).expect("rule"),
        }
    }

    /// A wallet with a card, and the request, in which this rule comes along.
    async fn opened(&self, carried: Option<Value>) -> (World, OpenRequest) {
        let mut world = World::with_card().await;
        let link = self.link(&mut world, carried, Some(self.rule.hash())).await;
        let open = world.wallet.open_request(&link).await.expect("opened");
        assert_eq!(world.sent("POST", "/response/1").await.len(), 0, "nothing is sent");
        (world, open)
    }

    async fn link(&self, world: &mut World, carried: Option<Value>, recorded: Option<[u8; 32]>) -> String {
        let mut purpose = testkit::purpose("age", &vct("person-identification"), self.needed, self.optional);
        purpose.rule = recorded;
        world.register_again(purpose);
        let mut draft = RequestDraft::of(world, "age", &[self.needed, self.optional].concat());
        if !self.optional.is_empty() {
            let with = [self.needed, self.optional].concat();
            draft.claims["dcql_query"]["credentials"][0]["claim_sets"] = json!([self.needed, with]);
        }
        if let Some(rule) = carried {
            let info = draft.claims["verifier_info"].as_array_mut().expect("array");
            info.push(json!({"format": "holdfast-rule", "data": rule}));
        }
        draft.publish(world).await
    }

    fn carried(&self) -> Value {
        carried(&self.rule, 0)
    }
}

fn carried(rule: &Rule, utc_offset_s: i32) -> Value {
    CarriedRule::new(rule.clone(), utc_offset_s).expect("rule").to_json()
}

fn needed(open: &OpenRequest) -> Vec<String> {
    open.ask().cards[0].needed.iter().map(ToString::to_string).collect()
}

#[test_case("card.age_over_18" => Foretold::Yes ; "yes")]
#[test_case("!card.age_over_18" => Foretold::No ; "no")]
#[test_case("card.age_over_18 && today > 20260101" => Foretold::Yes ; "with the day")]
#[tokio::test]
async fn the_answer_is_said_before_anything_is_shared(rule: &str) -> Foretold {
    let asking = Asking::of(&["age_over_18"], &[], rule);
    let (world, open) = asking.opened(Some(asking.carried())).await;
    let answer = open.foretell(&[], &[]).expect("the rule is recorded");
    assert!(open.has_recorded_rule());
    let consent = agree(&open, &[]);
    world.wallet.share(open, &consent).await.expect("shared");
    answer
}

#[tokio::test]
async fn what_is_switched_on_changes_the_answer() {
    let asking = Asking::of(&["age_over_18"], &["birth_date"], "card.birth_date_age_years < 18");
    let (_world, open) = asking.opened(Some(asking.carried())).await;
    assert_eq!(needed(&open), ["age_over_18"]);
    let birth_date = vec!["birth_date".to_owned()];
    assert_eq!(
        open.foretell_each(),
        [(Vec::new(), Foretold::CannotBeTold), (birth_date, Foretold::No)]
    );
}

#[tokio::test]
async fn the_fewest_claims_that_give_a_yes_are_offered() {
    let enough = Asking::of(
        &["age_over_18"],
        &["birth_date"],
        "card.age_over_18 || has(card.birth_date) && card.birth_date_age_years >= 18",
    );
    let (_world, open) = enough.opened(Some(enough.carried())).await;
    assert_eq!(needed(&open), ["age_over_18"]);
    assert_eq!(open.foretell(&[], &[]), Some(Foretold::Yes));

    let more = Asking::of(
        &["age_over_18"],
        &["birth_date"],
        "has(card.birth_date) && card.birth_date_age_years >= 18",
    );
    let (_world, open) = more.opened(Some(more.carried())).await;
    assert_eq!(needed(&open), ["age_over_18", "birth_date"]);
    assert_eq!(open.foretell(&[], &[]), Some(Foretold::Yes));
}

#[tokio::test]
async fn nobody_is_offered_to_show_more_for_a_no() {
    let asking = Asking::of(
        &["age_over_18"],
        &["birth_date"],
        "has(card.birth_date) && card.birth_date_age_years < 18",
    );
    let (_world, open) = asking.opened(Some(asking.carried())).await;
    assert_eq!(needed(&open), ["age_over_18"]);
    assert_eq!(open.foretell(&[], &[]), Some(Foretold::No));
}

#[tokio::test]
async fn nobody_is_offered_to_show_for_a_yes_what_they_show_to_nobody() {
    let mut world = World::with_card().await;
    let asking = Asking::of(
        &["age_over_18"],
        &["birth_date"],
        "has(card.birth_date) && card.birth_date_age_years >= 18",
    );
    world
        .wallet
        .never_show(&vct("person-identification"), "birth_date")
        .expect("noted");
    let link = asking
        .link(&mut world, Some(asking.carried()), Some(asking.rule.hash()))
        .await;
    let open = world.wallet.open_request(&link).await.expect("not refused");
    assert_eq!(needed(&open), ["age_over_18"]);
    assert_eq!(open.foretell(&[], &[]), Some(Foretold::No));
}

#[tokio::test]
async fn what_is_needed_and_makes_no_difference_is_marked() {
    let asking = Asking::of(&["age_over_18", "given_name"], &[], "card.age_over_18");
    let (_world, open) = asking.opened(Some(asking.carried())).await;
    let beyond = open.beyond_rule(&open.ask().cards[0]);
    assert_eq!(
        beyond.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["given_name"]
    );
}

#[test_case(50_400 => Foretold::Yes ; "theirs")]
#[test_case(-43_200 => Foretold::No ; "elsewhere")]
#[tokio::test]
async fn the_day_is_the_one_by_the_clock_of_those_who_ask(utc_offset_s: i32) -> Foretold {
    let today = Day::of_unix(NOW, 50_400).expect("a day").number();
    let asking = Asking::of(&["age_over_18"], &[], &format!("card.age_over_18 && today == {today}"));
    let (_world, open) = asking.opened(Some(carried(&asking.rule, utc_offset_s))).await;
    open.foretell(&[], &[]).expect("the rule is recorded")
}

#[tokio::test]
async fn f4_wallet_another_rule_than_the_recorded_one() {
    let mut world = World::with_card().await;
    let recorded = Asking::of(&["age_over_18"], &[], "card.age_over_18");
    let other = Asking::of(&["age_over_18"], &[], "true");
    let link = other
        .link(&mut world, Some(other.carried()), Some(recorded.rule.hash()))
        .await;
    let error = world.refused(&link).await;
    assert_eq!(error.code(), "rule_not_recorded");
    let noted = &world.wallet.history().expect("history")[0].record;
    assert_eq!(noted.reason.as_deref(), Some("rule_not_recorded"));
}

#[tokio::test]
async fn f4_wallet_a_rule_that_no_record_names_says_nothing() {
    let mut world = World::with_card().await;
    let asking = Asking::of(&["age_over_18"], &[], "card.age_over_18");
    let link = asking.link(&mut world, Some(asking.carried()), None).await;
    let open = world.wallet.open_request(&link).await.expect("not blocked");
    assert_eq!(open.foretell(&[], &[]), None);
    assert!(open.foretell_each().is_empty() && open.beyond_rule(&open.ask().cards[0]).is_empty());
}

#[test_case(|_| None ; "that is not there")]
#[test_case(|_| Some(json!("card.age_over_18")) ; "that is a text")]
#[test_case(|rule| { let mut rule = rule; rule["expression"] = "card.age_over_18 ? true : false".into(); Some(rule) } ; "outside the subset")]
#[test_case(|rule| { let mut rule = rule; rule["subset"] = 2.into(); Some(rule) } ; "of another version")]
#[test_case(|rule| { let mut rule = rule; rule["utc_offset_s"] = 90_000.into(); Some(rule) } ; "by a clock of nowhere")]
#[tokio::test]
async fn f4_wallet_a_rule_that_is_none_blocks_nothing_and_says_nothing(change: fn(Value) -> Option<Value>) {
    let asking = Asking::of(&["age_over_18"], &[], "card.age_over_18");
    let (world, open) = asking.opened(change(asking.carried())).await;
    assert_eq!(open.foretell(&[], &[]), None);
    let consent = agree(&open, &[]);
    world.wallet.share(open, &consent).await.expect("shared");
}

#[tokio::test]
async fn f4_wallet_a_rule_about_what_is_not_asked_says_nothing() {
    let asking = Asking {
        needed: &["age_over_18"],
        optional: &[],
        rule: Rule::parse("card.age_over_18", TYPES).expect("rule"),
    };
    let (_world, open) = asking.opened(Some(asking.carried())).await;
    assert_eq!(open.foretell(&[], &[]), None);
}
