//! `list`, `show` and `delete`: your own cards, for your own eyes.

use super::refresh::changes;
use crate::arguments::Arguments;
use crate::commands::collect::titles;
use crate::failure::Failure;
use crate::output::Done;
use crate::session::open;
use crate::words::{card_name, claim_name, day, readiness_in_words, status};
use serde_json::{Value, json};
use wallet::{Card, CardStatus};

pub(crate) fn list(arguments: &Arguments) -> Result<Done, Failure> {
    let wallet = open(arguments)?;
    let mut cards = Vec::new();
    let mut lines = Vec::new();
    let held = wallet.cards()?;
    for (card, known) in held.iter().zip(wallet.card_statuses(&held)?) {
        cards.push(summary(card, known));
        lines.push(format!(
            "{}  {}{} from {}, {}",
            card.id.as_str(),
            card_name(&card.display, &card.vct),
            in_format(card),
            card.issuer.name(),
            status(known)
        ));
    }
    let readiness = wallet.offline_readiness()?;
    if lines.is_empty() {
        lines.push("You have no cards yet.".to_owned());
    } else {
        lines.extend(readiness_in_words(&readiness, &held));
    }
    let mut waiting = Vec::new();
    for arrival in wallet.pending_cards()? {
        let id = arrival.id.as_str();
        let names: Vec<String> = arrival
            .cards
            .iter()
            .map(|card| card_name(&card.display, &card.vct))
            .collect();
        lines.push(format!(
            "Waiting for your word: {} from {}. Look with `show`, then `keep {id}` or `reject {id}`.",
            names.join(", "),
            arrival.issuer
        ));
        let cards: Vec<&str> = arrival.cards.iter().map(|card| card.id.as_str()).collect();
        waiting.push(json!({ "id": id, "issuer": arrival.issuer, "host": arrival.host, "cards": cards }));
    }
    let deferred = wallet.waiting_cards()?;
    for card in &deferred {
        lines.push(format!(
            "Not ready: {} from {}. Ask again with `collect`.",
            titles(card),
            card.issuer
        ));
    }
    Ok(Done::new(
        "ok",
        json!({ "cards": cards, "waiting": waiting, "deferred": deferred, "offline": readiness }),
        lines.join("\n"),
    ))
}

pub(crate) fn delete(arguments: &Arguments, name: &str) -> Result<Done, Failure> {
    let wallet = open(arguments)?;
    let card = wallet.card(name)?;
    wallet.destroy_card(name)?;
    let text = format!(
        "{} and all its keys are destroyed.",
        card_name(&card.display, &card.vct)
    );
    Ok(Done::new("deleted", json!({ "card": card.id }), text))
}

pub(crate) fn show(arguments: &Arguments, name: &str) -> Result<Done, Failure> {
    let wallet = open(arguments)?;
    let card = wallet.card(name)?;
    let known = wallet.card_status(&card)?;
    let mut lines = vec![
        format!("{}{}", card_name(&card.display, &card.vct), in_format(&card)),
        format!("from {} ({})", card.issuer.name(), card.issuer_host),
        format!("{}, received {}", status(known), day(card.received_at)),
        format!(
            "{} copies left to show over a network, {} without one",
            card.unused.online, card.unused.offline
        ),
    ];
    let own = said(&card).into_iter();
    lines.extend(own.map(|(name, value)| format!("{}: {}", claim_name(Some(&card), &name), plain_value(value))));
    let changed = wallet.changed_values(&card)?;
    lines.extend(changes(&card, &changed));
    let mut object = summary(&card, known);
    object["changed"] = json!(changed);
    object["claims"] = Value::Object(card.claims.clone());
    Ok(Done::new("ok", json!({ "card": object }), lines.join("\n")))
}

/// A card without what it says.
pub(crate) fn summary(card: &Card, known: CardStatus) -> Value {
    json!({
        "id": card.id,
        "type": card.vct,
        "format": card.format,
        "name": card_name(&card.display, &card.vct),
        "issuer": card.issuer,
        "host": card.issuer_host,
        "status": known,
        "received_at": card.received_at,
        "valid_until": card.valid_until,
        "unused_copies": card.unused,
    })
}

/// What a card says, by its paths with dots. In other formats all claims stand in something.
fn said(card: &Card) -> Vec<(String, &Value)> {
    if card.format_name().is_some() {
        return card.said();
    }
    let own = card.claims.iter();
    let own = own.filter(|(name, _)| !matches!(name.as_str(), "iss" | "vct" | "_sd_alg"));
    own.map(|(name, value)| (name.clone(), value)).collect()
}

/// The word that tells a card from the same one in another format.
fn in_format(card: &Card) -> String {
    card.format_name().map(|name| format!(" ({name})")).unwrap_or_default()
}

pub(super) fn plain_value(value: &Value) -> String {
    match value {
        Value::String(text) if text.starts_with("data:") => "(a picture)".to_owned(),
        Value::String(text) => text.chars().filter(|c| !c.is_control()).collect(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Array(values) => values.iter().map(plain_value).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}
