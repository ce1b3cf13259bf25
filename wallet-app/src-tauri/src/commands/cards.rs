//! Cards and history: the person's own, for the person's own eyes.

use super::{Shell, off_main};
use crate::background;
use crate::dto::{CardDetail, CardSummary, HistoryItem, StatusRefreshed};
use crate::error::WalletError;
use wallet::{Names, WholeCard};

#[tauri::command]
pub(crate) async fn cards(shell: Shell<'_>) -> Result<Vec<CardSummary>, WalletError> {
    let open = shell.open()?;
    off_main(&shell, move |_| {
        let mut cards = open.wallet.cards()?;
        // Those that wait for "is this you?" too: the person is reminded of them.
        for arrival in open.wallet.pending_cards()? {
            cards.extend(arrival.cards);
        }
        Ok(CardSummary::of_all(&open.wallet, &WholeCard::of_all(cards))?)
    })
    .await
}

#[tauri::command]
pub(crate) async fn card(shell: Shell<'_>, id: String) -> Result<CardDetail, WalletError> {
    let open = shell.open()?;
    off_main(&shell, move |_| {
        let card = open.wallet.whole_card(&id)?;
        CardDetail::of(&open.wallet, &card)
    })
    .await
}

#[tauri::command]
pub(crate) async fn delete_card(shell: Shell<'_>, id: String) -> Result<(), WalletError> {
    let open = shell.open()?;
    background::sweep_later(&open);
    off_main(&shell, move |_| Ok(open.wallet.delete_card(&id)?)).await
}

#[tauri::command]
pub(crate) async fn undo_delete(shell: Shell<'_>, id: String) -> Result<(), WalletError> {
    let open = shell.open()?;
    off_main(&shell, move |_| Ok(open.wallet.undo_delete(&id)?)).await
}

#[tauri::command]
pub(crate) async fn refresh_status(shell: Shell<'_>) -> Result<StatusRefreshed, WalletError> {
    let open = shell.open()?;
    let refreshed = open.unless_locked(open.wallet.refresh_status()).await??;
    Ok(StatusRefreshed {
        failures: refreshed.failures.len(),
    })
}

#[tauri::command]
pub(crate) async fn history(shell: Shell<'_>) -> Result<Vec<HistoryItem>, WalletError> {
    let open = shell.open()?;
    off_main(&shell, move |_| {
        let names = Names::of(&open.wallet.cards()?);
        let entries = open.wallet.history()?;
        Ok(entries
            .into_iter()
            .map(|entry| HistoryItem::of(entry, &names))
            .collect())
    })
    .await
}
