//! The rule subset, through its public interface.

#![expect(clippy::panic, reason = "a test that meets the wrong variant says which")]
#![expect(clippy::unwrap_used, reason = "what goes wrong in the vectors is a failed test")]

use proptest::prelude::*;
use rule::{
    Card, CarriedRule, ClaimType, Day, EvaluationError, Input, ParseError, Rule, RuleError, Type, TypeError,
    UnverifiedRule,
};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use test_case::test_case;

const VECTORS: &str = include_str!("vectors/rules.json");

fn section(name: &str) -> Vec<Value> {
    let vectors: Value = serde_json::from_str(VECTORS).unwrap();
    vectors[name].as_array().unwrap().clone()
}

fn declared(case: &Value) -> BTreeMap<String, ClaimType> {
    serde_json::from_value(case["claims"].clone()).unwrap()
}

fn rule(case: &Value) -> Rule {
    Rule::parse(case["rule"].as_str().unwrap(), declared(case)).unwrap()
}

fn today(case: &Value) -> Day {
    Day::parse(case["today"].as_str().unwrap()).unwrap()
}

/// What an error is called in the vectors: the name of its variant.
fn name_of(error: &impl std::fmt::Debug) -> String {
    let text = format!("{error:?}");
    text.chars().take_while(char::is_ascii_alphanumeric).collect()
}

fn told(answer: Result<bool, EvaluationError>) -> Value {
    match answer {
        Ok(answer) => Value::Bool(answer),
        Err(error) => name_of(&error).into(),
    }
}

#[test]
fn own_vectors() {
    let cases = section("cases");
    for case in &cases {
        let mut input = Input::new(today(case));
        for (query, shown) in case["shown"].as_object().unwrap() {
            for (name, value) in shown.as_object().unwrap() {
                input.insert(query, name, value);
            }
        }
        assert_eq!(told(rule(case).evaluate(&input)), case["expect"], "{}", case["name"]);
    }
    assert_eq!(cases.len(), 211);
}

#[test]
fn vectors_of_several_cards() {
    let cases = section("cards");
    for case in &cases {
        let shown = case["shown"].as_array().unwrap();
        let cards: Vec<Card<'_>> = shown
            .iter()
            .map(|card| Card {
                query: card[0].as_str().unwrap(),
                claims: card[1]
                    .as_object()
                    .unwrap()
                    .iter()
                    .map(|(name, value)| (name.as_str(), value))
                    .collect(),
            })
            .collect();
        let answer = rule(case).evaluate_cards(today(case), &cards);
        assert_eq!(told(answer), case["expect"], "{}", case["name"]);
    }
    assert_eq!(cases.len(), 9);
}

/// An mdoc has claims of one name in several namespaces.
#[test_case(true, true => Some(true) ; "both say the same")]
#[test_case(false, true => None ; "the one says no")]
#[test_case(true, false => None ; "the other says no")]
fn a_name_that_means_two_things_means_none(one: bool, other: bool) -> Option<bool> {
    let rule = Rule::parse("licence.age_over_18", [("licence.age_over_18", ClaimType::Bool)]).unwrap();
    let (one, other) = (Value::from(one), Value::from(other));
    let card = Card {
        query: "licence",
        claims: vec![("age_over_18", &one), ("age_over_18", &other)],
    };
    let today = Day::parse("2026-11-30").unwrap();
    rule.evaluate_cards(today, &[card]).ok()
}

#[test]
fn vectors_of_what_cannot_be_published() {
    let cases = section("refused");
    for case in &cases {
        let refused = Rule::parse(case["rule"].as_str().unwrap(), declared(case)).unwrap_err();
        let name = match &refused {
            RuleError::Parse(error) => name_of(error),
            RuleError::Type(error) => name_of(error),
            other => name_of(other),
        };
        assert_eq!(name, case["expect"], "{}", case["name"]);
    }
    assert_eq!(cases.len(), 126);
}

#[test]
fn vectors_of_the_claims_that_an_answer_depends_on() {
    for case in section("reads") {
        let read: Vec<Value> = rule(&case).reads().into_iter().map(Value::from).collect();
        assert_eq!(Value::Array(read), case["expect"], "{}", case["rule"]);
    }
}

#[test]
fn vectors_of_rules_that_came_along() {
    let cases = section("carried");
    for case in &cases {
        let name = match UnverifiedRule::parse(&case["json"]) {
            Ok(_) => "ok".to_owned(),
            Err(error) => name_of(&error),
        };
        assert_eq!(name, case["expect"], "{}", case["name"]);
    }
    assert_eq!(cases.len(), 20);
}

#[test]
fn vectors_of_days() {
    for case in section("days") {
        let offset = i32::try_from(case["utc_offset_s"].as_i64().unwrap()).unwrap();
        let day = Day::of_unix(case["time"].as_u64().unwrap(), offset);
        let day = day.map_or(Value::Null, |day| day.to_string().into());
        assert_eq!(day, case["expect"], "{}", case["time"]);
    }
}

#[test]
fn a_rule_that_came_along_comes_back() {
    let rule = Rule::parse(
        "p.b || 'a' in p.l",
        [("p.b", ClaimType::Bool), ("p.l", ClaimType::StringList)],
    )
    .unwrap();
    let carried = CarriedRule::new(rule.clone(), 3_600).unwrap();
    let read = UnverifiedRule::parse(&carried.to_json()).unwrap();
    assert_eq!(read.hash(), rule.hash());
    assert_eq!(read.if_recorded(&rule.hash()), Some(carried.clone()));
    assert_eq!(carried.today(1_795_388_399), Day::parse("2026-11-22").ok());
    assert_eq!(carried.today(1_795_388_400), Day::parse("2026-11-23").ok());
}

#[test]
fn a_rule_that_is_not_recorded_is_not_believed() {
    let rule = Rule::parse("p.b", [("p.b", ClaimType::Bool)]).unwrap();
    let mut recorded = rule.hash();
    recorded[31] ^= 1;
    let carried = CarriedRule::new(rule, 0).unwrap();
    let read = UnverifiedRule::parse(&carried.to_json()).unwrap();
    assert_eq!(read.if_recorded(&recorded), None);
}

#[test]
fn the_hash_covers_expression_version_names_and_types() {
    for case in section("hashes") {
        let text = format!("holdfast/rule/v1\n{}", case["canonical"].as_str().unwrap());
        let expected: [u8; 32] = Sha256::digest(text).into();
        assert_eq!(rule(&case).hash(), expected);
    }
    let hash = |text: &str, kind| Rule::parse(text, [("a.b", kind)]).unwrap().hash();
    let same = hash("has(a.b)", ClaimType::Bool);
    assert_eq!(same, hash("has(a.b)", ClaimType::Bool));
    assert_ne!(same, hash("has( a.b)", ClaimType::Bool));
    assert_ne!(same, hash("has(a.b)", ClaimType::Int));
    assert_ne!(
        same,
        Rule::parse("has(a.b)", [("a.b", ClaimType::Bool), ("a.c", ClaimType::Bool)])
            .unwrap()
            .hash()
    );
}

#[test_case("a.b +" => ParseError::UnexpectedCharacter('+'); "arithmetic")]
#[test_case("a.b ? true : false" => ParseError::UnexpectedCharacter('?'); "conditional")]
#[test_case("a.b.matches('x')" => ParseError::NotAClaim("a.b".into()); "regular expression")]
#[test_case("a.exists('x')" => ParseError::NoFunction("exists".into()); "macro")]
#[test_case("size(a.b)" => ParseError::NoFunction("size".into()); "function")]
#[test_case("timestamp('x')" => ParseError::NoFunction("timestamp".into()); "timestamp")]
#[test_case("a.b == 1.0" => ParseError::Number; "double")]
#[test_case("a.b == 1u" => ParseError::Number; "unsigned")]
#[test_case("a.b == 0x1F" => ParseError::Number; "hexadecimal")]
#[test_case("a.b == 007" => ParseError::Number; "leading zeros")]
#[test_case("a.b == 9223372036854775808" => ParseError::Number; "2 to the 63")]
#[test_case("a.b == 1e3" => ParseError::Number; "exponent")]
#[test_case("a.b == 'x" => ParseError::UnterminatedString; "open string")]
#[test_case("a.b == '\\n'" => ParseError::Escape; "escape")]
#[test_case("a.b == '\n'" => ParseError::UnexpectedCharacter('\n'); "line break in a string")]
#[test_case("has(a)" => ParseError::HasTakesAClaim; "has without a claim")]
#[test_case("has(a.b, a.c)" => ParseError::HasTakesAClaim; "has with two")]
#[test_case("yesterday" => ParseError::NotAClaim("yesterday".into()); "unknown name")]
#[test_case("" => ParseError::UnexpectedEnd; "empty")]
#[test_case("(true" => ParseError::UnexpectedEnd; "open bracket")]
#[test_case("true)" => ParseError::Unexpected(")".into()); "closing bracket")]
#[test_case("true true" => ParseError::Unexpected("true".into()); "two expressions")]
#[test_case("true in []" => ParseError::Unexpected("]".into()); "empty list")]
fn outside_the_subset(text: &str) -> ParseError {
    match Rule::parse(text, [("a.b", ClaimType::Int)]) {
        Err(RuleError::Parse(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn sixty_four_nodes_are_the_limit() {
    // n terms are n claims and n - 1 operators.
    let rule = |terms: usize| Rule::parse(&vec!["a.b"; terms].join("||"), [("a.b", ClaimType::Bool)]);
    assert!(rule(32).is_ok());
    assert_eq!(rule(33), Err(ParseError::TooManyNodes.into()));
}

#[test]
fn nesting_and_length_are_bounded_before_they_cost_anything() {
    let brackets = |depth: usize| format!("{}true{}", "(".repeat(depth), ")".repeat(depth));
    let none: [(&str, ClaimType); 0] = [];
    assert!(Rule::parse(&brackets(16), none).is_ok());
    assert_eq!(Rule::parse(&brackets(17), none), Err(ParseError::TooDeep.into()));
    assert_eq!(
        Rule::parse(&format!("{}true", "!".repeat(17)), none),
        Err(ParseError::TooDeep.into())
    );
    assert_eq!(Rule::parse(&" ".repeat(1025), none), Err(ParseError::TooLong.into()));
}

#[test_case("a.c" => TypeError::Undeclared("a.c".into()); "undeclared")]
#[test_case("has(a.c)" => TypeError::Undeclared("a.c".into()); "has of the undeclared")]
#[test_case("a.b_age_years > 1" => TypeError::Undeclared("a.b_age_years".into()); "age of what is no date")]
#[test_case("has(a.d_age_years)" => TypeError::Undeclared("a.d_age_years".into()); "has of an age")]
#[test_case("a.b == 'x'" => TypeError::Mismatch { left: Type::Int, right: Type::String }; "int with string")]
#[test_case("true < false" => TypeError::Mismatch { left: Type::Bool, right: Type::Bool }; "order of conditions")]
#[test_case("1 in 2" => TypeError::Mismatch { left: Type::Int, right: Type::Int }; "in what is no list")]
#[test_case("1 in ['a']" => TypeError::Mismatch { left: Type::Int, right: Type::StringList }; "in a list of another type")]
#[test_case("1 in [1, 'a']" => TypeError::MixedList; "mixed list")]
#[test_case("[1] in [[1]]" => TypeError::MixedList; "list of lists")]
#[test_case("!a.b" => TypeError::NotBool(Type::Int); "not of a number")]
#[test_case("a.b && true" => TypeError::NotBool(Type::Int); "and of a number")]
#[test_case("a.b" => TypeError::ResultNotBool(Type::Int); "a number as the result")]
#[test_case("1 < 2 < 3" => TypeError::Mismatch { left: Type::Bool, right: Type::Int }; "chained comparison")]
fn without_meaning(text: &str) -> TypeError {
    match Rule::parse(text, [("a.b", ClaimType::Int), ("a.d", ClaimType::Date)]) {
        Err(RuleError::Type(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[test_case("a"; "no query")]
#[test_case("a.b.c"; "three parts")]
#[test_case("a.b-c"; "hyphen")]
#[test_case("1.b"; "digit first")]
fn names_that_cannot_be_declared(name: &str) {
    assert_eq!(
        Rule::parse("true", [(name, ClaimType::Bool)]),
        Err(RuleError::Declaration(name.to_owned()))
    );
}

#[test]
fn a_claim_cannot_take_the_name_of_an_age() {
    let claims = [("a.d", ClaimType::Date), ("a.d_age_years", ClaimType::Int)];
    assert_eq!(
        Rule::parse("true", claims),
        Err(RuleError::Declaration("a.d_age_years".to_owned()))
    );
}

proptest! {
    #[test]
    fn no_text_breaks_the_parser(text in ".{0,200}") {
        let parsed = Rule::parse(&text, [("a.b", ClaimType::Bool)]);
        if let Ok(rule) = parsed {
            prop_assert_eq!(rule.text(), text.as_str());
        }
    }

    #[test]
    fn not_turns_every_answer_round(left in any::<bool>(), right in any::<bool>(), or in any::<bool>()) {
        let operator = if or { "||" } else { "&&" };
        let none: [(&str, ClaimType); 0] = [];
        let input = Input::new(Day::from_ymd(2026, 11, 20).unwrap());
        let answer = |text: String| Rule::parse(&text, none).unwrap().evaluate(&input);
        let plain = answer(format!("{left} {operator} {right}"));
        prop_assert_eq!(plain.clone(), Ok(if or { left || right } else { left && right }));
        prop_assert_eq!(answer(format!("!({left} {operator} {right})")), plain.map(|answer| !answer));
    }
}
