//! Ports that stay the same for a data folder, because a did:webvh DID holds its port.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::TcpListener;
use std::path::Path;

use anyhow::{Context, Result, bail};

/// Below the range that operating systems take outgoing ports from.
const FIRST: u16 = 20_000;
const LAST: u16 = 32_000;

/// The port of each listener, by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ports(BTreeMap<String, u16>);

impl Ports {
    /// Reads the ports of a data folder, or picks free ones and keeps them there.
    ///
    /// # Errors
    /// No free range, or the folder cannot be written.
    pub fn of(folder: &Path, names: &[&str]) -> Result<Self> {
        let path = folder.join("ports.json");
        if let Ok(text) = std::fs::read_to_string(&path) {
            let known: BTreeMap<String, u16> = serde_json::from_str(&text).context("ports.json")?;
            if names.iter().all(|&name| known.contains_key(name)) {
                return Ok(Self(known));
            }
        }
        let ports = Self::pick(folder, names)?;
        std::fs::create_dir_all(folder)?;
        std::fs::write(path, serde_json::to_string_pretty(&ports.0)?)?;
        Ok(ports)
    }

    /// The port of a listener.
    ///
    /// # Errors
    /// The name is not one of those the ports were made for.
    pub fn port(&self, name: &str) -> Result<u16> {
        self.0.get(name).copied().with_context(|| format!("no port for {name}"))
    }

    /// All ports, for the list of what may be reached.
    #[must_use]
    pub fn all(&self) -> Vec<u16> {
        self.0.values().copied().collect()
    }

    fn pick(folder: &Path, names: &[&str]) -> Result<Self> {
        let count = u16::try_from(names.len())?;
        let mut hasher = DefaultHasher::new();
        folder.hash(&mut hasher);
        let starts = (LAST - FIRST) / count;
        let offset = u16::try_from(hasher.finish() % u64::from(starts))?;
        for step in 0..starts {
            let start = FIRST + (offset + step) % starts * count;
            if (start..start + count).all(|port| TcpListener::bind(("127.0.0.1", port)).is_ok()) {
                let ports = names.iter().map(|&name| name.to_owned()).zip(start..).collect();
                return Ok(Self(ports));
            }
        }
        bail!("no range of {count} free ports between {FIRST} and {LAST}")
    }
}

#[cfg(test)]
mod tests {
    use super::Ports;

    #[test]
    fn a_folder_keeps_its_ports() {
        let folder = tempfile::tempdir().unwrap();
        let first = Ports::of(folder.path(), &["a", "b"]).unwrap();
        let again = Ports::of(folder.path(), &["a", "b"]).unwrap();
        assert_eq!(first, again);
        assert_ne!(first.port("a").unwrap(), first.port("b").unwrap());
        assert!(first.port("c").is_err());
    }
}
