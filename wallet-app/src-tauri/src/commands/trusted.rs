//! The list of whom the wallet trusts: looked at, taken when a wallet is made, and taken anew.

use super::{Shell, off_main};
use crate::dto::{Comes, OfferedTrusted, TrustedView};
use crate::error::WalletError;
use crate::session::Session;
use wallet::{EcosystemError, EcosystemLink, Network, OfferedEcosystem, ProfileState, Renewed};

#[tauri::command]
pub(crate) fn trusted_list(shell: Shell<'_>) -> Result<TrustedView, WalletError> {
    Ok(shell.open()?.wallet.about_ecosystem().into())
}

/// Fetches the list that a link names. What cannot be taken is refused before the person is asked.
#[tauri::command]
pub(crate) async fn open_trusted_list(shell: Shell<'_>, link: String) -> Result<OfferedTrusted, WalletError> {
    let link: EcosystemLink = link.trim().parse().map_err(EcosystemError::Link)?;
    let (offered, comes) = match shell.open() {
        Ok(open) => {
            let renewal = open.wallet.renewal()?;
            let offered = open.unless_locked(renewal.fetch(&link)).await??;
            let comes = match renewal.foresee(&offered)? {
                Renewed::Already => Comes::Already,
                Renewed::Newer => Comes::Newer,
            };
            (offered, comes)
        }
        Err(_) => {
            off_main(&shell, may_begin).await?;
            let offered = OfferedEcosystem::fetch(&link, &Network::Public, shell.now()).await?;
            // It has to say where the record answers.
            offered.settings(Network::Public)?;
            (offered, Comes::First)
        }
    };
    let list = offered.told().into();
    shell.trusted.show(offered);
    Ok(OfferedTrusted { list, comes })
}

/// Takes the list that is shown; the fingerprint says that it is the one the person saw.
#[tauri::command]
pub(crate) async fn take_trusted_list(shell: Shell<'_>, fingerprint: String) -> Result<(), WalletError> {
    off_main(&shell, move |session| {
        let shown = session.trusted.shown(&fingerprint);
        match session.open() {
            Ok(open) => {
                let offered = shown.ok_or_else(WalletError::handle_gone)?;
                open.wallet.renewal()?.take(&offered)?;
            }
            Err(_) => {
                may_begin(session)?;
                session.trusted.choose(shown.ok_or_else(WalletError::handle_gone)?);
            }
        }
        Ok(())
    })
    .await
}

/// Whether a new wallet may begin with a list that the person chooses: where there is none yet, and whoever installed
/// the app has not chosen.
fn may_begin(session: &Session) -> Result<(), WalletError> {
    match session.look()? {
        ProfileState::NotSetUp { .. } if session.is_installed_for_one() => Err(EcosystemError::OtherEcosystem.into()),
        ProfileState::NotSetUp { .. } => Ok(()),
        ProfileState::Locked(_) => Err(WalletError::locked()),
    }
}
