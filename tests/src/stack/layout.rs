//! Where everything of a stack lies: folders and ports.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::ports::Ports;

/// Every listener of the stack.
const LISTENERS: &[&str] = &[
    "log",
    "log-ops",
    "witness-1",
    "witness-1-ops",
    "witness-2",
    "witness-2-ops",
    "witness-3",
    "witness-3-ops",
    "mirror",
    "mirror-ops",
    "population",
    "population-ops",
    "population-status",
    "population-status-ops",
    "transport",
    "transport-ops",
    "transport-status",
    "transport-status-ops",
    "attester",
    "attester-ops",
    "sign-in",
    "sign-in-ops",
    "certified",
    "certified-ops",
    "certified-status",
    "certified-status-ops",
    "shop",
    "shop-ops",
    "club",
    "club-ops",
    "proxy",
];

/// Folders and ports of a stack.
#[derive(Debug, Clone)]
pub struct Layout {
    folder: PathBuf,
    ports: Ports,
}

impl Layout {
    /// The layout of a data folder, which is made where it is missing.
    ///
    /// # Errors
    /// No free ports, or the folder cannot be written.
    pub fn new(folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder)?;
        let folder = folder.canonicalize()?;
        let ports = Ports::of(&folder, LISTENERS)?;
        Ok(Self { folder, ports })
    }

    /// The data folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The ports.
    #[must_use]
    pub fn ports(&self) -> &Ports {
        &self.ports
    }

    /// A service's own folder.
    #[must_use]
    pub fn of(&self, service: &str) -> PathBuf {
        self.folder.join(service)
    }

    /// A service's configuration file. The process for an agency's status lists
    /// has one of its own in the agency's folder.
    #[must_use]
    pub fn config(&self, service: &str) -> PathBuf {
        match service.strip_suffix("-status") {
            Some(agency) => self.of(agency).join("status.toml"),
            None => self.of(service).join("config.toml"),
        }
    }

    /// The trust pack that everybody is configured with.
    #[must_use]
    pub fn trust_pack(&self) -> PathBuf {
        self.folder.join("trust-pack.json")
    }

    /// PEM files of issuers' authorities that are trusted by certificate.
    #[must_use]
    pub fn issuer_anchors(&self) -> PathBuf {
        self.folder.join("trusted-issuers")
    }

    /// PEM files of businesses' authorities that are trusted by certificate.
    #[must_use]
    pub fn business_anchors(&self) -> PathBuf {
        self.folder.join("trusted-businesses")
    }

    /// `http://<name>.localhost:<port of the listener>`
    ///
    /// # Errors
    /// There is no such listener.
    pub fn url(&self, listener: &str) -> Result<String> {
        // An agency's status lists answer under the agency's name.
        let host = listener.strip_suffix("-status").unwrap_or(listener);
        Ok(format!("http://{host}.localhost:{}", self.ports.port(listener)?))
    }
}

/// Removes everything in a data folder but its ports.
///
/// # Errors
/// The folder is no data folder of ours, or cannot be emptied.
pub fn clear(folder: &Path) -> Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    let entries: Vec<_> = std::fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    let ours = entries.is_empty() || entries.iter().any(|entry| entry.file_name() == "ports.json");
    anyhow::ensure!(
        ours,
        "{} was not made by the demo; nothing was removed",
        folder.display()
    );
    for entry in entries {
        if entry.file_name() == "ports.json" {
            continue;
        }
        if entry.file_type()?.is_dir() {
            std::fs::remove_dir_all(entry.path())?;
        } else {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Layout, clear};

    #[test]
    fn clearing_keeps_the_ports_and_spares_the_folders_of_others() {
        let folder = tempfile::tempdir().unwrap();
        let ports = Layout::new(folder.path()).unwrap().ports().clone();
        std::fs::create_dir(folder.path().join("log")).unwrap();
        clear(folder.path()).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        assert_eq!(Layout::new(folder.path()).unwrap().ports(), &ports);
        let other = tempfile::tempdir().unwrap();
        std::fs::write(other.path().join("thesis.txt"), "x").unwrap();
        assert!(clear(other.path()).is_err());
        assert!(other.path().join("thesis.txt").exists());
    }
}
