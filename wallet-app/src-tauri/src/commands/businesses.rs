//! Who knows what, and what the person does about it.

use super::{Shell, off_main};
use crate::complaint;
use crate::dto::{BusinessView, NeverShownView};
use crate::error::WalletError;
use wallet::Names;

#[tauri::command]
pub(crate) async fn businesses(shell: Shell<'_>) -> Result<Vec<BusinessView>, WalletError> {
    let open = shell.open()?;
    off_main(&shell, move |_| {
        let names = Names::of(&open.wallet.cards()?);
        let found = open.wallet.businesses()?.into_iter();
        Ok(found.map(|business| BusinessView::of(business, &names)).collect())
    })
    .await
}

/// What they ask is refused from now on, or looked at again.
#[tauri::command]
pub(crate) async fn set_blocked(shell: Shell<'_>, id: String, blocked: bool) -> Result<(), WalletError> {
    let open = shell.open()?;
    off_main(&shell, move |_| {
        let noted = if blocked {
            open.wallet.stop_asking(&id)
        } else {
            open.wallet.let_ask_again(&id)
        };
        Ok(noted?)
    })
    .await
}

#[tauri::command]
pub(crate) async fn never_shown(shell: Shell<'_>) -> Result<Vec<NeverShownView>, WalletError> {
    let open = shell.open()?;
    off_main(&shell, move |_| {
        let names = Names::of(&open.wallet.cards()?);
        let found = open.wallet.never_shown()?.into_iter();
        Ok(found.map(|never| NeverShownView::of(never, &names)).collect())
    })
    .await
}

/// A claim is shown to nobody from now on, or may be again.
#[tauri::command]
pub(crate) async fn set_never_shown(
    shell: Shell<'_>,
    card_type: String,
    claim: String,
    never: bool,
) -> Result<(), WalletError> {
    let open = shell.open()?;
    off_main(&shell, move |_| {
        let noted = if never {
            open.wallet.never_show(&card_type, &claim)
        } else {
            open.wallet.may_show(&card_type, &claim)
        };
        Ok(noted?)
    })
    .await
}

/// Saves the complaint about a request that asked for too much; where the file is.
#[tauri::command]
pub(crate) async fn save_complaint(shell: Shell<'_>, entry: i64) -> Result<String, WalletError> {
    let open = shell.open()?;
    let file = open.unless_locked(open.wallet.complaint(entry)).await??;
    off_main(&shell, move |session| {
        complaint::save(&file, entry, session.downloads())
    })
    .await
}
