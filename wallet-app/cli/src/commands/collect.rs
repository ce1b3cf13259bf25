//! `collect`: asks again for cards that their issuers need time for. Nobody is asked earlier than it said.

use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::output::Done;
use crate::session::{open, wait_for};
use crate::words::{card_name, day};
use serde_json::{Value, json};
use wallet::{Collected, WaitingCard};

pub(crate) fn run(arguments: &Arguments) -> Result<Done, Failure> {
    let wallet = open(arguments)?;
    let collected = wait_for(wallet.collect_waiting())??;
    let mut lines = Vec::new();
    let mut cards = Vec::new();
    for (card, became) in &collected {
        lines.push(line(card, became));
        cards.push(object(card, became));
    }
    if lines.is_empty() {
        lines.push("You wait for no cards.".to_owned());
    }
    Ok(Done::new("ok", json!({ "collected": cards }), lines.join("\n")))
}

fn line(card: &WaitingCard, became: &Collected) -> String {
    match became {
        Collected::Arrived(arrival) => {
            let names: Vec<String> = arrival
                .cards
                .iter()
                .map(|card| card_name(&card.display, &card.vct))
                .collect();
            let id = arrival.id.as_str();
            format!(
                "{} from {} came. Look with `show`, then `keep {id}` or `reject {id}`.",
                names.join(", "),
                arrival.issuer
            )
        }
        Collected::Waiting { ask_again_at } => format!(
            "{} from {} is not ready. Ask again from {} on.",
            titles(card),
            card.issuer,
            day(*ask_again_at)
        ),
        Collected::Over { code } => format!("{} from {} will not come: {code}.", titles(card), card.issuer),
    }
}

fn object(card: &WaitingCard, became: &Collected) -> Value {
    match became {
        Collected::Arrived(arrival) => {
            let cards: Vec<&str> = arrival.cards.iter().map(|card| card.id.as_str()).collect();
            json!({ "id": card.id, "state": "arrived", "waiting": arrival.id, "cards": cards })
        }
        Collected::Waiting { ask_again_at } => {
            json!({ "id": card.id, "state": "waiting", "ask_again_at": ask_again_at })
        }
        Collected::Over { code } => json!({ "id": card.id, "state": "over", "reason": code }),
    }
}

/// What will stand on the cards.
pub(crate) fn titles(card: &WaitingCard) -> String {
    let titles: Vec<&str> = card.titles.iter().map(|title| title.text("en")).collect();
    titles.join(", ")
}
