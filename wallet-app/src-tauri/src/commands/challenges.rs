//! Showing a card without a network: a challenge that was seen, the codes that answer it, and the proofs that go along.
//! Nothing here asks anybody but `refresh_proofs`.

use super::requests::Agreed;
use super::{Shell, off_main};
use crate::dto::{Came, OfflineView, Opened, ProofsView, RequestView, ShownView};
use crate::error::WalletError;
use crate::evidence;
use crate::refusal;
use crate::session::{Ended, Held, Open};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::sync::Arc;
use tauri::async_runtime::spawn_blocking;
use wallet::{OpenChallenge, ShownAnswer};

/// A challenge that the camera or pictures gave, as they gave it.
#[tauri::command]
pub(crate) async fn open_challenge(shell: Shell<'_>, challenge: String) -> Result<Opened, WalletError> {
    let open = shell.open()?;
    let language = shell.looks().language.map_or("en", |language| language.tag());
    off_main(&shell, move |session| {
        // What is no base64url is no challenge either, and is refused as one.
        let message = URL_SAFE_NO_PAD.decode(challenge).unwrap_or_default();
        let opened = open.wallet.open_challenge(&message);
        let challenge = opened.map_err(|error| refusal::of_challenge(&error, &open, language))?;
        let came = Came {
            cross_device: false,
            offline: true,
            expires_at: challenge.expires_at().unwrap_or_else(|| session.now()),
        };
        let mut view = RequestView::of(&open.wallet, &challenge, came)?;
        view.handle = open.handles.challenge(challenge);
        Ok(Opened::Request {
            request: Box::new(view),
        })
    })
    .await
}

/// The codes of the answer, after the person agreed. A second tap gets the same ones.
#[tauri::command]
pub(crate) async fn show(
    shell: Shell<'_>,
    handle: String,
    optional: Vec<String>,
    knowing: bool,
) -> Result<ShownView, WalletError> {
    let open = shell.open()?;
    let Held::Challenge(slot) = open.handles.find(&handle)? else {
        return Err(WalletError::handle_gone());
    };
    let agreed = Agreed { optional, knowing };
    let shown = slot.run(|challenge| answer(open, challenge, agreed)).await;
    let shown = shown.map_err(|error| error.about_folder(shell.profile()))?;
    off_main(&shell, move |_| ShownView::of(&shown)).await
}

async fn answer(open: Arc<Open>, challenge: OpenChallenge, agreed: Agreed) -> Ended<OpenChallenge, Arc<ShownAnswer>> {
    let consent = match agreed.to(challenge.ask()) {
        Ok(consent) => consent,
        Err(error) => return Ended::Again(challenge, error),
    };
    let made = spawn_blocking(move || open.wallet.show(challenge, &consent)).await;
    Ended::Done(match made {
        Ok(made) => made.map(Arc::new).map_err(WalletError::from),
        Err(_) => Err(WalletError::new("unknown")),
    })
}

/// The person saw that the codes were read.
#[tauri::command]
pub(crate) async fn was_read(shell: Shell<'_>, handle: String) -> Result<(), WalletError> {
    let open = shell.open()?;
    let Held::Challenge(slot) = open.handles.find(&handle)? else {
        return Err(WalletError::handle_gone());
    };
    let shown = slot.done().ok_or_else(WalletError::handle_gone)?;
    off_main(&shell, move |_| Ok(open.wallet.was_read(&shown)?)).await
}

/// How old the proofs are.
#[tauri::command]
pub(crate) async fn offline_readiness(shell: Shell<'_>) -> Result<OfflineView, WalletError> {
    let open = shell.open()?;
    off_main(&shell, move |_| Ok(open.wallet.offline_readiness()?.into())).await
}

/// Gets new proofs on the person's word.
#[tauri::command]
pub(crate) async fn refresh_proofs(shell: Shell<'_>) -> Result<ProofsView, WalletError> {
    let open = shell.open()?;
    let refreshed = open.unless_locked(open.wallet.refresh_proofs()).await??;
    Ok(ProofsView {
        failures: refreshed.lists.failures.len(),
        services_failed: refreshed.services.err().map(|error| error.code()),
    })
}

/// Saves what was found of a public record that shows two histories; where each file is.
#[tauri::command]
pub(crate) async fn save_evidence(shell: Shell<'_>) -> Result<Vec<String>, WalletError> {
    let open = shell.open()?;
    off_main(&shell, move |session| {
        evidence::save(&open.wallet.split_evidence()?, session.downloads())
    })
    .await
}
