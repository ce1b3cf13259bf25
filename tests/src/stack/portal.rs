//! The registrar's portal, and what it shares with the verifier that serves many businesses.

use anyhow::{Context, Result};
use serde_json::Value;
use toml::Table;

use super::Stack;
use super::operators::{Operator, private};
use super::settings::path;
use crate::process::run;

/// The file with what opens the verifier for the portal.
const PROVISIONING: &str = "provisioning-token";
/// The file with the token of the business whose check the portal asks people to pass.
const SIGN_IN: &str = "sign-in-token";

impl Stack {
    /// The settings of the portal, beside the log. The shop's verifier serves the businesses that come in, lets
    /// anybody try a check, and asks for the card with which somebody signs in for an organisation.
    pub(super) fn portal(&self) -> Result<Table> {
        let sign_in = Table::from_iter([("token".to_owned(), self.sign_in_token()?.into())]);
        Ok(Table::from_iter([
            ("verifier_url".to_owned(), self.layout().url("shop")?.into()),
            ("provisioning_token".to_owned(), self.provisioning_token()?.into()),
            ("card_sign_in".to_owned(), sign_in.into()),
        ]))
    }

    /// What opens the shop's verifier for whoever adds businesses.
    ///
    /// # Errors
    /// The data folder cannot be read or written.
    pub fn provisioning_token(&self) -> Result<String> {
        self.shared(PROVISIONING)
    }

    /// What opens the checks of the shop, for its programs and for the portal.
    pub(super) fn sign_in_token(&self) -> Result<String> {
        self.shared(SIGN_IN)
    }

    /// A code that lets an organisation into the portal, once.
    ///
    /// # Errors
    /// `holdfast-anchor portal letter` fails.
    pub async fn letter(&self, organisation: &str) -> Result<String> {
        let config = path(&self.layout().config("log"));
        let arguments = ["portal", "letter", "--organisation", organisation, "--config", &config];
        let made = run("holdfast-anchor", &arguments, &[]).await?.success()?;
        let told: Value = serde_json::from_str(&made.stdout).with_context(|| format!("not JSON: {}", made.stdout))?;
        told["code"]
            .as_str()
            .map(str::to_owned)
            .context("a letter without a code")
    }

    /// Somebody of the registrar who decides at the portal: a `reviewer` or an `approver`.
    ///
    /// # Errors
    /// `holdfast-anchor portal add-operator` fails.
    pub async fn registrar_staff(&self, role: &str) -> Result<Operator> {
        let operator = Operator::new("log", role, role);
        self.add_operator("holdfast-anchor", &operator).await?;
        Ok(operator)
    }

    /// A secret of two services of this stack, drawn when it is first asked for.
    fn shared(&self, name: &str) -> Result<String> {
        let file = self.layout().of(name);
        if !file.exists() {
            private(file.clone(), service::random::token().as_bytes())?;
        }
        Ok(std::fs::read_to_string(file)?)
    }
}
