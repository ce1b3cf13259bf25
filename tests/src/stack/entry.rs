//! An entry handed in while something else happens.

use anyhow::{Context, Result};
use tokio::task::JoinHandle;

use super::Stack;
use super::parties::{Agency, Business};
use super::settings::path;
use crate::process::{Finished, run};

/// A running command of the registrar.
#[derive(Debug)]
pub struct Entry(JoinHandle<Result<Finished>>);

impl Entry {
    /// Waits for the command; it must have got its receipt.
    ///
    /// # Errors
    /// The command failed.
    pub async fn finish(self) -> Result<()> {
        self.0.await.context("the registrar's command")??.success().map(drop)
    }
}

impl Stack {
    /// Starts registering a business anew, and does not wait for it.
    ///
    /// # Errors
    /// The business was not founded yet.
    pub fn start_entry(&self, business: Business) -> Result<Entry> {
        let application = path(&self.business_application(business));
        let config = path(&self.layout().config("log"));
        Ok(Entry(tokio::spawn(async move {
            let arguments = [
                "registrar",
                "update-business",
                "--application",
                &application,
                "--config",
                &config,
            ];
            run("holdfast-anchor", &arguments, &[]).await
        })))
    }

    /// Takes the accreditation of an agency away.
    ///
    /// # Errors
    /// The registrar's command fails.
    pub async fn revoke_accreditation(&self, agency: Agency) -> Result<()> {
        let application = path(&self.agency_application(agency));
        self.registrar(&["revoke", "--application", &application])
            .await?
            .success()
            .map(drop)
    }

    /// A number from the metrics of a service.
    ///
    /// # Errors
    /// The service does not answer, or has no such metric.
    pub async fn metric(&self, service: &str, name: &str) -> Result<u64> {
        let url = format!("http://localhost:{}/metrics", self.port(&format!("{service}-ops"))?);
        let text = String::from_utf8(self.http().get(&url).await?.into_body())?;
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.with_context(|| format!("{service} has no {name}"))?
            .parse()
            .context("a metric that is no number")
    }
}
