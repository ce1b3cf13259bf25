//! `refresh`: the copies of a card again, and what it says now that it did not say before.

use super::cards::plain_value;
use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::output::Done;
use crate::session::{open, wait_for};
use crate::words::{card_name, claim_name};
use serde_json::json;
use wallet::{Card, ChangedValue};

pub(crate) fn run(arguments: &Arguments, name: &str) -> Result<Done, Failure> {
    let wallet = open(arguments)?;
    let reissued = wait_for(wallet.refresh_card(name))??;
    let card = wallet.card(name)?;
    let mut lines = vec![format!(
        "{}: {} new copies are in the place of the old ones.",
        card_name(&card.display, &card.vct),
        reissued.copies
    )];
    lines.extend(changes(&card, &reissued.changed));
    Ok(Done::new(
        "refreshed",
        json!({ "refreshed": reissued }),
        lines.join("\n"),
    ))
}

/// Old and new values, side by side.
pub(super) fn changes(card: &Card, changed: &[ChangedValue]) -> Vec<String> {
    let value = |value: &Option<serde_json::Value>| value.as_ref().map_or("(nothing)".to_owned(), plain_value);
    let line = |change: &ChangedValue| {
        let name = claim_name(Some(card), &change.claim);
        format!("{name} was {} and is now {}", value(&change.before), value(&change.now))
    };
    changed.iter().map(line).collect()
}
