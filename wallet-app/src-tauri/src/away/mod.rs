//! Whether the person is there: the focus of the window, the sleep of the machine, the lock of the
//! screen.

#[cfg(target_os = "linux")]
mod signals;

use crate::dto::Away;
use crate::session::Session;
use crate::window::MAIN;
use std::sync::Arc;
use tauri::{AppHandle, Emitter as _, Runtime, WindowEvent};

/// The window covers itself while another one is in front.
pub(crate) fn on_focus<R: Runtime>(app: &AppHandle<R>, event: &WindowEvent) {
    match event {
        WindowEvent::Focused(true) => tell(app, Away::Focused),
        WindowEvent::Focused(false) => tell(app, Away::Blurred),
        _ => {}
    }
}

/// Says that the wallet was locked without the window asking for it.
pub(crate) fn tell_locked<R: Runtime>(app: &AppHandle<R>) {
    tracing::info!("locked");
    tell(app, Away::Locked);
}

/// Locks the wallet when the machine goes to sleep or the screen is locked. Where the system does
/// not tell, the wallet locks itself when nobody touches it.
pub(crate) fn mind_the_system<R: Runtime>(app: &AppHandle<R>, session: &Arc<Session>) {
    #[cfg(target_os = "linux")]
    {
        let (app, session) = (app.clone(), Arc::clone(session));
        signals::watch(move || {
            if session.lock() {
                tell_locked(&app);
            }
        });
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (app, session);
}

fn tell<R: Runtime>(app: &AppHandle<R>, what: Away) {
    // Without a window nobody listens.
    let _ = app.emit_to(MAIN, "away", what);
}
