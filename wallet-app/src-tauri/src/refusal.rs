//! Why a link was not opened, with the names that the sentence needs.

use crate::error::WalletError;
use crate::links::Link;
use crate::session::Open;
use wallet::{IssuanceError, RequestRefused};

/// An offer that is not shown.
pub(crate) fn of_offer(error: IssuanceError, link: &Link) -> WalletError {
    let refused = match &error {
        IssuanceError::Link(_) => WalletError::new("link_not_supported"),
        _ => error.into(),
    };
    about(refused, link)
}

/// A request that is not shown. One that no card answers gets a handle, so that the person may say
/// so to those who ask.
pub(crate) fn of_request(error: RequestRefused, link: &Link, open: &Open, language: &str) -> WalletError {
    let code = match &error {
        RequestRefused::Link(_) => "link_not_supported",
        other => other.code(),
    };
    let refused = with_names(about(WalletError::new(code), link), &error, open, language);
    match error.into_unanswerable() {
        Some(unanswerable) => {
            // The line of the history under which the request was kept, to be reported.
            let entry = unanswerable.reportable().and_then(|entry| u64::try_from(entry).ok());
            let refused = refused.with("handle", open.handles.unanswerable(unanswerable));
            match entry {
                Some(entry) => refused.with("entry", entry),
                None => refused,
            }
        }
        None => refused,
    }
}

/// A challenge that is not shown. Nobody can be told anything.
pub(crate) fn of_challenge(error: &RequestRefused, open: &Open, language: &str) -> WalletError {
    with_names(WalletError::new(error.code()), error, open, language)
}

/// With who asked, and what was too much.
fn with_names(mut refused: WalletError, error: &RequestRefused, open: &Open, language: &str) -> WalletError {
    tracing::info!(code = refused.code(), "a request was refused");
    if let Some((vct, claim)) = asked_too_much(error) {
        refused = refused.with("claim", label(open, vct, claim, language));
    }
    if let Some(who) = error.who() {
        refused = refused
            .with("name", who.names().text(language).to_owned())
            .with("host", who.host.clone());
    }
    refused
}

/// With the host of the link, which stands for the name as long as nobody vouches for one.
fn about(error: WalletError, link: &Link) -> WalletError {
    match link.host() {
        Some(host) => error.with("name", host.clone()).with("host", host),
        None => error,
    }
}

/// The claim, and of which type of card if it is of one.
fn asked_too_much(error: &RequestRefused) -> Option<(Option<&str>, &str)> {
    match error {
        RequestRefused::OverAsking { vct, claim, .. } | RequestRefused::NeverShown { vct, claim, .. } => {
            Some((Some(vct), claim))
        }
        RequestRefused::NotAnonymous { claim, .. } => Some((None, claim)),
        _ => None,
    }
}

/// How the person's own card calls it; else its path in words.
fn label(open: &Open, vct: Option<&str>, claim: &str, language: &str) -> String {
    let cards = open.wallet.cards().unwrap_or_default();
    let card = cards.iter().find(|card| vct.is_none_or(|vct| card.vct == vct));
    card.map_or_else(
        || wallet::plain_text(&claim.replace(['.', '_'], " ")),
        |card| card.label(claim).text(language).to_owned(),
    )
}
