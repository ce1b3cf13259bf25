//! Ports that stay the same for a data folder, because a did:webvh DID holds its port.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::TcpListener;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, bail, ensure};
use service::{InstanceLock, InstanceLockError};

/// Below the range that operating systems take outgoing ports from.
const FIRST: u16 = 20_032;
const LAST: u16 = 32_000;
/// A range begins at a multiple of this, so that no two of them overlap.
const RANGE: u16 = 64;
/// Below the folder for temporary files: one folder for each range, which whoever uses it has locked.
const TAKEN: &str = "holdfast-ports";

/// The ranges that this process has until it ends.
static HELD: Mutex<Vec<InstanceLock>> = Mutex::new(Vec::new());

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
                if let Some(&first) = known.values().min() {
                    // Where another process has it, it is about the same folder.
                    take(first);
                }
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
        ensure!(count <= RANGE, "{count} ports are too many");
        let mut hasher = DefaultHasher::new();
        folder.hash(&mut hasher);
        let starts = (LAST - FIRST) / RANGE;
        let offset = u16::try_from(hasher.finish() % u64::from(starts))?;
        for step in 0..starts {
            let start = FIRST + (offset + step) % starts * RANGE;
            let is_free = |port: u16| TcpListener::bind(("127.0.0.1", port)).is_ok();
            if take(start) && (start..start + count).all(is_free) {
                let ports = names.iter().map(|&name| name.to_owned()).zip(start..).collect();
                return Ok(Self(ports));
            }
        }
        bail!("no range of {count} free ports between {FIRST} and {LAST}")
    }
}

/// Takes the range of a port until this process ends; whether nobody else has it. That nobody listens there says little:
/// another process may have picked it, and listen only later.
fn take(port: u16) -> bool {
    let range = port / RANGE * RANGE;
    let folder = std::env::temp_dir().join(TAKEN).join(range.to_string());
    match InstanceLock::acquire(&folder) {
        Ok(lock) => HELD.lock().unwrap_or_else(PoisonError::into_inner).push(lock),
        Err(InstanceLockError::Held(_)) => return false,
        // Whoever cannot write there is told of nobody.
        Err(_) => {}
    }
    true
}

#[cfg(test)]
mod tests {
    use super::{Ports, RANGE};

    #[test]
    fn a_folder_keeps_its_ports() {
        let folder = tempfile::tempdir().unwrap();
        let first = Ports::of(folder.path(), &["a", "b"]).unwrap();
        let again = Ports::of(folder.path(), &["a", "b"]).unwrap();
        assert_eq!(first, again);
        assert_ne!(first.port("a").unwrap(), first.port("b").unwrap());
        assert!(first.port("c").is_err());
    }

    #[test]
    fn two_folders_have_no_range_in_common_before_anybody_listens() {
        let folder = tempfile::tempdir().unwrap();
        let one = Ports::pick(folder.path(), &["a", "b"]).unwrap();
        // The same name, so that it begins to look at the same place.
        let other = Ports::pick(folder.path(), &["a", "b", "c"]).unwrap();
        let range = |ports: &Ports| ports.port("a").unwrap() / RANGE;
        assert_ne!(range(&one), range(&other));
    }
}
