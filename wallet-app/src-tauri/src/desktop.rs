//! Starting on a desktop.

use crate::arguments::{Arguments, Command, link_among};
use crate::links::Link;
use crate::session::Place;
use crate::setup::Setup;
use crate::{clipboard, guard, hand_over, run, window};
use clap::Parser as _;
use sha2::{Digest as _, Sha256};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use tauri::Runtime;
use tauri::plugin::TauriPlugin;
use wallet::{OsKeyring, SystemClock};

/// Does what the command line says; without a word on it, opens the window.
#[must_use]
pub fn start() -> ExitCode {
    guard::harden();
    let arguments = Arguments::parse();
    let Some(profile) = profile(&arguments) else {
        eprintln!("There is no folder for the wallet. Name one with --profile.");
        return ExitCode::FAILURE;
    };
    let done = match &arguments.command {
        Some(command) => links(command, &arguments, &profile),
        None => open_window(arguments, profile),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

type Done = Result<(), Box<dyn std::error::Error>>;

fn profile(arguments: &Arguments) -> Option<PathBuf> {
    let chosen = arguments.profile.clone();
    let profile = chosen.or_else(|| dirs::data_dir().map(|data| data.join("holdfast-wallet")))?;
    std::path::absolute(profile).ok()
}

fn open_window(arguments: Arguments, profile: PathBuf) -> Done {
    let id = format!("org.holdfast.wallet.p{}", name(&profile));
    let camera = camera_folder(&arguments);
    let setup = arguments.setup;
    let first = arguments.link.as_deref().and_then(Link::parse);
    let place = Place {
        profile,
        setup,
        secrets: Arc::new(OsKeyring),
        clock: Arc::new(SystemClock),
        camera,
        clipboard: clipboard::of_the_system,
        downloads: dirs::download_dir().or_else(dirs::home_dir),
    };
    let builder = tauri::Builder::default().plugin(one_per_profile(id));
    Ok(run(builder, first, |_| Ok(place))?)
}

/// The folder that stands for the camera, which it does only where the set-up is for trying out: else
/// whoever sets a variable would choose what the wallet sees.
fn camera_folder(arguments: &Arguments) -> Option<PathBuf> {
    let setup = Setup::read(arguments.setup.as_deref()?).ok()?;
    arguments.camera_folder.clone().filter(|_| setup.is_development())
}

/// A second start on the same profile brings the first one to the front, and hands over its link.
fn one_per_profile<R: Runtime>(id: String) -> TauriPlugin<R> {
    tauri_plugin_single_instance::Builder::new()
        .dbus_id(id)
        .callback(|app, arguments, _| {
            window::focus(app);
            if let Some(link) = link_among(&arguments) {
                hand_over(app, link);
            }
        })
        .build()
}

/// Tells profiles apart on the session bus, where names are short.
fn name(profile: &Path) -> String {
    let hash = Sha256::digest(profile.as_os_str().as_encoded_bytes());
    hash[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(target_os = "linux")]
fn links(command: &Command, arguments: &Arguments, profile: &Path) -> Done {
    let desktop = crate::links::registration::Desktop::of_this_person()?;
    match command {
        Command::RegisterLinks { program: Some(program) } => desktop.register(&std::path::absolute(program)?, &[])?,
        Command::RegisterLinks { program: None } => {
            let mut of_this_wallet = vec!["--profile".to_owned(), profile.to_string_lossy().into_owned()];
            if let Some(setup) = &arguments.setup {
                of_this_wallet.push("--setup".to_owned());
                of_this_wallet.push(std::path::absolute(setup)?.to_string_lossy().into_owned());
            }
            desktop.register(&std::env::current_exe()?, &of_this_wallet)?;
        }
        Command::UnregisterLinks => desktop.unregister()?,
    }
    Ok(())
}

/// Elsewhere the installer does it.
#[cfg(not(target_os = "linux"))]
fn links(_: &Command, _: &Arguments, _: &Path) -> Done {
    Err("On this system links are registered when the app is installed.".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case(r#", "ports": [1]"# => true ; "for trying out")]
    #[test_case("" => false ; "for real")]
    #[test_case(r#", "ports": "all""# => false ; "malformed")]
    fn a_folder_stands_for_the_camera(more: &str) -> bool {
        let folder = tempfile::tempdir().expect("a folder");
        let setup = folder.path().join("setup.json");
        let text = format!(r#"{{"trust_pack": "p", "ledger_url": "https://log.example/"{more}}}"#);
        std::fs::write(&setup, text).expect("written");
        let camera = folder.path().to_string_lossy();
        let setup = setup.to_string_lossy();
        let line = ["app", "--setup", &setup, "--camera-folder", &camera];
        let arguments = Arguments::try_parse_from(line).expect("understood");
        camera_folder(&arguments).is_some()
    }

    #[test]
    fn without_a_set_up_no_folder_stands_for_the_camera() {
        let arguments = Arguments::try_parse_from(["app", "--camera-folder", "/pictures"]).expect("understood");
        assert_eq!(camera_folder(&arguments), None);
    }
}
