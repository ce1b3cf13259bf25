//! Answering somebody who asks, or not.

use super::Shell;
use crate::browser;
use crate::dto::Shared;
use crate::error::WalletError;
use crate::session::{Answered, Ended, Held, Open, ShownRequest};
use wallet::{Ask, Consent, Receipt, ShareError};

#[tauri::command]
pub(crate) async fn share(
    shell: Shell<'_>,
    handle: String,
    optional: Vec<String>,
    knowing: bool,
) -> Result<Shared, WalletError> {
    let open = shell.open()?;
    let Held::Request(slot) = open.handles.find(&handle)? else {
        return Err(WalletError::handle_gone());
    };
    let now = shell.now();
    let answered = slot
        .run(|shown| send(&open, shown, Agreed { optional, knowing }, now))
        .await;
    match answered.map_err(|error| error.about_folder(shell.profile()))? {
        Answered::Shared(shared) => Ok(shared),
        Answered::Refused => Err(WalletError::handle_gone()),
    }
}

/// What the person agreed to.
pub(super) struct Agreed {
    pub(super) optional: Vec<String>,
    /// That a copy is shown again, and what that means.
    pub(super) knowing: bool,
}

impl Agreed {
    /// The consent, where it is one to this question.
    pub(super) fn to(&self, ask: &Ask) -> Result<Consent, WalletError> {
        let consent = if self.knowing {
            ask.agree_knowing(&self.optional, &[])
        } else {
            ask.agree(&self.optional)
        };
        consent.map_err(|error| ShareError::from(error).into())
    }
}

async fn send(open: &Open, shown: ShownRequest, agreed: Agreed, now: u64) -> Ended<ShownRequest, Answered> {
    // The wallet itself minds the end that the request has.
    if shown.request.expires_at().is_none() && now >= shown.until {
        return Ended::Done(Err(ShareError::Expired.into()));
    }
    let consent = match agreed.to(shown.request.ask()) {
        Ok(consent) => consent,
        Err(error) => return Ended::Again(shown, error),
    };
    let sent = open.wallet.share(shown.request, &consent).await;
    Ended::Done(
        sent.map(|receipt| Answered::Shared(go_on(&receipt)))
            .map_err(WalletError::from),
    )
}

/// Only now, after they took the answer, does the browser go where they say.
fn go_on(receipt: &Receipt) -> Shared {
    Shared {
        sent: receipt.sent,
        opened_host: receipt.redirect_uri.as_ref().and_then(browser::open),
    }
}

#[tauri::command]
pub(crate) async fn refuse(shell: Shell<'_>, handle: String) -> Result<(), WalletError> {
    let open = shell.open()?;
    let Held::Request(slot) = open.handles.find(&handle)? else {
        return Err(WalletError::handle_gone());
    };
    let answered = slot
        .run(async |shown: ShownRequest| {
            let told = open.wallet.refuse(shown.request).await;
            let refused = told.map(|next| {
                next.as_ref().and_then(browser::open);
                Answered::Refused
            });
            Ended::Done(refused.map_err(WalletError::from))
        })
        .await?;
    match answered {
        Answered::Refused => Ok(()),
        Answered::Shared(_) => Err(WalletError::handle_gone()),
    }
}

#[tauri::command]
pub(crate) async fn tell_unanswered(shell: Shell<'_>, handle: String) -> Result<(), WalletError> {
    let open = shell.open()?;
    let Held::Unanswerable(slot) = open.handles.find(&handle)? else {
        return Err(WalletError::handle_gone());
    };
    slot.run(async |request| {
        let told = open.wallet.tell_unanswerable(*request).await;
        Ended::Done(told.map_err(WalletError::from))
    })
    .await
}

/// What was forgotten before is forgotten.
#[tauri::command]
pub(crate) async fn close(shell: Shell<'_>, handle: String) -> Result<(), WalletError> {
    let open = shell.open()?;
    if let Ok(held) = open.handles.find(&handle) {
        open.close(&held)?;
    }
    open.handles.forget(&handle);
    Ok(())
}
