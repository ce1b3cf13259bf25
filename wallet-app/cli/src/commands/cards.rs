//! `list`, `show` and `delete`: your own cards, for your own eyes.

use super::refresh::changes;
use crate::arguments::Arguments;
use crate::commands::collect::titles;
use crate::failure::Failure;
use crate::output::Done;
use crate::session::open;
use crate::words::{card_name, claim_name, day, readiness_in_words, status};
use serde_json::{Value, json};
use wallet::{Card, CardStatus, WholeCard};

pub(crate) fn list(arguments: &Arguments) -> Result<Done, Failure> {
    let wallet = open(arguments)?;
    let mut cards = Vec::new();
    let mut lines = Vec::new();
    let held = wallet.cards()?;
    let whole = WholeCard::of_all(held.clone());
    for (whole, known) in whole.iter().zip(wallet.whole_statuses(&whole)?) {
        let card = &whole.card;
        cards.push(whole_summary(whole, known));
        lines.push(format!(
            "{}  {}{} from {}, {}",
            card.id.as_str(),
            card_name(&card.display, &card.vct),
            in_format(whole),
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
        let cards: Vec<&str> = arrival.cards.iter().map(|card| card.id.as_str()).collect();
        let cards = json!(cards);
        let names = names_of(arrival.cards);
        lines.push(format!(
            "Waiting for your word: {} from {}. Look with `show`, then `keep {id}` or `reject {id}`.",
            names.join(", "),
            arrival.issuer
        ));
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
    let card = wallet.whole_card(name)?.card;
    wallet.destroy_card(name)?;
    let text = format!(
        "{} and all its keys are destroyed.",
        card_name(&card.display, &card.vct)
    );
    Ok(Done::new("deleted", json!({ "card": card.id }), text))
}

pub(crate) fn show(arguments: &Arguments, name: &str) -> Result<Done, Failure> {
    let wallet = open(arguments)?;
    // Whichever of its forms was named.
    let whole = wallet.whole_card(name)?;
    let (card, unused) = (&whole.card, whole.unused());
    let known = wallet.whole_status(&whole)?;
    let mut lines = vec![
        format!("{}{}", card_name(&card.display, &card.vct), in_format(&whole)),
        format!("from {} ({})", card.issuer.name(), card.issuer_host),
        format!("{}, received {}", status(known), day(card.received_at)),
        format!(
            "{} copies left to show over a network, {} without one",
            unused.online, unused.offline
        ),
    ];
    lines.extend(said_in_words(card));
    for form in &whole.also {
        lines.push(format!("As {}:", form.format_name().unwrap_or(form.format.name())));
        lines.extend(said_in_words(form).map(|line| format!("  {line}")));
    }
    let changed = wallet.changed_values(&whole)?;
    lines.extend(changes(&whole, &changed));
    let mut object = whole_summary(&whole, known);
    object["changed"] = json!(changed);
    object["claims"] = Value::Object(card.claims.clone());
    for (place, form) in whole.forms().enumerate() {
        object["formats"][place]["claims"] = Value::Object(form.claims.clone());
    }
    wallet.forget_changes(&whole)?;
    Ok(Done::new("ok", json!({ "card": object }), lines.join("\n")))
}

/// A card without what it says, and in which formats it is here.
pub(super) fn whole_summary(whole: &WholeCard, known: CardStatus) -> Value {
    let card = &whole.card;
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
        "unused_copies": whole.unused(),
        "formats": forms(whole),
    })
}

/// A card in each of its formats.
fn forms(whole: &WholeCard) -> Value {
    let form =
        |card: &Card| json!({ "id": card.id, "format": card.format, "type": card.vct, "unused_copies": card.unused });
    whole.forms().map(form).collect()
}

/// What cards are called, what is one card once.
pub(super) fn names_of(cards: Vec<Card>) -> Vec<String> {
    let whole = WholeCard::of_all(cards).into_iter();
    whole
        .map(|whole| card_name(&whole.card.display, &whole.card.vct))
        .collect()
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

/// The same in sentences.
fn said_in_words(card: &Card) -> impl Iterator<Item = String> {
    let own = said(card).into_iter();
    own.map(move |(name, value)| format!("{}: {}", claim_name(Some(card), &name), plain_value(value)))
}

/// In which formats a card is, where that is not the one of most cards.
fn in_format(whole: &WholeCard) -> String {
    let own = whole.card.format_name().map(str::to_owned);
    let also = whole.also_in().map(|names| format!("also {names}"));
    let names: Vec<String> = own.into_iter().chain(also).collect();
    match names.as_slice() {
        [] => String::new(),
        names => format!(" ({})", names.join(", ")),
    }
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
