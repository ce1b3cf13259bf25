//! `accept`: takes a card that somebody offers; `keep` and `reject`: what becomes of cards that came
//! before anybody could say that they are theirs.

use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::output::Done;
use crate::session::{open, wait_for};
use crate::words::card_name;
use serde_json::json;
use wallet::{ArrivalId, IssuanceError};

pub(crate) fn run(arguments: &Arguments, link: &str, tx_code: Option<&str>) -> Result<Done, Failure> {
    let wallet = open(arguments)?;
    let (offered_by, names, accepted) = wait_for(async {
        let offer = wallet.open_offer(link).await?;
        let offered_by = offer.offered_by().clone();
        let names: Vec<String> = offer
            .cards()
            .iter()
            .map(|card| card_name(&card.display, &card.vct))
            .collect();
        let accepted = wallet.accept_offer(offer, tx_code).await?;
        Ok::<_, IssuanceError>((offered_by, names, accepted))
    })??;
    let text = format!(
        "{} from {} ({}) is now in your wallet.",
        names.join(", "),
        offered_by.name,
        offered_by.host
    );
    Ok(Done::new(
        "accepted",
        json!({ "issuer": offered_by, "cards": accepted }),
        text,
    ))
}

pub(crate) fn keep(arguments: &Arguments, waiting: &str) -> Result<Done, Failure> {
    let wallet = open(arguments)?;
    let kept = wait_for(wallet.keep_cards(&ArrivalId::parse(waiting)))??;
    let text = "These cards are now in your wallet.".to_owned();
    Ok(Done::new("accepted", json!({ "cards": kept }), text))
}

pub(crate) fn reject(arguments: &Arguments, waiting: &str) -> Result<Done, Failure> {
    let wallet = open(arguments)?;
    wait_for(wallet.reject_cards(&ArrivalId::parse(waiting)))??;
    let text = "These cards and all their keys are destroyed, and who issued them was told.".to_owned();
    Ok(Done::new("rejected", json!({}), text))
}
