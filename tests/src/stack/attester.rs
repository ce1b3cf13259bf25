//! The attester of the wallet's publisher.

use anyhow::Result;
use toml::{Table, Value};

use super::Stack;
use super::settings::{Settings, path};
use crate::process::{Program, run};

const SERVICE: &str = "attester";

impl Stack {
    /// Makes the attester's key; gives what an agency is configured with that
    /// wants wallets and their keys attested by it.
    ///
    /// # Errors
    /// `holdfast-attester init` fails.
    pub async fn found_attester(&self) -> Result<Table> {
        let layout = self.layout();
        Settings::of(SERVICE, layout)?
            .set("wallet_name", "Holdfast")
            .write(SERVICE, layout)?;
        let config = path(&layout.config(SERVICE));
        let made = run("holdfast-attester", &["init", "--config", &config], &[])
            .await?
            .success()?;
        let keys = layout.of(SERVICE).join("keys.json");
        std::fs::write(&keys, made.stdout)?;
        let settings = [
            ("wallets", "required".to_owned()),
            ("keys", "required".to_owned()),
            ("trusted_keys", path(&keys)),
        ];
        let settings = settings.map(|(key, text)| (key.to_owned(), Value::from(text)));
        let challenges = ("challenges".to_owned(), Value::from(true));
        Ok(settings.into_iter().chain([challenges]).collect())
    }

    pub(super) fn attester_program(&self) -> Result<Program> {
        self.serving(SERVICE, "holdfast-attester")
    }
}
