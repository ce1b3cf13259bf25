//! `status`: are your cards still good?

use super::cards::whole_summary;
use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::output::Done;
use crate::session::{open, wait_for};
use crate::words::{card_name, readiness_in_words, status};
use serde_json::json;

pub(crate) fn run(arguments: &Arguments) -> Result<Done, Failure> {
    let wallet = open(arguments)?;
    let refreshed = wait_for(wallet.refresh_status())??;
    if let Some(error) = refreshed.failures.into_iter().next() {
        return Err(error.into());
    }
    let mut cards = Vec::new();
    let mut lines = Vec::new();
    for whole in wallet.whole_cards()? {
        let card = &whole.card;
        let known = wallet.whole_status(&whole)?;
        lines.push(format!("{}: {}", card_name(&card.display, &card.vct), status(known)));
        cards.push(whole_summary(&whole, known));
    }
    let readiness = wallet.offline_readiness()?;
    let text = if lines.is_empty() {
        "You have no cards yet.".to_owned()
    } else {
        lines.extend(readiness_in_words(&readiness, &wallet.cards()?));
        lines.join("\n")
    };
    Ok(Done::new(
        "ok",
        json!({ "lists": refreshed.lists, "cards": cards, "offline": readiness }),
        text,
    ))
}
