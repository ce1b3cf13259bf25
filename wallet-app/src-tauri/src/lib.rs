//! The window of the wallet: commands and nothing else. What they do stands in the crate `wallet`,
//! which knows no window.
//!
//! ```text
//! page (tauri.ts)  --commands-->  commands/*  -->  session  -->  wallet
//!                  <---events---  links, camera, away
//! ```
//!
//! The page is part of the program and can reach nothing but these commands: no network, no file, no
//! other page.

#[cfg(desktop)]
mod arguments;
mod away;
mod background;
mod browser;
mod camera;
mod clipboard;
mod commands;
mod complaint;
#[cfg(desktop)]
mod desktop;
mod dto;
mod error;
mod evidence;
mod guard;
mod links;
mod looks;
mod refusal;
mod session;
mod setup;
mod window;

#[cfg(test)]
mod tests;

#[cfg(desktop)]
pub use desktop::start;

use links::Link;
use session::{Place, Session};
use std::sync::Arc;
use tauri::{AppHandle, Context, Emitter as _, Manager as _, RunEvent, Runtime};

/// The app on a phone. Its wallet lies where the system keeps the data of apps.
#[cfg(mobile)]
#[tauri::mobile_entry_point]
fn start_on_a_phone() {
    guard::harden();
    let started = run(tauri::Builder::default(), None, |app| {
        Ok(Place {
            profile: app.path().app_data_dir()?,
            setup: Some(app.path().resource_dir()?.join("ecosystem.json")),
            secrets: Arc::new(wallet::OsKeyring),
            clock: Arc::new(wallet::SystemClock),
            camera: None,
            clipboard: || None,
            downloads: app.path().download_dir().ok(),
        })
    });
    if let Err(error) = started {
        tracing::error!(%error, "not started");
    }
}

/// Runs the app until its window is closed. The first link is the one it was started with.
fn run<R: Runtime>(
    builder: tauri::Builder<R>,
    first: Option<Link>,
    place: impl FnOnce(&AppHandle<R>) -> tauri::Result<Place> + Send + 'static,
) -> tauri::Result<()> {
    let app = with_commands(builder)
        .on_window_event(|window, event| away::on_focus(window.app_handle(), event))
        .setup(|app| {
            let session = Arc::new(Session::new(place(app.handle())?));
            app.manage(Arc::clone(&session));
            if let Some(link) = first {
                hand_over(app.handle(), link);
            }
            background::mind_idleness(app.handle().clone(), Arc::clone(&session));
            away::mind_the_system(app.handle(), &session);
            window::open(app.handle())?;
            Ok(())
        })
        .build(context())?;
    app.run(|app, event| match event {
        RunEvent::Exit => {
            let session = app.state::<Arc<Session>>();
            session.lock();
            session.clipboard.clear();
        }
        #[cfg(any(target_os = "macos", target_os = "ios", target_os = "android"))]
        RunEvent::Opened { urls } => {
            for link in urls.iter().filter_map(|url| Link::parse(url.as_str())) {
                hand_over(app, link);
            }
        }
        _ => {}
    });
    Ok(())
}

/// Everything the page can call. `build.rs` lists the same, and the capability allows it.
fn with_commands<R: Runtime>(builder: tauri::Builder<R>) -> tauri::Builder<R> {
    use commands::{
        businesses, camera, cards, challenges, links, offers, preferences, profile, requests, services, trusted,
    };
    builder.invoke_handler(tauri::generate_handler![
        profile::state,
        profile::create,
        profile::unlock,
        profile::lock,
        profile::touch,
        profile::reset,
        profile::change_secret,
        cards::cards,
        cards::card,
        cards::delete_card,
        cards::undo_delete,
        cards::refresh_status,
        cards::history,
        businesses::businesses,
        businesses::set_blocked,
        businesses::never_shown,
        businesses::set_never_shown,
        businesses::save_complaint,
        links::listen_links,
        links::open_link,
        camera::read_picture,
        camera::start_camera,
        camera::stop_camera,
        offers::accept_offer,
        offers::keep_cards,
        offers::reject_cards,
        offers::pending_cards,
        requests::share,
        requests::refuse,
        requests::close,
        requests::tell_unanswered,
        challenges::open_challenge,
        challenges::show,
        challenges::was_read,
        challenges::offline_readiness,
        challenges::refresh_proofs,
        challenges::save_evidence,
        services::services,
        preferences::preferences,
        preferences::set_preferences,
        preferences::copy,
        trusted::trusted_list,
        trusted::open_trusted_list,
        trusted::take_trusted_list,
    ])
}

/// The pages, the configuration and what the page may call.
fn context<R: Runtime>() -> Context<R> {
    tauri::generate_context!()
}

/// Hands a link of the system to the window, or keeps it until there is one.
fn hand_over<R: Runtime>(app: &AppHandle<R>, link: Link) {
    if let Some(link) = app.state::<Arc<Session>>().inbox.take(link) {
        // Without a window nobody listens.
        let _ = app.emit_to(window::MAIN, "link", link.as_str());
    }
}
