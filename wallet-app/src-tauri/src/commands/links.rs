//! Links: what the system handed over, and what is behind one.

use super::{Shell, off_main};
use crate::dto::{Came, OfferView, Opened, RequestView};
use crate::error::WalletError;
use crate::links::{Link, LinkKind};
use crate::refusal;
use crate::session::{Open, ShownRequest};
use crate::window::MAIN;
use std::sync::Arc;
use tauri::{AppHandle, Emitter as _, Runtime};

/// From now on links that the system hands over go to the window; those that waited go first.
#[tauri::command]
pub(crate) fn listen_links<R: Runtime>(app: AppHandle<R>, shell: Shell<'_>) -> Result<(), WalletError> {
    for link in shell.inbox.listen() {
        let sent = app.emit_to(MAIN, "link", link.as_str());
        sent.map_err(|_| WalletError::new("unknown"))?;
    }
    Ok(())
}

#[tauri::command]
pub(crate) async fn open_link(shell: Shell<'_>, link: String) -> Result<Opened, WalletError> {
    let open = shell.open()?;
    let link = Link::parse(&link).ok_or_else(|| WalletError::new("not_a_code"))?;
    match link.kind() {
        LinkKind::Offer => open_offer(&open, &link).await,
        LinkKind::Request => open_request(&shell, open, &link).await,
        // The window takes such links elsewhere.
        LinkKind::Ecosystem => Err(WalletError::new("link_not_supported")),
    }
}

async fn open_offer(open: &Open, link: &Link) -> Result<Opened, WalletError> {
    let offer = open
        .unless_locked(open.wallet.open_offer(link.as_str()))
        .await?
        .map_err(|error| refusal::of_offer(error, link))?;
    let mut view = OfferView::of(&offer, String::new());
    view.handle = open.handles.offer(offer);
    Ok(Opened::Offer { offer: view })
}

/// A request without an end of its own may be answered for so long.
const WITHOUT_END_S: u64 = 600;

async fn open_request(shell: &Shell<'_>, open: Arc<Open>, link: &Link) -> Result<Opened, WalletError> {
    let language = shell.looks().language.map_or("en", |language| language.tag());
    let request = open
        .unless_locked(open.wallet.open_request(link.as_str()))
        .await?
        .map_err(|error| refusal::of_request(error, link, &open, language))?;
    let cross_device = !shell.inbox.was_delivered(link);
    let until = request.expires_at().unwrap_or(shell.now() + WITHOUT_END_S);
    off_main(shell, move |_| {
        let came = Came {
            cross_device,
            offline: false,
            expires_at: until,
        };
        let mut view = RequestView::of(&open.wallet, &request, came)?;
        view.handle = open.handles.request(ShownRequest { request, until });
        Ok(Opened::Request {
            request: Box::new(view),
        })
    })
    .await
}
