//! Bans and licences: cargo-deny where it is there, and a check of our own
//! over `cargo metadata` everywhere.

use crate::{build, system};
use anyhow::{Result, ensure};
use serde_json::Value;

/// No copyleft that reaches into a service's users, and nothing from a git
/// address, which no lock file can hold.
const BANNED: [&str; 2] = ["AGPL", "EUPL"];

/// Refuses a banned licence, a missing one, or a source that is not the registry.
pub(crate) fn check() -> Result<()> {
    let output = build::cargo()
        .args(["metadata", "--format-version=1", "--locked"])
        .output()?;
    ensure!(
        output.status.success(),
        "cargo metadata failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let faults = faults(&metadata);
    ensure!(faults.is_empty(), "{}", faults.join("\n"));
    if system::on_path("cargo-deny") {
        let status = build::cargo()
            .args(["deny", "--offline", "check", "bans", "licenses", "sources"])
            .status()?;
        ensure!(status.success(), "cargo deny found something");
    } else {
        println!("note: cargo-deny is not installed; licences and sources were checked over cargo metadata");
    }
    advisories()
}

/// Known vulnerabilities, against a snapshot beside the repository where there is one.
fn advisories() -> Result<()> {
    let snapshot = build::root().join("../shared/advisory-db");
    if !system::on_path("cargo-audit") || !snapshot.exists() {
        println!(
            "note: advisories were not checked: {}",
            if snapshot.exists() {
                "cargo-audit is not installed"
            } else {
                "no snapshot of advisories here"
            }
        );
        return Ok(());
    }
    let status = build::cargo()
        .args(["audit", "--no-fetch", "--stale", "--db"])
        .arg(snapshot)
        .status()?;
    ensure!(status.success(), "cargo audit found something");
    Ok(())
}

fn faults(metadata: &Value) -> Vec<String> {
    let packages = metadata["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
    packages.iter().filter_map(fault).collect()
}

fn fault(package: &Value) -> Option<String> {
    let name = package["name"].as_str().unwrap_or("?");
    let licence = package["license"].as_str().unwrap_or_default();
    let source = package["source"].as_str();
    if source.is_some_and(|source| source.starts_with("git+")) {
        return Some(format!("{name}: a git dependency"));
    }
    if licence.is_empty() && package["license_file"].is_null() {
        return Some(format!("{name}: no licence"));
    }
    // "A OR B" leaves a choice; a fault only where every choice is banned.
    let banned = |choice: &str| BANNED.iter().any(|ban| choice.contains(ban));
    (!licence.is_empty() && licence.split(" OR ").all(banned)).then(|| format!("{name}: licence {licence}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn banned_licences_and_git_sources_are_faults() {
        let metadata = json!({"packages": [
            {"name": "a", "license": "AGPL-3.0-only", "source": null},
            {"name": "b", "license": "MIT OR AGPL-3.0-only", "source": null},
            {"name": "c", "license": "MIT", "source": "git+https://example.org/c"},
            {"name": "d", "license": null, "license_file": null, "source": null},
        ]});
        assert_eq!(
            faults(&metadata),
            ["a: licence AGPL-3.0-only", "c: a git dependency", "d: no licence"]
        );
    }
}
