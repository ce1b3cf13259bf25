//! Offers and the cards that came of them.

use super::{Shell, off_main};
use crate::dto::{CardDetail, Received};
use crate::error::WalletError;
use crate::session::{Decided, Ended, Held, Open};
use std::sync::Arc;
use wallet::{Arrival, ArrivalId, OpenOffer, WholeCard};

#[tauri::command]
pub(crate) async fn accept_offer(
    shell: Shell<'_>,
    handle: String,
    tx_code: Option<String>,
) -> Result<Received, WalletError> {
    let open = shell.open()?;
    let Held::Offer(slot) = open.handles.find(&handle)? else {
        return Err(WalletError::handle_gone());
    };
    let received = slot.run(|offer| receive(&open, offer, tx_code.as_deref())).await;
    received.map_err(|error| error.about_folder(shell.profile()))
}

/// The person types it again, and the offer is as it was.
const FOUND_BEFORE_SENDING: [&str; 3] = ["tx_code_malformed", "tx_code_needed", "tx_code_not_expected"];

async fn receive(open: &Open, offer: OpenOffer, tx_code: Option<&str>) -> Ended<OpenOffer, Received> {
    let asked = offer.clone();
    match open
        .wallet
        .receive_offer(asked, tx_code)
        .await
        .map_err(WalletError::from)
    {
        Ok(arrival) => Ended::Done(received(open, arrival)),
        Err(error) if FOUND_BEFORE_SENDING.contains(&error.code()) => Ended::Again(offer, error),
        Err(error) => Ended::Done(Err(error)),
    }
}

fn received(open: &Open, arrival: Arrival) -> Result<Received, WalletError> {
    let cards = WholeCard::of_all(arrival.cards).into_iter();
    let cards = cards.map(|card| CardDetail::of(&open.wallet, &card));
    Ok(Received {
        cards: cards.collect::<Result<_, _>>()?,
        handle: open.handles.arrival(arrival.id),
    })
}

#[tauri::command]
pub(crate) async fn keep_cards(shell: Shell<'_>, handle: String) -> Result<(), WalletError> {
    decide(&shell, &handle, Decided::Kept).await
}

#[tauri::command]
pub(crate) async fn reject_cards(shell: Shell<'_>, handle: String) -> Result<(), WalletError> {
    decide(&shell, &handle, Decided::Rejected).await
}

async fn decide(shell: &Shell<'_>, handle: &str, wanted: Decided) -> Result<(), WalletError> {
    let open = shell.open()?;
    let Held::Arrival(slot) = open.handles.find(handle)? else {
        return Err(WalletError::handle_gone());
    };
    let decided = slot.run(|arrival| conclude(&open, arrival, wanted)).await;
    let decided = decided.map_err(|error| error.about_folder(shell.profile()))?;
    // The first answer counts.
    match decided == wanted {
        true => Ok(()),
        false => Err(WalletError::handle_gone()),
    }
}

async fn conclude(open: &Open, arrival: ArrivalId, wanted: Decided) -> Ended<ArrivalId, Decided> {
    let done = match wanted {
        Decided::Kept => open.wallet.keep_cards(&arrival).await.map(|_| ()),
        Decided::Rejected => open.wallet.reject_cards(&arrival).await,
    };
    Ended::Done(done.map(|()| wanted).map_err(WalletError::from))
}

#[tauri::command]
pub(crate) async fn pending_cards(shell: Shell<'_>) -> Result<Option<Received>, WalletError> {
    let open: Arc<Open> = shell.open()?;
    off_main(&shell, move |_| {
        let oldest = open.wallet.pending_cards()?.into_iter().next();
        oldest.map(|arrival| received(&open, arrival)).transpose()
    })
    .await
}
