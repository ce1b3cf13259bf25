//! What happens without anybody asking: issuers are told, deleted cards are destroyed, proofs are kept
//! young, and a wallet that nobody uses is locked.

use crate::away;
use crate::session::{Open, Session};
use std::sync::Arc;
use std::time::Duration;
use tauri::async_runtime::{spawn, spawn_blocking};
use tauri::{AppHandle, Runtime};
use wallet::UNDO_SECONDS;

/// How often it is seen whether anybody is there.
const LOOK: Duration = Duration::from_secs(5);

/// Sooner than this nothing is asked for again that could not be had.
const AFTER_A_FAILURE: Duration = Duration::from_secs(60);

/// Gets new proofs now and then, at times that say nothing of what the person does. Locking the wallet ends it.
pub(crate) fn keep_proofs(open: &Arc<Open>) {
    let open = Arc::downgrade(open);
    spawn(async move {
        let mut failed = false;
        // A wallet that was locked meanwhile is not there any more.
        while let Some(wait) = open.upgrade().map(|open| pause(&open, failed)) {
            tokio::time::sleep(wait).await;
            let Some(open) = open.upgrade() else { break };
            match open.unless_locked(open.wallet.refresh_proofs()).await {
                Ok(refreshed) => failed = refreshed.is_err(),
                Err(_) => break,
            }
        }
    });
}

fn pause(open: &Open, failed: bool) -> Duration {
    let wanted = open
        .wallet
        .proof_refresh_pause()
        .map_or(AFTER_A_FAILURE, Duration::from_secs);
    if failed { wanted.max(AFTER_A_FAILURE) } else { wanted }
}

/// Tells issuers what is still owed to them. Locking the wallet ends it.
pub(crate) fn settle(open: &Arc<Open>) {
    let open = Arc::clone(open);
    spawn(async move { open.unless_locked(open.wallet.tell_issuers()).await });
}

/// Destroys what was deleted, once it cannot be taken back any more.
pub(crate) fn sweep_later(open: &Arc<Open>) {
    let open = Arc::downgrade(open);
    spawn(async move {
        tokio::time::sleep(Duration::from_secs(UNDO_SECONDS + 1)).await;
        // A wallet that was locked since does it when it is opened.
        if let Some(open) = open.upgrade() {
            let _ = spawn_blocking(move || open.sweep()).await;
        }
    });
}

/// Locks the wallet when nobody touched it for as long as the person allows.
pub(crate) fn mind_idleness<R: Runtime>(app: AppHandle<R>, session: Arc<Session>) {
    spawn(async move {
        let mut ticks = tokio::time::interval(LOOK);
        loop {
            ticks.tick().await;
            let looked = Arc::clone(&session);
            if spawn_blocking(move || looked.lock_if_idle()).await.unwrap_or(false) {
                away::tell_locked(&app);
            }
        }
    });
}
