//! `accept`: takes a card that somebody offers; `keep` and `reject`: what becomes of cards that came
//! before anybody could say that they are theirs.

use super::cards::names_of;
use super::sign_in;
use crate::arguments::{Accept, Arguments};
use crate::failure::Failure;
use crate::output::Done;
use crate::session::{open, wait_for};
use serde_json::json;
use wallet::{Arrival, ArrivalId, SignIn, Wallet};

pub(crate) fn run(arguments: &Arguments, options: &Accept) -> Result<Done, Failure> {
    let wallet = open(arguments)?;
    let arrival = wait_for(async {
        match (&options.redirected, &options.offer) {
            (Some(redirected), _) => Ok(Came::Cards(wallet.finish_sign_in(redirected).await?)),
            (None, offer) => come(&wallet, offer.as_deref().unwrap_or_default(), options).await,
        }
    })??;
    let arrival = match arrival {
        Came::Cards(arrival) => arrival,
        Came::SignIn(sign_in) => {
            let text = format!(
                "Open this address in your browser and sign in: {}\nThen give the address that it ends at with \
                 `accept --redirected`.",
                sign_in.url
            );
            let members = json!({ "url": sign_in.url.as_str(), "expires_in": sign_in.expires_in });
            return Ok(Done::new("sign_in", members, text));
        }
    };
    let names = names_of(arrival.cards);
    let kept = wait_for(wallet.keep_cards(&arrival.id))??;
    let text = format!(
        "{} from {} ({}) is now in your wallet.",
        names.join(", "),
        arrival.issuer,
        arrival.host
    );
    let issuer = json!({ "name": arrival.issuer, "host": arrival.host });
    Ok(Done::new("accepted", json!({ "issuer": issuer, "cards": kept }), text))
}

/// What an offer came to.
enum Came {
    Cards(Arrival),
    SignIn(SignIn),
}

async fn come(wallet: &Wallet, link: &str, options: &Accept) -> Result<Came, Failure> {
    let offer = wallet.open_offer(link).await?;
    if !offer.needs_sign_in() {
        let tx_code = options.tx_code.as_deref();
        return Ok(Came::Cards(wallet.receive_offer(offer, tx_code).await?));
    }
    if options.no_wait || !wallet.is_development() {
        return Ok(Came::SignIn(sign_in::begin(wallet, &offer).await?));
    }
    Ok(Came::Cards(sign_in::listen(wallet, &offer).await?))
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
