//! The wallet as a whole: made, opened, locked, removed.

use super::{Shell, off_main};
use crate::background;
use crate::dto::{AppState, Around, Ecosystem, Phase, Secret, SecretKind};
use crate::error::WalletError;
use crate::session::Session;
use wallet::{ProfileState, Protection};

/// What has to be typed before everything is removed, in every language.
const RESET_WORD: &str = "reset";

#[tauri::command]
pub(crate) async fn state(shell: Shell<'_>) -> Result<AppState, WalletError> {
    off_main(&shell, |session| {
        let around = Around {
            looks: session.looks(),
            camera: session.camera.is_there(),
            ecosystem: ecosystem(session),
        };
        let phase = match session.open() {
            Ok(_) => Phase::Open,
            Err(_) => Phase::Locked,
        };
        Ok(match session.look()? {
            ProfileState::NotSetUp { keyring } => AppState::first_run(keyring, around),
            ProfileState::Locked(profile) => AppState::set_up(phase, &profile, around),
        })
    })
    .await
}

/// Of the open wallet; before that, of the file that a new one would be set up with.
fn ecosystem(session: &Session) -> Option<Ecosystem> {
    if let Ok(open) = session.open() {
        let (name, mode) = open.wallet.ecosystem();
        return Some(Ecosystem {
            name: name.to_owned(),
            mode,
        });
    }
    let (name, mode) = session.settings().ok()?.ecosystem(session.now()).ok()?;
    Some(Ecosystem { name, mode })
}

#[tauri::command]
pub(crate) async fn create(
    shell: Shell<'_>,
    secret: Secret,
    kind: SecretKind,
    keyring: bool,
) -> Result<(), WalletError> {
    let protection = match keyring {
        true => Protection::Keyring,
        false => Protection::PasswordOnly,
    };
    let open = off_main(&shell, move |session| {
        session.create(&secret.into_passphrase(), kind, protection)
    })
    .await?;
    background::keep_proofs(&open);
    Ok(())
}

#[tauri::command]
pub(crate) async fn unlock(shell: Shell<'_>, secret: Secret) -> Result<(), WalletError> {
    let open = off_main(&shell, move |session| session.unlock(&secret.into_passphrase())).await?;
    background::settle(&open);
    background::keep_proofs(&open);
    Ok(())
}

#[tauri::command]
pub(crate) fn lock(shell: Shell<'_>) {
    shell.lock();
}

#[tauri::command]
pub(crate) fn touch(shell: Shell<'_>) {
    shell.touch();
}

#[tauri::command]
pub(crate) async fn reset(shell: Shell<'_>, word: String) -> Result<(), WalletError> {
    if word != RESET_WORD {
        return Err(WalletError::new("reset_word_wrong"));
    }
    off_main(&shell, Session::reset).await
}

#[tauri::command]
pub(crate) async fn change_secret(
    shell: Shell<'_>,
    current: Secret,
    next: Secret,
    kind: SecretKind,
) -> Result<(), WalletError> {
    off_main(&shell, move |session| {
        session.change_secret(&current.into_passphrase(), &next.into_passphrase(), kind)
    })
    .await
}
