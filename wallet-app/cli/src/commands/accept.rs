//! `accept`: takes a card that somebody offers.

use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::output::Done;
use crate::session::{open, wait_for};
use crate::words::card_name;
use serde_json::json;
use wallet::IssuanceError;

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
