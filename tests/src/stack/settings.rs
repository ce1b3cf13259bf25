//! The configuration file of each service.

use std::path::Path;

use anyhow::Result;
use toml::{Table, Value};

use super::layout::Layout;

/// Keys and values of one file.
pub(super) struct Settings(Table);

impl Settings {
    /// What every service has: profile, folder, listeners, ports.
    pub(super) fn of(service: &str, layout: &Layout) -> Result<Self> {
        let ports = layout.ports();
        let data = layout.of(service).join("data");
        let local = |port: u16| format!("127.0.0.1:{port}");
        let mut settings = Self(Table::new());
        settings
            .set("profile", "development")
            .set("data_dir", path(&data))
            .set("listen", local(ports.port(service)?))
            .set("ops_listen", local(ports.port(&format!("{service}-ops"))?))
            .set("public_url", layout.url(service)?)
            .allow_ports(layout, &[]);
        Ok(settings)
    }

    /// Reads the file of a service.
    pub(super) fn read(service: &str, layout: &Layout) -> Result<Self> {
        Ok(Self(std::fs::read_to_string(layout.config(service))?.parse()?))
    }

    /// The ports of the stack and some more may be reached.
    pub(super) fn allow_ports(&mut self, layout: &Layout, foreign: &[u16]) -> &mut Self {
        let ports = [layout.ports().all(), foreign.to_vec()].concat();
        self.set("outbound_ports", ports.into_iter().map(i64::from).collect::<Vec<_>>())
    }

    /// Sets a key.
    pub(super) fn set(&mut self, key: &str, value: impl Into<Value>) -> &mut Self {
        self.0.insert(key.to_owned(), value.into());
        self
    }

    /// Writes the file for a service.
    pub(super) fn write(&self, service: &str, layout: &Layout) -> Result<()> {
        let path = layout.config(service);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        Ok(std::fs::write(path, self.0.to_string())?)
    }
}

/// A path as a value.
pub(super) fn path(path: &Path) -> String {
    path.display().to_string()
}

/// A name in the languages of the demo.
pub(super) fn name(en: &str, de: &str, fr: &str) -> Table {
    [("en", en), ("de", de), ("fr", fr)]
        .map(|(key, text)| (key.to_owned(), Value::from(text)))
        .into_iter()
        .collect()
}
