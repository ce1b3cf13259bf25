//! The small OpenID provider at which people sign in who do not exist.

use anyhow::{Context, Result};
use toml::{Table, Value};

use super::Stack;
use super::parties::Agency;
use super::settings::{Settings, path};
use crate::process::{Program, run};

const SERVICE: &str = "sign-in";

impl Stack {
    /// Makes the provider's keys; gives what the agency is configured with whose
    /// people sign in there.
    ///
    /// # Errors
    /// `holdfast-sign-in init` fails.
    pub async fn found_sign_in(&self, agency: Agency) -> Result<Table> {
        let layout = self.layout();
        let secret = service::random::token();
        let back = format!("{}/signed-in", layout.url(agency.service())?);
        let party = table([
            ("client_id", agency.service().into()),
            ("client_secret", secret.clone().into()),
            ("redirect_uris", vec![back].into()),
        ]);
        Settings::of(SERVICE, layout)?
            .set("clients", vec![party])
            .write(SERVICE, layout)?;
        let config = path(&layout.config(SERVICE));
        run("holdfast-sign-in", &["init", "--config", &config], &[])
            .await?
            .success()?;
        Ok(table([
            ("issuer", layout.url(SERVICE)?.into()),
            ("client_id", agency.service().into()),
            ("client_secret", secret.into()),
        ]))
    }

    /// What somebody in a register signs in with.
    ///
    /// # Errors
    /// `holdfast-sign-in passwords` fails.
    pub async fn password(&self, person: &str) -> Result<String> {
        let config = path(&self.layout().config(SERVICE));
        let told = run("holdfast-sign-in", &["passwords", "--config", &config, person], &[])
            .await?
            .success()?;
        let password = told.stdout.trim().strip_prefix(person).map(str::trim);
        Ok(password
            .with_context(|| format!("no password of {person}: {}", told.stdout))?
            .to_owned())
    }

    pub(super) fn sign_in_program(&self) -> Result<Program> {
        self.serving(SERVICE, "holdfast-sign-in")
    }
}

fn table<const N: usize>(pairs: [(&str, Value); N]) -> Table {
    pairs.map(|(key, value)| (key.to_owned(), value)).into_iter().collect()
}
