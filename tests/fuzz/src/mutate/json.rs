//! Changes of JSON that stay JSON.

use serde_json::{Map, Value, json};

use crate::Dice;

/// Names with a meaning in one format or another.
const NAMES: [&str; 34] = [
    "alg",
    "typ",
    "kid",
    "jwk",
    "x5c",
    "crit",
    "b64",
    "zip",
    "enc",
    "epk",
    "apu",
    "_sd",
    "_sd_alg",
    "...",
    "cnf",
    "vct",
    "status",
    "iss",
    "aud",
    "exp",
    "nbf",
    "iat",
    "nonce",
    "sub",
    "id",
    "path",
    "values",
    "claims",
    "claim_sets",
    "multiple",
    "credential_sets",
    "transaction_data",
    "witness",
    "d",
];

/// Changes one place of a value.
pub(super) fn change(value: &mut Value, dice: &mut Dice) {
    let count = nodes(value);
    let donor = nth(value, dice.below(count)).cloned().unwrap_or_default();
    let Some(place) = nth_mut(value, dice.below(count)) else {
        return;
    };
    match (dice.below(4), place) {
        (0, place) => *place = scalar(dice),
        (1, place) => *place = donor,
        (2, Value::Object(members)) => change_members(members, donor, dice),
        (2 | 3, Value::Array(elements)) => change_elements(elements, donor, dice),
        (_, Value::String(text)) => *text = change_text(text, dice),
        (_, place) => *place = nested(std::mem::take(place), dice),
    }
}

/// Writes a value; now and then with a member twice, which no value can hold.
pub(super) fn write(value: &Value, dice: &mut Dice) -> String {
    let text = value.to_string();
    let first = value.as_object().and_then(|members| members.iter().next());
    match first {
        Some((name, value)) if dice.once_in(12) => format!("{{{}:{value},{}", json!(name), &text[1..]),
        _ => text,
    }
}

fn change_members(members: &mut Map<String, Value>, donor: Value, dice: &mut Dice) {
    let names: Vec<String> = members.keys().cloned().collect();
    let name = dice.pick(&names).cloned().unwrap_or_default();
    let other = dice.pick(&NAMES).map_or_else(String::new, |name| (*name).to_owned());
    match dice.below(3) {
        0 => drop(members.remove(&name)),
        1 => drop(members.insert(other, donor)),
        _ => {
            if let Some(value) = members.remove(&name) {
                members.insert(other, value);
            }
        }
    }
}

fn change_elements(elements: &mut Vec<Value>, donor: Value, dice: &mut Dice) {
    let (at, to) = (dice.below(elements.len()), dice.below(elements.len()));
    match dice.below(4) {
        0 if !elements.is_empty() => drop(elements.remove(at)),
        1 if !elements.is_empty() => elements.insert(at, elements[to].clone()),
        2 if !elements.is_empty() => elements.swap(at, to),
        _ => elements.insert(at, donor),
    }
}

fn change_text(text: &str, dice: &mut Dice) -> String {
    let characters: Vec<char> = text.chars().collect();
    let (kept, rest) = characters.split_at(dice.below(characters.len() + 1));
    let middle = match dice.below(6) {
        0 => "",
        1 => "#0",
        2 => "\u{0}",
        3 => "é",
        4 => "0",
        _ => "/",
    };
    let rest = rest.get(dice.below(2)..).unwrap_or_default();
    kept.iter()
        .chain(&middle.chars().collect::<Vec<_>>())
        .chain(rest)
        .collect()
}

fn nested(inner: Value, dice: &mut Dice) -> Value {
    let levels = if dice.once_in(8) { 40 } else { 1 };
    (0..levels).fold(inner, |inner, _| json!([inner]))
}

fn scalar(dice: &mut Dice) -> Value {
    match dice.below(13) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(false),
        3 => json!(0),
        4 => json!(-1),
        5 => json!(1.5),
        6 => json!(u64::MAX),
        7 => json!(9_007_199_254_740_993_u64),
        8 => json!(""),
        9 => json!("A"),
        10 => json!([]),
        11 => json!(1e300),
        _ => json!({}),
    }
}

fn nodes(value: &Value) -> usize {
    1 + match value {
        Value::Object(members) => members.values().map(nodes).sum(),
        Value::Array(elements) => elements.iter().map(nodes).sum(),
        _ => 0,
    }
}

/// The value at this place, counted from the outside in.
fn nth(value: &Value, place: usize) -> Option<&Value> {
    let Some(mut left) = place.checked_sub(1) else {
        return Some(value);
    };
    let inner: Vec<&Value> = match value {
        Value::Object(members) => members.values().collect(),
        Value::Array(elements) => elements.iter().collect(),
        _ => Vec::new(),
    };
    for value in inner {
        let count = nodes(value);
        if left < count {
            return nth(value, left);
        }
        left -= count;
    }
    None
}

fn nth_mut(value: &mut Value, place: usize) -> Option<&mut Value> {
    let Some(mut left) = place.checked_sub(1) else {
        return Some(value);
    };
    let inner: Vec<&mut Value> = match value {
        Value::Object(members) => members.values_mut().collect(),
        Value::Array(elements) => elements.iter_mut().collect(),
        _ => Vec::new(),
    };
    for value in inner {
        let count = nodes(value);
        if left < count {
            return nth_mut(value, left);
        }
        left -= count;
    }
    None
}
