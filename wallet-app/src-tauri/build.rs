//! Names the commands, each of which needs a permission, and sees to it that there is a page.

use std::fs::File;
use std::path::Path;
use std::time::SystemTime;

/// The same as in `with_commands`; a test compares them.
const COMMANDS: &[&str] = &[
    "state",
    "create",
    "unlock",
    "lock",
    "touch",
    "reset",
    "change_secret",
    "cards",
    "card",
    "delete_card",
    "undo_delete",
    "refresh_status",
    "history",
    "businesses",
    "set_blocked",
    "never_shown",
    "set_never_shown",
    "save_complaint",
    "listen_links",
    "open_link",
    "read_picture",
    "start_camera",
    "stop_camera",
    "accept_offer",
    "keep_cards",
    "reject_cards",
    "pending_cards",
    "share",
    "refuse",
    "close",
    "tell_unanswered",
    "open_challenge",
    "show",
    "was_read",
    "offline_readiness",
    "refresh_proofs",
    "save_evidence",
    "services",
    "preferences",
    "set_preferences",
    "copy",
    "trusted_list",
    "open_trusted_list",
    "take_trusted_list",
];

const PAGE: &str = "../dist";
const NOT_BUILT: &str = "<!doctype html><title>Holdfast</title>\
    <p>The pages of this window are not built. Run <code>npm run build -w wallet-app</code> and build again.</p>\n";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let index = Path::new(PAGE).join("index.html");
    if !index.exists() {
        std::fs::create_dir_all(PAGE)?;
        std::fs::write(&index, NOT_BUILT)?;
        // Older than every source, so that whoever compares sees that the pages are not built.
        File::options()
            .write(true)
            .open(index)?
            .set_modified(SystemTime::UNIX_EPOCH)?;
    }
    // What is embedded changes when the pages do.
    println!("cargo:rerun-if-changed={PAGE}");
    let manifest = tauri_build::AppManifest::new().commands(COMMANDS);
    tauri_build::try_build(tauri_build::Attributes::new().app_manifest(manifest))?;
    Ok(())
}
