//! `refresh`: the copies of a card again, and what it says now that it did not say before; or the proofs for showing
//! cards without a network.

use super::cards::plain_value;
use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::output::Done;
use crate::session::{open, wait_for};
use crate::words::{card_name, claim_name, readiness_in_words};
use serde_json::json;
use wallet::{ChangedValue, WholeCard};

pub(crate) fn run(arguments: &Arguments, name: &str) -> Result<Done, Failure> {
    let wallet = open(arguments)?;
    let reissued = wait_for(wallet.refresh_card(name))??;
    // Whichever of its forms was named.
    let whole = wallet.whole_card(name)?;
    let card = &whole.card;
    let mut lines = vec![format!(
        "{}: {} new copies are in the place of the old ones.",
        card_name(&card.display, &card.vct),
        reissued.copies
    )];
    lines.extend(changes(&whole, &reissued.changed));
    wallet.forget_changes(&whole)?;
    Ok(Done::new(
        "refreshed",
        json!({ "refreshed": reissued }),
        lines.join("\n"),
    ))
}

/// What others need to check these cards without a network.
pub(crate) fn proofs(arguments: &Arguments) -> Result<Done, Failure> {
    let wallet = open(arguments)?;
    let refreshed = wait_for(wallet.refresh_proofs())??;
    if let Some(error) = refreshed.lists.failures.into_iter().next() {
        return Err(error.into());
    }
    let readiness = wallet.offline_readiness()?;
    let mut lines = readiness_in_words(&readiness, &wallet.cards()?);
    let services = refreshed.services.ok();
    lines.push(match services {
        Some(_) => "The list of services is new; see `services`.".to_owned(),
        None => "The list of services could not be had; it stays as it was.".to_owned(),
    });
    let members = json!({
        "confirmed_at": refreshed.time,
        "agencies": refreshed.agencies,
        "lists": refreshed.lists.lists,
        "services": services,
        "offline": readiness,
    });
    Ok(Done::new("proofs_refreshed", members, lines.join("\n")))
}

/// Old and new values, side by side.
pub(super) fn changes(card: &WholeCard, changed: &[ChangedValue]) -> Vec<String> {
    let value = |value: &Option<serde_json::Value>| value.as_ref().map_or("(nothing)".to_owned(), plain_value);
    let line = |change: &ChangedValue| {
        let name = claim_name(card.forms(), &change.claim);
        format!("{name} was {} and is now {}", value(&change.before), value(&change.now))
    };
    changed.iter().map(line).collect()
}
